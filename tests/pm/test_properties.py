# SPDX-License-Identifier: Apache-2.0
"""What holds for every layout, shown on random inputs. OUTBOARD_SEED and OUTBOARD_ROUNDS repeat or extend a run."""

import os
import random
from pathlib import Path

import pytest
import yaml

from layout_case import flash, resolve

SEED = int(os.environ.get("OUTBOARD_SEED", "20260101"))
ROUNDS = int(os.environ.get("OUTBOARD_ROUNDS", "150"))
FLASH_SIZE = 0x100000
CHIP_SIZE = 0x800000


def random_partitions(rng: random.Random) -> dict:
    """Partitions around app, some aligned, some sharing sizes, some in containers, some in an external chip."""
    parts = {}
    front, behind = [], []
    for number in range(rng.randrange(1, 12)):
        name = f"p{rng.randrange(1000):03}_{number}"
        side = rng.choice([front, behind])
        key = "before" if side is front else "after"
        anchor = rng.choice(["app", *side])
        placement = {key: [anchor]}
        if rng.random() < 0.4:
            placement["align"] = {rng.choice(["start", "end"]): 1 << rng.randrange(2, 13)}
        parts[name] = {"size": rng.randrange(1, 0x4000), "placement": placement}
        side.append(name)
    for number in range(rng.randrange(0, 5)):
        name = f"x{number}"
        parts[name] = {"region": "external_flash", "size": rng.randrange(1, 0x10000)}
        if rng.random() < 0.5:
            parts[name]["placement"] = {"align": {rng.choice(["start", "end"]): 1 << rng.randrange(2, 17)}}
        if rng.random() < 0.3:
            parts[name]["share_size"] = rng.choice([n for n in parts if not n.startswith("x")])
    for number in range(rng.choice([0, 0, 1, 2])):
        placement = {rng.choice(["before", "after", "after", "after"]): ["app"]}
        if "after" in placement and number == 0 and rng.random() < 0.7:
            placement["align"] = {rng.choice(["start", "end"]): 1 << rng.randrange(2, 13)}
        parts[f"s{number}"] = {"share_size": ["app"], "placement": placement}
    if rng.random() < 0.5:
        parts["group"] = {"span": ["app", *(n for n in front if rng.random() < 0.2)][:2]}
    return parts


REGIONS = {**flash(FLASH_SIZE), "external_flash": {"size": CHIP_SIZE, "device": "chip"}}
CONTAINERS = ("group",)


def dump(parts: dict, order: list[str]) -> str:
    return "".join(yaml.safe_dump({name: parts[name]}) for name in order)


def leaves_of(region: str, result: dict) -> list[tuple[str, dict]]:
    found = [(n, p) for n, p in result.items() if p["region"] == region and n not in CONTAINERS]
    return sorted(found, key=lambda item: item[1]["address"])


def check_coverage(result: dict):
    for region, size in (("flash_primary", FLASH_SIZE), ("external_flash", CHIP_SIZE)):
        end = 0
        for name, part in leaves_of(region, result):
            assert part["address"] == end, f"{name} leaves a hole or overlaps"
            assert part["size"] > 0
            end = part["end_address"]
        assert end == size


def check_requests(parts: dict, result: dict):
    first = leaves_of("flash_primary", result)[0][0]
    for name, asked in parts.items():
        found = result[name]
        if asked.get("share_size") == ["app"]:
            assert 0 <= result["app"]["size"] - found["size"] <= 2, "what a division leaves over goes to app"
        elif "share_size" in asked:
            assert found["size"] == result[asked["share_size"]]["size"]
        elif "size" in asked:
            assert found["size"] == asked["size"]
        align = asked.get("placement", {}).get("align", {})
        if "start" in align:
            assert found["address"] % align["start"] == 0
        if "end" in align and name != first:
            assert found["end_address"] % align["end"] == 0
        if found["region"] == "flash_primary":
            check_order(name, asked.get("placement", {}), result)


def check_order(name: str, placement: dict, result: dict):
    for anchor in placement.get("before", []):
        assert result[name]["end_address"] <= result[anchor]["address"]
    for anchor in placement.get("after", []):
        assert result[name]["address"] >= result[anchor]["end_address"]


def check_container(result: dict):
    if "group" in result:
        members = [result[name] for name in result["group"]["span"]]
        assert result["group"]["address"] == min(m["address"] for m in members)
        assert result["group"]["end_address"] == max(m["end_address"] for m in members)


@pytest.mark.parametrize("round", range(ROUNDS))
def test_every_layout_covers_its_regions_as_asked(round: int, outboard: Path, tmp_path: Path):
    rng = random.Random(SEED * 100003 + round)
    parts = random_partitions(rng)
    order = list(parts)
    result = resolve(outboard, tmp_path, REGIONS, [dump(parts, order)])
    if result.status == 1:
        assert "error: " in result.stderr and result.partitions is None
        return
    assert result.status == 0, result.stderr
    check_coverage(result.partitions)
    check_requests(parts, result.partitions)
    check_container(result.partitions)

    # Only external regions follow the order of the input; any order in which theirs is the same gives the same.
    internal = [name for name in order if not name.startswith("x")]
    external = [name for name in order if name.startswith("x")]
    rng.shuffle(internal)
    again = resolve(outboard, tmp_path, REGIONS, [dump(parts, internal), dump(parts, external)])
    assert again.partitions == result.partitions


def test_random_inputs_are_mostly_solvable(outboard: Path, tmp_path: Path):
    """The property test proves nothing if everything it makes is refused."""
    solved = 0
    for round in range(40):
        parts = random_partitions(random.Random(SEED * 100003 + round))
        solved += resolve(outboard, tmp_path, REGIONS, [dump(parts, list(parts))]).status == 0
    assert solved >= 20


def test_a_layout_is_a_fixed_point_as_static_configuration(outboard: Path, tmp_path: Path):
    """The recommended way to freeze a layout: yesterday's partitions.yml is today's static file."""
    for round in range(20):
        parts = random_partitions(random.Random(SEED * 7 + round))
        first = resolve(outboard, tmp_path, REGIONS, [dump(parts, list(parts))])
        if first.status != 0:
            continue
        static = (tmp_path / "partitions.yml").read_text()
        second = resolve(outboard, tmp_path, REGIONS, [dump(parts, list(parts))], static)
        assert second.status == 0, second.stderr
        assert places(second.partitions) == places(first.partitions)


def places(partitions: dict) -> dict:
    return {name: (part["address"], part["size"]) for name, part in partitions.items()}


def large_input(count: int) -> str:
    """Half of it a chain with an EMPTY for every member, half of it on one anchor, all below one container."""
    lines = ["group: {span: [app, " + ", ".join(f"a{i}" for i in range(count // 2)) + "]}"]
    for i in range(count // 2):
        anchor = "app" if i == 0 else f"a{i - 1}"
        lines.append(f"a{i}: {{size: 0x101, placement: {{before: [{anchor}], align: {{start: 0x200}}}}}}")
    for i in range(count // 2):
        lines.append(f"b{i}: {{size: {0x100 + i % 7}, placement: {{after: [group], align: {{start: {4 << i % 6}}}}}}}")
    return "\n".join(lines)


def seconds(tool: Path, folder: Path, count: int) -> float:
    results = [resolve(tool, folder, flash(0x1000000), [large_input(count)]) for _ in range(3)]
    assert all(result.status == 0 for result in results), results[0].stderr
    return min(result.seconds for result in results)


def test_two_thousand_partitions_scale(outboard: Path, tmp_path: Path):
    small, large = seconds(outboard, tmp_path, 1000), seconds(outboard, tmp_path, 2000)
    print(f"1000 partitions {small:.3f} s, 2000 partitions {large:.3f} s")
    assert large < 3 * small + 0.05, "growth is far from linear"
