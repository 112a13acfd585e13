#!/usr/bin/env bash
# The whole test suite: bash packaging/test.sh [options of pytest]. Sets up what is missing first (see setup.sh).
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
bash packaging/setup.sh test
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
exec .venv/bin/python -m pytest "$@"
