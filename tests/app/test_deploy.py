"""The examples of ``docs/deploy.md`` are run as they stand there, where nginx and systemd are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import time

import pytest

from matcher.words.catalogues import t
from tests import ROOT
from tests.app.test_gate import TLS, accounts, data, enter  # noqa: F401
from tests.helpers.app_server import browser, free_port, served_others, wait_for_port

NAME = "care.example.cn"


def example(language):
    """The block of the page in that language."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


def installed(program):
    """Path of a program; without it the test is skipped."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"no {program} on this machine")
    return path


@pytest.fixture
def proxy(tmp_path):
    """Starts nginx before an app; gives its port for TLS."""
    program = installed("nginx")
    running = []

    def start(app_port):
        ports = {"443": free_port(), "80": free_port()}
        text = example("nginx").replace("127.0.0.1:8501", f"127.0.0.1:{app_port}")
        for usual, free in ports.items():
            text = re.sub(rf"listen {usual}\b", f"listen 127.0.0.1:{free}", text)
        text = text.replace("/etc/nginx/tls/care.pem", str(TLS / "localhost.pem"))
        text = text.replace("/etc/nginx/tls/care.key", str(TLS / "localhost.key"))
        text = text.replace("/var/log/nginx/matcher.log", str(tmp_path / "access.log"))
        whole = f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{\n{text}\n}}\n"
        (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
        command = [program, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"]
        running.append(subprocess.Popen([*command, "-e", str(tmp_path / "error.log")]))
        wait_for_port(ports["443"], running[0])
        return ports["443"]

    yield start
    for process in running:
        process.terminate()
        process.wait(20)


def test_the_proxy_of_the_guide_carries_pages_websocket_and_addresses(accounts, data, proxy, tmp_path):  # noqa: F811
    flags = ("--host", NAME, "--behind-proxy", "127.0.0.1")
    with served_others(accounts.folder, *flags, data=data) as (app_port, _):
        mapped = f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{proxy(app_port)}"
        with browser(mapped) as chromium:
            page = chromium.new_context(ignore_https_errors=True).new_page()
            enter(page, f"https://{NAME}", "wang")
            page.get_by_text(t("app.roster.title"), exact=True).first.wait_for(timeout=30_000)
        time.sleep(0.1)
    log = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert '"GET /_stcore/stream" 101' in log
    assert "?" not in log
    assert "wang" not in log


def test_the_service_of_the_guide_is_one_that_systemd_takes(tmp_path):
    program = installed("systemd-analyze")
    text = example("ini").replace("/opt/matcher/.venv/bin/python", "/bin/true").replace("User=matcher\n", "")
    unit = tmp_path / "matcher.service"
    unit.write_text(text, encoding="utf-8")
    told = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
