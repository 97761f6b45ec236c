# SPDX-License-Identifier: Apache-2.0
"""docs/TROUBLESHOOTING.md says what the code says: each message quoted there is printed somewhere, and each message that
a user meets has an entry."""

import functools
import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs/TROUBLESHOOTING.md"
HEADING = re.compile(r"^#### (`{1,2})(.+)\1$", re.MULTILINE)
LITERAL = r'"(?:[^"\\]|\\.)*"'
HOLE = "\0"  # stands for what differs from case to case
PLACEHOLDER = r"<[^<>]+>"  # on the page, and in messages that explain a command line
C_HOLE = rf"(?:0x)?%[-0-9]*(?:ll|l|z|j)?[a-z]|{PLACEHOLDER}"
CMAKE_HOLE = rf"\$\{{\w+\}}|{PLACEHOLDER}"
PYTHON_HOLE = rf"\{{[^{{}}]+\}}|{PLACEHOLDER}"

# What needs an explanation: files, function that prints, level that the log puts in front. What else `outboard` says is about
# its own options, or about a line of a file: place and cure stand in the message.
C_CALLS = [
    ("core/*.c", "OB_LOG_ERR", "E: "),
    ("core/*.c", "OB_LOG_WRN", "W: "),
    ("app/*.c", "OB_LOG_WRN", "W: "),
    ("bootloader/*.c", "OB_LOG_ERR", "E: "),
    ("bootloader/*.c", "OB_LOG_WRN", "W: "),
    ("drivers/**/*.c", "OB_LOG_ERR", "E: "),
    ("soc/**/*.c", "OB_LOG_ERR", "E: "),
    ("app/smp/*.c", "refuse", ""),
    ("samples/dfu/src/*.c", "print", ""),
    ("tools/outboard/pm/check/check.c", "pm_finding", ""),
    ("tools/outboard/pm/check/limits.c", "pm_finding", ""),
    ("tools/outboard/pm/check/lock.c", "pm_finding", ""),
    ("tools/outboard/dt/link.c", "ob_diag_error", ""),
    ("tools/outboard/image/pem.c", "ob_diag_error", ""),
    ("tools/outboard/image/verify.c", "ob_diag_error", ""),
]


def unescape(literals: str) -> str:
    text = "".join(literal[1:-1] for literal in re.findall(LITERAL, literals))
    return text.replace("\\n", "").replace('\\"', '"')


def holes(text: str, hole: str) -> str:
    """With every hole, and neighbouring ones as one: %u.%u.%u is one version."""
    return re.sub(f"{HOLE}(?:[ .+:]?{HOLE})*", HOLE, re.sub(hole, HOLE, text))


def c_messages(calls) -> dict[str, str]:
    """Message with holes: where it is."""
    found = {}
    for files, function, level in calls:
        for path in sorted(REPO.glob(files)):
            text = re.sub(r'"\s*PRI\w+\s*"', "u", path.read_text())
            for match in re.finditer(rf"\b{function}\((?:[^\";]*?[,?:(])?\s*({LITERAL}(?:\s*{LITERAL})*)", text):
                message = holes(level + unescape(match[1]), C_HOLE)
                found[message] = str(path.relative_to(REPO))
    return found


@functools.cache
def tool_texts() -> dict[str, str]:
    """Everything that `outboard` could print: what may be quoted."""
    found = {}
    for path in (REPO / "tools/outboard").rglob("*.c"):
        for match in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", path.read_text()):
            found[holes(unescape(match[0]), C_HOLE)] = str(path.relative_to(REPO))
    return found


def reasons() -> dict[str, str]:
    return {text: "core/err.c" for text in re.findall(r'return "(.+)";', (REPO / "core/err.c").read_text())}


def cmake_messages() -> dict[str, str]:
    found = {}
    for path in sorted((REPO / "cmake").rglob("*.cmake")):
        for match in re.finditer(rf"ob_fail(?:_later)?\(({LITERAL})[ )]", path.read_text()):
            if match[1] not in ('"${what}"', '"${text}"'):
                found[holes("error: " + unescape(match[1]), CMAKE_HOLE)] = path.name
        for match in re.finditer(rf"message\(NOTICE ({LITERAL})", path.read_text()):
            if "arning:" in match[1].lower():
                found[holes(unescape(match[1]), CMAKE_HOLE)] = path.name
    return found


def kconfig_messages() -> dict[str, str]:
    path = REPO / "cmake/kconfig/merge.py"
    texts = re.findall(rf"(?:Finding|print)\(f({LITERAL})", path.read_text())
    wanted = (unescape(text) for text in texts if "error: " in text or "warning: " in text)
    return {holes(text.replace("{PREFIX}", "CONFIG_"), PYTHON_HOLE): path.name for text in wanted}


@functools.cache
def must_be_explained() -> dict[str, str]:
    messages = c_messages(C_CALLS) | reasons() | cmake_messages() | kconfig_messages()
    application = re.compile("no update slot")
    return {
        message: where
        for message, where in messages.items()
        if not where.startswith("samples/") or application.match(message)
    }


def linkers() -> dict[str, str]:
    return {f"undefined reference to `__device_dts_ord_{HOLE}'": "arm-none-eabi-ld"}


def quoted() -> list[str]:
    return [match[2] for match in HEADING.finditer(PAGE.read_text())]


def says(message: str, quote: str) -> bool:
    """The page may stop early, after a whole word: the cure at a message's end need not be repeated."""
    return re.match(re.escape(holes(quote, PLACEHOLDER)) + r"(?!\w)", message) is not None


@pytest.mark.parametrize("quote", quoted())
def test_quoted_message_is_printed_by_the_code(quote):
    known = tool_texts() | must_be_explained() | linkers()
    assert any(says(message, quote) for message in known), f"nothing prints this; near: {near(quote, known)}"


def near(quote: str, known: dict[str, str]) -> list[str]:
    words = set(quote.split())
    return sorted(known, key=lambda message: -len(words & set(message.split())))[:2]


def test_every_message_has_an_entry():
    quotes = quoted()
    missing = [f"{where}: {message}" for message, where in must_be_explained().items() if not any(says(message, q) for q in quotes)]
    assert not missing, "not in docs/TROUBLESHOOTING.md:\n" + "\n".join(missing).replace(HOLE, "<>")


def test_every_entry_says_something():
    parts = HEADING.split(PAGE.read_text())
    assert parts[-1].strip(), "the last message has no explanation"


def test_links_of_the_page_lead_somewhere():
    text = PAGE.read_text()
    titles = re.findall(r"^#{2,4} (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(#([^)]+)\)", text):
        assert target in anchors, target
    for target in re.findall(r"\]\((\w+\.md)", text):
        assert (PAGE.parent / target).exists(), target
