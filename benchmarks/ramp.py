"""Users one after another, from 1 to 50, behind the login: how long a page takes as they become more.

Each user has an account and a session of its own, speaks the websocket of Streamlit as a browser does and thinks for 10
to 20 seconds between two actions; one in five plans, the others read the roster of a clinic. Locust starts them.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gevent
import locust  # first: it makes sockets and threads cooperative
import numpy as np
from locust.env import Environment

from benchmarks.measure import machine
from benchmarks.pages import peak_mb
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.app.cookies import NAME
from matcher.intake.check import load_inputs
from tests import ROOT
from tests.helpers.app_accounts import PASSWORD, accounts_in
from tests.helpers.app_server import served_others
from tests.helpers.streamlit_socket import Tab, fields_in, opened

HOST = "clinic.example"
#: Seconds between two actions of one user.
THINKS = (10.0, 20.0)
#: The run is told by how many users there were.
BANDS = ((1, 10), (11, 25), (26, 50))
#: Of all users, the first of so many plans.
PLANNERS_AMONG = 5
PLANNERS_PAGES = ("", "roster", "siting", "what_if", "access", "totals", "proof")
#: Seconds a page may take at the 95th percentile.
AT_MOST_S = 3.0


@dataclass
class Shared:
    """What all users have in common."""

    port: int
    cookies: list[str]
    villages: Sequence[str]
    answers: list[tuple[int, str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Somebody(locust.User):
    """One user with one open page."""

    wait_time = locust.between(*THINKS)
    shared: Shared

    def on_start(self) -> None:
        """Open the page that the role starts with."""
        self.number = self.environment.runner.user_count
        self.chance = random.Random(self.number)
        self.session = opened(self.shared.port, HOST, self.shared.cookies.pop())
        self.tab: Tab = self.session.__enter__()
        self.fields = fields_in(self.timed("first page", ""))

    def on_stop(self) -> None:
        """Close it."""
        self.session.__exit__(None, None, None)

    @locust.task
    def act(self) -> None:
        """Look at another page, or search the roster."""
        if not self.plans:
            search = next((id for id in self.fields if id.endswith("-roster_search")), None)
            if search is not None and self.chance.random() < 0.7:
                self.timed("search in a roster", "", {search: self.chance.choice(self.shared.villages)})
            else:
                self.timed("roster", "")
        else:
            page = self.chance.choice(PLANNERS_PAGES)
            self.timed(page or "overview", page)

    @property
    def plans(self) -> bool:
        """Whether this is a planner."""
        return self.number % PLANNERS_AMONG == 1

    def timed(self, what: str, page: str, fields: dict[str, str] | None = None) -> list[bytes]:
        """One run of a page, from asking until its last element."""
        users, begun = self.environment.runner.user_count, time.perf_counter()
        try:
            return self.tab.run(page, fields)
        except Exception as error:
            self.shared.failures.append(f"{what}: {type(error).__name__}")
            raise
        finally:
            self.shared.answers.append((users, what, time.perf_counter() - begun))


def account(user: int, providers: Sequence[str]) -> tuple[str, str, list[str]]:
    """Name, role and scope of a user."""
    if user % PLANNERS_AMONG == 1:
        return f"user{user}", "planner", []
    return f"user{user}", "clinic", [f"provider:{providers[user % len(providers)]}"]


def cookies(folder: Path, providers: Sequence[str], users: int) -> list[str]:
    """Sessions for so many users, in the order in which they are taken from the end."""
    people = [account(user, providers) for user in range(1, users + 1)]
    with accounts_in(folder, [("guanli", "administrator", []), *people]) as accounts:
        return [f"{NAME}={accounts.log_in(name, PASSWORD, '192.0.2.1')}" for name, *_ in reversed(people)]


def ramp(data: Path, users: int, seconds: int) -> tuple[Shared, float | None]:
    """All users within two thirds of the time; then they stay. Answers, and the server's peak of memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = load_inputs(data)
        made = cookies(Path(folder), inputs.providers["provider_id"].tolist(), users)
        places = inputs.places
        villages = places.loc[places["level"] == "village", "name"].dropna().tolist()
        flags = ("--host", HOST, "--behind-proxy", "127.0.0.1")
        with served_others(Path(folder), *flags, data=data) as (port, _):
            shared = Shared(port, made, villages)
            Somebody.shared = shared
            # Nobody is stopped in the middle of an answer: a socket that is closed under a waiting reader ends gevent.
            environment = Environment(user_classes=[Somebody], stop_timeout=THINKS[1] + 30)
            runner = environment.create_local_runner()
            runner.start(users, spawn_rate=users / (seconds * 2 / 3))
            gevent.sleep(seconds)
            peak = peak_mb(port)
            runner.quit()
    return shared, peak


def told(shared: Shared, peak: float | None, users: int, seconds: int) -> str:
    """The section of the report."""
    rows = []
    for least, most in BANDS:
        found = [took for there, _, took in shared.answers if least <= there <= most]
        rows.append([f"{least}–{most} users, all pages", *_figures(found)])
    last = BANDS[-1][0]
    pages = sorted({what for _, what, _ in shared.answers})
    rows += [
        [
            f"{what}, from {last} users on",
            *_figures([t for n, name, t in shared.answers if n >= last and name == what]),
        ]
        for what in pages
    ]
    head = ("page", "answers", "median, s", "95 %, s", "most, s", "95 % at most, s")
    return "\n\n".join(
        [
            f"## From 1 to {users} users at once",
            f"`python -m benchmarks.ramp --users {users} --seconds {seconds}` (locust), {today()}; {machine()}",
            table(head, rows),
            f"Failed answers: {len(shared.failures)}. Peak memory of the server: {number(peak)} MB.",
            f"The shipped sample (12,000 residents) behind the login, over Streamlit's websocket, {THINKS[0]:.0f} to "
            f"{THINKS[1]:.0f} s between two actions of one user; users and server on the same cores. What a browser "
            "needs to draw is not in it.",
        ]
    )


def _figures(found: list[float]) -> list[str]:
    if not found:
        return ["0", "–", "–", "–", number(AT_MOST_S)]
    median, high = np.percentile(found, [50, 95])
    return [
        str(len(found)),
        number(median, 2),
        number(high, 2),
        number(max(found), 2),
        number(AT_MOST_S),
    ]


def main(arguments: list[str] | None = None, report: Callable[[str, str], None] | None = None) -> int:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=420)
    asked = parser.parse_args(arguments)
    shared, peak = ramp(ROOT / "sample_data", asked.users, asked.seconds)
    text = told(shared, peak, asked.users, asked.seconds)
    print(text)
    (report or (lambda name, said: write_section(name, said, DOCS)))("ramp", text)
    return 1 if shared.failures else 0


if __name__ == "__main__":
    sys.exit(main())
