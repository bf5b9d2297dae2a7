"""Opens the app in matcher/app, for ``python -m matcher app`` and for ``streamlit run app.py``, guarded alike."""

import streamlit as st

from matcher.app.guard import MIDDLEWARE
from matcher.app.main import main
from matcher.app.settings import SCRIPT

app = st.App(SCRIPT, middleware=MIDDLEWARE)
if __name__ == "__main__":
    main()
