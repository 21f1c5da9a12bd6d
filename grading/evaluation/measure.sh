#!/bin/sh
# Prints every figure of the evaluation in one go: validation by set, the sets kept aside, the probes, and speed.
set -eu
cd "$(dirname "$0")/../.."
learn() { cargo run --quiet --release -p grading --example learn -- "$1"; }
echo "== every set graded by weights learnt without it"
learn validate
echo "== pairs of words, and the order of words"
learn validate-pairs
learn measure-order
echo "== the built-in questions, each writer graded by what the others taught"
learn validate-worded
echo "== sets kept aside, by the weights in the repository"
learn aside
echo "== what must not earn credit"
learn probes
echo "== speed"
cargo bench --quiet -p grading
