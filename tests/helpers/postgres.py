"""A PostgreSQL server of the tests' own, from the system's packages. Standard library only."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

_EXE = ".exe" if os.name == "nt" else ""
_START_SECONDS = 30
#: Where Debian, Homebrew and the installers for macOS and Windows put the server's programs.
_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/Library/PostgreSQL/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)


def find_postgres() -> Path | None:
    """The folder of the newest installed server; on PATH before elsewhere."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    for pattern in _FOLDERS:
        root = Path(pattern.split("*")[0]).parent
        inside = Path(pattern).relative_to(root).as_posix()
        folders += sorted(
            root.glob(inside), key=lambda folder: [p.zfill(9) for p in folder.parts], reverse=True
        )
    programs = (f"initdb{_EXE}", f"postgres{_EXE}")
    return next((f for f in folders if all((f / name).is_file() for name in programs)), None)


class Server:
    """A server on a free port of 127.0.0.1, with its data in a folder that is gone afterwards."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="matcher-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self.password = secrets.token_urlsafe(12)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        secret = self._folder / "password"
        secret.write_text(self.password, encoding="utf-8")
        if self._user:
            for path in (self._folder, secret):
                shutil.chown(path, self._user["user"])
        self._run("initdb", "-D", "data", "-U", "tester", "-A", "scram-sha-256", "--pwfile=password",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip

    @property
    def _user(self) -> dict[str, Any]:
        """Whom to run as: PostgreSQL refuses root."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            return {}
        import pwd

        name = next(u.pw_name for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody"))
        return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}

    def _command(self, program: str, *flags: str) -> list[str]:
        return [str(self._programs / f"{program}{_EXE}"), *flags]

    def _run(self, program: str, *flags: str) -> None:
        subprocess.run(
            self._command(program, *flags), cwd=self._folder, check=True, capture_output=True, **self._user
        )

    def start(self) -> None:
        """Return when it answers."""
        settings = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", "data", *flags),
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._user,
            )
        for _ in range(20 * _START_SECONDS):
            if self._process.poll() is not None or self._answers():
                break
            time.sleep(0.05)
        if not self._answers():
            raise RuntimeError((self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def crash(self) -> None:
        """End at once, as if the power of the server went."""
        if self._process is not None:
            stop = getattr(signal, "SIGQUIT", signal.SIGTERM)
            self._process.send_signal(stop)
            self._process.wait(_START_SECONDS)
            self._process = None

    def remove(self) -> None:
        """End and leave nothing behind."""
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Address of a database, with the password."""
        return f"postgresql://tester:{self.password}@127.0.0.1:{self._port}/{database}"

    def new_database(self) -> str:
        """Address of a database that is empty."""
        import psycopg

        self._databases += 1
        name = f"store{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)
