# SPDX-License-Identifier: Apache-2.0
"""The pictures show what is in the files, everywhere they are looked at."""

import os
import pty
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from test_check import PARTITIONS, REGIONS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    (tmp_path / "partitions.yml").write_text(yaml.safe_dump(PARTITIONS))
    (tmp_path / "regions.yml").write_text(yaml.safe_dump(REGIONS))
    return tmp_path


def command(tool: Path, *options: str) -> list[str]:
    return [str(Path(tool).resolve()), "pm", "report", "--partitions", "partitions.yml", "--regions", "regions.yml", *options]


def report(tool: Path, folder: Path, *options: str, locale: str = "C.UTF-8") -> str:
    done = subprocess.run(command(tool, *options), cwd=folder, capture_output=True, timeout=60, env={"LC_ALL": locale})
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_terminal_shows_every_partition_with_address_and_size(outboard: Path, layout: Path):
    text = report(outboard, layout)
    assert "external_flash  0x0..0x800000  8 MiB, 7.1 MiB free" in text
    assert re.search(r"0x00010000 ├─+┤ ┐ mcuboot_primary \(952 KiB\)\n +│ mcuboot_pad +512 B │ │\n", text)
    for name in PARTITIONS:
        assert name in text
    assert "\x1b" not in text


def test_plain_locale_gets_plain_characters(outboard: Path, layout: Path):
    assert report(outboard, layout, locale="C").isascii()


def run_on_terminal(tool: Path, folder: Path, environment: dict) -> bytes:
    reader, writer = pty.openpty()
    subprocess.run(command(tool), cwd=folder, stdout=writer, env={"LC_ALL": "C.UTF-8", **environment}, timeout=60, check=True)
    os.close(writer)
    text = b""
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:  # the end of a pseudo terminal
            piece = b""
        if not piece:
            os.close(reader)
            return text
        text += piece


def test_colours_only_on_a_terminal_that_wants_them(outboard: Path, layout: Path):
    assert b"\x1b[34m" in run_on_terminal(outboard, layout, {})
    assert b"\x1b" not in run_on_terminal(outboard, layout, {"NO_COLOR": "1"})


def test_svg_is_to_scale_and_explains_itself(outboard: Path, layout: Path):
    report(outboard, layout, "--svg", "pm.svg")
    root = ElementTree.parse(layout / "pm.svg").getroot()
    boxes = {}
    for group in root.iter(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title").text, group.find(f"{SVG}rect")
        boxes[title.splitlines()[0]] = (int(rect.get("y")), int(rect.get("height")), title)
    assert boxes.keys() == PARTITIONS.keys()
    assert boxes["app"][1] > 5 * boxes["mcuboot"][1]
    assert "0x10200 to 0xfe000" in boxes["app"][2] and "region flash_primary" in boxes["app"][2]
    top, height, _ = boxes["mcuboot_primary"]
    assert top == boxes["mcuboot_pad"][0] and top + height == boxes["app"][0] + boxes["app"][1]
    width, total = (float(root.get(side)) for side in ("width", "height"))
    for rect in root.iter(f"{SVG}rect"):
        assert int(rect.get("x")) + int(rect.get("width")) <= width
        assert int(rect.get("y")) + int(rect.get("height")) <= total


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.references, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.references += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_needs_nothing_else_and_reads_in_the_dark(outboard: Path, layout: Path):
    report(outboard, layout, "--html", "pm.html")
    text = (layout / "pm.html").read_text()
    page = Page()
    page.feed(text)
    assert page.references == [] and page.open == [] and "@import" not in text and "url(" not in text
    assert text.count("prefers-color-scheme:dark") == 2
    for name, part in PARTITIONS.items():
        assert re.search(rf"<td>{name}</td><td>{part['region']}</td><td>0x{part['address']:x}</td>", text)


def test_report_says_how_much_of_its_partition_an_image_takes(outboard: Path, layout: Path):
    size = next(part["size"] for name, part in PARTITIONS.items() if name == "app")
    build = layout / "app"
    build.mkdir()
    (build / ".config").write_text("")
    (build / "devicetree.json").write_text('{"chosen": {}, "nodes": []}')
    (build / "app.bin").write_bytes(bytes(size // 4))
    assert f"app: the image takes {size // 4} of {size} bytes, 25.0 %" in report(outboard, layout, "--image", "app=app")
    (build / "app.bin").unlink()
    assert "the image takes" not in report(outboard, layout, "--image", "app=app")


def test_holes_of_released_layouts_are_shown(outboard: Path, layout: Path):
    parts = {**PARTITIONS, "wifi": {"address": 0xee000, "size": 0x200, "region": "external_flash"},
             "wifi_slot": {"address": 0xee000, "size": 0x1000, "region": "external_flash", "span": ["wifi"]},
             "external_flash": {"address": 0xef000, "size": 0x711000, "region": "external_flash"}}
    (layout / "partitions.yml").write_text(yaml.safe_dump(parts))
    assert "(unused)" in report(outboard, layout)


def test_partition_outside_its_region_is_refused(outboard: Path, layout: Path):
    parts = {**PARTITIONS, "app": {**PARTITIONS["app"], "size": 0xffffffff - 0x10200}}
    (layout / "partitions.yml").write_text(yaml.safe_dump(parts))
    done = subprocess.run(command(outboard), cwd=layout, capture_output=True, text=True)
    assert done.returncode == 1 and "'app' is outside region 'flash_primary'" in done.stderr
