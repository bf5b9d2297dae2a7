"""Match elderly residents to qualified medical providers: proven optimal, explained, offline."""
