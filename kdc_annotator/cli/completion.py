"""``kdc-annotator completion``: words that the shell fills in after Tab."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

HELP = "print a script that completes commands and options in bash, zsh or fish"
DESCRIPTION = """\
Prints a script for the shell. To have it always:
  bash   kdc-annotator completion bash > ~/.local/share/bash-completion/completions/kdc-annotator
  zsh    kdc-annotator completion zsh > "${fpath[1]}/_kdc-annotator"
  fish   kdc-annotator completion fish > ~/.config/fish/completions/kdc-annotator.fish
"""
SHELLS = ("bash", "zsh", "fish")
PROGRAM = "kdc-annotator"


@dataclass(frozen=True)
class Option:
    """``names``: ``--out``, ``-o``. ``takes``: whether a value follows; ``choices``: which, where they are few."""

    names: tuple[str, ...]
    takes: bool
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True)
class Words:
    """What may follow a command. ``command``: its name, or two (``bench labeler``). ``choices``: of its positional arguments."""

    command: str
    help: str
    options: tuple[Option, ...]
    choices: tuple[str, ...]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "completion", help=HELP, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shell", choices=SHELLS)
    return parser


def run(args: argparse.Namespace) -> int:
    """Prints the script."""
    from kdc_annotator.cli import OK

    print({"bash": bash, "zsh": zsh, "fish": fish}[args.shell](all_words()), end="")
    return OK


def all_words() -> list[Words]:
    """Of every command, from the parsers themselves."""
    from kdc_annotator import cli

    return list(_of(cli._parser(cli._available()), "", ""))


def _of(parser: argparse.ArgumentParser, command: str, about: str) -> Iterator[Words]:
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    options: list[Option] = []
    choices: list[str] = []
    for action in parser._actions:
        few = tuple(str(c) for c in action.choices) if action.choices is not None else ()
        text = (action.help or "").replace("%%", "%")
        if action.option_strings and action.help != argparse.SUPPRESS:
            options.append(Option(tuple(action.option_strings), action.nargs != 0, few, text))
        elif not action.option_strings:
            choices += few
    yield Words(command, about, tuple(options), tuple(choices))
    for action in below:
        said = {listed.dest: listed.help or "" for listed in action._choices_actions}
        for name, inner in action.choices.items():
            yield from _of(inner, f"{command} {name}".strip(), said.get(name, ""))


def bash(words: list[Words]) -> str:
    """A function for bash, which falls back to file names."""
    cases = "".join(
        f"    {shlex.quote(w.command)}) words={shlex.quote(' '.join([*_names(w), *w.choices]))} ;;\n" for w in words
    )
    values = "".join(
        f"    {shlex.quote(f'{w.command} {name}')}) words={shlex.quote(' '.join(o.choices))}; value=1 ;;\n"
        for w in words
        for o in w.options
        if o.takes
        for name in o.names
    )
    nested = " ".join(w.command.split()[0] for w in words if " " in w.command)
    return f"""\
# bash completion of {PROGRAM}; printed by `{PROGRAM} completion bash`
_kdc_annotator() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} command="" words="" value="" last=${{COMP_WORDS[COMP_CWORD-1]}}
  if [ "$COMP_CWORD" -gt 1 ]; then command=${{COMP_WORDS[1]}}; fi
  case " {nested} " in *" $command "*) if [ "$COMP_CWORD" -gt 2 ]; then command="$command ${{COMP_WORDS[2]}}"; fi ;; esac
  case "$command $last" in
{values}  esac
  if [ -z "$value" ]; then
    case "$command" in
{cases}    esac
    # Files are what most commands take: options only once a dash is typed.
    case "$word" in
      -*) ;;
      *) words=$(printf '%s\\n' $words | grep -v '^-') ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _kdc_annotator {PROGRAM}
"""


def zsh(words: list[Words]) -> str:
    """A function for zsh with what each option does."""
    commands = "".join(f"    {_quoted(f'{w.command}:{w.help}')}\n" for w in words if w.command and " " not in w.command)
    cases = []
    for w in words:
        if not w.command:
            continue
        lines = [f"      {_quoted(_zsh_option(o, name))}" for o in w.options for name in o.names]
        lines.append("      " + _quoted(f"*: :({' '.join(w.choices)})" if w.choices else "*:file:_files"))
        cases.append(f"    {shlex.quote(w.command)})\n      _arguments \\\n" + " \\\n".join(lines) + "\n      ;;\n")
    nested = "|".join(sorted({w.command.split()[0] for w in words if " " in w.command})) or "none"
    return f"""\
#compdef {PROGRAM}
# zsh completion of {PROGRAM}; printed by `{PROGRAM} completion zsh`
_kdc_annotator() {{
  local -a commands
  commands=(
{commands}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    _files
    return
  fi
  local command=$words[2]
  case $command in
    {nested}) if (( CURRENT > 3 )); then command="$command $words[3]"; fi ;;
  esac
  case $command in
{"".join(cases)}  esac
}}
_kdc_annotator "$@"
"""


def fish(words: list[Words]) -> str:
    """Lines for fish."""
    lines = [f"# fish completion of {PROGRAM}; printed by `{PROGRAM} completion fish`"]
    first = f"complete -c {PROGRAM} -n __fish_use_subcommand"
    for w in words:
        below = [v.command.split()[-1] for v in words if w.command and v.command.startswith(f"{w.command} ")]
        tests = [f"__fish_seen_subcommand_from {part}" for part in w.command.split()]
        seen = "; and ".join([*tests, *(f"not __fish_seen_subcommand_from {part}" for part in below)])
        if w.command and " " not in w.command:
            lines.append(f"{first} -a {w.command} -d {_quoted(w.help)}")
        where = f"complete -c {PROGRAM} -n {_quoted(seen)}" if seen else first
        for o in w.options:
            names = " ".join(f"-{'l' if n.startswith('--') else 's'} {n.lstrip('-')}" for n in o.names)
            value = (f" -x -a {_quoted(' '.join(o.choices))}" if o.choices else " -r") if o.takes else ""
            lines.append(f"{where} {names}{value} -d {_quoted(o.help)}")
        if w.command and w.choices:
            lines.append(f"{where} -f -a {_quoted(' '.join(w.choices))}")
    return "\n".join(lines) + "\n"


def _names(words: Words) -> list[str]:
    return [name for option in words.options for name in option.names]


def _zsh_option(option: Option, name: str) -> str:
    text = option.help.replace("[", "(").replace("]", ")").replace(":", ";")
    few = " ".join(option.choices).replace(":", "\\:")
    value = (f": :({few})" if few else ": :_files") if option.takes else ""
    return f"{name}[{text}]{value}"


def _quoted(text: str) -> str:
    return "'" + " ".join(text.split()).replace("'", "’") + "'"
