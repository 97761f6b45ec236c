# SPDX-License-Identifier: Apache-2.0
"""One file in cases/ is one promise of the partition manager; its first comment says why it is one.

flash:    size of an internal flash at address 0; or
regions:  name -> size, base, strategy, device, driver, dynamic
inputs:   pm.yml texts in the order they are merged
static:   text of the static configuration
layout:   every partition of the result -> [address, end address]
props:    partition -> further properties of the result
says:     texts that stderr holds beside a result
error:    texts that stderr holds instead of a result; `at` is the place it points to, `exit` the status (1)
"""

from pathlib import Path

import pytest
import yaml

from layout_case import flash, resolve

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))


def texts(value) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, outboard: Path, tmp_path: Path):
    case = yaml.safe_load(path.read_text())
    known = {"flash", "regions", "inputs", "static", "layout", "props", "says", "error", "at", "exit"}
    assert case.keys() <= known and ("layout" in case) != ("error" in case), "the case itself is wrong"
    regions = case["regions"] if "regions" in case else flash(case["flash"])
    result = resolve(outboard, tmp_path, regions, case.get("inputs", []), case.get("static"))

    if "error" in case:
        check_refused(case, result)
    else:
        check_layout(case, result)


def check_refused(case: dict, result):
    assert result.status == case.get("exit", 1), result.stderr
    assert result.partitions is None and result.regions is None, "an output was written"
    for text in texts(case["error"]):
        assert text in result.stderr
    if "at" in case:
        assert f"{case['at']}: error:" in result.stderr


def check_layout(case: dict, result):
    assert result.status == 0, result.stderr
    found = {name: [part["address"], part["end_address"]] for name, part in result.partitions.items()}
    assert found == case["layout"], result.stderr
    for name, part in result.partitions.items():
        assert part["address"] + part["size"] == part["end_address"], name
    for name, wanted in case.get("props", {}).items():
        assert {key: result.partitions[name].get(key) for key in wanted} == wanted
    for text in texts(case.get("says", [])):
        assert text in result.stderr


SOLVED = [path for path in CASES if "layout" in yaml.safe_load(path.read_text())]


@pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
def test_result_is_a_static_configuration_of_itself(path: Path, outboard: Path, tmp_path: Path):
    """Freezing a layout is done by copying partitions.yml to pm_static.yml: then nothing may move."""
    case = yaml.safe_load(path.read_text())
    regions = case["regions"] if "regions" in case else flash(case["flash"])
    first = resolve(outboard, tmp_path, regions, case.get("inputs", []), case.get("static"))
    second = resolve(outboard, tmp_path, regions, case.get("inputs", []), (tmp_path / "partitions.yml").read_text())
    assert second.status == 0, second.stderr
    assert {n: (p["address"], p["size"]) for n, p in second.partitions.items()} == {
        n: (p["address"], p["size"]) for n, p in first.partitions.items()}
