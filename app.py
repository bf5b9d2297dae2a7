"""The app: page settings, language and navigation. Start it with ``python -m matcher app``."""

import streamlit as st

from app_parts.sidebar import show_sidebar
from app_parts.style import page_settings
from app_parts.words import LANGUAGE, t

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
                "app_pages/overview.py", title=t("app.overview.title"), icon=":material/map:", default=True
            ),
            st.Page("app_pages/what_if.py", title=t("app.what_if.title"), icon=":material/alt_route:"),
        ],
        t("app.nav.clinic"): [
            st.Page("app_pages/roster.py", title=t("app.roster.title"), icon=":material/groups:"),
        ],
    }
)
with st.sidebar:
    show_sidebar()
page.run()
