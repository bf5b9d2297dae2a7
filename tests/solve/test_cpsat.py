"""Ctrl+C ends CP-SAT at once, and is heard again afterwards."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest
from ortools.sat.python import cp_model

from matcher.solve.cpsat import solved

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no such signals")


def hard():
    """A knapsack of many dimensions that takes minutes to prove."""
    chance = np.random.default_rng(1)
    model = cp_model.CpModel()
    items = [model.new_bool_var("") for _ in range(120)]
    for _ in range(30):
        model.add(
            sum(int(w) * x for w, x in zip(chance.integers(100, 1000, 120), items, strict=True)) <= 20_000
        )
    model.maximize(sum(int(w) * x for w, x in zip(chance.integers(500, 600, 120), items, strict=True)))
    return model


def test_an_interrupt_stops_the_search_and_is_raised():
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 60
    solver.parameters.num_workers = 1
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    begun = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solved(solver, hard())
    assert time.monotonic() - begun < 20


def test_an_interrupt_after_a_search_is_heard():
    model = cp_model.CpModel()
    model.maximize(model.new_int_var(0, 5, ""))
    assert solved(cp_model.CpSolver(), model) == cp_model.OPTIMAL
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
