# SPDX-License-Identifier: Apache-2.0
"""What takes a Rust toolchain, for `make fidelity`: embassy-nrf's drivers on both virtual boards, and the registers of the
virtual nRF5340 against the vendor's table, as svd2rust's crate has it.

scripts/fidelity.sh builds the programs and names the folders in the environment.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
OUTBOARD = REPO / "build/host/tools/outboard/outboard"
PROGRAMS = Path(os.environ["FIDELITY_PROGRAMS"])
PAC = Path(os.environ["FIDELITY_PAC"])

# Devices of the model and the modules of the crate that describe them.
MODULES = {
    "FICR": ["ficr_s"],
    "UICR": ["uicr_s"],
    "CACHE": ["cache_s"],
    "SPU": ["spu_s"],
    "REGULATORS": ["regulators_ns", "oscillators_ns"],
    "CLOCK": ["clock_ns", "power_ns"],
    "RESET": ["reset_ns"],
    "CTRLAP": ["ctrlap_ns"],
    "UARTE": ["uarte0_ns"],
    "SPIM": ["spim0_ns"],
    "TIMER": ["timer0_ns"],
    "RTC": ["rtc0_ns"],
    "WDT": ["wdt0_ns"],
    "QSPI": ["qspi_ns"],
    "NVMC": ["nvmc_ns"],
    "GPIOTE": ["gpiote0_s"],
    "IPC": ["ipc_ns"],
    "MUTEX": ["mutex_ns"],
    "DPPIC": ["dppic_ns"],
    "EGU": ["egu0_ns"],
    "PWM": ["pwm0_ns"],
    "P": ["p0_ns"],
}

# Where the model differs, and why. Names as `outboard-board registers` prints them.
DIFFERENT = {
    r"FICR .*": "a part's own words; the table has those of none",
    r"UICR .*": "memory: written through NVMC, erased",
    r"UARTE\d [RT]XD 0": "one class for both SoCs; only the nRF52840 has the older UART's registers",
    r"REGULATORS REGULATORS.VREGH.EXTSILENTEN 0": "newer than the crate: the table of nrfx 4.2.1 has it",
    r"QSPI IFTIMING 0": "0x600 in the newer table of nrfx 4.2.1",
    r"RESET \(anomaly 161\) 0x618 0": "anomaly 161",
    r"\(no name\) .*": "anomalies 44, 46, 140 and 160",
}

FIELD = re.compile(r'#\[doc = "0x([0-9a-f]+)(?:\.\.0x([0-9a-f]+))? - [^"]*"\]\s+pub (\w+): (?:\[(\w+); (\d+)\]|(\w+)),')


def access(text):
    return ("r" if "impl crate::Readable" in text else "") + ("w" if "impl crate::Writable" in text else "")


def reset_value(text):
    found = re.search(r"fn reset_value\(\) -> \S+ \{\s*(\w+)", text)
    return int(found.group(1).replace("_", ""), 0)


def collect(module, base, out):
    """The registers of a module and of the clusters in it: offset -> [(access, reset, name)]."""
    text = module.with_suffix(".rs").read_text()
    for first, end, name, element, count, single in FIELD.findall(text):
        count = int(count or 1)
        start = int(first, 16)
        step = (int(end, 16) - start) // count if end else 4
        file = (element or single).lower()
        own = module / (f"{file}_" if file in ("in", "loop") else file)  # words of the language
        body = own.with_suffix(".rs").read_text()
        for i in range(count):
            if "crate::Reg<" in body or "Cluster" in body:
                collect(own, base + start + i * step, out)
            else:
                out.setdefault(base + start + i * step, []).append((access(body), reset_value(body), name))


def models_registers():
    board = OUTBOARD.with_name("outboard-board")
    result = subprocess.run([board, "registers", "nRF5340"], capture_output=True, text=True, check=True)
    bases = {}
    for line in result.stdout.splitlines():
        device, address, name, reset, how = re.fullmatch(r"(\(no name\)|\S+) (\S+) (.*) (\S+) (\S+)", line).groups()
        yield device, f"{device} {name}", int(address, 0), int(reset, 0), how


def base_of(device, address):
    return {"P0": 0x50842500, "P1": 0x50842800}.get(device, address & ~0xFFF)


def test_every_register_of_the_nrf5340_is_where_the_vendors_table_has_it():
    tables = {}
    for device, modules in MODULES.items():
        tables[device] = {}
        for module in modules:
            collect(PAC / "src" / module, 0, tables[device])
    differing = []
    used = set()
    count = 0
    for device, name, address, reset, how in models_registers():
        count += 1
        table = tables.get(re.sub(r"\d$", "", device), {})
        theirs = table.get(address - base_of(device, address), [])
        if any(reset == value and set(how) - {"1"} == set(their_access) for their_access, value, _ in theirs):
            continue
        reasons = [pattern for pattern in DIFFERENT if re.fullmatch(pattern, name)]
        used.update(reasons)
        if not reasons:
            differing.append((name, hex(address), hex(reset), how, theirs))
    assert differing == []
    assert count > 500
    assert used == set(DIFFERENT), "an exception that is none any more"


@pytest.mark.parametrize("board, program", [("nrf52840dk_nrf52840", "nrf52840"), ("nrf5340dk_nrf5340_cpuapp", "nrf5340")])
def test_embassys_drivers_run(board, program):
    """Start (UICR written, reset, low frequency clock), QSPI: identify, erase, program, read back; UARTE."""
    command = [OUTBOARD, "board", "run", "--board", board, "--internal", PROGRAMS / program, "--limit", "10"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "read back equal" in result.stdout, result.stdout + result.stderr
