"""What synthetic providers and offices report: who works where, attested values, how far tasks are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import assumptions, iso
from matcher.sample.geography import Geography

ROLES = ("gp", "nurse", "other")
#: The smallest part of a full-time person.
PART = 0.5


def make_staff(
    rng: np.random.Generator, ground: Geography, providers: pd.DataFrame, residents: int
) -> pd.DataFrame:
    """People of each role at open providers; where fewer residents are drawn than there are, they give fewer hours.

    Returns
    -------
    DataFrame
        Columns of the staff table.
    """
    care = assumptions("care")
    part = min(1.0, residents / ground.everybody)
    telling = (providers["status"] == "open") & (rng.random(len(providers)) >= care["unreported"]["staff"])
    rows = []
    for kind, spec in care["staff"].items():
        ids = providers.loc[telling & (providers["kind"] == kind), "provider_id"]
        fewest, largest = spec.get("teams", [0, 0])
        teams = rng.integers(fewest, largest + 1, len(ids))
        for role in ROLES:
            least, most = np.array(spec.get(role, [0, 0])) / PART
            rows.append(
                pd.DataFrame(
                    {
                        "provider_id": ids,
                        "role": role,
                        "fte": rng.integers(int(least), int(most) + 1, len(ids)) * PART,
                        "hours_month": round(spec["hours"] * part, 1),
                        "teams": np.where((role == "gp") & (teams > 0), teams.astype(str), ""),
                    }
                )
            )
    staff = pd.concat(rows, ignore_index=True)
    order = {role: n for n, role in enumerate(ROLES)}
    staff = staff[staff["fte"] > 0].assign(order=staff["role"].map(order))
    return staff.sort_values(["provider_id", "order"], ignore_index=True).drop(columns="order")


def make_attested(ground: Geography) -> pd.DataFrame:
    """Values that the offices of the city, or of each county, attest.

    Returns
    -------
    DataFrame
        Columns of the attested table.
    """
    level = ground.places.set_index("place_code")["level"]
    city = level.index[level == "city"][0]
    rows = []
    for spec in assumptions("care")["attested"]:
        told = {name: spec[name] for name in ("target_id", "on", "by", "evidence")}
        values = spec.get("counties", {city: spec.get("value")})
        rows += [
            {**told, "place_code": code, "value": value} for code, value in values.items() if code in level
        ]
    return pd.DataFrame(rows).astype({"value": "float64"})


def make_tasks(rng: np.random.Generator) -> pd.DataFrame:
    """How far the tasks are; what is done has its evidence.

    Returns
    -------
    DataFrame
        Columns of the tasks table.
    """
    spec = assumptions("care")["tasks"]
    state = pd.Series({no: state for state in ("done", "doing", "open") for no in spec[state]}).sort_index()
    day = np.datetime64(spec["first_day"], "D") + rng.integers(0, spec["days"], len(state))
    evidence = [spec["evidence"].format(no=no) for no in state.index]
    return pd.DataFrame(
        {
            "no": state.index.astype(str),
            "state": state.to_numpy(),
            "on": np.where(state == "open", "", iso(day)),
            "evidence": np.where(state == "done", evidence, ""),
        }
    )
