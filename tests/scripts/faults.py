#!/usr/bin/env python3
"""What goes wrong around the server, made to happen while clients save answers.

    tests/scripts/faults.py                       every fault in its short form, on both databases
    tests/scripts/faults.py --long                the long form
    tests/scripts/faults.py kill --rounds 50 --engine sqlite

After every fault the same is asked: is every answer that was acknowledged there, graded, with the words that were sent; is
nothing there twice that was acknowledged once; is every session in a state that it can be in. And while it lasts: is every
refusal a 503 with `Retry-After`, as a problem.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import harness
from harness import ENGINES, Client, Refused, Server

QUESTIONS = ("gil", "decorators", "mutable-defaults", "generators-vs-lists")
PATIENCE = 30

# Each must find nothing.
LEGAL = {
    "a session's times fit its status": """
        SELECT id, status FROM session WHERE NOT (
            (status = 'pending' AND started_at IS NULL AND submitted_at IS NULL AND closed_at IS NULL)
            OR (status = 'active' AND started_at IS NOT NULL AND submitted_at IS NULL AND closed_at IS NULL)
            OR (status = 'submitted' AND started_at IS NOT NULL AND submitted_at IS NOT NULL AND submitted_by IS NOT NULL)
            OR (status = 'finalized' AND submitted_at IS NOT NULL AND finalized_at IS NOT NULL)
            OR (status IN ('declined', 'expired', 'cancelled') AND closed_at IS NOT NULL))""",
    "an answer counts its revisions without a gap": """
        SELECT a.id FROM answer a LEFT JOIN answer_revision r ON r.answer_id = a.id
        GROUP BY a.id, a.revision HAVING COUNT(r.id) <> a.revision OR COALESCE(MAX(r.number), 0) <> a.revision""",
    "every revision is graded once by the engine": """
        SELECT r.id FROM answer_revision r LEFT JOIN grade g ON g.revision_id = r.id AND g.grader = 'machine'
        GROUP BY r.id HAVING COUNT(g.id) <> 1""",
    "only sessions that began have answers": """
        SELECT s.id FROM session s JOIN answer a ON a.session_id = s.id WHERE s.started_at IS NULL""",
    "every save left one event": """
        SELECT saved, events FROM
            (SELECT COUNT(*) AS saved FROM answer_revision) AS revisions,
            (SELECT COUNT(*) AS events FROM audit_event WHERE action = 'answer_saved') AS trail
        WHERE saved <> events""",
    "every submission left one event": """
        SELECT s.id FROM session s LEFT JOIN audit_event e ON e.subject_id = s.id AND e.action = 'session_submitted'
        GROUP BY s.id, s.submitted_at
        HAVING COUNT(e.id) <> CASE WHEN s.submitted_at IS NULL THEN 0 ELSE 1 END""",
}


class Writer(threading.Thread):
    """A candidate who saves one answer after another, and submits and begins again now and then."""

    def __init__(self, crowd, number):
        super().__init__(daemon=True)
        self.crowd, self.number = crowd, number
        self.random = random.Random(f"{crowd.seed}/{number}")
        # What was acknowledged: by session, then by question the last text and revision.
        self.saved, self.submitted, self.created = {}, set(), {}
        # What was sent since the last acknowledgement and not answered: any of it may be there or not.
        self.in_doubt = {}
        self.session = None
        self.acknowledged = self.refused = self.lost = 0
        self.faults = []
        self.failed = None

    def run(self):
        try:
            while not self.crowd.over.is_set():
                self.step()
        except Exception as error:  # It is raised where the crowd is asked.
            self.failed = error

    def step(self):
        try:
            if self.session is None:
                self.begin()
            elif self.random.random() < 0.02:
                self.submit()
            else:
                self.save()
        except Refused as refused:
            self.look_at(refused.answer)
        except (OSError, http.client.HTTPException):
            self.lost += 1
            self.move()
            self.crowd.over.wait(0.02)

    def move(self):
        """To a server that may be another one."""
        if self.session is not None and self.crowd.elsewhere:
            self.candidate.close()
            self.candidate.address = self.random.choice(self.crowd.addresses)

    def client(self, token=None):
        return Client(self.random.choice(self.crowd.addresses), token, PATIENCE)

    def begin(self):
        recruiter = self.client(self.crowd.recruiter)
        try:
            session = harness.create_session(recruiter, self.number)
            self.created[session["id"]] = session
            client = self.client()
            harness.open_session(client, session)
            client.post("/v1/candidate/session/start")
            self.session, self.candidate = session["id"], client
        finally:
            recruiter.close()

    def save(self):
        question = self.random.choice(QUESTIONS)
        text = f"{self.number}/{self.acknowledged}/{self.refused}/{self.lost}: " + self.random.choice(
            ("The GIL lets one thread run bytecode at a time.", "A generator yields values lazily. " * 40)
        )
        self.in_doubt.setdefault((self.session, question), set()).add(text)
        answer = self.candidate.put(f"/v1/candidate/answers/{question}", {"text": text})
        assert answer["text"] == text and "grade" in answer, answer
        self.saved.setdefault(self.session, {})[question] = (text, answer["revision"])
        self.in_doubt.pop((self.session, question))
        self.acknowledged += 1
        self.move()

    def submit(self):
        self.candidate.post("/v1/candidate/session/submit")
        self.submitted.add(self.session)
        self.session = None

    def look_at(self, answer):
        self.refused += 1
        problem = answer.headers.get("Content-Type") == "application/problem+json"
        code = answer.json["code"] if problem else None
        if answer.status == 409 and code == "wrong_state":
            # The submission that was not answered was done.
            self.session = None
        elif answer.status == 503 and code == "unavailable" and answer.headers.get("Retry-After"):
            self.crowd.over.wait(0.05)
        elif self.crowd.proxied and answer.status in (502, 504):
            # The proxy never asks a second server for a POST that one may have seen.
            self.lost += 1
        else:
            self.faults.append(f"{answer.status}: {answer.text[:300]}")
            self.crowd.over.wait(0.05)


class Crowd:
    """Several writers, and what they were told."""

    def __init__(self, servers, writers, seed, elsewhere=False, proxied=False):
        self.servers, self.addresses = servers, [server.address for server in servers]
        self.seed, self.elsewhere, self.proxied = seed, elsewhere, proxied
        self.over = threading.Event()
        client = servers[0].client()
        harness.register(client, f"{seed}.{time.time_ns()}")
        self.recruiter = client.token
        self.writers = [Writer(self, number) for number in range(writers)]

    def __enter__(self):
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for writer in self.writers:
            writer.join(PATIENCE + 5)

    def total(self, name):
        return sum(getattr(writer, name) for writer in self.writers)

    def faults(self):
        return [fault for writer in self.writers for fault in writer.faults]

    def wait_for(self, more, patience=4 * PATIENCE):
        """Until so many more answers were acknowledged."""
        wanted = self.total("acknowledged") + more
        try:
            return harness.wait_until(lambda: self.total("acknowledged") >= wanted, patience, f"{more} more answers saved")
        except AssertionError as error:
            told = {name: self.total(name) for name in ("acknowledged", "refused", "lost")}
            raise AssertionError(f"{error}: {told}, {self.faults()[:3]}, {self.servers[0].output()[-2000:]}") from None

    def check(self, server, database):
        """What was acknowledged is there, and nothing is there that could not be."""
        for writer in self.writers:
            if writer.failed:
                raise writer.failed
        recruiter = server.client(self.recruiter)
        for writer in self.writers:
            for session in writer.created:
                status = recruiter.get(f"/v1/sessions/{session}")["status"]
                allowed = {"submitted"} if session in writer.submitted else {"pending", "active", "submitted"}
                assert status in allowed, f"{session} is {status}"
            for session, saved in writer.saved.items():
                report = recruiter.get(f"/v1/sessions/{session}/report")
                found = {question["question_id"]: question for question in report["questions"]}
                for question, (text, revision) in saved.items():
                    answer = found[question]["answer"]
                    in_doubt = writer.in_doubt.get((session, question), ())
                    same = answer["text"] == text and answer["revision"] == revision
                    later = answer["text"] in in_doubt and answer["revision"] > revision
                    assert same or later, f"{session} {question}: {revision} was acknowledged, but there is {answer}"
                    assert found[question]["concepts"], f"{session} {question} is not graded"
        for what, sql in LEGAL.items():
            rows = database.rows(sql)
            assert not rows, f"not so: {what}: {rows[:5]}"
        return f"{self.total('acknowledged')} saves acknowledged, {sum(len(w.created) for w in self.writers)} sessions"


def begun(viva, engine, stack, *settings):
    folder = stack.enter_context(harness.data_folder())
    return folder, stack.enter_context(harness.database(engine, folder, *settings))


def kill(viva, engine, options):
    """kill -9 of the server at random moments; it starts again on what is there."""
    chance = random.Random(options.seed)
    with contextlib.ExitStack() as stack:
        folder, database = begun(viva, engine, stack)
        told = saves = 0
        for number in range(options.rounds):
            with Server(viva, database, folder) as server:
                with Crowd([server], 6, f"{options.seed}.{number}") as crowd:
                    crowd.wait_for(len(crowd.writers))
                    time.sleep(chance.uniform(0.0, 1.5))
                    server.kill()
            with Server(viva, database, folder) as server:
                crowd.check(server, database)
            assert not crowd.faults(), crowd.faults()[:3]
            saves += crowd.total("acknowledged")
            told += 1
        return f"{told} kills, {saves} saves acknowledged, all there and graded"


def trouble(server, crowd, database, make, mend, allowed=()):
    """Makes trouble while writers write, mends it, and waits until they go on."""
    crowd.wait_for(5)
    make()
    time.sleep(1.5)
    mend()
    took = crowd.wait_for(5)
    unexpected = [fault for fault in crowd.faults() if not any(known in fault for known in allowed)]
    assert not unexpected, f"{len(unexpected)} answers were neither what was asked for nor a 503: {unexpected[:3]}"
    return took


def restart(viva, engine, options):
    """PostgreSQL is stopped at once and started again; then its connections are cut, again and again."""
    if engine == "sqlite":
        return "not for SQLite: there is no server to restart"
    with contextlib.ExitStack() as stack:
        folder, database = begun(viva, engine, stack)
        server = stack.enter_context(Server(viva, database, folder))
        slowest = 0
        with Crowd([server], 6, options.seed) as crowd:
            for number in range(options.restarts):
                mode = ("fast", "immediate")[number % 2]
                slowest = max(slowest, trouble(server, crowd, database, lambda: database.stop(mode), database.start))
                crowd.wait_for(1)
        refused = crowd.total("refused")
        with Crowd([server], 6, f"{options.seed}.cut") as cut:
            for _ in range(options.cuts):
                database.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'viva'")
                time.sleep(0.1)
            cut.wait_for(5)
        assert not cut.faults(), f"{len(cut.faults())} answers to cut connections: {cut.faults()[:3]}"
        crowd.check(server, database)
        said = cut.check(server, database)
        return (
            f"{options.restarts} restarts ({refused} times 503, saving again after {slowest:.1f} s at most), "
            f"{options.cuts} cuts ({cut.total('refused')} times 503); {said}"
        )


def full_disk(viva, engine, options):
    """The file system of the database has no room, then has again."""
    if os.geteuid() != 0:
        return "left out: only root may mount a small file system"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(harness.data_folder())
        small = pathlib.Path(tempfile.mkdtemp(prefix="viva-small-"))
        size = "24m" if engine == "sqlite" else "128m"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", small]).returncode:
            small.rmdir()
            return "left out: no small file system can be mounted here"
        stack.callback(small.rmdir)
        stack.callback(subprocess.run, ["umount", "--lazy", small], check=True)
        if engine == "sqlite":
            database, data = harness.Sqlite(small), small
        else:
            database, data = harness.Postgres(small, "max_wal_size=8MB", "min_wal_size=2MB"), folder
            stack.callback(database.end)
        server = stack.enter_context(Server(viva, database, data))
        ballast = small / "ballast"

        def fill():
            with open(ballast, "wb", buffering=0) as file:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(1 << 16))
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(512))

        def make():
            fill()
            before = crowd.total("refused") + crowd.total("lost")
            harness.wait_until(lambda: crowd.total("refused") + crowd.total("lost") > before, 4 * PATIENCE, "a refusal")

        def mend():
            ballast.unlink()
            if engine == "postgresql" and not database.running():
                database.start()

        with Crowd([server], 6, options.seed) as crowd:
            slowest = max(trouble(server, crowd, database, make, mend) for _ in range(options.fillings))
        said = crowd.check(server, database)
        assert server.process.poll() is None, server.output()
        return f"full {options.fillings} times, {crowd.total('refused')} times 503, saving again after {slowest:.1f} s; {said}"


def three_servers(viva, folder, database, stack):
    """On one empty database, started at once."""
    keys = folder / "keys"
    made = [viva, "keys", "rotate", "--signing-keys-dir", keys, "--database-url", database.url, "--data-dir", folder]
    subprocess.run(made, check=True, env=harness.environment(), stdout=subprocess.DEVNULL, cwd=folder)
    servers = [Server(viva, database, folder / str(n), "--signing-keys-dir", str(keys)) for n in range(3)]
    for server in servers:
        stack.enter_context(server)
    return servers


class Proxy:
    """nginx before servers, as `deploy/nginx.conf` has it, with other addresses."""

    def __init__(self, program, folder, servers):
        self.folder = folder / "nginx"
        self.folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = free.getsockname()
        behind = [f"server {host}:{port} max_fails=1 fail_timeout=2s;" for host, port in (s.address for s in servers)]
        written = (harness.ROOT / "deploy/nginx.conf").read_text()
        for old, new in (
            ("server viva-1:8080 max_fails=1 fail_timeout=2s;", "\n".join(behind)),
            ("server viva-2:8080 max_fails=1 fail_timeout=2s;", ""),
            ("listen 8080", f"listen {self.address[0]}:{self.address[1]}"),
            ("/tmp/", f"{self.folder}/"),
            ("/dev/stdout", f"{self.folder}/access.log"),
        ):
            assert old in written, old
            written = written.replace(old, new)
        (self.folder / "nginx.conf").write_text(written)
        # One process: nothing is left behind where it is killed.
        self.command = [program, "-g", "daemon off; master_process off;", "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=(self.folder / "said.txt").open("w"))
        harness.wait_until(self.listens, PATIENCE, "nginx listens")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def listens(self):
        try:
            socket.create_connection(self.address, 1).close()
        except OSError:
            return False
        return True

    def output(self):
        return (self.folder / "said.txt").read_text()

    def client(self, token=None):
        return Client(self.address, token)


def proxy(viva, engine, options):
    """Three servers behind nginx; clients know nginx alone, and one server after the other is killed."""
    if engine == "sqlite":
        return "not for SQLite: replicas share a PostgreSQL server"
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return "left out: there is no nginx"
    with contextlib.ExitStack() as stack:
        folder, database = begun(viva, engine, stack)
        servers = three_servers(viva, folder, database, stack)
        front = stack.enter_context(Proxy(program, folder, servers))
        with Crowd([front], 9, options.seed, proxied=True) as crowd:
            crowd.wait_for(60)
            servers[1].kill()
            crowd.wait_for(60)
            servers[0].kill()
            crowd.wait_for(60)
        assert not crowd.faults(), crowd.faults()[:3]
        return f"two of three killed behind nginx; {crowd.check(servers[2], database)}, {crowd.total('lost')} requests unanswered"


def replicas(viva, engine, options):
    """Three servers on one empty database start at once; one is killed while clients go on with the others."""
    if engine == "sqlite":
        return "not for SQLite: replicas share a PostgreSQL server"
    with contextlib.ExitStack() as stack:
        folder, database = begun(viva, engine, stack)
        servers = three_servers(viva, folder, database, stack)
        sets = database.rows("SELECT slug, COUNT(*) FROM question_set GROUP BY slug HAVING COUNT(*) > 1")
        assert not sets, f"built in more than once: {sets}"
        with Crowd(servers, 9, options.seed, elsewhere=True) as crowd:
            crowd.wait_for(30)
            servers[1].kill()
            crowd.wait_for(60)
            crowd.addresses = [servers[0].address, servers[2].address]
            crowd.wait_for(60)
        assert not crowd.faults(), crowd.faults()[:3]
        crowd.check(servers[0], database)
        return f"three started at once, one killed; {crowd.check(servers[2], database)}"


def drain(viva, engine, options):
    """SIGTERM while writers write: what was begun is answered, and the server ends by itself."""
    with contextlib.ExitStack() as stack:
        folder, database = begun(viva, engine, stack)
        slowest = 0
        for number in range(options.stops):
            server = stack.enter_context(Server(viva, database, folder, "--shutdown-seconds", "10"))
            with Crowd([server], 6, f"{options.seed}.{number}") as crowd:
                crowd.wait_for(5)
                candidate = server.client()
                recruiter = server.client(crowd.recruiter)
                harness.open_session(candidate, session := harness.create_session(recruiter))
                candidate.post("/v1/candidate/session/start")
                # Half of a request is there when the signal comes, the other half comes after it.
                body = '{"text": "Half of it came later."}'
                slow = socket.create_connection(server.address, PATIENCE)
                head = (
                    f"PUT /v1/candidate/answers/gil HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {candidate.token}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                slow.sendall((head + body[:10]).encode())
                time.sleep(0.3)
                begun_at = time.monotonic()
                server.process.terminate()
                time.sleep(0.3)
                slow.sendall(body[10:].encode())
                answer = slow.recv(65536).decode()
                assert answer.startswith("HTTP/1.1 201"), f"the request under way was answered: {answer!r}"
                status = server.process.wait(PATIENCE)
                took = time.monotonic() - begun_at
                slowest = max(slowest, took)
                assert status == 0, f"it ended with {status}: {server.output()}"
                assert took < 12, f"it took {took:.1f} s to end"
            with Server(viva, database, folder) as again:
                crowd.check(again, database)
                report = again.client(crowd.recruiter).get(f"/v1/sessions/{session['id']}/report")
                assert any((q["answer"] or {}).get("text") == "Half of it came later." for q in report["questions"])
            assert not crowd.faults(), crowd.faults()[:3]
        return f"{options.stops} stops under load, each within {slowest:.1f} s; the request under way was answered"


FAULTS = {"kill": kill, "restart": restart, "full-disk": full_disk, "replicas": replicas, "proxy": proxy, "drain": drain}
SHORT = {"rounds": 5, "restarts": 2, "cuts": 5, "fillings": 1, "stops": 1}
LONG = {"rounds": 50, "restarts": 10, "cuts": 50, "fillings": 5, "stops": 10}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fault", nargs="*", choices=[[], *FAULTS], help="which; all where none is named")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="on which database; both where none is named")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", default="1", help="for what is left to chance")
    for name in SHORT:
        parser.add_argument(f"--{name}", type=int)
    options = parser.parse_args()
    for name, value in (LONG if options.long else SHORT).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    viva = harness.program()
    failed = False
    for name in options.fault or FAULTS:
        for engine in options.engine or ENGINES:
            began = time.monotonic()
            try:
                said = FAULTS[name](viva, engine, options)
            except Exception as error:
                failed = True
                said = f"FAILED: {type(error).__name__}: {error}"
                traceback.print_exc()
            print(f"{name:<10} {engine:<10} {time.monotonic() - began:6.1f} s  {said}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
