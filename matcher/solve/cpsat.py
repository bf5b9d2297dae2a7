"""CP-SAT, ended by Ctrl+C as everything else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from ortools.sat.python import cp_model


def solved(solver: cp_model.CpSolver, model: cp_model.CpModel) -> cp_model.CpSolverStatus:
    """Solve; an interrupt stops the search and is then raised.

    CP-SAT's own handling of Ctrl+C would swallow the first one and leave the process without any handler, so that the
    next one ends it without a word.

    Parameters
    ----------
    solver : CpSolver
        Its parameters are set.
    model : CpModel

    Returns
    -------
    CpSolverStatus
    """
    solver.parameters.catch_sigint_signal = False
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(solver.solve, model)
        try:
            return answer.result()
        except KeyboardInterrupt:
            solver.stop_search()
            raise
