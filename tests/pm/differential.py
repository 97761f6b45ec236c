#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`outboard pm resolve` against the SDK's partition manager, on random selections in the forms of its subsystems.

    tests/pm/differential.py <sdk-nrf>/scripts/partition_manager.py [--seeds FIRST LAST] [--hashes N] [--golden FILE]
    tests/pm/differential.py <sdk-nrf>/scripts/partition_manager.py --own --input-files pm.yml --regions flash_primary ...

Each selection goes through the SDK's script under N hash seeds. Where its layout is the same under all of them, ours has to be that.
--golden writes the digests of such layouts, as the SDK's script made them, for test_sdk_layouts.py. --own compares what both make of
a build's own files: behind it are the options of `outboard pm resolve`, without those of the outputs.
"""

import argparse
import contextlib
import difflib
import hashlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml

from layout_case import region_options, resolve
from sdk_forms import canonical, layout_inputs

OUTBOARD = Path(os.environ.get("OUTBOARD_TOOL", Path(__file__).resolve().parents[2] / "build/host/tools/outboard/outboard"))


def run_sdk(script, folder: Path, seed: int) -> str:
    """The layout that the script makes, or its complaint after a `!`."""
    regions, texts = layout_inputs(seed)
    names = []
    for number, text in enumerate(texts):
        (folder / f"{number}.yml").write_text(text)
        names.append(str(folder / f"{number}.yml"))
    output = folder / "partitions.yml"
    output.unlink(missing_ok=True)
    sys.argv = ["partition_manager.py", "--input-files", *names, *region_options(regions), "--output-partitions", str(output),
                "--output-regions", str(folder / "regions.yml")]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            script.main()
        return canonical(yaml.load(output.read_text(), yaml.CSafeLoader))
    except (Exception, SystemExit) as error:
        return f"!{type(error).__name__} {error}"


def worker(path: str):
    """In a process of its own: the hash seed belongs to one."""
    spec = importlib.util.spec_from_file_location("partition_manager", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    yaml.safe_load = lambda text: yaml.load(text, yaml.CSafeLoader)  # the same, faster
    with tempfile.TemporaryDirectory() as folder:
        json.dump({seed: run_sdk(script, Path(folder), seed) for seed in json.load(sys.stdin)}, sys.stdout)


def sdk_layouts(path: str, seeds: list[int], hashes: range) -> dict[int, set[str]]:
    """What the SDK's script makes of each; what differed already is not asked again."""
    found: dict[int, set[str]] = {seed: set() for seed in seeds}
    for number in hashes:
        left = [seed for seed in seeds if len(found[seed]) < 2]
        done = subprocess.run([sys.executable, __file__, path, "--worker"], input=json.dumps(left), stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"PYTHONHASHSEED": str(number)}, check=True)
        for seed, layout in json.loads(done.stdout).items():
            found[int(seed)].add(layout)
    return found


def differs_as_documented(theirs: str, ours: dict) -> bool:
    """The SDK does not align in the chip (docs/PARTITION_MANAGER.md): all but the addresses there is the same."""
    chip = {name for name, part in ours.items() if part["region"] == "external_flash"}
    rest = {name: part for name, part in ours.items() if name not in chip}
    their_rest = "".join(line for line in theirs.splitlines(True) if line.split()[1] != "external_flash")
    unaligned = {line.split()[0] for line in theirs.splitlines() if line.split()[1] == "external_flash"} < chip
    return canonical(rest) == their_rest and unaligned


def compare(seed: int, theirs: set[str]) -> str:
    """One phrase of the summary."""
    regions, texts = layout_inputs(seed)
    with tempfile.TemporaryDirectory() as folder:
        ours = resolve(OUTBOARD, Path(folder), regions, texts)
    if len(theirs) > 1:
        return "theirs depends on the hash seed"
    their = next(iter(theirs))
    if their.startswith("!"):
        return "both refuse" if ours.status else "only they refuse"
    if ours.status:
        return "only we refuse"
    if canonical(ours.partitions) == their:
        return "same"
    return "differ in the chip, where only we align" if differs_as_documented(their, ours.partitions) else "DIFFERENT"


def layout_of(command: list[str], hash_seed: int) -> str:
    """Of one run; what it complains of after a `!`."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "partitions.yml"
        done = subprocess.run([*command, "--output-partitions", str(output), "--output-regions", f"{folder}/regions.yml"], capture_output=True,
                              text=True, env=os.environ | {"PYTHONHASHSEED": str(hash_seed)}, check=False)
        return canonical(yaml.safe_load(output.read_text()) or {}) if output.exists() else f"!{done.stdout}{done.stderr}"


def compare_own(script: str, options: list[str], hashes: int) -> int:
    ours = layout_of([str(OUTBOARD), "pm", "resolve", *options], 0)
    theirs = {layout_of([sys.executable, script, *options], number) for number in range(hashes)}
    for number, layout in enumerate(sorted(theirs)):
        sys.stdout.writelines(difflib.unified_diff(layout.splitlines(True), ours.splitlines(True), f"theirs, {number + 1} of {len(theirs)}", "ours"))
    return ours not in theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script")
    parser.add_argument("--seeds", type=int, nargs=2, default=[0, 1000])
    parser.add_argument("--hashes", type=int, default=8)
    parser.add_argument("--golden", type=Path)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--own", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if args.own:
        return compare_own(args.script, args.own, args.hashes)
    first, last = args.seeds
    if args.worker:
        worker(args.script)
        return 0
    counts, golden = Counter(), []
    for seed, theirs in sdk_layouts(args.script, list(range(first, last)), range(args.hashes)).items():
        word = compare(seed, theirs)
        if word == "DIFFERENT":  # a tie of two looks fixed under eight hash seeds once in 128 times
            word = compare(seed, theirs | sdk_layouts(args.script, [seed], range(args.hashes, 5 * args.hashes))[seed])
        counts[word] += 1
        if word == "same":
            golden.append(f"{seed} {hashlib.sha256(next(iter(theirs)).encode()).hexdigest()[:16]}\n")
        if word in ("DIFFERENT", "only we refuse"):
            print(f"seed {seed}: {word}")
    if args.golden:
        head = f"# Seed of sdk_forms.py, and the digest of the layout that the SDK's script (2.9) made under {args.hashes} hash seeds.\n"
        args.golden.write_text(head + "".join(golden))
    for word, count in counts.most_common():
        print(f"{count:6} {word}")
    return counts["DIFFERENT"] != 0


if __name__ == "__main__":
    sys.exit(main())
