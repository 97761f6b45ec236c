#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Build the documentation site into build/site/html, and look at it: `make site`.

Pages are docs/*.md and the README as they are, and what is made from sources: all Kconfig symbols, all public headers. A link or an
anchor that leads nowhere stops it, and so does a page that is wider than a window of 1200 or of 420 pixels.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import api
import kconfig

REPO = Path(__file__).resolve().parents[2]
PAGES, HTML = REPO / "build/site/pages", REPO / "build/site/html"
WIDTHS = [1200, 420]
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
BROWSER = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
           "--allow-file-access-from-files", "--hide-scrollbars"]


def on_the_site(folder: Path, text: str, target: str) -> str:
    """A link of a page: to another page, to a header's section, or to a file of the tree, which is named then."""
    path, hash_, anchor = target.partition("#")
    if not path or ":" in path:
        return f"[{text}]({target})"
    file = (folder / path).resolve()
    if file.suffix == ".md" and file.name != "README.md":
        return f"[{text}]({file.name}{hash_}{anchor})"
    if file.parent == REPO / "include/outboard":
        return f"[{text}](API.md#{file.name.replace('.', '')})"
    name = os.path.relpath(file, REPO)
    return text if text.strip("`") == name else f"{text} (`{name}`)"


def nested(text: str) -> str:
    """Numbered lists as the generator's Markdown wants them: four blanks before what belongs to an item, and behind one of several
    paragraphs an empty line."""
    lines, inside, several = [], False, False
    for line in text.split("\n"):
        begins = bool(re.match(r"\d+\. ", line))
        inside = begins or (inside and (not line or line.startswith("   ")))
        if begins and several:
            lines.append("")
        several = inside and not begins and (several or not line)
        lines.append(f" {line}" if inside and line.startswith("   ") else line)
    return "\n".join(lines)


def stage():
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    for path in [REPO / "README.md", *(REPO / "docs").glob("*.md"), *(REPO / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))]:
        text = LINK.sub(lambda match, folder=path.parent: on_the_site(folder, match[1], match[2]), nested(path.read_text()))
        (PAGES / ("index.md" if path.name == "README.md" else path.name)).write_text(text)
    shutil.copy(Path(__file__).with_name("extra.css"), PAGES)
    (PAGES / "KCONFIG.md").write_text(kconfig.page(REPO))
    (PAGES / "API.md").write_text(api.page(REPO))


def widths(browser: str) -> list[str]:
    """Pages that are wider than a window. A frame of that width measures: windows have a least width of their own."""
    wide = []
    with tempfile.TemporaryDirectory() as profile:
        for page in sorted(HTML.glob("*.html")):
            frames = "".join(f'<iframe src="{page.as_uri()}" style="width:{width}px;height:900px"></iframe>' for width in WIDTHS)
            measure = ("onload=()=>setTimeout(()=>{document.title=[...document.querySelectorAll('iframe')]"
                       ".map(f=>f.contentDocument.documentElement.scrollWidth+'/'+f.clientWidth).join(' ')},500)")
            frame = Path(profile) / "frame.html"
            frame.write_text(f"<!doctype html><title></title>{frames}<script>{measure}</script>")
            done = subprocess.run([browser, *BROWSER, f"--user-data-dir={profile}/b", "--virtual-time-budget=8000", "--dump-dom", frame.as_uri()],
                                  capture_output=True, text=True, timeout=120, check=False)
            measured = re.search(r"<title>([\d/ ]+)</title>", done.stdout)
            if not measured:
                wide.append(f"{page.name}: the browser did not measure it")
                continue
            wide += [f"{page.name}: {has} pixels in a window of {room}" for has, room in (pair.split("/") for pair in measured[1].split()) if int(has) > int(room)]
    return wide


def main() -> int:
    stage()
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean", "-f", Path(__file__).with_name("mkdocs.yml")],
                          env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, check=False)
    if done.returncode != 0:
        return 1
    browser = shutil.which("chromium")
    if browser is None:
        print("site: error: chromium is missing, so widths were not looked at; run scripts/setup.sh test", file=sys.stderr)
        return 1
    wide = widths(browser)
    print("".join(f"site: error: {line}\n" for line in wide), file=sys.stderr, end="")
    print(f"{HTML}/index.html: {len(list(HTML.glob('*.html')))} pages, looked at in {' and '.join(map(str, WIDTHS))} pixels; "
          f"for its search, serve them: python3 -m http.server -d {HTML}")
    return 1 if wide else 0


if __name__ == "__main__":
    sys.exit(main())
