#!/usr/bin/env python3
"""Schemathesis against the running server, as each kind of caller. See `.ci/schemathesis`."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import harness
from harness import ENGINES, Server

CONFIGURATION = harness.ROOT / "tests/scripts/schemathesis.toml"
CANDIDATES = "candidate"
# How many examples an operation gets in a round, and how many requests there have to be in all, on each database.
FORMS = {"short": (1, 500), "long": (60, 20_000)}


def caller(server, who, number):
    """A fresh caller's token: what one round ended, a submission for instance, the next does not find ended."""
    client = server.client()
    harness.register(client, f"{who}.{number}")
    if who != CANDIDATES:
        return client.token
    candidate = server.client()
    harness.open_session(candidate, harness.create_session(client, number))
    if number % 3:
        candidate.post("/v1/candidate/session/start")
    return candidate.token


def ran(server, who, examples, seed):
    """One round; tells how many requests there were and whether all checks held."""
    which = "--include-tag" if who == CANDIDATES else "--exclude-tag"
    command = [
        str(pathlib.Path(os.environ["SCHEMATHESIS"]).resolve()) if "SCHEMATHESIS" in os.environ else "schemathesis",
        *("--config-file", str(CONFIGURATION), "run", f"{server.url}/openapi.json"),
        *("--checks", "all", "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure"),
        *("--header", f"Authorization: Bearer {caller(server, who, seed)}", which, CANDIDATES),
        *("--warnings", "off", "--no-color"),
    ]
    # It remembers in its working directory what it found.
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder)
    found = re.search(r"^ +([0-9,]+) generated", done.stdout, re.MULTILINE)
    requests = int(found[1].replace(",", "")) if found else 0
    if done.returncode or not requests:
        print(done.stdout)
    return requests, done.returncode == 0 and requests > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="*", choices=[[], *ENGINES])
    parser.add_argument("--form", choices=FORMS, default="short")
    options = parser.parse_args()
    examples, wanted = FORMS[options.form]
    viva = harness.program()
    failed = False
    for engine in options.engine or ENGINES:
        with harness.data_folder() as folder, harness.database(engine, folder) as database:
            with Server(viva, database, folder, "--access-token-minutes", "600", log="error") as server:
                requests, seed = {"member": 0, CANDIDATES: 0}, 1
                while not failed and sum(requests.values()) < wanted:
                    for who in requests:
                        more, held = ran(server, who, examples, seed)
                        requests[who] += more
                        failed |= not held
                        print(f"{engine}: seed {seed}, {more} requests as {who}", flush=True)
                    seed += 1
                # The HTTP library calls a request an error that can't be read.
                errors = [line for line in server.output().splitlines() if "ERROR api" in line or "panicked" in line]
                failed |= bool(errors)
                told = ", ".join(f"{count} as {who}" for who, count in requests.items())
                print(f"{engine}: {told}: {'FAILED' if failed else 'every check held'} {errors[:3] or ''}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
