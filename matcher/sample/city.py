"""Compose the sample city: geography, sites, providers, residents, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from matcher.errors import BadInput
from matcher.geography.basemap import FILE_NAME as BASEMAP
from matcher.geography.outlines import FILE_NAME as OUTLINES
from matcher.sample.assessed import as_insured, make_assessments
from matcher.sample.candidates import make_candidates
from matcher.sample.consortia import age_friendly, make_consortia
from matcher.sample.desk import make_attested, make_staff, make_tasks
from matcher.sample.draw import generator, shipped
from matcher.sample.folder import table_bytes, write_folder
from matcher.sample.geography import Geography, county_of, geography
from matcher.sample.links import link_sites, make_agreements
from matcher.sample.providers import make_providers
from matcher.sample.residents import make_residents
from matcher.sample.signings import make_signings
from matcher.sample.sites import make_sites
from matcher.sample.stays import make_stays
from matcher.sample.visits import make_visits

#: In winter, when most visitors are there.
AS_OF = "2026-01-15"
#: Residents of the city when nothing is said.
RESIDENTS = 12_000
LARGEST = 5_000_000


def make_sample(
    folder: Path,
    residents: int | None = None,
    seed: int = 1,
    distinct: bool = False,
    county: str | None = None,
) -> int:
    """Write a synthetic city as a data folder: real names, codes and outlines, everything else drawn.

    The same arguments give the same files, byte for byte. Places do not depend on any of them but the county.

    Parameters
    ----------
    folder : Path
        Made with its parents. An earlier sample that nobody changed is replaced.
    residents : int, optional
        Exactly so many, visitors included; 250,000 is about the whole city. When not given, `RESIDENTS`, about a
        twentieth; of a county everybody.
    seed : int
        Not negative.
    distinct : bool
        Everyone at coordinates of their own, instead of some 3,000 address points and a few people nowhere.
    county : str, optional
        Code of the one county of the city to which the sample is confined.

    Returns
    -------
    int
        How many residents there are.

    Raises
    ------
    BadInput
        When a number is out of range, the city has no such county, or `folder` holds something else.
    """
    if residents is not None and not 0 <= residents <= LARGEST:
        raise BadInput("sample_residents", found=residents, allowed=f"0–{LARGEST}")
    if seed < 0:
        raise BadInput("sample_seed", found=seed)
    _, count = _asked(residents, county)
    write_folder(Path(folder), sample_files(count, seed, distinct, county))
    return count


def sample_files(
    residents: int | None, seed: int, distinct: bool, county: str | None = None
) -> dict[str, bytes]:
    """Content of every file of the sample by name; parameters as of `make_sample`."""
    ground, residents = _asked(residents, county)
    sites, providers, people = populated(partial(generator, seed), ground, residents, distinct)
    visits = make_visits(generator(seed, 6), people, providers, AS_OF)
    tables = {
        "places": ground.places,
        "sites": sites,
        "providers": providers,
        "candidates": make_candidates(generator(seed, 3), ground, sites, providers, residents),
        "residents": as_insured(generator(seed, 14), people),
        "agreements": make_agreements(generator(seed, 5), sites, providers, people, AS_OF),
        "visits": visits,
        "stays": make_stays(generator(seed, 7), people, sites, AS_OF),
        "staff": make_staff(generator(seed, 8), ground, providers, residents),
        "attested": make_attested(ground),
        "tasks": make_tasks(generator(seed, 9)),
        "signings": make_signings(generator(seed, 11), people, providers, visits, AS_OF),
        "consortia": make_consortia(generator(seed, 12), ground, providers),
    }
    facts = {name: f"{len(table):,}" for name, table in tables.items()} | {
        "as_of": AS_OF,
        "part": np.format_float_positional(
            100 * residents / ground.everybody, precision=2, fractional=False, trim="-"
        ),
        "elderly": f"{ground.elderly:,}",
        "where": ground.name,
        "command": _command(residents, seed, distinct, county),
    }
    return {
        **{f"{name}.csv": table_bytes(name, table) for name, table in tables.items()},
        "dataset.toml": shipped("dataset.toml").format(**facts).encode(),
        OUTLINES: _outlines(ground),
        BASEMAP: shipped("basemap.geojson").encode(),
        "README.md": shipped("about.md").format(**facts).encode(),
    }


def populated(
    stream: Callable[[int], np.random.Generator],
    ground: Geography,
    residents: int,
    distinct: bool,
    room: float = 1.0,
    more: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Who lives on a ground, and who is there for them.

    Parameters
    ----------
    stream : callable
        The generator of each number.
    ground : Geography
    residents : int
    distinct : bool
        As of `make_sample`.
    room : float
        Providers have capacities for so many times the residents.
    more : float
        There are so many times as many providers, as far as there are villages for them.

    Returns
    -------
    sites, providers, people : DataFrame
        As `link_sites`, `make_providers` and `make_residents` give them, with who is age-friendly and who was assessed.
    """
    drawing = stream(1)
    sites = make_sites(drawing, ground, residents)
    denser = replace(ground, parts={kind: part * more for kind, part in ground.parts.items()})
    providers = make_providers(drawing, stream(4), denser, sites, round(residents * room))
    sites = link_sites(drawing, ground, sites, providers)
    people = make_residents(stream(2), ground, sites, providers, residents, AS_OF, distinct)
    people = people.join(make_assessments(stream(10), people, AS_OF))
    return sites, providers.assign(age_friendly=age_friendly(stream(13), providers)), people


def _asked(residents: int | None, county: str | None) -> tuple[Geography, int]:
    """The ground, and how many people are to live there."""
    if county is None:
        return geography(), RESIDENTS if residents is None else residents
    ground = county_of(geography(), county)
    return ground, ground.everybody if residents is None else residents


def _command(residents: int, seed: int, distinct: bool, county: str | None) -> str:
    """The command that makes such a sample again."""
    of_county = "" if county is None else f" --county {county}"
    each = " --distinct" if distinct else ""
    return f"python -m matcher sample DIR --residents {residents} --seed {seed}{of_county}{each}"


def _outlines(ground: Geography) -> bytes:
    """The shipped outlines, of the counties that the sample has; one stands on a line."""
    first, *features, last = shipped("counties.geojson").splitlines()
    kept = [line.rstrip(",") for line in features if any(f'"{code}"' in line for code in ground.outlines)]
    return "\n".join([first, ",\n".join(kept), last, ""]).encode()
