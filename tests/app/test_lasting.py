"""Libraries are kept out of the garbage collection of each drawing, and nothing that comes later."""

from __future__ import annotations

import gc
import weakref

from matcher.app.lasting import spare_what_lasts


class Circle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.me = self


def test_what_was_loaded_first_is_spared_once_and_what_comes_later_is_collected() -> None:
    spare_what_lasts.cache_clear()
    before = gc.get_freeze_count()
    spare_what_lasts()
    spared = gc.get_freeze_count()
    assert spared > before
    later = weakref.ref(Circle())
    spare_what_lasts()
    assert gc.get_freeze_count() == spared
    gc.collect()
    assert later() is None
    gc.unfreeze()
