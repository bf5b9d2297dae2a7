"""The planner's pages in real browsers on a whole city: how long until a page answers, and what the server takes.

Ten sessions look at the overview at once; then each in turn clicks a township, tries a provider and solves it. Beside
them stands ``match`` of the same data on the command line, in the same run.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import machine
from benchmarks.report import DOCS, number, table, today, write_section
from matcher.sample.city import make_sample
from matcher.words.catalogues import t
from tests.helpers.app_server import browser, free_port, running

#: Milliseconds until a page that does not answer is given up.
PATIENCE = 180_000
_MB = 1 << 20


@dataclass
class Seconds:
    """What was measured, by what was done."""

    by_step: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure what is done inside."""
        begun = time.perf_counter()
        yield
        self.by_step.setdefault(step, []).append(time.perf_counter() - begun)


#: Steps in their order, each with the seconds that it may take; None: nothing is promised.
STEPS: dict[str, float | None] = {
    "`match` on the command line": None,
    "overview, first session (matches and proves)": None,
    "overview, first session after a restart (plan from the store)": None,
    "overview, another session": 3.0,
    "overview, ten sessions at once": None,
    "click on a township": 1.0,
    "click on a map of siting: who is in reach": 1.0,
    "provider solved: whom it serves": 2.0,
}


#: Whether something of that selector, and with that text, is to be seen; maps stand in roots of their own.
_SHOWN = """([selector, text]) => {
  const own = [...document.querySelectorAll("*")].map((one) => one.shadowRoot).filter(Boolean);
  return [document, ...own].flatMap((root) => [...root.querySelectorAll(selector)])
    .some((one) => one.checkVisibility() && one.textContent.includes(text));
}"""


def shown(page: Any, selector: str, text: str = "") -> None:
    """Until it is to be seen, asked at each frame: a locator asks every half second."""
    page.wait_for_function(_SHOWN, arg=[selector, text], polling="raf", timeout=PATIENCE)


def ready(page: Any) -> None:
    """Until the page has its map and no run of it goes on."""
    shown(page, ".lm-map[data-ready]")
    shown(page, "[data-testid=stApp][data-test-script-state=notRunning]")


def opened(chromium: Any, address: str, path: str = "") -> Any:
    """A session of its own, at a page that is ready."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/{path}")
    ready(page)
    return page


def together(chromium: Any, address: str, sessions: int) -> list[Any]:
    """Sessions that ask at the same time."""
    pages = [chromium.new_context(locale="zh-CN").new_page() for _ in range(sessions)]
    for page in pages:
        page.goto(f"{address}/", wait_until="commit")
    for page in pages:
        ready(page)
    return pages


def click_map(page: Any, x: float, y: float) -> None:
    """Click the map of a page at a share of its width and height."""
    box = page.locator(".lm-map").first.bounding_box()
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def click_a_township(page: Any) -> None:
    """Until its people are told beside the map."""
    click_map(page, 0.45, 0.45)
    shown(page, ".st-key-inside_back button")


def try_a_provider(page: Any, seconds: Seconds, x: float, y: float) -> None:
    """Until who is in reach is told, and then until it is solved."""
    with seconds.of("click on a map of siting: who is in reach"):
        click_map(page, x, y)
        shown(page, ".st-key-card_forms", t("app.siting.reach"))
    ready(page)
    page.wait_for_timeout(500)
    with seconds.of("provider solved: whom it serves"):
        page.locator(".st-key-trial_solve button").click()
        shown(page, ".st-key-trial_keep button")


def peak_mb(port: int) -> float | None:
    """Most memory that the server of a port held so far; None where the system does not say."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
            if b"matcher.app.server" in words and str(port).encode() in words:
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
                return int(found[1]) * 1024 / _MB if found else None
        except OSError:
            continue
    return None


def drive(data: Path, sessions: int) -> tuple[Seconds, float | None]:
    """Do all of `STEPS` on a data folder; seconds, and the server's peak of memory."""
    seconds = Seconds()
    with tempfile.TemporaryDirectory() as elsewhere:
        own = {
            "MATCHER_HOME": f"{elsewhere}/home",
            "MATCHER_DATABASE_URL": f"sqlite:///{elsewhere}/store.sqlite3",
        }
        environment = {**os.environ, **own, "PYTHONPATH": str(Path.cwd())}
        with seconds.of("`match` on the command line"):
            _match(data, Path(elsewhere) / "out", environment)
        with (
            _app(data, environment) as (address, _),
            browser() as chromium,
            seconds.of("overview, first session (matches and proves)"),
        ):
            opened(chromium, address)
        with _app(data, environment) as (address, port), browser() as chromium:
            with seconds.of("overview, first session after a restart (plan from the store)"):
                opened(chromium, address)
            for _ in range(3):
                with seconds.of("overview, another session"):
                    opened(chromium, address)
            with seconds.of("overview, ten sessions at once"):
                pages = together(chromium, address, sessions)
            for page in pages[:5]:
                with seconds.of("click on a township"):
                    click_a_township(page)
                ready(page)
            for at, page in enumerate(pages[:5]):
                page.goto(f"{address}/siting")
                ready(page)
                page.wait_for_timeout(1000)
                try_a_provider(page, seconds, 0.42 + 0.03 * at, 0.4 + 0.02 * at)
            return seconds, peak_mb(port)


def _match(data: Path, out: Path, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "matcher", "match", str(data), "--out", str(out)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _app(data: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    port = free_port()
    command = [sys.executable, "-m", "matcher", "app", str(data), "--port", str(port)]
    with running(command, port, Path.cwd(), environment) as address:
        yield address, port


def told(seconds: Seconds, peak: float | None, residents: int, sessions: int) -> str:
    """The section of the report."""
    whole = statistics.median(seconds.by_step["`match` on the command line"])
    rows = []
    for step, allowed in STEPS.items():
        found = seconds.by_step.get(step, [])
        median = statistics.median(found) if found else None
        rows.append(
            [
                step,
                number(median, 2),
                f"{min(found):.2f}–{max(found):.2f}" if len(found) > 1 else "–",
                number(whole / median, 1) if median else "–",
                number(allowed, 0),
            ]
        )
    head = ("what is done", "median, s", "least–most, s", "`match` ÷ this", "at most, s")
    return "\n\n".join(
        [
            f"## The app with {residents:,} residents loaded",
            f"`python -m benchmarks.pages --residents {residents} --sessions {sessions}`, {today()}; {machine()}",
            table(head, rows),
            f"Peak memory of the server with {sessions} sessions open: {number(peak)} MB (at most 2,048).",
            "A click is timed from the click until what it asked for stands on the page, in Chromium on the same two "
            "cores as the server.",
        ]
    )


def main(arguments: list[str] | None = None, report: Callable[[str, str], None] | None = None) -> int:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=250_000)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--data", type=Path, help="a folder made before, instead of a new city")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = asked.data or Path(folder) / "city"
        if asked.data is None:
            make_sample(data, residents=asked.residents, seed=1)
        seconds, peak = drive(data, asked.sessions)
    text = told(seconds, peak, asked.residents, asked.sessions)
    print(text)
    (report or (lambda name, said: write_section(name, said, DOCS)))("pages", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
