"""The forms of the scenario page for providers: each makes one edit."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts.charts import show_line, show_note
from matcher.app.parts.draft import add_edits, edits
from matcher.app.parts.state import current_plan
from matcher.app.parts.wider_edits import people_form, policy_form
from matcher.app.parts.words import count, label, named, t
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.results.overview import capacities
from matcher.scenario.applying import apply
from matcher.scenario.edits import (
    AddProvider,
    ChangeCapacity,
    CloseProvider,
    Edit,
    MoveProvider,
    OpenPlanned,
    Scenario,
)
from matcher.scenario.providers import values_of
from matcher.tables import HOSPITAL_KINDS, MODES, PROVIDER_KINDS, SERVICES, VOCABULARIES

#: Keys of the session. The map writes the position and the provider that were clicked.
TASK = "edit_task"
PROVIDER = "edit_provider"
TASKS = ("add", "change", "move", "close", "open", "population", "policy")
NOTE = "edit_note"
BASIC_SERVICES = ["basic_care", "chronic_care", "health_check", "home_visit"]
#: What a copy does not take over: who and where the other one is.
_OWN = ("provider_id", "name", "place_code", "address", "lat", "lon", "status", "parent_provider_id")


def _fresh(name: str) -> str:
    """Key of a field that starts empty again after each edit."""
    return f"new_{name}_{len(edits())}"


def pin() -> tuple[float, float] | None:
    """Where the new provider is to stand."""
    lat, lon = (st.session_state.get(_fresh(name)) for name in ("lat", "lon"))
    return None if lat is None or lon is None else (lat, lon)


def take_position(position: dict[str, float]) -> None:
    """A click on the map: a new provider is to stand there, or the one that is to move."""
    for name in ("lat", "lon"):
        st.session_state[_fresh(name)] = position[name]
    if st.session_state.get(TASK) != "move":
        st.session_state[TASK] = "add"


def take_provider(provider_id: str) -> None:
    """A click on a provider: it is to be changed, or moved or closed when that form is open."""
    st.session_state[PROVIDER] = provider_id
    if st.session_state.get(TASK) not in ("move", "close"):
        st.session_state[TASK] = "change"


def show_forms(inputs: Inputs) -> None:
    """One form a kind of edit; `inputs` have the edits so far applied."""
    st.session_state.setdefault(TASK, "add")
    task = st.segmented_control(
        t("app.what_if.task"),
        TASKS,
        required=True,
        format_func={name: t(f"app.what_if.{name}") for name in TASKS}.__getitem__,
        key=TASK,
        label_visibility="collapsed",
    )
    forms = {
        "add": _add_form,
        "change": _change_form,
        "move": _move_form,
        "close": _close_form,
        "open": _open_form,
        "population": people_form,
        "policy": policy_form,
    }
    edit = forms[task or "add"](inputs)
    if edit is not None:
        append(edit)


def append(edit: Edit) -> None:
    """Keep the edit when it can be applied, else say why not; say of one that changes nothing for anybody why."""
    before = current_plan()
    try:
        everything = Scenario("what-if", (*edits(), edit), t("app.what_if.scenario"))
        applied = apply(everything, before.inputs, before.policy)
    except BadInput as error:
        show_note(t(f"error.{error.code}", **error.values), "error")
        return
    note = applied.effects[-1].note
    if note:
        told = {"scenario": t("app.what_if.scenario"), "edit": len(edits()) + 1}
        st.session_state[NOTE] = t(f"scenario_note.{note}", **told)
    add_edits([edit])
    st.rerun()


def show_last_note() -> None:
    """What the last edit is told of, once."""
    if NOTE in st.session_state:
        show_note(st.session_state.pop(NOTE))


def _add_form(inputs: Inputs) -> Edit | None:
    st.caption(t("app.what_if.add_line"))
    position = _position_fields()
    number = 1 + sum(isinstance(edit, AddProvider) for edit in edits())
    name = st.text_input(
        t("column.providers.name"), t("app.what_if.new_name", number=number), key=_fresh("name")
    )
    about = _copy_field(inputs) or _fields(inputs)
    if not st.button(t("app.what_if.add_button"), disabled=position is None, key="add"):
        return None
    own = {"provider_id": new_id(inputs, number), "name": name, **(position or {})}
    return AddProvider(about | own)


def _fields(inputs: Inputs) -> dict[str, object]:
    """What a new provider is and offers, field by field."""
    kinds = kind_fields(inputs)
    services = st.multiselect(
        t("column.providers.services"),
        SERVICES,
        BASIC_SERVICES,
        format_func=named("service", SERVICES),
        placeholder=t("app.what_if.choose"),
        key="new_services",
    )
    return {"services": services} | kinds | capacity_fields()


def _position_fields() -> dict[str, float] | None:
    """Latitude and longitude, which a click on the map fills in."""
    left, right = st.columns(2)
    lat = left.number_input(
        t("column.providers.lat"), -90.0, 90.0, None, format="%.5f", step=0.001, key=_fresh("lat")
    )
    lon = right.number_input(
        t("column.providers.lon"), -180.0, 180.0, None, format="%.5f", step=0.001, key=_fresh("lon")
    )
    return None if lat is None or lon is None else {"lat": lat, "lon": lon}


def _copy_field(inputs: Inputs) -> dict[str, object] | None:
    """Everything but place and name of a provider there is, when one is chosen to be copied."""
    names = _standing(inputs)
    like = st.selectbox(
        t("app.what_if.like"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("app.what_if.like_none"),
        key=_fresh("like"),
    )
    if like is None:
        return None
    values = values_of(inputs.providers.set_index("provider_id", drop=False).loc[like].to_dict())
    return {name: value for name, value in values.items() if name not in _OWN}


def kind_fields(inputs: Inputs) -> dict[str, object]:
    """Kind and ownership, and what only some kinds have."""
    left, right = st.columns([3, 2])  # "Community health station" is long
    kind = left.selectbox(
        t("column.providers.kind"),
        PROVIDER_KINDS,
        index=PROVIDER_KINDS.index("community_health_station"),
        format_func=named("provider_kind", PROVIDER_KINDS),
        key="new_kind",
    )
    ownership = right.selectbox(
        t("column.providers.ownership"),
        VOCABULARIES["ownership"],
        format_func=named("ownership", VOCABULARIES["ownership"]),
        key="new_ownership",
    )
    level = site = None
    if kind in HOSPITAL_KINDS:
        level = st.selectbox(t("column.providers.hospital_level"), (1, 2, 3), index=1, key="new_level")
    if kind == "care_site_clinic":
        names = dict(
            zip(inputs.sites["site_id"], inputs.sites["name"].fillna(inputs.sites["site_id"]), strict=True)
        )
        site = st.selectbox(t("app.what_if.site"), list(names), format_func=names.__getitem__, key="new_site")
    return {"kind": kind, "hospital_level": level, "ownership": ownership, "site_id": site}


def capacity_fields() -> dict[str, object]:
    """Places by mode; an empty field is a mode that is not offered."""
    st.caption(t("app.what_if.capacities_line"))
    columns = [*st.columns(3), *st.columns(3)]
    return {
        f"capacity_{mode}": column.number_input(
            label("mode", mode), 0, None, 50 if mode == "home" else None, step=10, key=f"new_{mode}"
        )
        for mode, column in zip(MODES, columns, strict=False)
    }


def new_id(inputs: Inputs, number: int) -> str:
    taken = set(inputs.providers["provider_id"])
    while f"NEW-{number}" in taken:
        number += 1
    return f"NEW-{number}"


def _standing(inputs: Inputs, status: str = "open") -> dict[str, str]:
    """Providers of a status, by id, each with its name and id."""
    some = inputs.providers[inputs.providers["status"].fillna("open") == status]
    pairs = zip(some["provider_id"], some["name"].fillna(""), strict=True)
    return {id: f"{name} · {id}" for id, name in pairs}


def _choose_provider(inputs: Inputs) -> str | None:
    """A provider that is open, by name or id."""
    names = _standing(inputs)
    if st.session_state.get(PROVIDER) not in names:
        st.session_state.pop(PROVIDER, None)
    chosen: str | None = st.selectbox(
        t("app.what_if.provider"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=t("app.what_if.choose"),
        key=PROVIDER,
    )
    return chosen


def _change_form(inputs: Inputs) -> Edit | None:
    st.caption(t("app.what_if.pick_line"))
    provider_id = _choose_provider(inputs)
    if provider_id is None:
        return None
    present = capacities(inputs.providers, provider_id)
    mode = st.selectbox(
        t("app.what_if.mode"),
        MODES,
        index=MODES.index(next(iter(present), "home")),
        format_func=named("mode", MODES),
        key=f"change_mode_{provider_id}",
    )
    there = count(present[mode]) if mode in present else t("app.what_if.not_offered")
    places = st.number_input(
        t("app.what_if.capacity", present=there),
        0,
        None,
        present.get(mode),
        step=10,
        key=f"change_to_{provider_id}_{mode}",
    )
    unchanged = places is None or places == present.get(mode)
    if st.button(t("app.what_if.change_button"), disabled=unchanged, key="change"):
        return ChangeCapacity(provider_id, mode, to=places)
    return None


def _move_form(inputs: Inputs) -> Edit | None:
    st.caption(t("app.what_if.move_line"))
    provider_id = _choose_provider(inputs)
    position = _position_fields()
    missing = provider_id is None or position is None
    pressed = st.button(t("app.what_if.move_button"), disabled=missing, key="move")
    if pressed and provider_id is not None and position is not None:
        return MoveProvider(provider_id, position["lat"], position["lon"])
    return None


def _close_form(inputs: Inputs) -> Edit | None:
    st.caption(t("app.what_if.pick_line"))
    provider_id = _choose_provider(inputs)
    pressed = st.button(t("app.what_if.close_button"), disabled=provider_id is None, key="close")
    return CloseProvider(provider_id) if pressed and provider_id is not None else None


def _open_form(inputs: Inputs) -> Edit | None:
    names = _standing(inputs, "planned")
    if not names:
        show_line(t("app.what_if.none_planned"))
        return None
    provider_id = st.selectbox(
        t("app.what_if.provider"), list(names), format_func=names.__getitem__, key="open_provider"
    )
    return OpenPlanned(provider_id) if st.button(t("app.what_if.open_button"), key="open") else None
