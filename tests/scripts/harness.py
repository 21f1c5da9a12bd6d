"""What the scripts beside this file stand on: the server as a process, a PostgreSQL server of their own, and HTTP.

Nothing but Python's standard library, Viva's program and PostgreSQL's own. Everything is on loopback or on a socket in a
temporary folder, and ends with the script.
"""

import contextlib
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
BUILT_IN = "python-core-mechanics"
ENGINES = ("sqlite", "postgresql")


class Refused(Exception):
    """An answer that is not the one that was asked for."""

    def __init__(self, answer):
        super().__init__(f"{answer.status}: {answer.text}")
        self.answer = answer


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)

    def ok(self):
        if self.status not in (200, 201, 204):
            raise Refused(self)
        return self.json if self.text else None


class Client:
    """One connection, opened anew where it was lost. A request is sent once: nothing is repeated behind the caller's back."""

    def __init__(self, address, token=None, timeout=30):
        self.address, self.token, self.timeout = address, token, timeout
        self.connection = None

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.address, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def get(self, path):
        return self.call("GET", path).ok()

    def post(self, path, body=None):
        return self.call("POST", path, body).ok()

    def put(self, path, body):
        return self.call("PUT", path, body).ok()


def program():
    """Viva's program: the one that VIVA names, or the one that cargo builds."""
    if named := os.environ.get("VIVA"):
        return pathlib.Path(named).resolve()
    subprocess.run(["cargo", "build", "--locked", "--bin", "viva"], cwd=ROOT, check=True)
    metadata = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, check=True, capture_output=True
    )
    return pathlib.Path(json.loads(metadata.stdout)["target_directory"]) / "debug" / "viva"


def environment():
    return {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("VIVA")}


class Server:
    """`viva serve` on a free port of the loopback address."""

    def __init__(self, viva, database, folder, *options, log="warn"):
        self.log = tempfile.NamedTemporaryFile("w+", prefix="viva-log-", suffix=".txt")
        command = [str(viva), "serve", "--listen", "127.0.0.1:0", "--data-dir", str(folder), "--log", log]
        if database.url:
            command += ["--database-url", database.url]
        self.process = subprocess.Popen(
            command + list(options), stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment()
        )
        self.address = None

    def wait(self, patience=180):
        """Waits until it says where it is."""
        begun = time.monotonic()
        while self.address is None:
            found = re.search(r"http://(127\.0\.0\.1):(\d+)", self.output())
            if found:
                self.address = (found[1], int(found[2]))
            elif self.process.poll() is not None or time.monotonic() - begun > patience:
                raise RuntimeError(f"the server did not start: {self.output()}")
            else:
                time.sleep(0.02)
        return self

    def output(self):
        return pathlib.Path(self.log.name).read_text()

    def client(self, token=None):
        return Client(self.address, token)

    @property
    def url(self):
        return f"http://{self.address[0]}:{self.address[1]}"

    def kill(self):
        """Without a word of warning."""
        self.process.kill()
        self.process.wait()

    def stop(self, patience=60):
        """As an operator does; tells its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(patience)

    def __enter__(self):
        return self.wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Sqlite:
    """A file in the data folder."""

    engine = "sqlite"
    url = None

    def __init__(self, folder):
        self.file = pathlib.Path(folder) / "viva.sqlite"

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)) as db:
            return [tuple(row) for row in db.execute(sql)]


class Postgres:
    """A PostgreSQL server of the script's own, on a socket in a temporary folder."""

    engine = "postgresql"

    def __init__(self, folder=None, *settings):
        self.programs = postgres_programs()
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="viva-pg-"))
        self.data = self.folder / "data"
        self.settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=100", *settings]
        self.user = None
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            self.user = next(name for name in ("postgres", "nobody") if name in {user.pw_name for user in pwd.getpwall()})
            shutil.chown(self.folder, self.user)
        arguments = ["--username=viva", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"]
        self.run("initdb", *arguments, "-D", str(self.data))
        self.start()
        self.database("viva")

    def run(self, program, *arguments):
        done = subprocess.run(
            [str(self.programs / program), *arguments], cwd=self.folder, user=self.user, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        options = " ".join(f"-c {setting}" for setting in self.settings)
        self.run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.folder / "log"), "-w", "-t", "60", "start")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "60", "stop")

    def running(self):
        with contextlib.suppress(RuntimeError):
            self.run("pg_ctl", "-D", str(self.data), "status")
            return True
        return False

    def database(self, name):
        self.run("createdb", "-h", str(self.folder), "-U", "viva", name)
        self.name = name
        self.url = f"postgres://viva@localhost/{name}?host={self.folder}"

    def rows(self, sql):
        said = self.run("psql", "-h", str(self.folder), "-U", "viva", "-d", self.name, "-AtqX", "-F", "\x1f", "-c", sql)
        return [tuple(line.split("\x1f")) for line in said.splitlines()]

    def dump(self):
        return self.run(
            "pg_dump", "-h", str(self.folder), "-U", "viva", "-d", self.name, "--no-owner", "--no-privileges", "--inserts"
        )

    def end(self):
        with contextlib.suppress(RuntimeError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres_programs():
    """Where `initdb` is: on the path, or where Debian puts it; the newest version."""
    found = [pathlib.Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    debian = pathlib.Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    for folder in found:
        if all((folder / name).is_file() for name in ("initdb", "pg_ctl", "pg_dump", "psql", "createdb")):
            return folder
    raise RuntimeError("PostgreSQL's programs are neither on PATH nor in /usr/lib/postgresql/*/bin")


@contextlib.contextmanager
def database(engine, folder, *settings):
    """A fresh database; SQLite's is in the data folder."""
    if engine == "sqlite":
        yield Sqlite(folder)
        return
    server = Postgres(None, *settings)
    try:
        yield server
    finally:
        server.end()


@contextlib.contextmanager
def data_folder():
    folder = tempfile.mkdtemp(prefix="viva-data-")
    try:
        yield pathlib.Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def register(client, number=0):
    """A new organization's first member: the client speaks for them from now on."""
    email = f"ada.{number}@example.org"
    body = {"organization": f"Example {number}", "name": "Ada", "email": email, "password": PASSWORD}
    answer = client.post("/v1/auth/register", body)
    client.token = answer["access_token"]
    return answer


def create_session(recruiter, number=0, **more):
    candidate = {"name": f"Grace {number}", "email": f"grace.{number}@example.org"}
    return recruiter.post("/v1/sessions", {"question_set": BUILT_IN, "candidate": candidate, "feedback": "immediate"} | more)


def open_session(client, session):
    answer = client.post("/v1/candidate/token", {"invite_code": session["invite_code"]})
    client.token = answer["access_token"]


def wait_until(true, patience, what):
    begun = time.monotonic()
    while not true():
        if time.monotonic() - begun > patience:
            raise AssertionError(f"not within {patience} seconds: {what}")
        time.sleep(0.1)
    return time.monotonic() - begun


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
