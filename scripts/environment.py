"""The project's own environment: .venv with exactly what a lock file pins, made with Python and pip alone."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
#: The packages as files, in a folder that offline.py filled, and the note in it for which system and Python.
WHEELS = ROOT / "wheels"
MADE_FOR = "made_for.txt"
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first with --python, which needs no pip inside .venv
NO_PIP = (
    "需要 pip 22.3 或更高版本：Debian/Ubuntu 运行 apt-get install python3-pip，\n"
    "其他系统运行 python3 -m pip install --upgrade pip（Windows：py -m pip …）。\n"
    "pip 22.3 or newer is needed: on Debian or Ubuntu apt-get install python3-pip,\n"
    "elsewhere python3 -m pip install --upgrade pip (Windows: py -m pip …)."
)


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
    # The wheels are the program's own; those of the tests come from an index everywhere.
    if lock.name == "requirements.lock" and (WHEELS / MADE_FOR).is_file():
        _install_offline([*_pip_for(python), "install", *options, "--requirement", lock])
    elif run([*_pip_for(python), "install", *options, "--requirement", lock]):
        raise SetupError(
            "安装未完成，原因见上方 pip 的说明。无法访问 PyPI 时，可将 PIP_INDEX_URL 设为镜像后重试\n"
            "（每个包都按哈希校验）；没有互联网的电脑见 README“没有互联网”一节。\n"
            "Not installed; pip says why above. Where PyPI cannot be reached, set PIP_INDEX_URL to a mirror\n"
            "and try again (every package is checked by its hash); for a computer without internet see the\n"
            "section “Without internet” of the README."
        )


def _install_offline(command):
    """Install from the folder that offline.py filled; no setting of this machine may send pip to an index."""
    made_for = (WHEELS / MADE_FOR).read_text(encoding="utf-8").strip()
    python = ".".join(map(str, sys.version_info[:2]))
    if made_for.split()[-1] != python:
        raise SetupError(
            f"本文件夹是为 {made_for} 准备的，当前 Python 为 {python}：请用相应版本运行，或重新制作。\n"
            f"This folder was made for {made_for}, this is Python {python}: run it with that one, or make it anew."
        )
    options = ["--isolated", "--no-index", "--find-links", WHEELS]
    if run([*command, *options], {"PIP_CONFIG_FILE": os.devnull}):
        raise SetupError(
            f"未能从 {WHEELS} 安装，原因见上方 pip 的说明。本文件夹是为 {made_for} 准备的，请核对系统；\n"
            "文件缺失或损坏时，请重新复制整个文件夹。\n"
            f"Not installed from {WHEELS}; pip says why above. This folder was made for {made_for}: compare the\n"
            "system. Where files are missing or damaged, copy the whole folder again."
        )


def _pip_for(python):
    """The command that installs into .venv: this Python's pip, or one that .venv can make itself."""
    pip = own_pip()
    if pip:
        return [*pip, "--python", python]
    if subprocess.run([str(python), "-m", "ensurepip", "--upgrade"], capture_output=True).returncode == 0:
        return [python, "-m", "pip"]
    raise SetupError(NO_PIP)


def own_pip():
    """The command of this Python's pip; None where it has none, or too old a one."""
    answer = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True)
    if answer.returncode == 0:
        version = tuple(int(part) for part in answer.stdout.split()[1].split(".")[:2])
        if version >= OLDEST_PIP:
            return [sys.executable, "-m", "pip"]
    return None
