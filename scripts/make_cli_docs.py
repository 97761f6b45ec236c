# SPDX-License-Identifier: Apache-2.0
"""Man pages and bash completion of the host program, from what its own --help says: make_cli_docs.py <outboard> <folder>"""

import re
import subprocess
import sys
from pathlib import Path

COMMAND = re.compile(r"^  ([a-z][a-z-]*) +(?![A-Z-])\S", re.MULTILINE)  # `  check    find at build time ...`
USAGE = re.compile(r"^(?:Usage:|\s+or:)\s+outboard \w+(?:\s+\[OPTION\.\.\.\])?\s+(?!or:)([a-z][a-z-]*)\b", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def ask(tool: str, *words: str) -> str:
    """Empty for a command that was not built."""
    done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def commands(tool: str) -> dict[tuple[str, ...], str]:
    """Every command, as words, with its help."""
    found = {(): ask(tool, "--help")}
    for name in COMMAND.findall(found[()]):
        found[(name,)] = text = ask(tool, name, "--help")
        for below in COMMAND.findall(text) or USAGE.findall(text):
            found[(name, below)] = ask(tool, name, below, "--help")
    return {words: text for words, text in found.items() if text}


def roff(text: str) -> str:
    lines = (line.replace("\\", "\\e").replace("-", "\\-") for line in text.splitlines())
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines)


def man_page(words: tuple[str, ...], text: str, version: str) -> str:
    name = "-".join(("outboard", *words))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("Usage:", "  or:", "     "))]
    summary = lines[0].strip() if lines else name
    return (f'.TH "{name.upper()}" 1 "" "outboard {version}"\n.SH NAME\n{roff(name)} \\- {roff(summary)}\n'
            f".SH DESCRIPTION\n.nf\n{roff(text)}\n.fi\n")


def completion(found: dict[tuple[str, ...], str]) -> str:
    rows = []
    for words, text in sorted(found.items()):
        below = sorted({other[len(words)] for other in found if len(other) > len(words) and other[:len(words)] == words})
        options = sorted(set(OPTION.findall(text)))
        rows.append(f'        "{" ".join(words)}") words="{" ".join(below + options)}" ;;')
    table = "\n".join(rows)
    return f"""# bash completion of outboard, made from its --help
_outboard() {{
    local words="" path="" i
    for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
        [[ ${{COMP_WORDS[i]}} == -* ]] && break
        path="$path${{path:+ }}${{COMP_WORDS[i]}}"
    done
    case "$path" in
{table}
    *) [[ $path == *" "* ]] && path=${{path% *}} ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -f -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
complete -o filenames -F _outboard outboard
"""


def main() -> int:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    version = ask(tool, "--version").split()[-1]
    found = commands(tool)
    (folder / "man1").mkdir(parents=True, exist_ok=True)
    for words, text in found.items():
        (folder / "man1" / ("-".join(("outboard", *words)) + ".1")).write_text(man_page(words, text, version))
    (folder / "outboard.bash").write_text(completion(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
