"""Tests, in the rooms of what they test; `helpers` are shared, `oracles` know the answers by other ways."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
