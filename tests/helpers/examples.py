"""How many random examples a property is tried on: the same ones every time, or new ones and more of them.

``scripts/check`` must say the same twice, so the examples follow from the test alone: no random seed, no database of
former failures, no wall-clock limit. ``scripts/check --explore`` sets `MORE`: then they are drawn anew.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: Environment variable: so many times as many examples, from the seed that pytest is given.
MORE = "MATCHER_EXPLORE"


def examples(count: int, *suppressed: HealthCheck) -> settings:
    """Settings of a property that is tried on `count` examples."""
    more = int(os.environ.get(MORE, "0"))
    return settings(
        max_examples=count * max(1, more),
        derandomize=not more,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=(HealthCheck.too_slow, *suppressed),
    )
