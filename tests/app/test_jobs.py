"""Long questions in processes of their own: answered, failed, stopped, and found again by another server."""

from __future__ import annotations

import os
import threading
import time

import pandas as pd
import pytest

from matcher.app import jobs
from matcher.app.home import home
from matcher.app.jobs import Job
from tests import ROOT
from tests.helpers.app_data import WITH_CANDIDATE, write_tables


@pytest.fixture(autouse=True)
def processes_find_us(monkeypatch):
    """Jobs of this test alone, whose processes find the package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield
    for job in jobs.jobs():
        jobs.cancel(job.id)


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", WITH_CANDIDATE)


def ended(job: Job, seconds: float = 60) -> Job:
    """The job as soon as it runs no more."""
    for _ in range(int(10 * seconds)):
        now = jobs.job(job.id)
        assert now is not None
        if now.state != "running":
            return now
        time.sleep(0.1)
    raise TimeoutError(job.kind)


def ask(kind: str, *arguments: str) -> Job:
    return jobs.start(kind, arguments, asked="asked_k", amount=1, fingerprint="fingerprint", limit_s=20)


def test_an_answer_is_the_file_that_the_command_writes(small):
    job = ended(ask("stress", str(small), "--lang", "en"))
    assert job.state == "done"
    assert pd.read_csv(job.out)["provider_id"].tolist() == ["P1", "P2"]
    assert [one.id for one in jobs.jobs()] == [job.id]


def test_a_job_that_fails_says_why_in_the_askers_language(small):
    job = ended(ask("place", str(small), "--k", "99", "--lang", "zh"))
    assert job.state == "failed"
    assert "99" in job.error()
    assert not job.out.exists()


def test_a_job_that_is_stopped_leaves_nothing_half():
    job = ask("place", str(ROOT / "sample_data"), "--k", "9", "--time-limit", "300")
    for _ in range(300):
        if (job.folder / "pid").exists():
            break
        time.sleep(0.01)
    jobs.cancel(job.id)
    now = jobs.job(job.id)
    assert now is not None
    assert now.state == "cancelled"
    assert not job.out.exists()


def test_another_server_sees_a_job_running_and_then_its_answer():
    """A server that did not start it asks for the lock that the process holds."""
    job = ask("place", str(ROOT / "sample_data"), "--k", "1", "--time-limit", "10")
    process = jobs._running.pop(job.id)
    for _ in range(100):
        if (job.folder / "lock").exists():
            break
        time.sleep(0.05)
    time.sleep(0.5)
    assert ended(job).state == "done"
    assert process.wait() == 0


def test_a_job_of_an_earlier_server_is_stopped_as_well():
    job = ask("place", str(ROOT / "sample_data"), "--k", "9", "--time-limit", "300")
    for _ in range(300):
        if (job.folder / "pid").exists():
            break
        time.sleep(0.1)
    process = jobs._running.pop(job.id)
    threading.Thread(
        target=process.wait, daemon=True
    ).start()  # somebody else's child: nobody here waits for it
    jobs.cancel(job.id)
    now = jobs.job(job.id)
    assert now is not None
    assert now.state == "cancelled"
    assert not job.out.exists()


def test_an_answer_that_is_there_is_not_taken_back(small):
    job = ended(ask("stress", str(small)))
    jobs.cancel(job.id)
    now = jobs.job(job.id)
    assert now is not None
    assert now.state == "done"


def test_a_folder_that_holds_no_job_is_passed_over(small):
    (home("jobs") / "strange").mkdir()
    (home("jobs") / "strange" / "job.json").write_text("{", encoding="utf-8")
    job = ended(ask("stress", str(small)))
    assert [one.id for one in jobs.jobs()] == [job.id]
    assert jobs.newest("stress") == job
    assert jobs.newest("stress", "failed") is None


def test_a_job_that_died_is_told_as_lost():
    job = ask("place", str(ROOT / "sample_data"), "--k", "9", "--time-limit", "300")
    for _ in range(300):
        if (job.folder / "pid").exists():
            break
        time.sleep(0.1)
    process = jobs._running.pop(job.id)
    process.kill()
    process.wait()
    now = jobs.job(job.id)
    assert now is not None
    assert now.state == "lost"


def test_only_the_newest_jobs_are_kept(small, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_KEPT", 2)
    first, second, third = (ended(ask("stress", str(small))) for _ in range(3))
    assert {one.id for one in jobs.jobs()} == {second.id, third.id}
    assert not first.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
def test_answers_are_readable_by_the_user_alone(small):
    assert ended(ask("stress", str(small))).folder.stat().st_mode & 0o077 == 0


def test_a_search_tells_what_it_has_and_ends_with_that_when_it_is_asked():
    """On the sample city, before the choice is proven: the answer is a choice with its gap, not nothing."""
    job = jobs.start(
        "place",
        (str(ROOT / "sample_data"), "--k", "40", "--time-limit", "300", "--lang", "en"),
        asked="asked_k",
        amount=40,
        fingerprint="fingerprint",
        limit_s=300,
    )
    for _ in range(600):
        if job.so_far().get("figures"):
            break
        time.sleep(0.1)
    told = job.so_far()
    assert sum(told["figures"][:-1]) > 11_000
    jobs.finish(job.id)
    found = jobs.job(job.id)
    assert found is not None
    assert found.stopping
    done = ended(job, 120)
    assert done.state == "done"
    sites = pd.read_csv(done.out / "sites.csv")
    assert 0 < len(sites) <= 40


def test_asked_twice_it_is_ended():
    job = jobs.start(
        "place",
        (str(ROOT / "sample_data"), "--k", "40", "--time-limit", "300"),
        asked="asked_k",
        amount=40,
        fingerprint="fingerprint",
        limit_s=300,
    )
    for _ in range(2):
        jobs.finish(job.id)
    assert ended(job).state == "cancelled"


def test_what_knows_no_best_so_far_is_ended_at_once():
    job = jobs.start(
        "stress",
        (str(ROOT / "sample_data"), "--top", "398"),
        asked="asked_k",
        amount=1,
        fingerprint="fingerprint",
        limit_s=60,
    )
    jobs.finish(job.id)
    assert ended(job).state == "cancelled"
