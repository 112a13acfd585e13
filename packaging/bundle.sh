#!/usr/bin/env bash
# Builds a folder that runs without Python: bash packaging/bundle.sh [FOLDER]        # dist/kdc-annotator
#
# PyInstaller lies in a folder of its own (build/bundle-tools), so that it never becomes one of the app's packages. What
# goes in is in bundle.spec; bundle_check.sh tries the result. See docs/packaging.md.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
target=${1:-$root/dist}
bash packaging/setup.sh run

tools=$root/build/bundle-tools
if [ ! -d "$tools/PyInstaller" ]; then
  rm -rf -- "$tools"
  .venv/bin/python -m pip install -q --disable-pip-version-check --target "$tools" "pyinstaller>=6.10,<7"
fi
PYTHONPATH=$tools:$root .venv/bin/python -m PyInstaller --noconfirm --log-level WARN --distpath "$target" \
  --workpath build/bundle packaging/bundle.spec

bundle=$target/kdc-annotator
mkdir -p -- "$bundle/share"
cp -- packaging/kdc-annotator.desktop packaging/kdc-annotator.svg packaging/kdc-annotator-mime.xml \
  packaging/install_desktop.sh LICENSE "$bundle/share/"
echo "$bundle: $(du -sh --apparent-size -- "$bundle" | cut -f1)"
