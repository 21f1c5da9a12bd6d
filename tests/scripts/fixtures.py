#!/usr/bin/env python3
"""Fills a database of each kind through the API and keeps its dump, for later versions to be migrated from.

    tests/scripts/fixtures.py 0.1.0    # writes tests/fixtures/0.1.0/{sqlite.sql,postgresql.sql,expected-*.json}

Run once, with the version that is released; what is there is never written again. The test is `tests/tests/api/upgrade.rs`.
"""

import contextlib
import json
import sqlite3
import sys

import harness
from harness import ENGINES, Server

ANSWER = "The GIL lets only one thread run Python bytecode at a time. 🙂 It is released during I/O."
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
}


def own_set(recruiter):
    question = {
        "id": "idempotence",
        "prompt": "Which HTTP methods are idempotent?",
        "concepts": [{"id": "put", "statement": "PUT is idempotent."}],
    }
    recruiter.post("/v1/question-sets", {"id": "http", "title": "HTTP in short", "questions": [question]})
    recruiter.post("/v1/question-sets/http/publish")
    recruiter.call("PATCH", "/v1/question-sets/http", {"title": "HTTP, edited and not yet published"}).ok()


def interview(server, recruiter, number, feedback, saves, ending=None, **more):
    session = harness.create_session(recruiter, number, feedback=feedback, **more)
    candidate = server.client()
    harness.open_session(candidate, session)
    if saves is not None:
        candidate.post("/v1/candidate/session/start")
        for question, text in saves:
            candidate.put(f"/v1/candidate/answers/{question}", {"text": text})
    if ending:
        candidate.post(f"/v1/candidate/session/{ending}")
    return session


def fill(server):
    """Something of everything; tells what a later version is asked for."""
    recruiter = server.client()
    harness.register(recruiter, "fixture")
    own_set(recruiter)
    saves = [("gil", "Not yet."), ("gil", ANSWER), ("decorators", "A decorator takes a function and returns another one.")]
    told = interview(server, recruiter, 1, "on_release", saves, "submit", external_id="fixture-1", time_limit_minutes=45)
    recruiter.post(f"/v1/sessions/{told['id']}/finalize")
    recruiter.post(f"/v1/sessions/{told['id']}/release")
    interview(server, recruiter, 2, "immediate", saves[:2])
    interview(server, recruiter, 3, "never", None)
    interview(server, recruiter, 4, "on_submit", None, "decline")
    interview(server, recruiter, 5, "on_submit", [("idempotence", "PUT is.")], "submit", question_set="http")
    cancelled = interview(server, recruiter, 6, "on_submit", [])
    recruiter.post(f"/v1/sessions/{cancelled['id']}/cancel")
    other = server.client()
    harness.register(other, "other")
    email = "ada.fixture@example.org"
    return {
        "email": email,
        "password": harness.PASSWORD,
        "invite_code": told["invite_code"],
        "report": recruiter.get(f"/v1/sessions/{told['id']}/report"),
        "sessions": sorted(session["id"] for session in recruiter.get("/v1/sessions")["data"]),
    }


def dumped(database):
    if database.engine == "sqlite":
        with contextlib.closing(sqlite3.connect(database.file)) as db:
            return "\n".join(db.iterdump()) + "\n"
    # Only what any version of PostgreSQL understands, and no commands of psql's.
    kept = [line for line in database.dump().splitlines() if not line.startswith(("\\", "SET ", "SELECT pg_catalog.", "--"))]
    return "\n".join(line for line in kept if line) + "\n"


def main():
    (version,) = sys.argv[1:]
    folder = harness.ROOT / "tests/fixtures" / version
    folder.mkdir(parents=True, exist_ok=True)
    viva = harness.program()
    for engine in ENGINES:
        if (folder / f"{engine}.sql").exists():
            sys.exit(f"{folder} has it already: what a version left is never written again")
        with harness.data_folder() as data, harness.database(engine, data) as database:
            with Server(viva, database, data) as server:
                found = server.client().get("/healthz")["version"]
                assert found == version, f"this is {found}"
                expected = fill(server)
                server.stop()
            tables = sorted(name for (name,) in database.rows(TABLES[engine]))
            expected["rows"] = {name: int(database.rows(f"SELECT COUNT(*) FROM {name}")[0][0]) for name in tables}
            (folder / f"{engine}.sql").write_text(dumped(database))
            text = json.dumps(expected, indent=1, ensure_ascii=False)
            (folder / f"expected-{engine}.json").write_text(text + "\n")
        print(f"{engine}: {sum(expected['rows'].values())} rows in {len(tables)} tables")


if __name__ == "__main__":
    main()
