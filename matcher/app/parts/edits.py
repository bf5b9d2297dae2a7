"""The editing panel of the what-if page: forms that append to the list of edits, and that list."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts.charts import show_line, show_note, show_title
from matcher.app.parts.state import EDITS, PageEdit, current_plan
from matcher.app.parts.words import count, label, named, t
from matcher.errors import ScenarioError
from matcher.inputs import Inputs
from matcher.results.overview import capacities
from matcher.scenario.applying import apply
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseProvider, Scenario
from matcher.tables import HOSPITAL_KINDS, MODES, PROVIDER_KINDS, SERVICES, VOCABULARIES

#: Keys of the session. The map writes the position and the provider that were clicked.
TASK = "edit_task"
PROVIDER = "edit_provider"
TASKS = ("add", "change", "close")
_BASIC = ["basic_care", "chronic_care", "health_check", "home_visit"]


def edits() -> list[PageEdit]:
    """The edits of this session, in their order."""
    made: list[PageEdit] = st.session_state.setdefault(EDITS, [])
    return made


def scenario() -> Scenario:
    """The edits as a scenario."""
    return Scenario("what-if", tuple(edits()), t("app.what_if.scenario"))


def _fresh(name: str) -> str:
    """Key of a field that starts empty again after each edit."""
    return f"new_{name}_{len(edits())}"


def pin() -> tuple[float, float] | None:
    """Where the new provider is to stand."""
    lat, lon = (st.session_state.get(_fresh(name)) for name in ("lat", "lon"))
    return None if lat is None or lon is None else (lat, lon)


def take_position(position: dict[str, float]) -> None:
    """A click on the map: a new provider is to stand there."""
    for name in ("lat", "lon"):
        st.session_state[_fresh(name)] = position[name]
    st.session_state[TASK] = "add"


def take_provider(provider_id: str) -> None:
    """A click on a provider: it is to be changed, or closed when that form is open."""
    st.session_state[PROVIDER] = provider_id
    if st.session_state.get(TASK) != "close":
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
    {"add": _add_form, "change": _change_form, "close": _close_form}[task or "add"](inputs)


def _append(edit: PageEdit, inputs: Inputs) -> None:
    """Keep the edit when it can be applied, else say why not."""
    try:
        apply(Scenario("what-if", (edit,), t("app.what_if.scenario")), inputs, current_plan().policy)
    except ScenarioError as error:
        show_note(t(f"error.{error.code}", **error.values | {"edit": len(edits()) + 1}), "error")
        return
    edits().append(edit)
    st.rerun()


def _add_form(inputs: Inputs) -> None:
    st.caption(t("app.what_if.add_line"))
    left, right = st.columns(2)
    lat = left.number_input(
        t("column.providers.lat"), -90.0, 90.0, None, format="%.5f", step=0.001, key=_fresh("lat")
    )
    lon = right.number_input(
        t("column.providers.lon"), -180.0, 180.0, None, format="%.5f", step=0.001, key=_fresh("lon")
    )
    number = 1 + sum(isinstance(edit, AddProvider) for edit in edits())
    name = st.text_input(
        t("column.providers.name"), t("app.what_if.new_name", number=number), key=_fresh("name")
    )
    kinds = kind_fields(inputs)
    services = st.multiselect(
        t("column.providers.services"),
        SERVICES,
        _BASIC,
        format_func=named("service", SERVICES),
        placeholder=t("app.what_if.choose"),
        key="new_services",
    )
    places = capacity_fields()
    if st.button(t("app.what_if.add_button"), type="primary", disabled=lat is None or lon is None, key="add"):
        values = {
            "provider_id": new_id(inputs, number),
            "name": name,
            "services": services,
            "lat": lat,
            "lon": lon,
        }
        _append(AddProvider(values | kinds | places), inputs)


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


def _choose_provider(inputs: Inputs) -> str | None:
    """A provider that is not closed, by name or id."""
    standing = inputs.providers[inputs.providers["status"].fillna("open") != "closed"]
    names = dict(zip(standing["provider_id"], standing["name"].fillna(""), strict=True))
    if st.session_state.get(PROVIDER) not in names:
        st.session_state.pop(PROVIDER, None)
    chosen: str | None = st.selectbox(
        t("app.what_if.provider"),
        list(names),
        index=None,
        format_func=lambda id_: f"{names[id_]} · {id_}",
        placeholder=t("app.what_if.choose"),
        key=PROVIDER,
    )
    return chosen


def _change_form(inputs: Inputs) -> None:
    st.caption(t("app.what_if.pick_line"))
    provider_id = _choose_provider(inputs)
    if provider_id is None:
        return
    present = capacities(inputs.providers, provider_id)
    mode = st.selectbox(
        t("app.what_if.mode"),
        MODES,
        index=MODES.index(next(iter(present), "home")),
        format_func=named("mode", MODES),
        key=f"change_mode_{provider_id}",
    )
    places = st.number_input(
        t(
            "app.what_if.capacity",
            present=count(present[mode]) if mode in present else t("app.what_if.not_offered"),
        ),
        0,
        None,
        present.get(mode),
        step=10,
        key=f"change_to_{provider_id}_{mode}",
    )
    unchanged = places is None or places == present.get(mode)
    if st.button(t("app.what_if.change_button"), type="primary", disabled=unchanged, key="change"):
        _append(ChangeCapacity(provider_id, mode, to=places), inputs)


def _close_form(inputs: Inputs) -> None:
    st.caption(t("app.what_if.pick_line"))
    provider_id = _choose_provider(inputs)
    pressed = st.button(
        t("app.what_if.close_button"), type="primary", disabled=provider_id is None, key="close"
    )
    if pressed and provider_id is not None:
        _append(CloseProvider(provider_id), inputs)


def show_edits(inputs: Inputs) -> None:
    """The edits so far, each with a button that takes it back; `inputs` have them applied."""
    show_title(t("app.what_if.edits"))
    if not edits():
        st.caption(t("app.what_if.no_edits"))
    for number, edit in enumerate(edits(), start=1):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", key=f"edit_{number}"):
            show_line(f"{number}. {describe(edit, inputs)}")
            st.button(
                t("app.what_if.remove"),
                on_click=_remove,
                args=(number - 1,),
                type="tertiary",
                key=f"remove_{number}",
            )


def _remove(index: int) -> None:
    """Take one edit back, and with a new provider the edits that need it."""
    gone = edits().pop(index)
    if isinstance(gone, AddProvider):
        own = gone.values["provider_id"]
        st.session_state[EDITS] = [edit for edit in edits() if getattr(edit, "provider_id", None) != own]


def describe(edit: PageEdit, inputs: Inputs) -> str:
    """One edit in words."""
    if isinstance(edit, AddProvider):
        kind = label("provider_kind", edit.values["kind"])
        return t("app.what_if.told_add", name=edit.values["name"], kind=kind)
    names = inputs.providers.set_index("provider_id")["name"].fillna(edit.provider_id)
    name = names[edit.provider_id]
    if isinstance(edit, CloseProvider):
        return t("app.what_if.told_close", name=name)
    return t("app.what_if.told_change", name=name, mode=label("mode", edit.mode), to=count(edit.to or 0))
