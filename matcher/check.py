"""The earlier name of ``matcher.intake.check``, for scripts written with it; new ones import from `matcher` itself."""

from matcher.intake.check import check, checked_inputs, load_inputs

__all__ = ["check", "checked_inputs", "load_inputs"]
