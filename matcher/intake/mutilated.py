"""Ids that programs have mutilated: what became of them, and how many would be found if it were undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

_SCIENTIFIC = r"^[0-9]([.][0-9]+)?[eE][+][0-9]+$"
#: National codes have 6, 9 or 12 digits; zeros fill up.
_NATIONAL = 12
_LONGEST = 32


def _padded(unknown: pa.Array, known: pa.Array) -> Iterable[pa.Array]:
    """With zeros in front, up to each length that the known ids have."""
    lengths = [length for length in pc.unique(pc.utf8_length(known)).to_pylist() if length <= _LONGEST]
    digits = pc.match_substring_regex(unknown, "^[0-9]+$")
    for length in sorted(lengths):
        yield pc.if_else(digits, pc.utf8_lpad(unknown, length, "0"), unknown)


def _stripped(pattern: str) -> Callable[[pa.Array, pa.Array], Iterable[pa.Array]]:
    return lambda unknown, _: (pc.replace_substring_regex(unknown, pattern, ""),)


def _lengthened(unknown: pa.Array, _: pa.Array) -> Iterable[pa.Array]:
    short = pc.match_substring_regex(unknown, "^([0-9]{6}|[0-9]{9})$")
    return (pc.if_else(short, pc.utf8_rpad(unknown, _NATIONAL, "0"), unknown),)


def _shortened(unknown: pa.Array, _: pa.Array) -> Iterable[pa.Array]:
    return tuple(
        pc.replace_substring_regex(unknown, f"^([0-9]{{{kept}}})0{{{_NATIONAL - kept}}}$", r"\1")
        for kept in (9, 6)
    )


#: What programs do to ids, by the key of its words, and ways to undo it.
_UNDONE: Mapping[str, Callable[[pa.Array, pa.Array], Iterable[pa.Array]]] = {
    "point_zero": _stripped(r"[.]0+$"),
    "apostrophe": _stripped("^['’‘`]+"),
    "lost_zeros": _padded,
    "shorter_codes": _lengthened,
    "longer_codes": _shortened,
}


def mutilation(unknown: pa.Array, known: pa.Array) -> dict[str, str]:
    """The one mutilation that explains most of these ids.

    Parameters
    ----------
    unknown : Array of large_string
        Ids that are not found; none missing.
    known : Array of large_string
        Ids that are there.

    Returns
    -------
    dict
        ``lost``, a key of ``problem_hint``, and ``hits``, how many it explains ("3 / 5"); empty where nothing does.
    """
    known = known.drop_null()
    hits = {key: _hits(undo(unknown, known), known) for key, undo in _UNDONE.items()}
    hits["letter_case"] = _hits((pc.utf8_lower(unknown),), pc.utf8_lower(known))
    hits["scientific"] = pc.sum(pc.match_substring_regex(unknown, _SCIENTIFIC)).as_py() or 0
    key = max(hits, key=lambda name: hits[name])
    return {"lost": key, "hits": f"{hits[key]:,} / {len(unknown):,}"} if hits[key] else {}


def _hits(tries: Iterable[pa.Array], known: pa.Array) -> int:
    found = [pc.is_in(tried, known) for tried in tries]
    if not found:
        return 0
    either = found[0]
    for more in found[1:]:
        either = pc.or_(either, more)
    return int(pc.sum(either).as_py() or 0)
