"""Fills a folder for a computer without internet: this checkout and a wheel of every pinned package.

``python3 scripts/offline.py OUT --platform win_amd64 --python 3.12`` on a computer with internet, OUT to the
other by USB stick, ``scripts/start.py`` in it there: it installs from the folder, checks every hash and asks no index.
"""

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import MADE_FOR, NO_PIP, ROOT, WHEELS, SetupError, main_of, own_pip, run
from lock import pins_for

LOCK = "requirements.lock"
#: What people call a system, as the newest wheels' names that it understands.
PLATFORMS = {
    "win_amd64": "win_amd64",
    "manylinux_x86_64": "manylinux_2_28_x86_64",
    "manylinux_aarch64": "manylinux_2_28_aarch64",
    "macosx_arm64": "macosx_14_0_arm64",
    "macosx_x86_64": "macosx_14_0_x86_64",
}
#: Others of these forms are taken as they are: an older glibc, another macOS.
FORMS = r"win_(amd64|arm64)|manylinux_2_\d+_(x86_64|aarch64)|macosx_\d+_\d+_(arm64|x86_64)"
ALIASES = {"manylinux2014": "manylinux_2_17", "linux": "manylinux"}
READ_ME = """\
医养结合服务匹配：无互联网安装（{platform}，Python {python}）
1. 在没有互联网的电脑上安装 Python {python}（64 位，安装包另行从 python.org 下载带去）。
2. 把整个文件夹复制到电脑硬盘，在其中运行：py scripts\\start.py（Linux、macOS：python{python} scripts/start.py）。

Elderly care service matcher, set up without internet ({platform}, Python {python})
1. On the computer without internet install Python {python} (64 bit; bring the installer along from python.org).
2. Copy this whole folder to its disk and run in it: py scripts\\start.py
   (Linux, macOS: python{python} scripts/start.py).
"""


def main(arguments=None):
    """0 when OUT is complete; else there is no OUT."""
    asked = parser().parse_args(arguments)
    out = asked.out.absolute()
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise SetupError(
            f"{out} 已存在且不是空文件夹：请另取名，或先删除。\n"
            f"{out} exists and is no empty folder: choose another name, or delete it first."
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with draft_beside(out) as draft:
            fill(draft, asked.platform, asked.python)
            if out.exists():
                out.rmdir()
            draft.rename(out)
    except OSError as error:
        raise SetupError(
            f"无法写入 {out}：{error.strerror}。请检查权限与空间；U 盘请写其中一个新文件夹的名字。\n"
            f"Cannot write {out}: {error.strerror}. Check rights and space; on a stick name a new folder in it."
        ) from None
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    print(
        f"\n{out} 已完成，共 {size / 1e6:.0f} MB。说明见其中的 OFFLINE.txt。\n"
        f"{out} is complete, {size / 1e6:.0f} MB. OFFLINE.txt in it says how to go on."
    )
    return 0


def parser():
    """The flags."""
    flags = argparse.ArgumentParser(prog="offline.py", description=__doc__.split("\n")[0])
    flags.add_argument(
        "out", type=Path, metavar="OUT", help="新文件夹 / a new folder, on a USB stick for instance"
    )
    flags.add_argument(
        "--platform",
        type=platform,
        required=True,
        metavar="PLATFORM",
        help=f"目标电脑的系统 / the other computer's system: {', '.join(PLATFORMS)}",
    )
    flags.add_argument(
        "--python",
        type=python,
        required=True,
        metavar="3.N",
        help="其 Python 版本 / its Python, such as 3.12",
    )
    return flags


def platform(text):
    """A system as its wheels name it."""
    name = text
    for alias, meant in ALIASES.items():
        name = re.sub(rf"^{alias}(?=_)", meant, name)
    name = PLATFORMS.get(name, name)
    if not re.fullmatch(FORMS, name):
        raise argparse.ArgumentTypeError(f"{text}: {', '.join(PLATFORMS)}")
    return name


def python(text):
    """A version of Python, 3.11 or newer."""
    if not re.fullmatch(r"3\.[1-9]\d", text) or int(text[2:]) < 11:
        raise argparse.ArgumentTypeError(f"{text}: 3.11, 3.12, …")
    return text


@contextlib.contextmanager
def draft_beside(out):
    """A folder on the same disk, gone at the end unless it was renamed; its name says that it is not finished."""
    home = Path(tempfile.mkdtemp(prefix=f"{out.name}-unfinished-", dir=out.parent))
    try:
        yield home / "draft"
    finally:
        shutil.rmtree(home, ignore_errors=True)


def fill(draft, platform, python):
    """The checkout, the wheels, and for whom they are."""
    pins = pins_for((ROOT / LOCK).read_text(encoding="utf-8"), platform, python)
    print("1/2 程序 / the program", flush=True)
    copy_checkout(draft)
    print(f"2/2 {len(pins)} 个依赖包 / packages ({platform}, Python {python})", flush=True)
    wheels = draft / WHEELS.name
    wheels.mkdir()
    download(pins, wheels, platform, python)
    (wheels / MADE_FOR).write_text(f"{platform} {python}\n", encoding="utf-8")
    (draft / "OFFLINE.txt").write_text(READ_ME.format(platform=platform, python=python), encoding="utf-8-sig")


def copy_checkout(folder):
    """Copy what git tracks and nothing else: data of real people may lie beside it."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    except FileNotFoundError:
        listed = None
    if listed is None or listed.returncode or not listed.stdout:
        raise SetupError(
            "需要 git 和一份 git 检出：只复制 git 管理的文件，以免带走真实数据。\n"
            "git and a git checkout are needed: only tracked files are copied, so that no real data go along."
        )
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)


def download(pins, wheels, platform, python):
    """A wheel of each pin, checked by hash, for a system that need not be this one."""
    lock = wheels.parent.parent / "pins.txt"
    lock.write_text("\n".join(pins) + "\n", encoding="utf-8")
    options = [
        "--no-deps",
        "--only-binary=:all:",
        "--require-hashes",
        "--no-input",
        "--disable-pip-version-check",
    ]
    options += ["--implementation", "cp", "--python-version", python]
    options += [part for name in understood(platform) for part in ("--platform", name)]
    if not sys.stdout.isatty():
        options += ["--progress-bar=off", "--quiet"]
    pip = own_pip()
    if pip is None:
        raise SetupError(NO_PIP)
    failed = run([*pip, "download", *options, "--dest", wheels, "--requirement", lock])
    if failed or len(list(wheels.glob("*.whl"))) != len(pins):
        raise SetupError(
            f"未能取得 {platform}、Python {python} 的全部依赖包，原因见上方 pip 的说明：\n"
            "- 无法访问 PyPI：可将 PIP_INDEX_URL 设为镜像；\n"
            "- 某个包没有适合该系统或该 Python 的版本：可换更新的系统名，或另一个 Python 版本。\n"
            f"Not every package could be had for {platform}, Python {python}; pip says why above:\n"
            "- PyPI is out of reach: set PIP_INDEX_URL to a mirror;\n"
            "- a package has no wheel for that system or Python: try a newer system or another Python."
        )


def understood(platform):
    """Names of wheels that run there: on Linux those of older C libraries too; pip knows the older macOS itself."""
    linux = re.fullmatch(r"manylinux_2_(\d+)_(.+)", platform)
    if not linux:
        return [platform]
    machine = linux[2]
    older = [f"manylinux_2_{minor}_{machine}" for minor in range(int(linux[1]), 4, -1)]
    return [*older, f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]


if __name__ == "__main__":
    sys.exit(main_of("offline", main))
