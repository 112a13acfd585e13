#!/usr/bin/env bash
# Puts KDC Annotator into the menus of this user, with its icon, and .kdcproj files into its hands:
#   bash packaging/install_desktop.sh [PROGRAM]     # kdc-annotator on the PATH, the bundle beside it, or the one named
#   bash packaging/install_desktop.sh --remove
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/kdc-annotator.desktop
picture=$data/icons/hicolor/scalable/apps/kdc-annotator.svg
kinds=$data/mime/packages/kdc-annotator-mime.xml

refresh() { # Desktops that have none of these read the files by themselves.
  if command -v update-mime-database >/dev/null; then update-mime-database "$data/mime"; fi
  if command -v update-desktop-database >/dev/null; then update-desktop-database "$data/applications"; fi
  if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -t "$data/icons/hicolor" || true; fi
}

if [ "${1:-}" = --remove ]; then
  rm -f -- "$entry" "$picture" "$kinds"
  refresh
  exit 0
fi

program=${1:-}
if [ -z "$program" ]; then
  if [ -x "$here/../kdc-annotator" ]; then
    program=$here/../kdc-annotator
  elif [ -x "$here/../.venv/bin/kdc-annotator" ]; then
    program=$here/../.venv/bin/kdc-annotator
  else
    program=$(command -v kdc-annotator) || { echo "There is no kdc-annotator on the PATH; name it." >&2; exit 2; }
  fi
fi
if [ ! -x "$program" ]; then
  echo "$program can't be run; name the program kdc-annotator." >&2
  exit 2
fi
program=$(cd -- "$(dirname -- "$program")" && pwd)/$(basename -- "$program")

mkdir -p -- "$(dirname -- "$entry")" "$(dirname -- "$picture")" "$(dirname -- "$kinds")"
# A path with blanks is quoted, as the desktop entry specification wants it.
awk -v program="$program" '/^Exec=/ { print "Exec=\"" program "\" gui %f"; next } { print }' \
  "$here/kdc-annotator.desktop" >"$entry.part"
mv -f -- "$entry.part" "$entry"
cp -- "$here/kdc-annotator.svg" "$picture"
cp -- "$here/kdc-annotator-mime.xml" "$kinds"
refresh
echo "KDC Annotator ($program) is in the menu."
