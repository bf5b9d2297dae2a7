"""The app's script: page settings, language and navigation. Start it with ``python -m matcher app``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from matcher.app.parts.failures import told_failures
from matcher.app.parts.sidebar import show_sidebar
from matcher.app.parts.style import page_settings
from matcher.app.parts.words import LANGUAGE, t

VIEWS = Path(__file__).resolve().parent / "views"


def main() -> None:
    """Draw what every page has, and the page that was asked for."""
    st.sidebar.segmented_control(
        "语言 Language",
        ["zh", "en"],
        default="zh",
        required=True,
        format_func={"zh": "中文", "en": "English"}.__getitem__,
        key=LANGUAGE,
        label_visibility="collapsed",
        bind="query-params",
    )
    page_settings()
    page = st.navigation(
        {
            t("app.nav.planning"): [
                st.Page(
                    VIEWS / "overview.py", title=t("app.nav.overview"), icon=":material/map:", default=True
                ),
                st.Page(VIEWS / "data.py", title=t("app.data.title"), icon=":material/upload_file:"),
                st.Page(VIEWS / "access.py", title=t("app.access.title"), icon=":material/straighten:"),
                st.Page(VIEWS / "policy.py", title=t("app.policy_page.title"), icon=":material/gavel:"),
                st.Page(VIEWS / "siting.py", title=t("app.siting.title"), icon=":material/add_location:"),
                st.Page(VIEWS / "what_if.py", title=t("app.what_if.title"), icon=":material/alt_route:"),
                st.Page(VIEWS / "report.py", title=t("app.report.title"), icon=":material/description:"),
            ],
            t("app.nav.clinic"): [
                st.Page(VIEWS / "roster.py", title=t("app.roster.title"), icon=":material/groups:"),
            ],
            t("app.nav.trust"): [
                st.Page(VIEWS / "proof.py", title=t("app.proof.title"), icon=":material/verified:"),
            ],
        }
    )
    with st.sidebar:
        show_sidebar()
    with told_failures():
        page.run()


if __name__ == "__main__":
    main()
