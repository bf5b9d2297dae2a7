"""Compose the sample city: geography, sites, providers, residents, and what is said about them."""

from __future__ import annotations

from pathlib import Path

from matcher.errors import BadInput
from matcher.geography.basemap import FILE_NAME as BASEMAP
from matcher.geography.outlines import FILE_NAME as OUTLINES
from matcher.sample.candidates import make_candidates
from matcher.sample.draw import generator, shipped
from matcher.sample.folder import table_bytes, write_folder
from matcher.sample.geography import geography
from matcher.sample.providers import make_providers
from matcher.sample.residents import make_residents
from matcher.sample.sites import link_sites, make_sites, with_room

#: In winter, when the visitors are there.
AS_OF = "2026-01-15"
LARGEST = 5_000_000


def make_sample(folder: Path, residents: int = 12_000, seed: int = 1, distinct: bool = False) -> None:
    """Write a synthetic city as a data folder: real names, codes and outlines, everything else drawn.

    The same arguments give the same files, byte for byte. Places do not depend on any of them.

    Parameters
    ----------
    folder : Path
        Made with its parents. An earlier sample that nobody changed is replaced.
    residents : int
        Exactly so many, visitors included; 12,000 is about a twentieth of the city, 250,000 the whole.
    seed : int
        Not negative.
    distinct : bool
        Everyone at coordinates of their own, instead of some 3,000 address points and a few people nowhere.

    Raises
    ------
    BadInput
        When a number is out of range, or `folder` holds something else.
    """
    if not 0 <= residents <= LARGEST:
        raise BadInput("sample_residents", found=residents, allowed=f"0–{LARGEST}")
    if seed < 0:
        raise BadInput("sample_seed", found=seed)
    write_folder(Path(folder), sample_files(residents, seed, distinct))


def sample_files(residents: int, seed: int, distinct: bool) -> dict[str, bytes]:
    """Content of every file of the sample by name."""
    ground = geography()
    drawing = generator(seed, 1)
    sites = make_sites(drawing, ground, residents)
    providers = make_providers(drawing, ground, sites, residents)
    sites = link_sites(drawing, sites, providers)
    people = make_residents(generator(seed, 2), ground, sites, providers, residents, AS_OF, distinct)
    sites = with_room(sites, people)
    candidates = make_candidates(generator(seed, 3), ground, sites, providers, residents)
    facts = {
        "as_of": AS_OF,
        "residents": f"{residents:,}",
        "count": residents,
        "flag": " --distinct" if distinct else "",
        "providers": len(providers),
        "sites": len(sites),
        "candidates": len(candidates),
        "places": len(ground.places),
        "seed": seed,
    }
    return {
        "places.csv": table_bytes("places", ground.places),
        "sites.csv": table_bytes("sites", sites),
        "providers.csv": table_bytes("providers", providers),
        "candidates.csv": table_bytes("candidates", candidates),
        "residents.csv": table_bytes("residents", people),
        "dataset.toml": shipped("dataset.toml").format(**facts).encode(),
        OUTLINES: shipped("counties.geojson").encode(),
        BASEMAP: shipped("basemap.geojson").encode(),
        "README.md": shipped("about.md").format(**facts).encode(),
    }
