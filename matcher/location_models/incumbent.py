"""What is known of a problem while it is being solved: the best plan, and what no plan can undercut."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from matcher.location_models.answer import Answer, Status
from matcher.location_models.location import Location
from matcher.location_models.plans import SitePlan, plan_of
from matcher.location_models.prices import SCALE, Ints

#: HiGHS computes with floating-point numbers: what it tells may be so far off, as a share.
CLOSE = Fraction(1, 10**9)
#: Where demand is split costs are no whole numbers, and HiGHS takes a share for right that is wrong by a millionth;
#: then a plan this close to its bound, as a share of its cost, is optimal.
CLOSE_SPLIT = Fraction(2, 10**6)


class Incumbent:
    """Costs and bounds are in ``1/cost_unit``; both only ever get better."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.plan: SitePlan | None = None
        self.bound: Fraction | None = None
        self.infeasible = location.impossible

    @property
    def proven(self) -> bool:
        """Whether nothing is left to find."""
        if self.plan is None or self.bound is None:
            return self.infeasible
        return self.plan.cost - self.bound <= (self.plan.cost * CLOSE_SPLIT if self.location.split else 0)

    @property
    def enough(self) -> int:
        """A part whose floor, in `SCALE`-ths, is above this holds nothing better than the plan."""
        assert self.plan is not None
        return ceil((self.plan.cost - (0 if self.location.split else 1)) * SCALE)

    def offer(self, sites: Ints, served_by: Ints | None = None) -> None:
        """Keep the plan of these sites if it is the best so far."""
        plan = plan_of(self.location, sites, served_by)
        if self.plan is None or plan.cost < self.plan.cost:
            self.plan = plan

    def lift(self, bound: Fraction) -> None:
        """No plan is cheaper. Without split demand every cost is a whole number; a bound never exceeds a plan."""
        bound = bound if self.location.split else Fraction(ceil(bound))
        bound = bound if self.bound is None else max(bound, self.bound)
        self.bound = bound if self.plan is None else min(bound, self.plan.cost)

    def meant(self, bound: float) -> Fraction:
        """What HiGHS's bound, in units of cost, says: half of ``1/cost_unit``, or more, may be rounding."""
        exact = Fraction(bound) * self.location.cost_unit
        if self.location.split:
            return exact
        return Fraction(ceil(exact - max(Fraction(1, 2), abs(exact) * CLOSE)))

    def answer(self, seconds: float) -> Answer:
        """The answer as of now."""
        unit, plan = self.location.cost_unit, self.plan
        bound = None if self.bound is None or self.infeasible else self.bound / unit
        if plan is None:
            none: Status = "no_solution" if self.infeasible else "stopped"
            return Answer(none, None, bound, None, None, None, seconds)
        flow = None if plan.flow is None else plan.flow / self.location.demand_unit
        status: Status = "optimal" if self.proven else "feasible"
        return Answer(status, plan.cost / unit, bound, plan.sites, plan.served_by, flow, seconds)
