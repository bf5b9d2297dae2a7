"""Reads a lock file for another system than this one: which of its pins that system installs."""

import ast
import operator
import re

from environment import SetupError

#: By the beginning of a platform's name: ``sys_platform``, ``platform_system``, ``os_name``.
SYSTEMS = {
    "win": ("win32", "Windows", "nt"),
    "manylinux": ("linux", "Linux", "posix"),
    "macosx": ("darwin", "Darwin", "posix"),
}
MACHINES = {"amd64": "AMD64"}
COMPARED = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def pins_for(lock, platform, python):
    """The pins that a system needs, without their markers.

    Parameters
    ----------
    lock : str
        Text of a lock file.
    platform : str
        As wheels name it: ``win_amd64``, ``manylinux_2_28_x86_64``, ``macosx_14_0_arm64``.
    python : str
        ``3.12``.

    Returns
    -------
    list of str
        Lines for pip, each a pin with its hashes.
    """
    system = environment_of(platform, python)
    chosen = []
    for entry in re.split(r"\n(?=[^\s#])", "\n" + re.sub(r"^#.*\n", "", lock, flags=re.M))[1:]:
        pin, hashes = entry.split("\\\n", 1)
        name, _, marker = pin.partition(";")
        if not marker.strip() or holds(marker.strip(), system):
            chosen.append(f"{name.strip()} \\\n{hashes.rstrip()}")
    return chosen


def environment_of(platform, python):
    """The values that markers ask for, on a system that need not be this one."""
    kind = re.match("[a-z]+", platform)[0]
    machine = re.search("(x86_64|aarch64|[a-z0-9]+)$", platform)[0]
    sys_platform, system, os_name = SYSTEMS[kind]
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": sys_platform,
        "platform_system": system,
        "os_name": os_name,
        "platform_machine": MACHINES.get(machine, machine),
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def holds(marker, system):
    """Whether a marker is true there; pip itself would ask the system on which it runs.

    Raises
    ------
    SetupError
        For a marker of a form that no lock of ours has had so far.
    """
    try:
        return _holds(ast.parse(marker, mode="eval").body, system)
    except (SyntaxError, KeyError, AttributeError, TypeError, ValueError):
        raise SetupError(f"不认识的条件 / a condition that is not understood: {marker}") from None


def _holds(node, system):
    if isinstance(node, ast.BoolOp):
        return (all if isinstance(node.op, ast.And) else any)(_holds(part, system) for part in node.values)
    (right,), (compare,) = node.comparators, node.ops
    name = node.left.id
    read = _version if name.startswith("python_") else str
    return COMPARED[type(compare)](read(system[name]), read(right.value))


def _version(text):
    """``3.12`` and ``3.12.0`` are the same."""
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
