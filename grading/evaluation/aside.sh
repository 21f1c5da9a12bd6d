#!/bin/sh
# Prints how the engine as it is grades every set that nothing was learnt from, and the built-in set's own answers.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --bin viva
viva=${CARGO_TARGET_DIR:-target}/release/viva
here=grading/evaluation
evaluate() { printf '\n%s\n' "$1"; "$viva" eval --set "$2" --answers "$3" | head -n 3; }
evaluate "python-core (learnt from)" python-core-mechanics $here/answers/python-core.labelled.jsonl
evaluate "python-core-2" python-core-mechanics $here/answers/python-core-2.labelled.jsonl
for set in python-core-3 python-core-4 python-writer-u1 python-writer-v1; do
    evaluate $set python-core-mechanics $here/aside/$set.labelled.jsonl
done
for set in answers/languages-more aside/embedded-games aside/software-mixed \
    answers/science aside/environment-farming aside/work-society; do
    evaluate "${set#*/}" $here/$set.json $here/$set.labelled.jsonl
done
