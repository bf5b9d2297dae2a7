"""What lasts as long as the server is kept out of Python's garbage collection, which Streamlit runs after each drawing.

Libraries and modules are some two hundred thousand objects. To look through them took a tenth of a second of every
click, during which nobody else was answered.
"""

from __future__ import annotations

import gc
from functools import cache


@cache
def spare_what_lasts() -> None:
    """Once in a process, before any data are there: circles among what is kept out would never be collected."""
    gc.collect()
    gc.freeze()
