"""What became of a written plan, in a few lines of text, for the terminal. Knows no solver."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.masking import mask_if_id_number
from matcher.plan.recheck import Recheck
from matcher.plan.verify import Certificate
from matcher.words.catalogues import t

#: So many differences are told in full.
SHOWN = 20


def recheck_lines(told: Recheck, lang: str, undecided: str = "summary.undecided") -> Iterator[str]:
    """Proof or faults, then the first differences, with file, row and column, and how many there are.

    Parameters
    ----------
    told : Recheck
    lang : str
    undecided : str
        Key of what is said of a plan that nothing speaks against and nothing proves.
    """
    if told.certificate is None:
        yield t("summary.invalid", lang)
    elif not told.certificate.undecided:
        yield from certificate_lines(told.certificate, lang)
    elif not told.count:
        yield t(undecided, lang)
    if not told.count:
        if told.passed:
            yield t("summary.files_same", lang)
        return
    yield t("summary.files_differ", lang, count=told.count)
    for difference in told.differences[:SHOWN]:
        yield "  " + t(f"difference.{difference.kind}", lang, **difference.told)
    if told.count > SHOWN:
        yield "  " + t("summary.files_more", lang, count=told.count - SHOWN)
    if told.certificate is None:
        yield t("summary.not_rebuilt", lang)


def certificate_lines(certificate: Certificate, lang: str) -> Iterator[str]:
    """What the checker found: proof, faults, or the moves of a better plan."""
    if certificate.valid:
        yield t("summary.valid", lang, pairs=certificate.checked_pairs)
        return
    if certificate.undecided:
        yield t("summary.undecided", lang)
        return
    yield t("summary.invalid", lang)
    yield from certificate.faults
    for move in certificate.witness:
        yield t(
            "summary.move",
            lang,
            resident=mask_if_id_number(move.resident_id),
            origin=move.from_provider or t("summary.nobody", lang),
            target=move.to_provider or t("summary.nobody", lang),
        )
