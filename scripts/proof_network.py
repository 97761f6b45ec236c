#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The power cut while the nRF5340's two images are updated on its virtual kit, the application's alone, the network core's alone and
both together, in the SDK's configuration as it has had it in its three ages: in the flash operations of all three memories, between
them, and at each step of handing the network core's image over, where the reset pin is pulled as well. Then the same with each fault
of the network core. A line for each campaign; exit status 1 if anything failed.

    scripts/proof_network.py [--quick] [options of `outboard board cuts`: --jobs N --shard I/N]

--quick cuts in a sample of the operations: at least 2,000 times for each kind of update in each age, with a fault some hundred times.
"""

import os
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tests/modules/mcuboot/external_flash"))

from device import AGES, APP, NETWORK_FAULTS, PASSING_NETWORK_FAULTS, Device, Pair  # noqa: E402

TOOL = Path(os.environ.get("OUTBOARD_TOOL", REPO / "build/host/tools/outboard/outboard"))
EVERYWHERE = {"application": ["--tear", "all"], "network": ["--tear", "all"], "together": ["--tear", "all"]}
SAMPLE = {"application": ["--every", 5, "--instructions", 32], "network": ["--tear", "all"], "together": ["--every", 5, "--instructions", 32]}
SAMPLE_OF_FAULT = {"silent": 12, "hash": 12, "middle": 12}  # each so many-th operation; nothing is installed, so there are few
SAMPLE_OF_PASSING_FAULT = {"network": 12, "together": 100}


def with_a_fault(which: str, fault: str, quick: bool) -> list:
    every = SAMPLE_OF_FAULT.get(fault, SAMPLE_OF_PASSING_FAULT[which])
    return ["--every", every, "--instructions", 8] if quick else []


def campaign(pair: Pair, which: str, fault: str | None, options: list) -> bool:
    told = [] if fault is None else ["--network-fault", fault]
    report = pair.cuts(which, *told, *options)
    state = "fine" if fault is None else f"network core: {fault}"
    print(f"{pair.device.age}, {which}, {state}: {report['operations']} operations, {report['cuts']} cuts, {report['failures']} failures; "
          f"at rest old {report['old']}, new {report['new']}; {report['seconds']:.0f} s", flush=True)
    if report["failures"] > 0:
        print(f"  first: {report['first_failure']}: {report['first_reason']}", flush=True)
    return report["failures"] == 0


def main(words: list[str]) -> int:
    quick = "--quick" in words
    more = [word for word in words if word != "--quick"]
    good = True
    for age in AGES:
        pair = Pair(Device(APP, age, TOOL, REPO / "build/proof/network"))
        for which, options in (SAMPLE if quick else EVERYWHERE).items():
            good &= campaign(pair, which, None, [*options, *more])
        for fault in [*NETWORK_FAULTS, *PASSING_NETWORK_FAULTS]:
            for which in SAMPLE_OF_PASSING_FAULT:
                good &= campaign(pair, which, fault, [*with_a_fault(which, fault, quick), *more])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
