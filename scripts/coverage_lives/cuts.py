# SPDX-License-Identifier: Apache-2.0
"""Cuts at the places where the ledger is written."""

from .device import Device


def cuts_at_the_ledger(device: Device):
    """Torn in ways that read differently at each look, before anything is moved and behind all of it."""
    for cut in (*range(1, 110), *range(device.operations - 8, device.operations + 1)):
        device.factory_with(device.update)
        device.run("--cut", f"{cut}:none")
        device.survives()
    for tear in ("metastable", "brownout", "prefix"):
        for cut in (*range(1, 60, 6), *range(device.operations - 60, device.operations + 1, 8)):
            device.factory_with(device.update)
            device.run("--cut", f"{cut}:{tear}")
            device.run("--cut", f"{2 + cut % 5}:{tear}")
            device.survives()
