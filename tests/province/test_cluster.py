"""Many machines come to what one comes to, byte for byte; who is lost is replaced; who does not answer is told."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from matcher.cli import main
from matcher.intake.parts import read_whole
from matcher.policy.documents import load_policy
from matcher.province import coordinate
from matcher.province.cluster import ManyMachines
from matcher.province.machines import OneMachine
from matcher.province.match import match_province
from matcher.workers.cluster import connected
from tests.helpers.parted import city_and_parts

distributed = pytest.importorskip("distributed", reason="the extra “cluster” is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Two processes of one thread each."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50
    ) as there:
        yield there


def files_of(out: Path) -> dict[str, bytes]:
    """Every file but the outcome, which tells seconds."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "outcome.json"
    }


def test_a_cluster_gives_what_one_machine_gives_also_when_a_worker_is_killed(
    folders: tuple[Path, Path], cluster: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinate, "FEW", 0)
    whole, policy = read_whole(folders[1]), load_policy("panzhihua-2016")
    match_province(whole, policy, tmp_path / "one", machines=partial(OneMachine, workers=1))
    with connected(cluster.scheduler_address) as client:  # type: ignore[attr-defined]
        victims = list(client.run(os.getpid).values())
        killed = threading.Event()

        class Unlucky(ManyMachines):
            asked = 0

            def ask(self, *args: object, **more: object) -> list[object]:
                self.asked += 1
                if self.asked == 4:
                    os.kill(victims[0], signal.SIGKILL)
                    killed.set()
                    time.sleep(0.5)
                return super().ask(*args, **more)  # type: ignore[arg-type]

        matched = match_province(
            whole, policy, tmp_path / "many", machines=lambda _room, data: Unlucky(client, data)
        )
    assert killed.is_set()
    assert matched.plan.outcome.status == "optimal"
    assert files_of(tmp_path / "many") == files_of(tmp_path / "one")


def test_the_commands_take_a_scheduler(
    folders: tuple[Path, Path], cluster: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    out = str(tmp_path / "out")
    assert main(["match", str(folders[1]), "--out", out, "--scheduler", address, "--lang", "en"]) == 0
    assert main(["verify", str(folders[1]), "--plan", out, "--scheduler", address, "--lang", "en"]) == 0
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    village = str(city_and_parts(tmp_path, 60, 1)[0])
    assert main(["stress", village, "--out", str(one), "--workers", "1"]) == 0
    assert main(["stress", village, "--out", str(two), "--scheduler", address]) == 0
    assert one.read_bytes() == two.read_bytes()
    capsys.readouterr()
    assert main(["match", str(folders[0]), "--out", out, "--scheduler", address, "--lang", "en"]) == 1
    assert "in one piece" in capsys.readouterr().err


def test_an_error_of_a_county_comes_back_as_it_is(
    folders: tuple[Path, Path], cluster: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    data = Path(shutil.copytree(folders[1], tmp_path / "data"))
    file = data / "residents" / "county=510411" / "part.parquet"
    file.write_bytes(b"no table")
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    arguments = ["match", str(data), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert main([*arguments, "--scheduler", address]) == 1
    assert "county=510411/part.parquet" in capsys.readouterr().err
    assert main(arguments) == 1
    assert "county=510411/part.parquet" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x"])
def test_a_scheduler_that_does_not_answer_is_told(
    folders: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    monkeypatch.setattr("matcher.workers.cluster.PATIENCE_S", 1)
    arguments = ["match", str(folders[1]), "--out", str(tmp_path / "out"), "--scheduler", address]
    assert main([*arguments, "--lang", "en"]) == 1
    assert address in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
