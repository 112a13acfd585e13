#!/usr/bin/env bash
# The whole test suite: bash packaging/test.sh [options of pytest]. Sets up what is missing first (see setup.sh).
# Two processes share the test files, with one thread each; -n 0 leaves all to one, as debuggers need it.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
bash packaging/setup.sh test
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
exec .venv/bin/python -m pytest -n 2 --dist loadfile "$@"
