"""From what was published to the folder and the policy that it means, and back; see `accounts.publications`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from matcher.accounts.accounts import Accounts
from matcher.accounts.audit import Actor
from matcher.accounts.publications import Edition, Publication, grant_publication
from matcher.app import datasets
from matcher.app.home import key_of
from matcher.errors import BadInput, PolicyError
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy, load_policy, policy_from, policy_names


def edition_of(base: Path, version: datasets.Version | None, plan: Plan, policy: str) -> Edition:
    """Data and a policy, as they may be published.

    Parameters
    ----------
    base : Path
        The folder that the app was started on.
    version : Version, optional
        Of its data; None for the folder itself.
    plan : Plan
        Of these data and this policy.
    policy : str
        A shipped policy by name, or the path of a file.
    """
    name, text = kept_policy(policy)
    return Edition(
        data=key_of(base),
        version=version.id if version else "",
        title=plan.inputs.dataset.title or (version.title if version else base.name),
        policy=name,
        policy_text=text,
        fingerprint=_fingerprint(version.folder if version else base, _policy(name, text)),
        residents=len(plan.inputs.residents),
        providers=len(plan.inputs.providers),
        served=plan.outcome.served,
        policy_digest=plan.policy.digest,
    )


def kept_policy(policy: str) -> tuple[str, str]:
    """The name of a shipped policy, or the text of a file: one of the two, the other empty.

    Raises
    ------
    BadInput
        ``publication_policy`` for a file that cannot be read.
    """
    if policy in policy_names():
        return policy, ""
    try:
        return "", Path(policy).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("publication_policy", file=policy) from error


def folder_of(base: Path, one: Edition | None) -> Path:
    """The folder of an edition; where there is none, that on which the app was started.

    Raises
    ------
    BadInput
        ``publication_gone`` where its version is no longer there: nobody is shown other data in its place.
    """
    if one is None or not one.version:
        return base
    version = datasets.named(base, one.version)
    if version is None:
        raise BadInput("publication_gone", title=one.title)
    return version.folder


def policy_of(one: Edition | None, default: str) -> Policy:
    """The policy of an edition; where there is none, the default.

    Raises
    ------
    PolicyError
        As `load_policy`, which a shipped policy that a later release no longer has may meet.
    """
    return load_policy(default) if one is None else _policy(one.policy, one.policy_text)


def reads_otherwise(one: Edition) -> bool:
    """Whether its policy says something else in this release than what was granted, or can no longer be read."""
    try:
        return not one.reads_as(policy_of(one, "").digest)
    except PolicyError:
        return True


def grant(accounts: Accounts, actor: Actor, base: Path, one: Publication) -> None:
    """Publish what was asked for, if it is still that.

    Raises
    ------
    BadInput
        As `grant_publication` and `folder_of`.
    PolicyError
    """
    edition = one.edition
    policy = policy_of(edition, "")
    grant_publication(accounts, actor, one.id, _fingerprint(folder_of(base, edition), policy))


def _policy(name: str, text: str) -> Policy:
    return load_policy(name) if name else policy_from(text.encode(), "policy.toml")


def _fingerprint(folder: Path, policy: Policy) -> str:
    """Of all that stands in the files of a folder, and of a policy."""
    digest = hashlib.sha256(f"{policy.digest}\n".encode())
    for file in sorted(file for file in folder.glob("*") if file.is_file()):
        digest.update(f"{file.name}\n".encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
