"""The project's own environment: .venv with exactly what a lock file pins, made with Python and pip alone."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first with --python, which needs no pip inside .venv


class SetupError(Exception):
    """What is missing on this machine and how to get it, in both languages."""


def ready(lock_name):
    """Make .venv where needed, install the lock where it changed.

    Parameters
    ----------
    lock_name : str
        A lock file beside README.md.

    Returns
    -------
    pathlib.Path
        The environment's Python.

    Raises
    ------
    SetupError
        With what to do.
    """
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"需要 Python 3.11 或更高版本，当前为 {have}。\nPython 3.11 or newer is needed, this is {have}."
        )
    lock = ROOT / lock_name
    python = python_in(VENV)
    if not _runs(python):
        _make_venv()
    stamp = VENV / f"{lock_name}.sha256"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        stamp.unlink(missing_ok=True)
        _install(lock, python)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def python_in(venv):
    """Where an environment keeps its Python on this system."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def run(command, more_environment=None, **options):
    """Run a command from the project's root and return its exit code; Ctrl-C stops both."""
    environment = {**os.environ, "PYTHONUTF8": "1", **(more_environment or {})}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, **options).returncode


def main_of(script, main):
    """Run a script's `main`: messages in UTF-8 where the terminal can, a sentence instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace", line_buffering=True)
    try:
        return main()
    except SetupError as error:
        print(f"\n{script}: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130


def _runs(python):
    """Whether the environment is whole: not copied from elsewhere, its Python not removed or too old."""
    question = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return (
        python.is_file()
        and subprocess.run([str(python), "-c", question], capture_output=True).returncode == 0
    )


def _make_venv():
    print(f"建立环境 / making {VENV}")
    # Without pip: Debian's Python has venv but no ensurepip.
    if run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV]):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            f"无法建立 {VENV}，请检查目录权限与磁盘空间。\n"
            f"Cannot make {VENV}: check the folder's permissions and the free space."
        )


def _install(lock, python):
    print(f"安装依赖 / installing {lock.name}")
    options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    if not sys.stdout.isatty():
        options += ["--progress-bar=off", "--quiet"]
    if run([*_pip_for(python), "install", *options, "--requirement", lock]):
        raise SetupError(
            "安装未完成，原因见上方 pip 的说明。无法访问 PyPI 时，可将 PIP_INDEX_URL 设为镜像后重试\n"
            "（每个包都按哈希校验）。\n"
            "Not installed; pip says why above. Where PyPI cannot be reached, set PIP_INDEX_URL to a mirror\n"
            "and try again (every package is checked by its hash)."
        )


def _pip_for(python):
    """The command that installs into .venv: this Python's pip, or one that .venv can make itself."""
    answer = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    if answer.returncode == 0:
        version = tuple(int(part) for part in answer.stdout.split()[1].split(".")[:2])
        if version >= OLDEST_PIP:
            return [sys.executable, "-m", "pip", "--python", python]
    if subprocess.run([str(python), "-m", "ensurepip", "--upgrade"], capture_output=True).returncode == 0:
        return [python, "-m", "pip"]
    raise SetupError(
        "需要 pip 22.3 或更高版本：Debian/Ubuntu 运行 apt-get install python3-pip，\n"
        "其他系统运行 python3 -m pip install --upgrade pip（Windows：py -m pip …）。\n"
        "pip 22.3 or newer is needed: on Debian or Ubuntu apt-get install python3-pip,\n"
        "elsewhere python3 -m pip install --upgrade pip (Windows: py -m pip …)."
    )
