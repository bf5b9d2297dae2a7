"""Opens the app in matcher/app, for ``python -m matcher app`` and for ``streamlit run app.py``, guarded alike."""

import streamlit as st

from matcher.app.doors import middleware
from matcher.app.main import main
from matcher.app.serving import serving
from matcher.app.settings import SCRIPT
from matcher.app.shapes_route import ROUTES

app = st.App(SCRIPT, routes=ROUTES, middleware=middleware(serving()))
if __name__ == "__main__":
    main()
