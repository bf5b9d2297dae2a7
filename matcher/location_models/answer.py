"""What a model answers: a plan, what it costs, and what no plan can undercut."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

Status = Literal["optimal", "feasible", "no_solution", "stopped"]


@dataclass(frozen=True)
class Answer:
    """The result of a model.

    Parameters
    ----------
    status : str
        ``optimal``: proven; ``feasible``: a plan whose `gap` is open; ``no_solution``: proven that there is none;
        ``stopped``: the time was up before any plan was found.
    objective : Fraction or None
        Cost of the plan (covered demand where that is the aim), exactly; None without a plan.
    bound : Fraction or None
        No plan is better; None where nothing is known.
    sites : (n_open,) or None
        Indices of the sites that open.
    served_by : (n_customers,) or None
        Index of each customer's site; None without a plan and where demand is split.
    flow : (n_customers, n_sites) or None
        Demand served by each site, where it may be split.
    seconds : float
        Wall time.
    """

    status: Status
    objective: Fraction | None
    bound: Fraction | None
    sites: Ints | None
    served_by: Ints | None
    flow: Floats | None
    seconds: float

    @property
    def gap(self) -> Fraction | None:
        """What is not known between objective and bound, as a share of the objective; None without either."""
        if self.objective is None or self.bound is None:
            return None
        return abs(self.objective - self.bound) / max(Fraction(1), abs(self.objective))
