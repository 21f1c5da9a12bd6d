#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets from the evaluation collection and the built-in question set, into corpus/."""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
GRADING = HERE.parent


def write(target, number, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{number:04}").write_bytes(content)


answers, files = [], sorted((GRADING / "evaluation/answers").glob("*.labelled.jsonl"))
for file in files:
    lines = file.read_text(encoding="utf-8").splitlines()
    write("answers_file", len(answers), "\n".join(lines[:3]).encode())
    for line in lines[:: 1 if "python" in file.name else 8]:
        answers.append(json.loads(line)["answer"])
code = [answer for answer in answers if "def " in answer or "`" in answer or "(" in answer]
for target, texts in (("answer", answers), ("code", code)):
    for number, text in enumerate(texts):
        write(target, number, text.encode())
sets = [GRADING.parent / "api/question-sets/python-core-mechanics.yaml", *sorted((GRADING / "evaluation/answers").glob("*.json"))]
for number, file in enumerate(sets):
    write("question_set", number, file.read_bytes())
    if file.suffix == ".json":  # one question is enough to take apart
        one = json.loads(file.read_text(encoding="utf-8"))
        one["questions"] = one["questions"][:1]
        write("question_set", 100 + number, json.dumps(one).encode())
        question = one["questions"][0]
        lines = [f"id: {one['id']}", "questions:", f"  - id: {question['id']}", f"    prompt: {json.dumps(question['prompt'])}", "    concepts:"]
        for concept in question["concepts"]:
            lines += [f"      - id: {concept['id']}", f"        statement: {json.dumps(concept['statement'])}"]
        write("question_set", 200 + number, "\n".join(lines).encode())
