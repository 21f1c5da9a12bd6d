#!/usr/bin/env python3
"""Derives the engine's compact word data from WordNet 3.0 (Debian package wordnet-base).

usage: derive_wordnet.py [/usr/share/wordnet] [OUTPUT_FOLDER]

Writes into OUTPUT_FOLDER (default: wordnet/ beside this script):
  words.txt       lemma, parts of speech (most used first), times tagged: one single-word lemma a line
  forms.txt       irregular form, lemma
  relations.txt   lemma, then groups: "s" same meaning, "n" near (one step up, down or beside), "a" opposite, "d" derived;
                  each related word is followed by a digit, 1 (weak) to 9 (strong)
"""
import math
import os
import re
import sys
from collections import defaultdict

SOURCE = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/wordnet"
TARGET = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "wordnet")
POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
NUMBER = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
WORD = re.compile(r"^[a-z][a-z'-]*$")

counts = defaultdict(int)
for line in open(f"{SOURCE}/cntlist.rev"):
    key, sense, count = line.split()
    lemma, rest = key.split("%")
    counts[lemma.lower(), NUMBER[rest[0]], int(sense)] += int(count)

synsets = {}
for name, pos in POS.items():
    for line in open(f"{SOURCE}/data.{name}"):
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        n = int(fields[3], 16)
        words = [re.sub(r"\(.*\)$", "", fields[4 + 2 * i]) for i in range(n)]
        at = 4 + 2 * n
        pointers = []
        for i in range(int(fields[at])):
            symbol, offset, other, ends = fields[at + 1 + 4 * i: at + 5 + 4 * i]
            pointers.append((symbol, (other.replace("s", "a"), int(offset)), int(ends[:2], 16), int(ends[2:], 16)))
        synsets[pos, int(fields[0])] = (words, pointers)

senses = defaultdict(list)
for name, pos in POS.items():
    for line in open(f"{SOURCE}/index.{name}"):
        if line.startswith("  "):
            continue
        fields = line.split()
        lemma, pointer_kinds = fields[0], int(fields[3])
        offsets = [int(o) for o in fields[6 + pointer_kinds:]]
        for number, offset in enumerate(offsets, 1):
            senses[lemma].append((pos, number, (pos, offset), counts[lemma, pos, number]))

proper = {w for words, _ in synsets.values() for w in words if w[:1].isupper()}
share = {}
for lemma, rows in senses.items():
    total = sum(c + 1 / n for _, n, _, c in rows)
    share[lemma] = {key: (c + 1 / n) / total for _, n, key, c in rows}


def plain(word):
    return WORD.match(word) and len(word) > 1


os.makedirs(TARGET, exist_ok=True)
lemmas = sorted(l for l in senses if plain(l) and any(l in synsets[k][0] for _, _, k, _ in senses[l]))
tagged = {l: sum(c for *_, c in senses[l]) for l in lemmas}
with open(f"{TARGET}/words.txt", "w") as out:
    for lemma in lemmas:
        by = defaultdict(float)
        for pos, number, _, count in senses[lemma]:
            by[pos] += count + 0.1 / number
        out.write(f"{lemma} {''.join(sorted(by, key=lambda p: -by[p]))} {tagged[lemma]}\n")

with open(f"{TARGET}/forms.txt", "w") as out:
    seen = set()
    for name in POS:
        for line in open(f"{SOURCE}/{name}.exc"):
            form, lemma = line.split()[:2]
            if plain(form) and plain(lemma) and form != lemma and (form, lemma) not in seen:
                seen.add((form, lemma))
                out.write(f"{form} {lemma}\n")

relations = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))


def relate(group, a, b, strength):
    if a != b and plain(a) and plain(b):
        relations[a][group][b] = max(relations[a][group][b], strength)


for lemma in lemmas:
    for pos, number, key, count in senses[lemma]:
        mine = share[lemma][key]
        if mine < 0.04 and number > 2:
            continue
        words, pointers = synsets[key]
        position = next((i + 1 for i, w in enumerate(words) if w.lower() == lemma), 0)

        def others(other_key, target=0):
            names = synsets[other_key][0]
            names = names if target == 0 else names[target - 1: target]
            return [(n.lower(), share.get(n.lower(), {}).get(other_key, 0.0)) for n in names]

        for word, theirs in others(key):
            relate("s", lemma, word, math.sqrt(mine * theirs))
        for symbol, other, source, target in pointers:
            if source not in (0, position):
                continue
            if symbol == "!":
                for word, theirs in others(other, target):
                    relate("a", lemma, word, max(0.4, math.sqrt(mine * theirs)))
            elif symbol == "+":
                for word, theirs in others(other, target):
                    relate("d", lemma, word, max(0.3, math.sqrt(mine * theirs)))
            elif symbol in ("@", "~", "&", "*", ">", "$", "^", "\\", "<"):
                if symbol in ("@", "~") and len(synsets[other][1]) > 60:
                    continue
                scale = {"@": 0.9, "~": 0.9, "&": 1.0, "\\": 1.0, "<": 1.0}.get(symbol, 0.8)
                for word, theirs in others(other, target):
                    relate("n", lemma, word, scale * math.sqrt(mine * theirs))
        # adjectives: the opposite of the head that a satellite belongs to
        if pos == "a":
            for symbol, other, source, _ in pointers:
                if symbol == "&":
                    for symbol2, far, source2, target2 in synsets[other][1]:
                        if symbol2 == "!":
                            for word, theirs in others(far, target2):
                                relate("a", lemma, word, 0.7 * math.sqrt(mine * max(theirs, 0.1)))

lines = 0
with open(f"{TARGET}/relations.txt", "w") as out:
    for lemma in lemmas:
        groups = []
        for group, limit, least in (("s", 24, 0.06), ("n", 30, 0.12), ("a", 8, 0.1), ("d", 10, 0.1)):
            found = sorted(relations[lemma][group].items(), key=lambda e: (-e[1], e[0]))
            found = [(w, s) for w, s in found if s >= least and (tagged.get(w, 0) > 0 or group != "n")][:limit]
            if found:
                groups.append(group + " " + " ".join(f"{w}{min(9, max(1, round(s * 10)))}" for w, s in found))
        if groups and (tagged[lemma] > 0 or any(g[0] != "n" for g in groups)):
            out.write(lemma + "\t" + "\t".join(groups) + "\n")
            lines += 1
print(len(lemmas), "lemmas", lines, "with relations")
