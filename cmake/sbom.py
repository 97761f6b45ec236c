#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is linked into an image, as a bill of materials: SPDX 2.3, JSON.

Not what was compiled: the linker leaves out what nobody calls. A source counts if code of it lies in the image, by its
debugging information; a library of the toolchain if the linker's map says that a member of it was taken. Versions, licences and
hashes are those of third_party/lock.

The time is SOURCE_DATE_EPOCH if that is set, as for builds that come out the same to the byte.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

from elftools.elf.elffile import ELFFile

LIBRARIES = {  # of the toolchain: name, licence
    "libgcc.a": ("libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "libc_nano.a": ("newlib", "NOASSERTION"),  # many licences, all permissive
    "libc.a": ("newlib", "NOASSERTION"),
    "libm.a": ("newlib", "NOASSERTION"),
}


def has_code(die) -> bool:
    low = die.attributes.get("DW_AT_low_pc")
    return "DW_AT_ranges" in die.attributes or (low is not None and low.value != 0)  # 0: the linker left it out


def written_in(die) -> str:
    """The source that a function was written in, wherever it was inlined and optimised."""
    while "DW_AT_abstract_origin" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_abstract_origin")
    return os.path.normpath(die.cu.get_top_DIE().get_full_path())


def sources(elf: Path) -> set[str]:
    with elf.open("rb") as file:
        units = ELFFile(file).get_dwarf_info().iter_CUs()
        functions = ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine")
        return {written_in(die) for unit in units for die in unit.iter_DIEs() if die.tag in functions and has_code(die)}


def libraries(linker_map: Path) -> set[str]:
    taken = linker_map.read_text(errors="replace").partition("\nMemory Configuration")[0]
    return {Path(path).name for path in re.findall(r"^(/\S+\.a)\(", taken, re.MULTILINE)} & set(LIBRARIES)


def locked(lock: Path) -> dict[str, dict]:
    rows = (line.split() for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    keys = ("version", "licence", "source", "file", "sha256", "kilobytes", "upstream")
    return {row[0]: dict(zip(keys, row[1:])) for row in rows}


def purl(name: str, fact: dict) -> str:
    if fact["source"] == "pypi":
        return "pkg:pypi/" + re.sub(r"-[0-9].*", "", fact["file"])
    if fact["source"] == "crate":
        return f"pkg:cargo/{name}@{fact['version']}"
    return f"pkg:deb/debian/{name}@{fact['version']}?arch=source&distro={fact['source']}"


def third_party(name: str, fact: dict) -> dict:
    return {
        "SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": fact["version"], "filesAnalyzed": False,
        "packageFileName": fact["file"], "downloadLocation": fact.get("upstream", "NOASSERTION"),
        "checksums": [{"algorithm": "SHA256", "checksumValue": fact["sha256"]}],
        "licenseConcluded": fact["licence"], "licenseDeclared": fact["licence"], "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl(name, fact)}],
    }


def toolchain(name: str, licence: str, compiler: str) -> dict:
    version = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return {
        "SPDXID": f"SPDXRef-{name}", "name": name, "versionInfo": f"as of gcc {version}", "filesAnalyzed": False, "downloadLocation": "NOASSERTION",
        "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
    }


def image(args) -> dict:
    digest = hashlib.sha256(args.binary.read_bytes()).hexdigest()
    return {
        "SPDXID": "SPDXRef-image", "name": args.name, "versionInfo": args.version, "packageFileName": args.binary.name, "filesAnalyzed": False,
        "downloadLocation": "NOASSERTION", "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", "primaryPackagePurpose": "FIRMWARE",
    }


def outboard(version: str) -> dict:
    return {
        "SPDXID": "SPDXRef-outboard", "name": "outboard", "versionInfo": version, "filesAnalyzed": False, "downloadLocation": "NOASSERTION",
        "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
    }


def parts_of(args) -> list[dict]:
    lock = locked(args.tree / "third_party/lock")
    linked = sources(args.elf)
    roots = {name: os.path.realpath(path) + "/" for name, path in (word.split("=", 1) for word in args.root)}
    real = {os.path.realpath(path) for path in linked}
    found = [third_party(name, lock[name]) for name, root in sorted(roots.items()) if any(path.startswith(root) for path in real)]
    used = {LIBRARIES[name] for name in libraries(args.map)}
    return [outboard(args.outboard_version), *found, *(toolchain(*library, args.compiler) for library in sorted(used))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("elf", "map", "binary", "tree", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("name", "version", "outboard-version", "compiler"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--root", action="append", default=[], metavar="NAME=FOLDER", help="where a source of the lock lies")
    args = parser.parse_args()

    first, parts = image(args), parts_of(args)
    digest = hashlib.sha256(json.dumps([first, parts], sort_keys=True).encode()).hexdigest()
    when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{args.name} {args.version}",
        "documentNamespace": f"urn:sha256:{digest}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", when), "creators": [f"Tool: outboard-{args.outboard_version}"]},
        "packages": [first, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-image"},
            *({"spdxElementId": "SPDXRef-image", "relationshipType": "STATIC_LINK", "relatedSpdxElement": part["SPDXID"]} for part in parts),
        ],
    }
    args.output.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
