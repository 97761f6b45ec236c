# SPDX-License-Identifier: Apache-2.0
"""The public headers as a page: what stands in their comments, and the declarations below them."""

import re
from pathlib import Path

ABOUT = re.compile(r"^/\*\n(.*?)\*/", re.DOTALL | re.MULTILINE)
TAG = re.compile(r"^@(param|return)\b\s*", re.MULTILINE)


def plain(comment: str) -> str:
    return "\n".join(re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment.strip().split("\n")).strip()


def prose(comment: str) -> str:
    """Markdown of a comment: its parameters become a list."""
    text = plain(comment).replace("<", "&lt;")
    text = re.sub(r"^@param\s+(\w+)\s*", r"\n- `\1`: ", text, flags=re.MULTILINE)
    text = re.sub(r"^@return\s*", r"\n- returns ", text, flags=re.MULTILINE)
    return re.sub(r"\n\n- (?=.*)", "\n- ", text).replace("\n- ", "\n\n- ", 1)


def blocks(text: str):
    """What stands together in a header: its comment, which may be empty, and its code, up to an empty line outside of braces."""
    comment, code, depth, inside = "", [], 0, False
    for line in [*text.split("\n"), ""]:
        if not line and depth == 0 and not inside:
            if code:
                yield comment, "\n".join(code)
            comment, code = "", []
        elif not code and (inside or line.startswith("/*")):
            comment += line + "\n"
            inside = "*/" not in line
        elif not re.match(r"#(?!define \w+.*[^\s\w])|#define \w+_H$|/\* SPDX", line) or code:
            code.append(line)
            depth += line.count("{") - line.count("}")


def declaration(code: str) -> str:
    """Without the bodies of inline functions."""
    return re.sub(r"^(static inline [^{;]*?)\n\{.*?^\}", r"\1;", code, flags=re.MULTILINE | re.DOTALL)


def name_of(code: str) -> str:
    for pattern in (r"^#define (\w+)", r"^(?:struct|enum|union) (\w+) \{", r"\b(ob_\w+)\(", r"\b(\w+)\(", r"(\w+)(?:\[.*?\])?;", r"(\w+) = "):
        match = re.search(pattern, code)
        if match:
            return match[1]
    return ""


def header(path: Path) -> str:
    text = path.read_text()
    about = ABOUT.search(text)
    lines = [f"## {path.name}", ""]
    if about and not about[1].startswith("*"):
        lines += [prose(about[1]), ""]
    for comment, code in blocks(text):
        name = name_of(code)
        if name and not code.startswith("_Static_assert"):
            words = re.sub(r"^/\*+|\*/\s*$", "", comment)
            lines += [f"### `{name}`", "", prose(words), "", "```c", declaration(code), "```", ""]
    return "\n".join(lines)


def page(repo: Path) -> str:
    headers = sorted((repo / "include/outboard").glob("*.h"))
    intro = "# Public headers\n\nMade from `include/outboard/*.h`. Sizes are bytes, times carry their unit, errors are those of `err.h`.\n"
    return "\n".join([intro, *(header(path) for path in headers)])
