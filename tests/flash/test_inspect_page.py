# SPDX-License-Identifier: Apache-2.0
"""docs/INSPECT.md lists the findings of `outboard flash inspect`, all of them and no others, and a test names each."""

import re

SOURCES = "tools/outboard/flash"


def ids(repo) -> set[str]:
    text = "".join(path.read_text() for path in (repo / SOURCES).glob("findings*.c"))
    return set(re.findall(r'add\(\s*report,\s*"([a-z-]+)"', text)) | set(re.findall(r'\{OB_ERR_\w+, "([a-z-]+)"', text))


def test_page_lists_what_the_tool_finds(repo):
    table = (repo / "docs/INSPECT.md").read_text().split("## Findings")[1]
    listed = {name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])}
    assert listed == ids(repo)


def test_each_finding_is_made_by_a_test(repo):
    tests = "".join(path.read_text() for path in [*(repo / "tests/flash").glob("test_inspect*.py"), repo / "tests/vboard/test_small_partition.py"])
    assert not {name for name in ids(repo) if f'"{name}"' not in tests}
