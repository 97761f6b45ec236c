# SPDX-License-Identifier: Apache-2.0
"""docs/INSPECT.md lists the findings of `outboard flash inspect`, all of them and no others, and a test names each."""

import re

SOURCE = "tools/outboard/flash/findings.c"


def ids(repo) -> set[str]:
    text = (repo / SOURCE).read_text()
    return set(re.findall(r'add\(report, "([a-z-]+)"', text)) | set(re.findall(r'\{OB_ERR_\w+, "([a-z-]+)"', text))


def test_page_lists_what_the_tool_finds(repo):
    table = (repo / "docs/INSPECT.md").read_text().split("## Findings")[1]
    listed = {name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`([a-z-]+)`", line.split("|")[1])}
    assert listed == ids(repo)


def test_each_finding_is_made_by_a_test(repo):
    tests = "".join(path.read_text() for path in (repo / "tests/flash").glob("test_inspect*.py") if "page" not in path.name)
    assert not {name for name in ids(repo) if f'"{name}"' not in tests}
