"""One provider for each site: the command's search beside what an office does by hand, on a city with many sites."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import machine
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.care.pairing import pair_parties
from matcher.care.parties import find_parties
from matcher.inputs import Inputs
from matcher.intake.check import load_inputs
from matcher.plan.claim import gap_of
from matcher.policy.documents import load_policy
from matcher.sample.city import make_sample
from matcher.solve.single import SingleChoice, SingleSource, solve_single_source

HEAD = ("", "people of tier 1", "2", "3", "km a person", "seconds")
SITES = 1_500


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and write the section of the docs; 1 where the gap of `gap_of` is above half a per cent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as room:
        make_sample(Path(room) / "data", residents=arguments.residents, seed=1)
        inputs = with_sites(load_inputs(Path(room) / "data"), SITES)
    problem, prepared = _problem(inputs)
    begun = time.perf_counter()
    found = solve_single_source(problem, time_limit_s=arguments.seconds)
    seconds = time.perf_counter() - begun
    figures = problem.figures(found.pair[found.pair >= 0])
    gap = gap_of(figures, found.bounds)
    served = max(1, sum(figures[:-1]))
    begun = time.perf_counter()
    hand = by_hand(problem)
    by_hand_s = time.perf_counter() - begun
    hand_figures = problem.figures(hand.pair[hand.pair >= 0])
    rows = [
        ["the command", *told(figures, served), f"{seconds:.1f}"],
        ["proven: at most so many people, at least so far", *told(found.bounds, served), ""],
        ["gap", *(share(*pair) for pair in zip(figures, found.bounds, strict=True)), ""],
        [
            "first come, nearest with room",
            *told(hand_figures, max(1, sum(hand_figures[:-1]))),
            f"{by_hand_s:.1f}",
        ],
    ]
    text = (
        "## One provider for each site\n\n`python -m benchmarks.agreements`. "
        f"{number(arguments.residents)} residents, {number(len(inputs.sites))} sites, {number(problem.sites)} parties"
        f" ({number(len(problem.site))} pairs), found in {prepared:.1f} s. {machine()} {today()}.\n\n"
    )
    text += table(HEAD, rows) + (
        "\n\nA bound is that of any choice which is not below this one in the figures before: people of the next tier"
        " at most, kilometres at least, where these many are served.\n"
    )
    print(text)
    write_section("agreements", text, arguments.docs)
    return 0 if gap is not None and gap <= 0.005 else 1


def told(figures: Sequence[int | None], served: int) -> list[str]:
    """People by tier, and kilometres of each of those served."""
    people = ["–" if one is None else number(one) for one in figures[:-1]]
    metres = figures[-1]
    return [*people, "–" if metres is None else f"{metres / 1000 / served:.2f}"]


def share(figure: int, bound: int | None) -> str:
    """How far a figure may be from its best."""
    return "–" if bound is None else f"{abs(bound - figure) / max(abs(bound), abs(figure), 1):.2%}"


def with_sites(inputs: Inputs, wanted: int, seed: int = 1) -> Inputs:
    """A city in which each site stands for several, some kilometres apart, its people dealt among them."""
    rng = np.random.default_rng(seed)
    copies = max(1, round(wanted / max(1, len(inputs.sites))))
    parts = []
    for copy in range(copies):
        part = inputs.sites.assign(site_id=inputs.sites["site_id"] + f"-{copy}")
        for column in ("agreement_provider_id", "operator_provider_id", "host_provider_id") if copy else ():
            part[column] = pd.Series(pd.NA, part.index, dtype="str")
        for column in ("lat", "lon") if copy else ():
            part[column] = part[column] + rng.normal(0, 0.02, len(part))
        parts.append(part)
    sites = pd.concat(parts, ignore_index=True)
    people = inputs.residents.copy()
    at_site = people["site_id"].notna()
    turn = pd.Series(rng.integers(0, copies, len(people)), people.index).astype("str")
    people["site_id"] = people["site_id"] + "-" + turn
    place = sites.set_index("site_id")[["lat", "lon"]]
    people.loc[at_site, ["lat", "lon"]] = place.reindex(people.loc[at_site, "site_id"]).to_numpy()
    providers = inputs.providers.assign(site_id=inputs.providers["site_id"] + "-0")
    return inputs.replace(sites=sites, residents=people, providers=providers)


def _problem(inputs: Inputs) -> tuple[SingleSource, float]:
    """The last step of the pairing, and the seconds until it stands."""
    asked: list[SingleSource] = []

    def nobody(problem: SingleSource) -> SingleChoice:
        asked.append(problem)
        return SingleChoice(np.full(problem.sites, -1, np.int64), (None,) * 4, least=False)

    begun = time.perf_counter()
    pair_parties(find_parties(inputs, load_policy()), nobody)
    return asked[0], time.perf_counter() - begun


def by_hand(problem: SingleSource) -> SingleChoice:
    """Sites in the order of their ids, each to the nearest provider that still has room for all its people."""
    room, total = problem.capacity.copy(), problem.total.copy()
    each, persons = problem.cost / problem.persons, problem.persons
    pair = np.full(problem.sites, -1, np.int64)
    for number_ in np.lexsort((each, problem.site)).tolist():
        site, slot = problem.site[number_], problem.slot[number_]
        owner, count = problem.owner[slot], persons[number_]
        if pair[site] < 0 and room[slot] >= count and (total[owner] < 0 or total[owner] >= count):
            pair[site] = number_
            room[slot] -= count
            total[owner] -= count if total[owner] >= 0 else 0
    return SingleChoice(pair, (None,) * (problem.taken.shape[1] + 1), least=False)


if __name__ == "__main__":
    sys.exit(main())
