# SPDX-License-Identifier: Apache-2.0
"""The registers of the virtual nRF52840 against the vendor's table, as pyOCD ships it: place, access, value after reset.

Says nothing of what the registers do, and nothing of the nRF5340, which pyOCD has no table of (`make fidelity`).
"""

import re
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
BOARD = REPO / "build/host/tools/outboard/outboard-board"
SVD = REPO / "build/deps/pyocd/debug/svd/svd_data.zip"

ACCESS = {"read-write": "rw", "read-only": "r", "write-only": "w", "writeonce": "rw1", "read-writeonce": "rw1"}

# Where the model differs, and why. Names as `outboard-board registers` prints them.
DIFFERENT = {
    r"FICR .*": "a part's own words; the table has those of none",
    r"UICR .*": "memory: written through NVMC",
    r"CLOCK CLOCK.HFCLKSTAT 0": "the internal oscillator runs",
    r"CLOCK APPROTECT\..* 0": "named by the errata document and the vendor's header",
    r"CLOCK POWER.RAM.POWER(SET|CLR) .": "they read as POWER, as the product specification says",
    r"CLOCK POWER.RAMONB? 0": "of older parts, whose start-up code is used here too",
    r"TEMP .*workaround.* 0": "written by the vendor's SDK",
    r"ROMTABLE PIDR. 0": "CoreSight's identification; the table ends before it",
    r"UARTE1 [RT]XD 0": "one class for both; only UARTE0 has the older UART's registers",
    r"NVMC READYNEXT 0": "idle",
    r"NVMC ERASE(PAGE|ALL|UICR|PAGEPARTIAL) 0": "nobody reads them: refused",
    r"ACL ACL\..*": "written once, as the product specification says",
    r"QSPI \(anomaly 122\) 0x054 0": "anomaly 122",
}


def number(text):
    return int(text, 0)


def collect(node, base, access, reset, prefix, out):
    for child in node:
        if child.tag not in ("register", "cluster"):
            continue
        own = child.findtext("access") or access
        value = child.findtext("resetValue")
        value = reset if value is None else number(value)
        for i in range(number(child.findtext("dim") or "1")):
            address = base + number(child.findtext("addressOffset")) + i * number(child.findtext("dimIncrement") or "0")
            if child.tag == "cluster":
                collect(child, address, own, value, f"{prefix}{child.findtext('name')}.", out)
            else:
                out.setdefault(address, []).append((ACCESS[own], value, prefix + child.findtext("name")))


def vendors_table():
    with zipfile.ZipFile(SVD) as archive, archive.open("nrf52840.svd") as file:
        root = ElementTree.parse(file).getroot()
    peripherals = {each.findtext("name"): each for each in root.iter("peripheral")}
    table = {}
    for name, each in peripherals.items():
        source = each
        while source.find("registers") is None:
            source = peripherals[source.get("derivedFrom")]
        collect(source.find("registers"), number(each.findtext("baseAddress")), "read-write", 0, name + ".", table)
    return table


def models_table():
    result = subprocess.run([BOARD, "registers", "nRF52840"], capture_output=True, text=True, check=True)
    for line in result.stdout.splitlines():
        device, address, name, reset, access = re.fullmatch(r"(\S+) (\S+) (.*) (\S+) (\S+)", line).groups()
        yield f"{device} {name}", number(address), number(reset), access


def test_every_register_is_where_the_vendors_table_has_it():
    vendors = vendors_table()
    differing = []
    used = set()
    count = 0

    for name, address, reset, access in models_table():
        count += 1
        if any((access, reset) == theirs[:2] for theirs in vendors.get(address, [])):
            continue
        reasons = [pattern for pattern in DIFFERENT if re.fullmatch(pattern, name)]
        used.update(reasons)
        if not reasons:
            differing.append((name, hex(address), hex(reset), access, vendors.get(address)))
    assert differing == []
    assert count > 500
    assert used == set(DIFFERENT), "an exception that is none any more"


def test_what_the_tables_call_a_register_the_model_knows():
    """Of the peripherals whose every access matters: nothing is missing."""
    known = {address for _, address, _, _ in models_table()}
    missing = [
        theirs[0][2]
        for address, theirs in vendors_table().items()
        if theirs[0][2].split(".")[0] in ("QSPI", "NVMC", "WDT", "UARTE0", "TIMER0") and address not in known
    ]
    assert missing == ["NVMC.ERASEPCR0"]  # of another part; the documents tell not to use it
