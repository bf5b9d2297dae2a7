"""One command for the tests: make their environment, find or install a browser and PostgreSQL, run every check.

Arguments go to pytest: ``python3 scripts/test.py -k roster``.
"""

import os
import shutil
import subprocess
import sys

from environment import ROOT, SetupError, main_of, ready, run

sys.path.insert(0, str(ROOT))
from tests.helpers.browser import find_browser, must_not_skip
from tests.helpers.postgres import find_postgres


def main():
    """Exit code of the checks."""
    python = ready("requirements-dev.lock")
    provide_browser()
    provide_postgres()
    return run([python, "scripts/check", *sys.argv[1:]])


def provide_browser():
    """Chromium and Chinese fonts from Debian's packages where they lack and may be installed; else say so."""
    if sys.platform == "linux" and not has_chinese_font():
        apt_install("fonts-noto-cjk")
    if find_browser() is not None or apt_install("chromium"):
        return
    if must_not_skip():
        raise SetupError("CI 中必须有浏览器。\nIn CI a browser is needed: Chrome, Edge or Chromium.")
    print(
        "没有找到 Chrome、Edge 或 Chromium：浏览器测试将跳过。\n"
        "No Chrome, Edge or Chromium found: the browser tests will be skipped."
    )


def provide_postgres():
    """PostgreSQL's programs from Debian's package where they lack and may be installed; else say so."""
    if find_postgres() is not None or (apt_install("postgresql") and find_postgres() is not None):
        return
    if must_not_skip():
        raise SetupError("CI 中必须有 PostgreSQL。\nIn CI PostgreSQL is needed.")
    print(
        "没有找到 PostgreSQL：存储的测试只在 SQLite 上运行。\n"
        "No PostgreSQL found: the store is tested on SQLite alone."
    )


def has_chinese_font():
    """Whether the system has glyphs for Chinese; unknown counts as no."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout.strip())


def apt_install(package):
    """Install a Debian package as root or by a sudo that asks nothing; False where that is not possible."""
    apt = shutil.which("apt-get")
    if apt is None:
        return False
    command = ["env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
            return False
        command = [sudo, "-n", *command]
    print(f"安装 / installing {package}")
    run([*command, "update"])
    return run([*command, "install", "-y", "--no-install-recommends", package]) == 0


if __name__ == "__main__":
    sys.exit(main_of("test", main))
