#!/usr/bin/env bash
# Starts and drives the bundle where there is no Python: bash packaging/bundle_check.sh [BUNDLE]     # dist/kdc-annotator
#
# As root with debootstrap: in a fresh Debian (build/bare-root, made once), with the libraries that every desktop has and
# nothing else. Otherwise in an empty environment (env -i, an empty PATH) of this system, and it says so.
# The window is driven on a virtual display (Xvfb) with real mouse and keys (xdotool) of this system.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bundle=$(cd -- "${1:-$root/dist/kdc-annotator}" && pwd)
bare=${KDC_BARE_ROOT:-$root/build/bare-root}
display=:87
libraries=libgl1,libegl1,libxkbcommon0,libdbus-1-3,libfontconfig1,libglib2.0-0,libxcb-cursor0,libxcb-icccm4,libxcb-image0
libraries+=,libxcb-keysyms1,libxcb-randr0,libxcb-render-util0,libxcb-shape0,libxcb-xinerama0,libxcb-xkb1
libraries+=,libxkbcommon-x11-0,fonts-dejavu-core
for tool in Xvfb xdotool; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install xvfb xdotool" >&2; exit 2; }
done

say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
pids=()
cleanup() {
  local pid part
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ -n "${mounted:-}" ]; then
    for part in app proc dev tmp/.X11-unix; do umount "$bare/$part" 2>/dev/null || umount -l "$bare/$part" 2>/dev/null || true; done
  else
    rm -rf -- "${place:-/nonexistent}"
  fi
}
trap cleanup EXIT

clean=(env -i HOME=/root LANG=C.UTF-8)
if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null && [ -z "${KDC_NO_CHROOT:-}" ]; then
  if [ ! -x "$bare/bin/bash" ]; then
    say "making a bare Debian in $bare"
    debootstrap --variant=minbase --include="$libraries" bookworm "$bare" >"$root/build/debootstrap.log" 2>&1 ||
      fail "debootstrap; see build/debootstrap.log"
  fi
  mounted=yes
  rm -rf -- "${bare:?}/root" "$bare/data"
  mkdir -p "$bare/app" "$bare/root" "$bare/data" "$bare/tmp/.X11-unix"
  mount --bind "$bundle" "$bare/app"
  mount -t proc proc "$bare/proc"
  mount --bind /dev "$bare/dev"
  inside=("${clean[@]}" PATH=/usr/bin:/bin DISPLAY="$display" "$(command -v chroot)" "$bare")
  program=/app/kdc-annotator
  data=/data
  data_here=$bare/data
  say "in a bare Debian ($(cat "$bare/etc/debian_version")), chroot"
  if "${inside[@]}" /bin/sh -c 'command -v python3 || command -v python'; then fail "there is a Python in the bare system"; fi
else
  place=$(mktemp -d)
  mkdir -p "$place/home" "$place/empty"
  inside=(env -i HOME="$place/home" LANG=C.UTF-8 PATH="$place/empty" DISPLAY="$display")
  program=$bundle/kdc-annotator
  data=$place
  data_here=$place
  say "NOT in a bare system (that needs root and debootstrap): an empty environment of this one, without Python on the PATH"
fi
app() { "${inside[@]}" "$program" "$@"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }

Xvfb "$display" -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 50); do [ -S "/tmp/.X11-unix/X${display#:}" ] && break; sleep 0.1; done
if [ -n "${mounted:-}" ]; then mount --bind /tmp/.X11-unix "$bare/tmp/.X11-unix"; fi
say "version and doctor"
app --version
app doctor >"$root/build/bundle-doctor.txt" || true
grep -E "^(torch|PySide6|window|model)" "$root/build/bundle-doctor.txt"

say "people in the sample photo"
mkdir -p "$data_here/photos"
cp "$bundle/_internal/resources/samples/crowd.jpg" "$data_here/photos/"
began=$(now)
app predict "$data/photos/crowd.jpg" -o "$data/people.json" 2>/dev/null
echo "$(since "$began") s, the first time (kernels are compiled)"
grep -q '"keypoints"' "$data_here/people.json" || fail "nobody was found"

say "two steps of training, with a worker process"
cp "$bundle/_internal/resources/samples/person_keypoints.json" "$bundle/_internal/resources/samples/"*.jpg "$data_here/photos/"
app train "$data/photos/person_keypoints.json" -o "$data/run" --steps 2 --batch 2 --val none --workers 1 >"$data_here/train.txt" 2>&1 ||
  { tail -3 "$data_here/train.txt"; fail "training"; }
[ -s "$data_here/run/last.safetensors" ] || fail "training left no model"
rm -- "$data_here/photos/person_keypoints.json"

say "the window"
export DISPLAY=$display
open_window() { # Starts the app and waits for its window; the seconds that took are in $took.
  local began
  began=$(now)
  "${inside[@]}" "$program" "$@" >"$data_here/window.txt" 2>&1 &
  pids+=($!)
  running=$!
  window=
  for _ in $(seq 600); do
    window=$(xdotool search --onlyvisible --name "KDC Annotator" 2>/dev/null | tail -1) && [ -n "$window" ] && break
    kill -0 "$running" 2>/dev/null || { cat "$data_here/window.txt"; fail "the window ended"; }
    sleep 0.05
  done
  [ -n "$window" ] || fail "no window"
  took=$(since "$began")
}
press() { # A key as a keyboard sends it, to the window that has the focus (there is no window manager to give it).
  xdotool windowfocus "$window" 2>/dev/null || true
  sleep 0.2
  xdotool key "$1"
}
close_window() { # The window goes at once; the process ends when the kernels are compiled, which happens once.
  press ctrl+q
  for _ in $(seq 100); do
    xdotool search --onlyvisible --name "KDC Annotator" >/dev/null 2>&1 || break
    sleep 0.1
  done
  if xdotool search --onlyvisible --name "KDC Annotator" >/dev/null 2>&1; then fail "the window did not close"; fi
  for _ in $(seq 1800); do kill -0 "$running" 2>/dev/null || return 0; sleep 0.1; done
  fail "the process did not end"
}
open_window
echo "window after $took s (first time)"
sleep 2
close_window
open_window "$data/photos"
echo "window after $took s (warm)"
project=$data/photos/photos.kdcproj
people() { # How many people the project has.
  app export "$project" -o "$data/out.json" >/dev/null 2>&1 || true
  if [ -f "$data_here/out.json" ]; then grep -o '"category_id"' "$data_here/out.json" || true; fi | wc -l
}
count=0
for _ in $(seq 40); do # Proposals come when the model is ready; Q takes them.
  sleep 3
  xdotool mousemove 600 400
  press q
  sleep 1
  count=$(people)
  [ "$count" -gt 0 ] && break
done
[ "$count" -gt 0 ] || fail "no proposals in the window"
echo "$count people accepted with Q"
xdotool mousemove 600 400 mousedown 1 mousemove 620 410 mousemove 640 420 mouseup 1
press space
sleep 1
close_window
app export "$project" -o "$data/done.json" --status done >/dev/null 2>&1 || true
grep -q '"category_id"' "$data_here/done.json" || fail "the confirmed image is not in the project"
echo "confirmed with the space bar, and in the project after closing"
size=$(du -sm -- "$bundle" | cut -f1)
say "all well; the bundle has $size MB"
