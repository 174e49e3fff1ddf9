#!/usr/bin/env bash
# A second engine as judge: XLA compiles the StableHLO text of every test graph and must compute what the host reference
# computes. Needs Python >= 3.11; installs the pinned JAX once, below node_modules/.cache. Ends with `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=packages/autodiff/test-xla
cache=$PWD/node_modules/.cache/layerwise/xla
export PATH="$PWD/node_modules/.bin:$PATH" JAX_PLATFORMS=cpu PIP_DISABLE_PIP_VERSION_CHECK=1

give_up() {
  echo "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  give_up "test:xla needs python3 >= 3.11 (Debian: apt-get install python3 python3-venv)"

if ! cmp -s "$here/requirements.txt" "$cache/requirements.txt"; then
  rm -rf "$cache"
  mkdir -p "$cache"
  echo "Installing JAX for the CPU (first run only) ..." >&2
  # Without the package python3-venv, pip can still install into a directory.
  if python3 -m venv "$cache/venv" >/dev/null 2>&1; then
    "$cache/venv/bin/pip" install --quiet --requirement "$here/requirements.txt" ||
      give_up "test:xla could not install $here/requirements.txt"
  else
    python3 -m pip install --quiet --target "$cache/modules" --requirement "$here/requirements.txt" ||
      give_up "test:xla needs the venv module of Python, or pip (Debian: apt-get install python3-venv)"
  fi
  cp "$here/requirements.txt" "$cache/requirements.txt"
fi
python=python3
[ -x "$cache/venv/bin/python" ] && python=$cache/venv/bin/python
export PYTHONPATH="$cache/modules"

node --conditions=@layerwise/source "$here/cases.ts" >"$cache/cases.jsonl" ||
  give_up "test:xla could not write the cases"
exec "$python" "$here/judge.py" "$cache/cases.jsonl"
