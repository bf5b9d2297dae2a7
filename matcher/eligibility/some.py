"""Some of the people, with whoever each is with by then: nothing is measured anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matcher.eligibility.pairs import Groups, Pairs
from matcher.solve.problem import expand

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def some_people(groups: Groups, pairs: Pairs, there: Bools, current: Ints) -> tuple[Groups, Pairs]:
    """Groups of some people, and their pairs.

    Parameters
    ----------
    groups : Groups
        Of all, nobody being with anybody: ``current`` is −1.
    pairs : Pairs
    there : (n_residents,)
        Who is meant.
    current : (n_residents,)
        Number of the provider that each is with, −1 for none; all −1 where the policy does not price switching.

    Returns
    -------
    Groups, Pairs
        As `group_residents` and `eligible_pairs` make them of these people, ``member`` in their order.
    """
    width = len(groups.provider_ids) + 1
    alike = groups.member[there] * width + current[there] + 1
    distinct, member = np.unique(alike, return_inverse=True)
    whole, with_whom = np.divmod(distinct, width)
    _, pair = expand(pairs.start, whole)
    degree = np.diff(pairs.start)[whole]
    part = replace(
        groups,
        member=member.astype(np.int64),
        size=np.bincount(member, minlength=len(distinct)).astype(np.int64),
        mode=groups.mode[whole],
        tier=groups.tier[whole],
        location=groups.location[whole],
        profile=groups.profile[whole],
        current=with_whom - 1,
        fixed=groups.fixed[whole],
    )
    return part, Pairs(np.concatenate(([0], np.cumsum(degree))), pairs.provider[pair], pairs.cost[pair])
