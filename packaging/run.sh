#!/usr/bin/env bash
# KDC Annotator in one command: bash packaging/run.sh [FOLDER | IMAGE | COCO.json] [options of predict]
#
# Sets up what is missing (see setup.sh), then opens the app; without a display it finds the people in the photos and
# says where the COCO file and the overlay pictures are. Without an argument it takes the sample photos.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/.venv/bin/python

case ${1:-} in
  -h | --help)
    sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac

source=$root/resources/samples
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
  source=$1
  shift
  if [ ! -e "$source" ]; then
    echo "$source does not exist; name a folder, a photo or a COCO file." >&2
    exit 2
  fi
fi

bash "$root/packaging/setup.sh" run

display=${DISPLAY:-}${WAYLAND_DISPLAY:-}
if [ "$(uname -s)" = Darwin ]; then display=yes; fi
if [ -n "$display" ] && [ -f "$root/kdc_annotator/cli/gui.py" ] && [ $# = 0 ]; then
  exec "$python" -m kdc_annotator gui "$source"
fi

name=$(basename -- "$(cd -- "$(dirname -- "$source")" && pwd)/$(basename -- "$source")")
out=$root/out/${name%.*}
code=0
"$python" -m kdc_annotator predict "$source" "$@" --out "$out/people.json" --overlay "$out/overlays" || code=$?
if [ -f "$out/people.json" ] && { [ "$code" = 0 ] || [ "$code" = 3 ]; }; then
  echo
  echo "COCO file:        $out/people.json"
  echo "Overlay pictures: $out/overlays"
fi
exit "$code"
