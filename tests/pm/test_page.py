# SPDX-License-Identifier: Apache-2.0
"""The report's page as a browser shows it: complete, legible in light and dark, with nothing on top of anything else.

OUTBOARD_PAGE_SCREENSHOTS names a folder that keeps the pictures, to look at them.
"""

import json
import os
import shutil
import subprocess
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from test_budget import nrf
from test_check import PARTITIONS, Build

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--window-size=1400,1500"]
SCHEMES = {"light": ["--blink-settings=preferredColorScheme=1"], "dark": ["--blink-settings=preferredColorScheme=0"]}
BACKGROUND = {"light": (255, 255, 255), "dark": (20, 23, 27)}
LONG = {"a_partition_with_a_name_of_forty_letters": {"address": 0xee000, "size": 0x1000, "region": "external_flash"},
        "external_flash": {"address": 0xef000, "size": 0x711000, "region": "external_flash"}}
LEGIBLE = 4.5  # contrast of text. Source: WCAG 2.1, 1.4.3

# What only a browser knows, measured in the page and left in it.
MEASURE = """
const light = text => text.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const style = (element, what) => getComputedStyle(element)[what];
const paper = style(document.querySelector('.paper'), 'fill');
const body = style(document.body, 'backgroundColor');
const found = {contrasts: [], overlaps: [], outside: [], hovered: []};
for (const text of document.querySelectorAll('svg text')) {
    const box = text.parentNode.querySelector(':scope > rect');
    found.contrasts.push(contrast(style(text, 'fill'), text.parentNode.tagName === 'g' ? style(box, 'fill') : paper));
}
for (const text of document.querySelectorAll('h1, h2, th, td, p')) {
    found.contrasts.push(contrast(style(text, 'color'), body));
}
const texts = [...document.querySelectorAll('svg text')].map(text => [text, text.getBoundingClientRect()]);
const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
texts.forEach(([a, boxA], i) => texts.slice(i + 1).forEach(([b, boxB]) => {
    if (!apart(boxA, boxB)) found.overlaps.push(a.textContent + ' / ' + b.textContent);
}));
for (const [text, box] of texts) {
    const frame = (text.parentNode.querySelector(':scope > rect') || text).getBoundingClientRect();
    if (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom) found.outside.push(text.textContent);
}
for (const box of document.querySelectorAll('svg g > rect')) { // what the pointer is on, in the middle of each partition
    const at = box.getBoundingClientRect();
    const group = document.elementFromPoint((at.left + at.right) / 2, (at.top + at.bottom) / 2).closest('g');
    if (group === box.parentNode) found.hovered.push(group.querySelector('title').textContent.split('\\n')[0]);
}
document.body.dataset.found = JSON.stringify(found);
"""


@pytest.fixture(scope="module")
def browser() -> str:
    path = shutil.which("chromium")
    assert path, "chromium is missing: run scripts/setup.sh test"
    return path


@pytest.fixture
def page(outboard: Path, tmp_path: Path) -> Path:
    build = nrf(Build(outboard, tmp_path))
    build.partitions.update({name: dict(part) for name, part in LONG.items()})
    done = build.run("report", "--html", "report.html")
    assert done.returncode == 0, done.stderr
    return tmp_path / "report.html"


def run(browser: str, page: Path, scheme: str, *options: str) -> str:
    profile = page.parent / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir()
    done = subprocess.run([browser, *OPTIONS, *SCHEMES[scheme], f"--user-data-dir={profile}", *options, page.as_uri()],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Dom(HTMLParser):
    """Rows of tables as texts, tooltips, and what was measured."""

    def __init__(self, text: str):
        super().__init__()
        self.rows, self.titles, self.found, self.path = [], [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.path.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "title":
            self.titles.append("")
        elif tag == "body" and "data-found" in dict(attributes):
            self.found = json.loads(dict(attributes)["data-found"])

    def handle_endtag(self, tag):
        while self.path and self.path.pop() != tag:
            pass

    def handle_data(self, data):
        if self.path and self.path[-1] == "title":
            self.titles[-1] += data
        elif "td" in self.path or "th" in self.path:
            self.rows[-1][-1] += data


def test_page_has_every_partition_with_address_and_size(browser: str, page: Path):
    dom = Dom(run(browser, page, "light", "--dump-dom"))
    rows = {row[0]: row for row in dom.rows}
    tooltips = {title.splitlines()[0]: title for title in dom.titles}
    for name, part in {**PARTITIONS, **LONG}.items():
        start, end = f"0x{part['address']:x}", f"0x{part['address'] + part['size']:x}"
        assert rows[name][1:5] == [part["region"], start, end, f"0x{part['size']:x}"]
        assert f"region {part['region']}\n{start} to {end}\n0x{part['size']:x} bytes, {rows[name][5]}" in tooltips[name]


def test_page_has_the_budget_of_every_mode(browser: str, page: Path):
    rows = {row[0]: row for row in Dom(run(browser, page, "light", "--dump-dom")).rows}
    assert rows["Mode"][1:] == ["Image bytes", "Install", "worst case", "Go back", "worst case", "Longest operation", "Erases P / S", "Updates"]
    for mode in ("slide", "overwrite", "dual", "dual, first update"):
        assert rows[mode][1].isdigit() and rows[mode][2].endswith(" s") and rows[mode][7] == "1 / 2"
    assert rows["slide"][8] == "10000" and rows["overwrite"][4] == "-"


def measure(browser: str, page: Path, scheme: str) -> dict:
    page.write_text(page.read_text().replace("</body>", f"<script>{MEASURE}</script></body>"))
    return Dom(run(browser, page, scheme, "--dump-dom")).found


def test_pointer_finds_the_details_of_every_partition(browser: str, page: Path):
    assert sorted(measure(browser, page, "light")["hovered"]) == sorted({**PARTITIONS, **LONG})


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_is_legible(scheme: str, browser: str, page: Path):
    found = measure(browser, page, scheme)
    assert len(found["contrasts"]) > 100 and min(found["contrasts"]) >= LEGIBLE
    assert found["overlaps"] == [] and found["outside"] == []


def first_pixel(png: bytes) -> tuple[int, int, int]:
    """The filter of a row leaves its first pixel as it is, if there is no row above."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    data, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at:at + 4], "big")
        data += png[at + 8:at + 8 + size] if png[at + 4:at + 8] == b"IDAT" else b""
        at += size + 12
    return tuple(zlib.decompress(data)[1:4])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_follows_the_colour_scheme(scheme: str, browser: str, page: Path):
    folder = Path(os.environ.get("OUTBOARD_PAGE_SCREENSHOTS", page.parent)).resolve()
    picture = folder / f"{scheme}.png"
    run(browser, page, scheme, f"--screenshot={picture}")
    assert first_pixel(picture.read_bytes()) == BACKGROUND[scheme]
