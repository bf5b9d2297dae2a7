"""Opens the app in matcher/app. Start it with ``python -m matcher app``."""

from matcher.app.main import main

main()
