"""Known holes in the packages that requirements.lock pins: asked of PyPI where it can be reached, by pip-audit."""

import json
import subprocess

from environment import ROOT

#: Seconds for one answer, and for all from the beginning on: a machine without network does not wait.
ANSWER_S, ALL_S = 3, 60
OUT_OF_REACH = "pip-audit: not looked: the advisories cannot be reached from here"


def asked(python):
    """Begin to ask; a process that `told` ends. It runs beside the other checks."""
    command = [python, "-m", "pip_audit", "-r", ROOT / "requirements.lock", "--disable-pip"]
    more = ["--progress-spinner", "off", "--timeout", str(ANSWER_S), "--format", "json"]
    return subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def told(process, seconds=ALL_S):
    """Lines that say what was found, and whether that is a hole.

    Parameters
    ----------
    process : subprocess.Popen
        Of `asked`.
    seconds : float, optional
        How long to wait for it.

    Returns
    -------
    lines : list of str
    holes : bool
        False also where nothing could be asked.
    """
    try:
        answer, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return [OUT_OF_REACH], False
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return [OUT_OF_REACH], False
    known = [one for one in packages if "skip_reason" not in one]
    if not known:
        return [OUT_OF_REACH], False
    lines = [
        f"pip-audit: {one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or '–'}"
        for one in known
        for hole in one["vulns"]
    ]
    return [*lines, f"pip-audit: {len(known)} of {len(packages)} packages looked up"], bool(lines)
