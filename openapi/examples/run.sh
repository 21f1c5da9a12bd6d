#!/usr/bin/env bash
# Generates a client in each language from the OpenAPI document, builds it, and holds the README's first interview with it
# against a server on loopback. Without arguments all of them: python typescript rust.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
languages=("$@")
((${#languages[@]})) || languages=(python typescript rust)

work=$(mktemp -d)
server=
stop() {
    [[ -z $server ]] || { kill "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$work"
}
trap stop EXIT

python_with() {
    python3 -m venv "$work/venv-$1"
    "$work/venv-$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/$1/requirements.txt"
}

python() {
    python_with python
    cp "$here/python/interview.py" "$work/python/"
    "$work/venv-python/bin/openapi-python-client" generate --path "$root/openapi/openapi.json" --meta none \
        --output-path "$work/python/viva_client" --fail-on-warning --config "$here/python/generator.yaml"
    "$work/venv-python/bin/python" "$work/python/interview.py" "$1"
}

typescript() {
    cp "$here"/typescript/{interview.ts,package.json,tsconfig.json} "$work/typescript/"
    cp "$root/openapi/openapi.json" "$work/"
    (
        cd "$work/typescript"
        npm install --no-audit --no-fund --loglevel=error
        npm run --silent generate
        npm run --silent build
        npm run --silent start -- "$1"
    )
}

rust() {
    python_with rust
    cp -r "$here/rust/." "$work/rust/"
    PATH="$work/venv-rust/bin:$PATH" openapi-generator-cli generate --generator-name rust \
        --input-spec "$root/openapi/openapi.json" --output "$work/rust/client" \
        --additional-properties=packageName=viva-client,library=reqwest >"$work/generator.log" ||
        { cat "$work/generator.log" >&2; return 1; }
    CARGO_TARGET_DIR=${EXAMPLES_TARGET_DIR:-$work/target} \
        cargo run --quiet --manifest-path "$work/rust/Cargo.toml" -- "$1"
}

viva=${VIVA:-}
if [[ -z $viva ]]; then
    cargo build --locked --manifest-path "$root/Cargo.toml" --bin viva
    viva=$(cargo metadata --manifest-path "$root/Cargo.toml" --no-deps --format-version 1 |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')/debug/viva
fi
env -u DATABASE_URL "$viva" serve --listen 127.0.0.1:0 --data-dir "$work/data" --log warn >"$work/server.log" 2>&1 &
server=$!
for _ in {1..300}; do
    url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/server.log" | head -n 1 || true)
    [[ -n $url ]] && break
    kill -0 "$server" || { cat "$work/server.log" >&2; exit 1; }
    sleep 0.1
done

for language in "${languages[@]}"; do
    echo "== $language"
    mkdir -p "$work/$language"
    "$language" "$url"
done
echo "Every client held the interview: ${languages[*]}"
