"""The app serves its own pages on this machine, and nobody else: foreign pages and names are refused on every route."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from matcher.app.guard import headers
from matcher.words.catalogues import t
from tests.helpers.app_server import ROOT, free_port, running, served

#: A file of every kind that the server gives out or takes.
ROUTES = (
    ("GET", "/"),
    ("GET", "/what_if"),
    ("GET", "/no/such/page"),
    ("GET", "/favicon.png"),
    ("GET", "/static/none.js"),
    ("GET", "/_stcore/health"),
    ("GET", "/_stcore/host-config"),
    ("GET", "/_stcore/metrics"),
    ("GET", "/media/none.xlsx"),
    ("GET", "/component/none/index.html"),
    ("GET", "/_stcore/bidi-components/none/index.js"),
    ("PUT", "/_stcore/upload_file/none/none"),
    ("DELETE", "/_stcore/upload_file/none/none"),
    ("OPTIONS", "/_stcore/upload_file/none/none"),
    ("POST", "/_stcore/agent/interact"),
    ("HEAD", "/"),
)
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "streamlit",
}


@pytest.fixture(scope="module")
def port():
    with served() as address:
        yield urlsplit(address).port


@pytest.fixture(scope="module")
def port_of_the_script():
    """`streamlit run app.py` in a checkout."""
    port = free_port()
    with running([sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"], port, ROOT):
        yield port


def ask(port, method, path, host=None, origin=None, **more):
    """The answer to a request with these headers; ``host`` is this machine's unless given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": host or f"127.0.0.1:{port}", "Origin": origin, **more}.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    connection.close()
    return answer


def foreign_origins(port):
    """Pages that a browser on this machine may have open beside the app."""
    return [
        f"http://127.0.0.1:{port + 1}",
        f"http://localhost:{port + 1}",
        "http://127.0.0.1",
        f"https://127.0.0.1:{port}",
        f"http://localhost:{port}",
        f"http://127.0.0.1:{port}.example.org",
        "http://example.org",
        "null",
    ]


def foreign_hosts(port):
    """Names that somebody else can let point at 127.0.0.1."""
    return [
        f"example.org:{port}",
        "example.org",
        f"127.0.0.1.example.org:{port}",
        f"localhost.example.org:{port}",
        f"x@127.0.0.1:{port}",
        f"[::1]:{port}",
        f"0.0.0.0:{port}",
    ]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_route_refuses_a_foreign_host_and_a_foreign_page(port, method, path):
    for host in foreign_hosts(port):
        assert ask(port, method, path, host).status == 403
    for origin in foreign_origins(port):
        assert ask(port, method, path, origin=origin).status == 403


def test_the_websocket_opens_for_its_own_page_alone(port):
    own = f"127.0.0.1:{port}"
    assert ask(port, "GET", "/_stcore/stream", own, f"http://{own}", **SOCKET).status == 101
    assert ask(port, "GET", "/_stcore/stream", f"localhost:{port}", **SOCKET).status == 101
    for origin in foreign_origins(port):
        assert ask(port, "GET", "/_stcore/stream", own, origin, **SOCKET).status == 403
    for host in foreign_hosts(port):
        assert ask(port, "GET", "/_stcore/stream", host, f"http://{host}", **SOCKET).status == 403


def test_a_request_without_a_host_is_refused(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert line.recv(100).split()[1] in (b"400", b"403")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_answer_has_the_headers(port, method, path):
    """Those of pages, files, errors and refusals."""
    for host in (None, "example.org"):
        answer = ask(port, method, path, host)
        assert {name: answer.headers.get(name) for name in headers()} == headers()


def test_what_streamlit_tells_of_itself_is_closed(port):
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/_stcore/agent/openapi.json"):
        assert ask(port, "GET", path).status == 404


def test_the_policy_of_the_pages_names_no_other_host_and_no_inline_script():
    rules = dict(rule.split(" ", 1) for rule in headers()["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    assert not [rule for rule in rules.values() if "//" in rule or "*" in rule]


def test_the_script_at_the_top_is_guarded_too(port_of_the_script):
    port = port_of_the_script
    assert ask(port, "GET", "/").status == 200
    assert ask(port, "GET", "/", "example.org").status == 403
    assert ask(port, "GET", "/_stcore/metrics").status == 404
    assert ask(port, "GET", "/_stcore/stream", origin=f"http://127.0.0.1:{port + 1}", **SOCKET).status == 403


def started(tmp_path):
    """The command, and the process of its server, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "matcher", "app", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = (tmp_path / "log").open("wb")
    parent = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )
    for _ in range(600):
        try:
            ask(port, "GET", "/_stcore/health")
            return parent, port
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(port)


def gone(port):
    """Whether nobody listens any more, soon."""
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_the_server_ends_with_the_command_however_that_ends(tmp_path, how):
    """Even where the command has no moment to say good-bye; no traceback where it has."""
    parent, port = started(tmp_path)
    parent.send_signal(getattr(signal, how))
    code = parent.wait(15)
    assert gone(port)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert code == (-signal.SIGKILL if how == "SIGKILL" else 130)


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "matcher", "app", "--port", str(port), "--lang", "en"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 1
    assert t("error.port_taken", "en", port=port) in done.stderr
