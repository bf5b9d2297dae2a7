"""The app for planners and clinics: the only room that imports Streamlit."""
