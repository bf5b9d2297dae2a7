"""The look of the page: its title and icon, the style sheet, the mark in the sidebar."""

from __future__ import annotations

from html import escape
from pathlib import Path

import streamlit as st

from matcher.app.parts.words import language, t

HERE = Path(__file__).parent
#: Key of the session: whether all text is larger.
LARGER = "larger"
_LARGER = "19px"

#: The mark and the name of the program, drawn with the fonts of the machine.
_LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 44" width="300" height="44">
<rect x="2" y="4" width="36" height="36" rx="9" fill="#4fd1c5"/>
<path d="M9 23 20 13l11 10v10H9Z" fill="#0f2f36"/><path d="M20 20.500v9M15.500 25h9" stroke="#4fd1c5" stroke-width="3"/>
<text x="50" y="30" font-family="Noto Sans SC,Noto Sans CJK SC,Microsoft YaHei,PingFang SC,sans-serif"
 font-size="22" font-weight="700" fill="#e8f1f2">{name}</text></svg>"""


#: Tells browsers and screen readers in which language the page is: Streamlit says English whatever stands there. And
#: its navigation puts groups between a list and the items, which is no list to a screen reader: it reads links then.
_READERS = """
const items = "[data-testid=stSidebarNavItems]";
const plain = () => document.querySelectorAll(`${items}, ${items} li`).forEach((e) => (e.role = "presentation"));
export default ({ data }) => {
  document.documentElement.lang = data;
  plain();
  const watch = new MutationObserver(plain);
  watch.observe(document.body, { childList: true, subtree: true }); // the sidebar itself is put in anew at times
  return () => watch.disconnect();
};
"""
_for_readers = st.components.v2.component("page_language", html="<span hidden></span>", js=_READERS)


def show_larger() -> None:
    """The choice of larger text, for all pages."""
    if st.toggle(t("app.larger"), key=LARGER):
        st.html(f"<style>:root {{ font-size: {_LARGER} !important; }}</style>")


def page_settings() -> None:
    """Title, icon and style of every page, and its language."""
    st.set_page_config(page_title=t("app.name"), page_icon=str(HERE / "icon.png"), layout="wide")
    st.html(HERE / "style.css")
    st.html(f"<style>:root {{ --choose-files: '{t('app.upload.choose')}' }}</style>")
    with st.sidebar:
        _for_readers(key="page_language", data={"zh": "zh-CN", "en": "en"}[language()])
    st.logo(_LOGO.format(name=escape(t("app.name"))), size="large")
