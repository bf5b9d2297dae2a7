"""What goes wrong is told on the page, in the reader's language, and never as a traceback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from matcher.app.parts.charts import show_note
from matcher.app.parts.tables import show_problems
from matcher.app.parts.words import t
from matcher.errors import BadInput, CodedFailure, DataError, Failure

#: Who looks for a fault of the program lets it end the page, with all that it says.
DEBUG_VARIABLE = "MATCHER_DEBUG"
#: Disk, memory, solver: no fault of the program.
_EXPECTED = (Failure, OSError, MemoryError)


@contextmanager
def told_failures(*, with_rows: bool = True) -> Iterator[None]:
    """Tell a failure of what is done inside, and go on behind it; rows with errors only to who may see them all."""
    try:
        yield
    except DataError as error:
        show_note(t("app.bad_data" if with_rows else "app.bad_data_elsewhere"), "error")
        if with_rows:
            show_problems(error.problems)
    except (BadInput, CodedFailure) as error:
        show_note(t(f"error.{error.code}", **error.values), "error")
    except Exception as error:
        if not isinstance(error, _EXPECTED) and os.environ.get(DEBUG_VARIABLE):
            raise
        show_note(t("app.failed", what=type(error).__name__), "error")
