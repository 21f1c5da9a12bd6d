#!/usr/bin/env python3
"""Derives word vectors from WordNet's glosses and from freely licensed manuals: which words are used in the same surroundings.

usage: derive_vectors.py MANUALS_FOLDER LEMMAS_PROGRAM [/usr/share/wordnet] [vectors.txt]

MANUALS_FOLDER holds the unpacked Debian packages python3.11-doc (PSF), rust-doc (MIT, Apache-2.0), postgresql-doc-15
(PostgreSQL), sqlite3-doc (public domain), apache2-doc (Apache-2.0), nodejs-doc (MIT), python-django-doc (BSD),
python-pandas-doc (BSD), python-sklearn-doc (BSD) and docker-doc (Apache-2.0): `apt-get download NAME`, `dpkg -x`.
LEMMAS_PROGRAM is the engine's example `lemmas`, which brings words to their base forms. Needs numpy, scipy, scikit-learn.

Method: co-occurrence counts in glosses (whole gloss) and manuals (eight words around, nearer ones counting more), positive
pointwise mutual information with smoothed contexts (Levy, Goldberg and Dagan 2015), a truncated singular value decomposition
to 96 dimensions. Each value is written as one character: its code less 80, in 31sts of the word's greatest value.
"""
import collections
import html
import os
import re
import subprocess
import sys

import numpy as np
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

MANUALS, LEMMAS = sys.argv[1:3]
SOURCE = sys.argv[3] if len(sys.argv) > 3 else "/usr/share/wordnet"
TARGET = sys.argv[4] if len(sys.argv) > 4 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.txt")
DIMENSIONS, MOST_WORDS = 96, 32000


def glosses():
    synsets = {}
    for name in ("noun", "verb", "adj", "adv"):
        for line in open(f"{SOURCE}/data.{name}"):
            if line.startswith("  "):
                continue
            head, gloss = line.split(" | ", 1)
            f = head.split()
            n = int(f[3], 16)
            words = [re.sub(r"\(.*", "", f[4 + 2 * i]).replace("_", " ") for i in range(n)]
            at = 4 + 2 * n
            pointers = [tuple(f[at + 1 + 4 * i: at + 4 + 4 * i]) for i in range(int(f[at]))]
            synsets["a" if f[2] == "s" else f[2], int(f[0])] = (words, pointers, gloss.strip())
    near = {"@", "&", "+", "\\", "*", ">", "$", "%p", "#p", "%m", "#m", "%s", "#s", ";c"}
    for (pos, _), (words, pointers, gloss) in synsets.items():
        if words[0][:1].isupper() and pos == "n" and any(s == "@i" for s, _, _ in pointers):
            continue
        related = [synsets[key][0][0] for s, o, p in pointers if s in near
                   for key in [("a" if p == "s" else p, int(o))] if key in synsets]
        meaning = gloss.partition('; "')[0].replace(";", " ")
        yield " ".join(words) + " " + meaning + " " + " ".join(related)
        for example in re.findall(r'"([^"]+)"', gloss):
            yield example + " " + words[0]


def sentences():
    seen = set()
    for root, folders, files in sorted(os.walk(MANUALS)):
        folders.sort()
        if "/core_arch" in root or "/implementors" in root or ("api/" in root and "pandas" in root):
            continue
        for name in sorted(files):
            path = os.path.join(root, name)
            if not name.endswith((".html", ".md", ".txt")) or os.path.islink(path) or os.path.getsize(path) > 2_000_000:
                continue
            text = open(path, encoding="utf-8", errors="ignore").read()
            text = re.sub(r"(?is)<(script|style|pre).*?</\1>", " ", text)
            text = re.sub(r"(?i)</?(p|li|h\d|td|tr|div|dd|dt|br|table|ul|ol)[^>]*>", "\n", text)
            text = html.unescape(re.sub(r"<[^>]+>", "", text))
            for paragraph in text.split("\n"):
                paragraph = " ".join(paragraph.split())
                if len(paragraph) < 60 or paragraph.count(" ") < 9:
                    continue
                for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", paragraph):
                    if sentence.count(" ") >= 6 and len(sentence) <= 600 and sentence not in seen:
                        seen.add(sentence)
                        yield sentence


def lemmas(lines):
    done = subprocess.run([LEMMAS], input="\n".join(lines), capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


wordnet, manuals = lemmas(glosses()), lemmas(sentences())
in_wordnet = collections.Counter(w for line in wordnet for w in line)
in_manuals = collections.Counter(w for line in manuals for w in line)
vocabulary = [w for w in in_wordnet.keys() | in_manuals.keys() if w.isalpha() and (
    in_wordnet[w] >= 6 or in_manuals[w] >= 40 or (in_wordnet[w] >= 3 and in_manuals[w] >= 5))]
vocabulary = sorted(vocabulary, key=lambda w: (-(in_wordnet[w] + in_manuals[w]), w))[:MOST_WORDS]
index = {w: i for i, w in enumerate(vocabulary)}


def together(lines, window):
    counts = collections.Counter()
    for line in lines:
        ids = [index[w] for w in line if w in index]
        for i, a in enumerate(ids):
            for j, b in enumerate(ids[i + 1: i + window + 1], 1):
                if a != b:
                    counts[min(a, b), max(a, b)] += 1 if window > 15 else j ** -0.5
    pairs, values = np.array(list(counts)), np.array(list(counts.values()))
    half = sp.coo_matrix((values, (pairs[:, 0], pairs[:, 1])), shape=(len(vocabulary),) * 2).tocsr()
    return half + half.T


def information(counts):
    totals = np.asarray(counts.sum(1)).ravel() + 1e-9
    contexts = totals ** 0.75
    contexts /= contexts.sum()
    m = counts.tocoo()
    values = np.log(m.data / (totals[m.row] * contexts[m.col]))
    keep = values > 0
    return sp.csr_matrix((values[keep], (m.row[keep], m.col[keep])), shape=m.shape)


both = sp.hstack([information(together(wordnet, 40)), information(together(manuals, 8)) * 0.6]).tocsr()
u, s, _ = randomized_svd(both, DIMENSIONS, n_iter=4, random_state=1)
vectors = u * s ** 0.5
with open(TARGET, "w") as out:
    for word in sorted(vocabulary):
        v = vectors[index[word]]
        out.write(word + " " + "".join(chr(int(round(x)) + 80) for x in v / (np.abs(v).max() + 1e-9) * 31) + "\n")
print(len(vocabulary), "words")
