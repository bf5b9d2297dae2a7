"""A Parquet file as the text that people would have typed; bounds from its metadata, before anything is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from matcher.intake.grid import Grid, Limits, Note, SheetError
from matcher.intake.headers import meaning
from matcher.intake.layout import Header


def read_parquet(path: Path, table: str, limits: Limits) -> tuple[Grid, Header]:
    """The cells of a Parquet file below its column names, which stand in row 1.

    Parameters
    ----------
    path : Path
    table : str
    limits : Limits

    Raises
    ------
    SheetError
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_bounds(file.metadata, limits)
            geometry = _geometry(file)
            notes = _geometry_notes(table, file.schema_arrow.names, geometry)
            names = [name for name in file.schema_arrow.names if name not in geometry]
            read = file.read(columns=names)
        columns = [_texts(column) for column in read.columns]
    except (pa.ArrowException, OSError) as error:
        raise SheetError("unreadable_file") from error
    rows = np.arange(1, read.num_rows + 2)
    header = [pa.array([name], pa.large_string()) for name in read.column_names]
    joined = [
        pa.chunked_array([top, *below.chunks], pa.large_string())
        for top, below in zip(header, columns, strict=True)
    ]
    floating = [pa.types.is_floating(column.type) for column in read.columns]
    marks = [np.full(len(rows), True) if is_float else None for is_float in floating]
    texts = [name.strip() for name in read.column_names]
    return Grid(joined, rows, marks, notes=notes), Header(0, 0, texts, 1)


def _check_bounds(metadata: pyarrow.parquet.FileMetaData, limits: Limits) -> None:
    if metadata.num_rows > limits.rows:
        raise SheetError("too_many_rows", limit=f"{limits.rows:,}")
    if metadata.num_columns > limits.columns:
        raise SheetError("too_many_columns", limit=f"{limits.columns:,}")
    unpacked = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if unpacked > limits.unpacked_bytes or metadata.num_rows * metadata.num_columns > limits.cells:
        raise SheetError("file_too_large", limit=f"{limits.unpacked_bytes >> 20} MB")


def _geometry(file: pyarrow.parquet.ParquetFile) -> set[str]:
    """Columns of binary shapes in a GeoParquet file, which none of our columns is."""
    geo = b"geo" in (file.schema_arrow.metadata or {})
    names = {"geometry", "geom", "wkb_geometry", "the_geom"}
    return {
        entry.name
        for entry in file.schema_arrow
        if (geo or entry.name.casefold() in names)
        and (pa.types.is_binary(entry.type) or pa.types.is_large_binary(entry.type))
    }


def _geometry_notes(table: str, names: list[str], geometry: set[str]) -> list[Note]:
    """A warning for shapes that are left out; without coordinates beside them the table would lose its places."""
    if not geometry:
        return []
    known = {found.column for name in names if (found := meaning(table, name))}
    if not {"lat", "lon"} <= known:
        raise SheetError("foreign_format", 1, form="geoparquet")
    return [Note("geometry_left_out", 1, ", ".join(sorted(geometry)))]


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A typed column as people would have typed it: whole numbers without point, lists with ``;``."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    texts = pc.fill_null(column.cast(pa.large_string()), "")
    return pc.utf8_trim_whitespace(texts)
