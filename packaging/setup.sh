#!/usr/bin/env bash
# Sets up what run.sh and test.sh need, inside the checkout: bash packaging/setup.sh [run|test]
#
# - system libraries through apt, where this is root or has sudo; else it prints the one line to run;
# - Python 3.11 to 3.13 in .venv (KDC_PYTHON names another interpreter);
# - the packages of pyproject.toml, as constraints.txt pins them. KDC_TORCH=cpu|cuda chooses the torch build; unset,
#   it is cuda where nvidia-smi lists a GPU, else cpu.
# A second run finds all that by a stamp in .venv, takes a moment and downloads nothing.
set -euo pipefail

kind=${1:-run}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd -- "$root"
venv=$root/.venv
python=$venv/bin/python
say() { printf '%s\n' "$*" >&2; }

case $kind in
  run) extras="" ;;
  test) extras="[test,dev,docs]" ;;
  *) say "usage: bash packaging/setup.sh [run|test]"; exit 2 ;;
esac

has_gpu() { command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }

torch=${KDC_TORCH:-}
case $torch in
  "") if has_gpu; then torch=cuda; else torch=cpu; fi ;;
  cpu | cuda) ;;
  *) say "KDC_TORCH is '$torch'; it takes cpu or cuda."; exit 2 ;;
esac

# --- system libraries -------------------------------------------------------------------------------------------------

libraries=(libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0 libxcb-cursor0 libxcb-icccm4
  libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
  libxkbcommon-x11-0 fonts-dejavu-core)
if [ "$kind" = test ]; then libraries+=(xvfb xdotool); fi

installed() { # Newer releases call some libraries NAMEt64.
  [[ $(dpkg-query -W -f='${Status}\n' "$1" "${1}t64" 2>/dev/null) == *"install ok installed"* ]]
}

apt_install() {
  local line="apt-get install -y --no-install-recommends $*"
  local admin=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      admin=(sudo)
    else
      say "Missing system packages; run this once as administrator:"
      say "  sudo apt-get update && sudo $line"
      return 1
    fi
  fi
  say "Installing system packages: $*"
  if ! { "${admin[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1 || true
    "${admin[@]}" env DEBIAN_FRONTEND=noninteractive $line -qq >/dev/null 2>&1; }; then
    say "The system packages could not be installed (no network?); run this once with one:"
    say "  sudo apt-get update && sudo $line"
    return 1
  fi
}

system_libraries() {
  command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 || return 0
  local missing=() name
  for name in "${libraries[@]}"; do installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# --- Python -----------------------------------------------------------------------------------------------------------

usable() { # A Python of a version that works here, able to make environments.
  "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

find_python() {
  local name
  for name in ${KDC_PYTHON:+"$KDC_PYTHON"} python3.12 python3.11 python3.13 python3 python \
    /usr/local/bin/python3.1[123] /opt/homebrew/bin/python3.1[123] /opt/python/3.1[123]*/bin/python3 \
    "${HOME:-/root}"/.pyenv/versions/3.1[123]*/bin/python "${HOME:-/root}"/.local/bin/python3.1[123]; do
    if usable "$name"; then
      # What a shim (pyenv) starts can change; the interpreter itself can't.
      "$name" -c 'import os, sys; print(os.path.realpath(sys.executable))'
      return 0
    fi
  done
  return 1
}

apt_python() { # Debian and Ubuntu cut venv off from Python; a bare one has neither.
  command -v apt-get >/dev/null 2>&1 || return 1
  local packages
  for packages in "python3 python3-venv" "python3.12 python3.12-venv" "python3.11 python3.11-venv"; do
    # shellcheck disable=SC2086
    if apt-get install -s $packages >/dev/null 2>&1 || [ "$packages" = "python3 python3-venv" ]; then
      # shellcheck disable=SC2086
      apt_install $packages || return 1
      find_python && return 0
    fi
  done
  return 1
}

make_venv() {
  if [ -x "$python" ] && usable "$python" && "$python" -m pip --version >/dev/null 2>&1; then return 0; fi
  local base
  if ! base=$(find_python) && ! base=$(apt_python); then
    say "KDC Annotator needs Python 3.11, 3.12 or 3.13 with venv: install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv; else https://www.python.org/downloads) and run this again."
    exit 1
  fi
  say "Making .venv with $("$base" --version 2>&1) ($base)"
  rm -rf -- "$venv"
  "$base" -m venv "$venv"
}

# --- packages ---------------------------------------------------------------------------------------------------------

pip_install() { # Every install goes through here, so that the constraints hold for all.
  "$python" -m pip install -qq --disable-pip-version-check --no-input -c constraints.txt "$@"
}

own_index() { # A mirror or local wheels that the owner of this machine set up: they know where torch comes from.
  "$python" -m pip config list 2>/dev/null | grep -qE "index-url|find-links"
}

torch_fact() { "$python" -c "import torch; print($1)" 2>/dev/null; }

install_torch() {
  local wheels=https://download.pytorch.org/whl
  if [ "$torch" = cpu ]; then
    # PyPI's torch for Linux on Intel and AMD brings gigabytes of CUDA; elsewhere it is a CPU (or Apple) build.
    if [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] && ! own_index; then
      pip_install --retries 1 --timeout 15 --index-url "$wheels/cpu" torch 2>/dev/null ||
        say "download.pytorch.org can't be reached: torch comes from the usual index, which may bring CUDA (2 GB and more)."
    fi
  elif [ -z "$(torch_fact 'torch.version.cuda or ""')" ]; then
    if "$python" -m pip show -q torch >/dev/null 2>&1; then
      pip_install --force-reinstall --no-deps torch && pip_install torch
    else
      pip_install torch
    fi
    if [ -z "$(torch_fact 'torch.version.cuda or ""')" ]; then
      pip_install --retries 1 --timeout 15 --force-reinstall --index-url "$wheels/cu126" torch 2>/dev/null || true
    fi
  fi
}

torch_sentence() {
  "$python" - <<'PYTHON'
import torch

build = f"torch {torch.__version__} ({'CUDA ' + torch.version.cuda if torch.version.cuda else 'CPU build'})"
if torch.cuda.is_available():
    print(f"{build}, sees {torch.cuda.get_device_name(0)}.")
elif getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
    print(f"{build}, sees the Apple GPU (MPS).")
else:
    print(f"{build}, sees no GPU.")
PYTHON
  if has_gpu && [ -z "$(torch_fact 'torch.version.cuda or ""')" ]; then
    echo "This machine has an NVIDIA GPU; for a torch that uses it: KDC_TORCH=cuda bash packaging/run.sh"
  fi
}

install_packages() {
  local wanted stamp
  wanted=$({ cat pyproject.toml constraints.txt setup.py; echo "$root $torch"; } | cksum)
  stamp=$venv/.kdc-$kind
  if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$wanted" ]; then return 0; fi
  say "Installing the Python packages into .venv (once; some minutes, about 1.5 GB) ..."
  rm -f -- "$venv"/.kdc-*
  if ! install_torch || ! pip_install -e ".$extras"; then
    say "The packages could not be installed; what pip says is above. With a network, run this again: it goes on from there."
    exit 1
  fi
  { echo "$wanted"; torch_sentence; } >"$stamp.part"
  mv -f -- "$stamp.part" "$stamp"
  # What the tests need holds all that a run needs.
  if [ "$kind" = test ]; then cp -f -- "$stamp" "$venv/.kdc-run"; fi
  tail -n +2 "$stamp" >&2
}

if ! system_libraries; then
  if [ "$kind" = test ]; then exit 1; fi
  say "Going on without them: the command line works, the window may not open."
fi
make_venv
install_packages
