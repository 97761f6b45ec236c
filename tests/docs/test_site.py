# SPDX-License-Identifier: Apache-2.0
"""What `make site` is made of: links and anchors of all pages lead somewhere, and no symbol or function is left out.

How it looks is measured by `make site` itself, whose generator is no part of the tests.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
PAGES = [*sorted((REPO / "docs").glob("*.md")), *(REPO / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))]


def without_code(text: str) -> str:
    return re.sub(r"^(?:```[\s\S]*?^```|    .*)$", "", text, flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#{1,6} (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text())):
        path, _, anchor = target.partition("#")
        if ":" in path:
            continue
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_of_a_page_fits_an_editors_window(page):
    """Tables, headings (which quote messages) and commands are as long as they are."""
    lines = without_code(page.read_text()).splitlines()
    assert not [line for line in lines if len(line) > 140 and not line.startswith(("|", "#"))]


def test_every_page_is_in_the_sites_contents():
    contents = (REPO / "scripts/site/mkdocs.yml").read_text()
    assert not [page.name for page in PAGES if page.name != "README.md" and f"- {page.name}\n" not in contents]


@pytest.fixture(scope="module")
def made(outboard) -> dict[str, str]:
    """Both pages that are made from sources; the devicetrees of the boards lie beside the host program."""
    program = "import api, kconfig, pathlib, sys; repo = pathlib.Path(sys.argv[1]); print(kconfig.page(repo)); print('=====', api.page(repo))"
    done = subprocess.run([sys.executable, "-c", program, REPO], cwd=REPO / "scripts/site", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    symbols, _, functions = done.stdout.partition("=====")
    return {"symbols": symbols, "functions": functions}


def test_every_symbol_has_its_place(made):
    defined = set()  # with the prefix that they have where they are set
    for path in REPO.glob("**/Kconfig*"):
        if not {"build", "tests", "samples"} & set(path.relative_to(REPO).parts) and ".template" not in path.name:
            prefix = "SB_CONFIG_" if "sysbuild" in path.parts else "CONFIG_"
            defined |= {prefix + name for name in re.findall(r"^\s*(?:menu)?config (\w+)$", path.read_text(), re.MULTILINE)}
    assert len(defined) > 100
    assert not {name for name in defined if f"### `{name}`" not in made["symbols"]}


def test_every_public_function_is_there(made):
    for path in (REPO / "include/outboard").glob("*.h"):
        for name in re.findall(r"^(?:OB_MUST_CHECK )?(?!static|return|typedef)\w[\w *]*?\b(ob_\w+)\(", path.read_text(), re.MULTILINE):
            assert re.search(rf"\b{name}\(", made["functions"]), f"{path.name}: {name}"
