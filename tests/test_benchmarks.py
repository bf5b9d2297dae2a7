"""The benchmarks: peers that must agree, public instances, tables in the docs."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from benchmarks import care, city, known_optima, peers, roads, scaling
from benchmarks.instances import Instance, county, per_resident
from benchmarks.measure import Run, measured
from benchmarks.naive import naive_flow
from benchmarks.optima_files import InstanceError, Network, read_assignment, read_dimacs, read_optima
from benchmarks.optima_sites import (
    read_capacitated_p_median,
    read_facility_location,
    read_p_median,
    read_single_source,
)
from benchmarks.optima_solve import Found, solve_assignment, solve_network_flow
from benchmarks.peer_answers import Answer, answer_of
from benchmarks.peer_heuristics import biggest_first, nearest_free
from benchmarks.peer_ours import our_flow
from benchmarks.peer_programs import highs_flow, pot_flow
from benchmarks.report import table, write_section
from matcher.eligibility.presence import MONTHS, present
from matcher.intake.check import load_inputs
from matcher.sample.city import make_sample
from matcher.solve.problem import Problem
from tests import ROOT
from tests.helpers.examples import examples
from tests.helpers.problems import brute_force, make_problem, problems

small = examples(60)

PUBLIC = ROOT.parent / "shared" / "benchmarks"

#: Two clinics: N with one place, F with two. Ann is near both, Bob nearer to N, Cai reaches F only, and comes first.
VILLAGE = [(1, 2, {0: 100, 1: 300}), (1, 2, {0: 50, 1: 900}), (1, 1, {1: 400})]


here = pytest.mark.skipif(
    not PUBLIC.is_dir(), reason="the public instances (../shared/benchmarks) are not here"
)


def installed(package: str) -> pytest.MarkDecorator:
    """Skip where a package of requirements-bench.txt is not there."""
    return pytest.mark.skipif(
        importlib.util.find_spec(package) is None,
        reason=f"{package} is not installed (requirements-bench.txt)",
    )


def value_of_flow(problem: Problem, flow: np.ndarray) -> tuple[int, ...]:
    """As `brute_force` tells the optimum."""
    answer = answer_of(problem, flow)
    return (*(-count for count in answer.served), answer.cost_m)


# Solvers


def test_the_nearest_free_place_makes_others_walk():
    """Bob finds N taken by Ann and walks to F; at best Ann goes there, as when the biggest clinic fills first."""
    village = make_problem(VILLAGE, [1, 2])
    assert answer_of(village, our_flow(village)[0]) == Answer((1, 2, 0), 300 + 50 + 400)
    assert answer_of(village, nearest_free(village)[0]) == Answer((1, 2, 0), 100 + 900 + 400)
    assert answer_of(village, biggest_first(village)[0]) == Answer((1, 2, 0), 300 + 50 + 400)


def test_heuristics_do_not_look_at_tiers():
    """With one place in F, whoever comes first or lives nearer takes it from Cai, who has the higher tier."""
    village = make_problem([VILLAGE[1], VILLAGE[0], VILLAGE[2]], [1, 1])
    assert answer_of(village, our_flow(village)[0]).served == (1, 1, 0)
    assert answer_of(village, nearest_free(village)[0]).served == (0, 2, 0)


@small
@given(problem=problems(max_size=2))
def test_exact_solvers_agree_with_trying_every_plan(problem: Problem):
    """Modes, tiers and total capacities are said right to each solver."""
    people = per_resident(problem)
    best = brute_force(problem)
    assert value_of_flow(problem, our_flow(problem)[0]) == best
    assert value_of_flow(people, naive_flow(people)[0]) == best
    if len(people.slot):
        assert value_of_flow(people, highs_flow(people)[0]) == best


@installed("networkx")
@small
@given(problem=problems(max_size=2))
def test_networkx_agrees_with_trying_every_plan(problem: Problem):
    """The graph says the same problem."""
    from benchmarks.peer_networkx import networkx_flow

    people = per_resident(problem)
    assert value_of_flow(people, networkx_flow(people)[0]) == brute_force(problem)


@installed("ot")
@small
@given(problem=problems(max_size=2))
def test_pot_agrees_with_trying_every_plan(problem: Problem):
    """The full matrix says the same problem, total capacities included."""
    people = per_resident(problem)
    if len(people.size):
        assert value_of_flow(people, pot_flow(people)[0]) == brute_force(problem)


@small
@given(problem=problems(max_size=2))
def test_heuristics_stay_within_capacities_and_never_beat_the_optimum(problem: Problem):
    """`answer_of` refuses a flow above a capacity; the order is tiers first, then cost."""
    people = per_resident(problem)
    for heuristic in (nearest_free, biggest_first):
        assert value_of_flow(people, heuristic(people)[0]) >= brute_force(problem)


@installed("spopt")
def test_spopt_agrees_and_says_what_it_cannot_model(tmp_path: Path):
    """In a process of its own; a total capacity does not fit into its model."""
    (spopt,) = [peer for peer in peers.PEERS if peer.name.startswith("spopt")]
    instance = county(60, 4)
    instance.save(tmp_path / "county.npz")
    run = measured(peers.run_peer, spopt, tmp_path / "county.npz")
    assert run.answer == answer_of(instance.problem, our_flow(instance.problem)[0])
    Instance(make_problem(VILLAGE, [1, 2], total=[1, 1]), np.arange(3)).save(tmp_path / "total.npz")
    assert "no total capacities" in measured(peers.run_peer, spopt, tmp_path / "total.npz").note


def test_an_answer_above_a_capacity_or_with_a_person_twice_is_refused():
    """No solver's word is taken."""
    village = make_problem(VILLAGE, [1, 1])
    with pytest.raises(ValueError, match="above a capacity"):
        answer_of(village, np.array([1, 0, 1, 0, 0]))
    with pytest.raises(ValueError, match="twice"):
        answer_of(village, np.array([1, 1, 0, 0, 0]))


def test_a_saved_instance_comes_back_the_same(tmp_path: Path):
    """A solver's process sees what the others see."""
    instance = county(50, 5)
    instance.save(tmp_path / "county.npz")
    back = Instance.load(tmp_path / "county.npz")
    for name, value in vars(instance.problem).items():
        np.testing.assert_array_equal(getattr(back.problem, name), value)
    np.testing.assert_array_equal(back.member, instance.member)


# The table of peers

CASE = peers.Case("village", "3 residents", Path("none"))
NAIVE, NEAREST = peers.PEERS[1], peers.PEERS[-2]
BEST = Run(Answer((1, 2, 0), 750), 0.5, 100.0)


def test_exact_solvers_that_differ_are_a_fault_and_heuristics_that_win_too():
    """A heuristic may serve fewer; an exact solver may not even cost less."""
    other = Run(Answer((1, 2, 0), 700), 1.0, 100.0)
    worse = Run(Answer((1, 1, 0), 500), 1.0, 100.0)
    assert peers.Result(CASE, NAIVE, BEST, BEST).fault is None
    assert "disagrees" in (peers.Result(CASE, NAIVE, other, BEST).fault or "")
    assert "beats" in (peers.Result(CASE, NEAREST, other, BEST).fault or "")
    assert peers.Result(CASE, NEAREST, worse, BEST).fault is None
    assert peers.Result(CASE, NEAREST, worse, BEST).row[3:7] == ("1 fewer (33.3 %)", "0.500", "1.000", "2.0")


def test_ours_must_finish_the_others_need_not():
    """An unfinished peer is told in its row."""
    late = Run(None, None, None, "not finished in 1 s")
    assert peers.Result(CASE, NAIVE, late, BEST).fault is None
    assert "not finished in 1 s" in peers.Result(CASE, NAIVE, late, BEST).row
    assert peers.Result(CASE, peers.OURS, late, late).fault == "ours on village: not finished in 1 s"


def test_the_peers_command_writes_its_section_and_leaves_the_others(tmp_path: Path, monkeypatch):
    """A package that is not installed is a row, not a failure."""
    absent = peers.Peer("absent", "peer_absent", "solve")
    monkeypatch.setattr(peers, "PEERS", (peers.OURS, absent, NEAREST))
    docs = tmp_path / "benchmarks.md"
    docs.write_text("# Benchmarks\n\nKept.\n", encoding="utf-8")
    assert peers.main(["--residents", "40", "--providers", "4", "--docs", str(docs)]) == 0
    text = docs.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n\nKept.\n")
    assert "## Against other solvers" in text
    assert "| county 40 × 4 | ours |" in text
    assert "| county 40 × 4 | absent | – | not installed |" in text


def test_sections_are_replaced_in_place(tmp_path: Path):
    """Each command owns what stands between its markers."""
    docs = tmp_path / "docs" / "benchmarks.md"
    write_section("a", "old a", docs)
    write_section("b", "b stays", docs)
    write_section("a", "new a", docs)
    text = docs.read_text(encoding="utf-8")
    assert "old a" not in text
    assert text.index("new a") < text.index("b stays")


def test_a_table_is_markdown():
    """First column to the left, the others to the right."""
    assert table(("who", "n"), [("Ann", "1")]) == "| who | n |\n| --- | ---: |\n| Ann | 1 |"


def test_a_call_that_takes_too_long_is_ended_and_one_that_fails_is_told():
    """Starting Python does not count."""
    assert measured(time.sleep, 60.0, limit_s=0.2).note == "not finished in 0.2 s"
    assert measured(int, "three").note.startswith("ValueError")
    assert measured(int, "3").answer == 3


def test_peak_memory_is_of_the_process_alone():
    """What the parent holds does not count: only so the solvers can be compared."""
    held = np.ones(50_000_000)
    peak = measured(int, "3").peak_mb
    assert peak is None or peak < held.nbytes / 2**20


# Public instances


def folder_of(tmp_path: Path, optimum: str = "4", *, only: str = "") -> Path:
    """One instance of each family, or of one alone, small enough to solve by hand.

    Two persons and two jobs, 1 + 3 at best; a flow of 2 over a detour; a road of three villages with its clinic in
    the middle, the last edge given twice; two villages 3 km apart at one clinic; half of a customer at each of two
    clinics, which together cost 1 + 2 to open; each of two customers at a clinic of its own.
    """
    files = {
        "assign/two.txt": "2\n 1 5\n 1 3\n",
        "flow/detour.min": "c two paths\np min 3 3\nn 1 2\nn 3 -2\na 1 3 0 1 5\na 1 2 0 9 1\na 2 3 0 9 1\n",
        "pmed/road.txt": "3 3 1\n1 2 4\n2 3 9\n2 3 6\n",
        "pmedcap/pair.txt": "1 3\n2 1 9\n1 0 0 4\n2 2 3 5\n",
        "cap/half.txt": "2 1\n5 1.\n5 2.\n10\n 0.25 0.5\n",
        "sscflp/own.txt": "2 2\n5 5\n1 1\n4 4\n1 9\n9 1\n",
        "optima.csv": f"file,optimum\nassign/two.txt,{optimum}\n",
    }
    for name, text in files.items():
        if only and not name.startswith((f"{only}/", "optima")):
            continue
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_known_optima_proves_every_family(tmp_path: Path, capsys):
    """A value that nobody published is no contradiction."""
    docs = tmp_path / "out.md"
    assert known_optima.main([str(folder_of(tmp_path)), "--docs", str(docs)]) == 0
    told = capsys.readouterr().out
    assert "| assign/two.txt | 4 | 4 | 4 | 0.00% |" in told
    assert "| flow/detour.min | – | 4 | 4 | 0.00% |" in told
    assert "| pmed/road.txt | – | 10 | 10 | 0.00% |" in told
    assert "| pmedcap/pair.txt | – | 3 | 3 | 0.00% |" in told
    assert "| cap/half.txt | – | 3.375 | 3.375 | 0.00% |" in told
    assert "| sscflp/own.txt | – | 4 | 4 | 0.00% |" in told
    assert told.count("| proven |") == 6
    assert "| sscflp/own.txt | – | 4 |" in docs.read_text(encoding="utf-8")


@pytest.mark.parametrize("optimum", ["3", "5", "4.00001"])
def test_known_optima_fails_on_a_contradiction(tmp_path: Path, capsys, optimum: str):
    """Better than the published optimum, or proven to be worse."""
    assert known_optima.main([str(folder_of(tmp_path, optimum, only="assign"))]) == 1
    assert "known_optima: assign/two.txt: CONTRADICTS" in capsys.readouterr().err


def test_what_is_not_proven_in_time_is_no_failure(tmp_path: Path, monkeypatch, capsys):
    """It is listed without a value."""
    monkeypatch.setitem(known_optima.FAMILIES, "assign", known_optima.Family(lambda text: 60.0, time.sleep))
    assert known_optima.main([str(folder_of(tmp_path, only="assign")), "--seconds", "0.2"]) == 0
    assert "| assign/two.txt | 4 | – | – | – | – | not finished in 0.2 s |" in capsys.readouterr().out


def test_a_location_that_nobody_can_serve_is_told(tmp_path: Path, capsys):
    """Proven: it contradicts whoever published an optimum, and is listed otherwise."""
    (tmp_path / "sscflp").mkdir()
    (tmp_path / "sscflp" / "full.txt").write_text("1 2\n5\n1\n4 4\n1\n1\n", encoding="utf-8")
    assert known_optima.main([str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "| sscflp/full.txt | – | – | – | – |" in told
    assert "| proven infeasible |" in told
    (tmp_path / "optima.csv").write_text("file,optimum\nsscflp/full.txt,4\n", encoding="utf-8")
    assert known_optima.main([str(tmp_path)]) == 1


def test_a_plan_without_proof_contradicts_only_where_it_is_better():
    """Until the bound closes, the published optimum may lie anywhere in the gap."""
    published = Decimal("932615.750")
    assert not known_optima.Row("cap", published, found=940_000, bound=900_000).contradicts
    assert known_optima.Row("cap", published, found=940_000, bound=900_000).cells[4] == "4.26%"
    assert known_optima.Row("cap", published, found=932_000, bound=None).contradicts
    assert known_optima.Row("cap", published, found=940_000, bound=933_000).contradicts
    assert known_optima.Row("cap", published, note=Found.NO_PLAN).contradicts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("3\n1 2 3\n4 5", "5 costs, expected 3 × 3 = 9"),
        ("2\n1 2 3 4 5", "5 costs, expected 2 × 2 = 4"),
        ("2\n1 2 x 4", "found 'x', expected a whole number"),
        ("2\n1 2 nan 4", "found 'nan', expected a whole number"),
        ("2\n1 2 1.5 4", "found '1.5', expected a whole number"),
        ("2\n1 2 -3 4", "a cost of -3"),
        ("0", "the first number is 0"),
        ("1 99999999999999999999", "beyond"),
    ],
)
def test_a_broken_assignment_says_what_is_wrong(text: str, told: str):
    """Where, what was found, what is expected."""
    with pytest.raises(InstanceError, match=told):
        read_assignment(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "one line 'p min"),
        ("p max 2 1\na 1 2 3", "one line 'p min"),
        ("p min 2 2\na 1 2 0 1 1", "1 arcs, expected 2"),
        ("p min 2 1\na 1 2 0 1", "line 2 has 4 numbers, expected 5"),
        ("p min 2 1\na 1 3 0 1 1", "a node outside 1–2"),
        ("p min 2 1\nn 1 5\na 1 2 0 1 1", "supplies add up to 5"),
        ("p min 2 1\nn 1 5\nn 1 -5\na 1 2 0 1 1", "two supplies"),
        ("p min 2 1\na 1 2 3 1 1", "arc 1: expected 0 <= low <= capacity"),
        ("p min 2 1\nz 1 2", "line 2 begins with 'z'"),
        ("p min 2 one", "found 'one'"),
    ],
)
def test_a_broken_network_says_what_is_wrong(text: str, told: str):
    """Where, what was found, what is expected."""
    with pytest.raises(InstanceError, match=told):
        read_dimacs(text)


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (read_p_median, "", "is empty"),
        (read_p_median, "3 1", "2 numbers, expected at least 3"),
        (read_p_median, "0 0 1", "expected counts"),
        (read_p_median, "2 2 1\n1 2 5", "3 numbers of edges, expected 2 × 3 = 6"),
        (read_p_median, "2 1 1\n1 3 5", "a node outside 1–2"),
        (read_p_median, "2 1 1\n1 2 -5", "an edge of length -5"),
        (read_p_median, "3 1 1\n1 2 5", "node 1 cannot be reached"),
        (read_p_median, "2 1 3\n1 2 5", "sites_out_of_range: found=3, most=2"),
        (read_p_median, "2 1 one\n1 2 5", "found 'one'"),
        (read_capacitated_p_median, "1 5\n2 1 9\n1 0 0 4", "4 numbers of customers, expected 2 × 4 = 8"),
        (read_capacitated_p_median, "1 5\n1 1 9\n1 0 0 -4", "demand"),
        (read_capacitated_p_median, "1 5\n1 1 9\n1 0 0.5 4", "found '0.5', expected a whole number"),
        (read_facility_location, "", "is empty"),
        (read_facility_location, "1 1\ncapacity 2\n3\n4", "found 'capacity', expected a number"),
        (read_facility_location, "1 1\n5 2\n3", "5 numbers, expected 6"),
        (read_facility_location, "1 0\n5 2", "at least 1 site and 1 customer"),
        (read_facility_location, "1 1\n5 2\n3 NaN", "model_number: what='cost', found='NaN'"),
        (read_facility_location, "1 1\n5 2\n3 1e99", "model_too_large"),
        (read_single_source, "1 1\n5\n2\n3\n-4", "model_number"),
        (read_single_source, "1 1\n5\n2\n3", "5 numbers, expected 6"),
    ],
)
def test_a_broken_location_says_what_is_wrong(read: Callable[[str], object], text: str, told: str):
    """What was found, what is expected."""
    with pytest.raises(InstanceError, match=told):
        read(text)


def test_distances_in_the_plane_are_rounded_down():
    """From (0, 0) to (2, 3): the root of 13 is 3 and something; far away exactly."""
    problem = read_capacitated_p_median("1 0\n3 1 9\n1 0 0 1\n2 2 3 1\n3 300000000 400000000 1")
    assert problem.cost[0].tolist() == [0, 3, 500_000_000]


def test_unreadable_files_are_named_and_the_others_still_tried(tmp_path: Path, capsys):
    """A sentence, no stack trace; the exit code tells."""
    folder = folder_of(tmp_path, only="assign")
    (folder / "flow").mkdir()
    (folder / "assign" / "cut.txt").write_text("3\n1 2", encoding="utf-8")
    (folder / "flow" / "binary.min").write_bytes(b"\xff\xfe\x00p")
    assert known_optima.main([str(folder)]) == 1
    told = capsys.readouterr()
    assert "known_optima: assign/cut.txt: unreadable: 2 costs" in told.err
    assert "known_optima: flow/binary.min: unreadable: is no text" in told.err
    assert "| assign/two.txt | 4 | 4 |" in told.out
    assert "Traceback" not in told.err


def test_a_missing_folder_and_bad_optima_are_named(tmp_path: Path, capsys):
    """Without ``optima.csv`` nothing is published."""
    assert known_optima.main([str(tmp_path / "nowhere")]) == 1
    assert read_optima(tmp_path / "optima.csv") == {}
    (tmp_path / "optima.csv").write_text("file,optimum\nassign/two.txt,four\n", encoding="utf-8")
    assert known_optima.main([str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "nowhere is no folder" in told
    assert "optima.csv: row 2: optimum is 'four'" in told


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to four nodes and six arcs: loops, parallels, lower bounds, negative costs, also without any flow."""
    nodes = draw(st.integers(2, 4))
    node = st.integers(0, nodes - 1)
    arcs = draw(
        st.lists(
            st.tuples(node, node, st.integers(0, 2), st.integers(0, 4), st.integers(-3, 9)),
            min_size=1,
            max_size=6,
        )
    )
    tail, head, low, more, cost = (np.array(column, np.int64) for column in zip(*arcs, strict=True))
    supply = np.array(draw(st.lists(st.integers(-3, 3), min_size=nodes, max_size=nodes)), np.int64)
    supply[-1] -= supply.sum()
    return Network(supply, tail, head, low, low + more, cost)


@small
@given(network=networks())
def test_a_flow_as_transport_has_the_optimum_of_a_linear_program(network: Network):
    """Each arc a group of people, each node a slot: the engine's own solver and prices prove it."""
    nodes = np.arange(len(network.supply))[:, None]
    balance = (network.tail == nodes).astype(float) - (network.head == nodes)
    bounds = np.column_stack((network.low, network.room))
    best = optimize.linprog(network.cost, A_eq=balance, b_eq=network.supply, bounds=bounds)
    found, _ = solve_network_flow(network)
    if best.status == 2:
        assert found == Found(None, None, Found.NO_PLAN)
    else:
        assert found == Found(round(best.fun), round(best.fun))


@here
@pytest.mark.parametrize(
    "name",
    ["pmed/pmed6.txt", "pmed/pmed15.txt", "pmedcap/pmedcap_6.txt", "cap/cap44.txt", "sscflp/holmberg_p1.txt"],
)
def test_published_optima_of_locations_are_proven(name: str):
    """One or two of each family, some of them with a gap that prices alone do not close."""
    family = known_optima.FAMILIES[name.partition("/")[0]]
    found, _ = family.solve(family.read((PUBLIC / name).read_text(encoding="utf-8")), 60.0)
    row = known_optima.Row(name, read_optima(PUBLIC / "optima.csv")[name], found.cost, found.bound)
    assert row.verdict == "proven"
    assert abs(found.cost - Fraction(row.published)) <= known_optima.TOLERANCE * found.cost


@here
def test_published_optima_are_found_and_proven():
    """The smallest assignment and the network, as `known_optima` solves them all."""
    found, _ = solve_assignment(
        read_assignment((PUBLIC / "assign" / "assign100.txt").read_text(encoding="utf-8"))
    )
    assert found == Found(305, 305)
    found, _ = solve_network_flow(read_dimacs((PUBLIC / "flow" / "netgen-2.min").read_text(encoding="utf-8")))
    assert found == Found(6749969302, 6749969302)


# Growth, and the whole city


def test_the_exponent_of_a_power_is_its_exponent():
    """Twice the people, four times the seconds: 2; one size says nothing."""
    assert scaling.exponent([1000, 2000, 8000], [1.0, 4.0, 64.0]) == pytest.approx(2.0)
    assert scaling.exponent([1000], [1.0]) is None


def test_scaling_runs_and_writes_its_section(tmp_path: Path, monkeypatch):
    """One row a size, the exponents below."""
    monkeypatch.setattr(scaling, "RUNS", 1)
    docs = tmp_path / "benchmarks.md"
    assert scaling.main(["--sizes", "200", "--docs", str(docs)]) == 0
    text = docs.read_text(encoding="utf-8")
    assert text.count("| 200 |") == 2
    assert text.count("| exponent |") == 2


def test_the_city_of_twelve_months_has_other_people_in_each(tmp_path: Path):
    data = tmp_path / "data"
    make_sample(data, residents=400, seed=1)
    people = load_inputs(care.of_twelve_months(data, tmp_path / "twelve")).residents
    assert len({present(people, month).tobytes() for month in MONTHS}) == 12


def test_the_commands_of_care_are_told_beside_a_cold_match(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(
        care, "COMMANDS", {"match": (None, None), "money": (60.0, None), "standards": (None, 0.001)}
    )
    docs = tmp_path / "benchmarks.md"
    assert (
        care.main(["--residents", "400", "--runs", "1", "--docs", str(docs)]) == 1
    )  # no command is that quick
    text = docs.read_text(encoding="utf-8")
    assert "| `match` |" in text
    assert "| 60 s |" in text
    assert "| 0.001 matches |" in text


def test_the_city_tells_both_and_their_ratio():
    """Or why there is no ratio."""
    ours = [Run(([1, 2], 5000, 1.9, 0.8, 300.0), 2.0, 50.0)]
    naive, floor = Run(([1, 2], 5000), 6.0, 200.0), [Run(None, 0.1, 40.0)]
    text = city.section("a machine", ours, naive, floor, city.parse([]))
    assert "| naive `solve()` alone | 1 + 2 | 5.000 | 6.00 | 6.00 | 200 |" in text
    assert "| `match`, files included | 1 + 2 | 5.000 | 2.00 (2.00–2.00) | 1.90 (1.90–1.90) | 300 |" in text
    assert "of it reading with all checks, and writing |  |  | 0.80" in text
    assert "3.0 times as long" in text
    none = Run(None, None, None, "not finished in 9 s")
    late = city.section("a machine", ours, none, floor, city.parse([]))
    assert "not finished in 9 s" in late
    assert "times as long" not in late


def test_the_roads_command_writes_a_county_and_finds_every_journey(tmp_path: Path):
    """A small one: every stage is told, and hardly anybody is without a way."""
    pytest.importorskip("osmium", reason="osmium is not installed (extra “roads”)")
    docs = tmp_path / "docs.md"
    docs.write_text("# Tables\n", encoding="utf-8")
    sizes = ["--ways", "400", "--places", "20", "--providers", "5", "--docs", str(docs)]
    assert roads.main(sizes) == 0
    row = [cell.strip() for cell in docs.read_text(encoding="utf-8").splitlines()[-2].strip("| ").split("|")]
    assert row[0] == "400"
    assert row[3] == "100"
    assert int(row[4]) < 20
