"""Match elderly residents to qualified medical providers: proven optimal, explained, offline."""

#: Version of the program; part of every fingerprint.
__version__ = "0.1.0"
