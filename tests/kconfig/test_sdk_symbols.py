# SPDX-License-Identifier: Apache-2.0
"""The three lists of SDK symbols keep their principle: nothing that protects, recovers or behaves is dropped quietly.

It does not judge whether a reason is true; that is for who reads the list.
"""

import fnmatch
import re
from pathlib import Path

import pytest

KINDS = "=-!"


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def entries(repo) -> list[tuple[str, str, str]]:
    return [tuple(line.split(None, 2)) for line in lines(repo / "cmake/kconfig/sdk-symbols.txt")]


@pytest.fixture(scope="module")
def defined(repo) -> set[str]:
    """Symbols of this tree, whatever board or image they are for."""
    files = [path for path in repo.glob("**/Kconfig*") if "build" not in path.relative_to(repo).parts]
    return {name for path in files for name in re.findall(r"^\s*(?:menu)?config (\w+)$", path.read_text(), re.MULTILINE)}


def carried(repo, where: str) -> list[str]:
    rows = [line.split() for line in lines(repo / "tests/kconfig/carried.txt")]
    return [row[1] for row in rows if row[0] == where]


def test_every_symbol_is_in_one_list(entries):
    names = [name for _, name, _ in entries]
    assert {kind for kind, _, _ in entries} == set(KINDS)
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("where, least", [("image", 47), ("above", 40)])
def test_what_public_configurations_carry_is_known(repo, entries, defined, where, least):
    above = (repo / "cmake/sysbuild/share/sysbuild/Kconfig").read_text()
    known = (defined if where == "image" else set(re.findall(r"^config (\w+)$", above, re.MULTILINE))) | {name for _, name, _ in entries}
    names = carried(repo, where)
    assert len(names) >= least
    assert [name for name in names if not any(fnmatch.fnmatchcase(name, pattern) for pattern in known)] == []


def test_a_symbol_that_means_the_same_names_one_that_exists(entries, defined):
    for kind, name, rest in entries:
        assert kind != "=" or rest.split()[0] in defined, name


def test_a_refusal_names_the_nearest_thing_and_never_says_remove(entries):
    for kind, name, rest in entries:
        if kind == "!":
            missing, _, nearest = rest.partition("; ")
            assert missing and nearest, f"{name}: {rest}"
            assert "remove" not in rest and "ignore" not in rest, f"{name}: {rest}"


PROMISES = re.compile("ENCRYPT|SECURE_BOOT|APPROTECT|ROLLBACK|HW_KEY|KMU$|DIRECT_XIP|RAM_LOAD|BOOT_SERIAL_(CDC|BOOT|NO_APP|PIN|WAIT_FOR_DFU$)|USB_DFU"
                      "|MULTI_IMAGE|RECOVER|MEASURED|FIH_PROFILE_(MEDIUM|HIGH)|HOOKS|COMPRESS|DISABLE_SELF")
HARMLESS = {"BOOT_SERIAL_WAIT_FOR_DFU_TIMEOUT": "a number", "BOOT_SIGNATURE_KMU_SLOTS": "a number", "SECURE_BOOT_MCUBOOT_VERSION": "a name"}


def test_what_asks_for_protection_or_recovery_is_refused(entries):
    for kind, name, rest in entries:
        assert kind == "!" or name in HARMLESS or not PROMISES.search(name), f"{kind} {name}: {rest}"
