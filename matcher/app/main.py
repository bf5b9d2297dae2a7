"""The app's script: page settings, language and navigation. Start it with ``python -m matcher app``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from matcher.accounts.roles import Account
from matcher.app.lasting import spare_what_lasts
from matcher.app.parts.account import account, show_account
from matcher.app.parts.failures import told_failures
from matcher.app.parts.memory import remembered
from matcher.app.parts.sidebar import show_sidebar
from matcher.app.parts.state import base_folder
from matcher.app.parts.style import page_settings, show_larger
from matcher.app.parts.words import LANGUAGE, t

VIEWS = Path(__file__).resolve().parent / "views"
#: By section: file, words, icon, and the right that opens the page. The first one that is open is the start page.
SECTIONS = {
    "planning": [
        ("overview", "nav.overview", "map", "plan"),
        ("data", "data.title", "upload_file", "plan"),
        ("access", "access.title", "straighten", "plan"),
        ("policy", "policy_page.title", "gavel", "plan"),
        ("siting", "siting.title", "add_location", "plan"),
        ("what_if", "what_if.title", "alt_route", "plan"),
        ("report", "report.title", "description", "plan"),
        ("standards", "standards.title", "checklist", "plan"),
        ("referral", "referral.title", "emergency", "plan"),
        ("agreements", "agreements.title", "handshake", "plan"),
        ("planning", "planning.title", "calendar_month", "plan"),
        ("totals", "totals.title", "summarize", "totals"),
    ],
    "clinic": [
        ("roster", "roster.title", "groups", "people"),
        ("visits", "visits.title", "event_available", "people"),
        ("requests", "requests.title", "rule", "people"),
    ],
    "trust": [
        ("proof", "proof.title", "verified", "plan"),
        ("accounts", "accounts.title", "manage_accounts", "accounts"),
        ("audit", "audit.title", "history", "audit"),
    ],
}


def main() -> None:
    """Draw what every page has, and the page that was asked for."""
    spare_what_lasts()
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
    asking = account()
    with remembered(asking, base_folder()):
        sections = {t(f"app.nav.{name}"): pages for name, pages in _pages(asking).items() if pages}
        page = st.navigation(sections, expanded=True)  # no page is hidden behind words in English
        with st.sidebar:
            if asking.may("plan"):
                show_sidebar()
            show_account()
            show_larger()
        with told_failures():
            page.run()


def _pages(asking: Account) -> dict[str, list[StreamlitPage]]:
    """The pages by section that somebody may open; of all others the server knows nothing."""
    return {
        section: [
            st.Page(VIEWS / f"{name}.py", title=t(f"app.{words}"), icon=f":material/{icon}:")
            for name, words, icon, right in pages
            if asking.may(right)
        ]
        for section, pages in SECTIONS.items()
    }


if __name__ == "__main__":
    main()
