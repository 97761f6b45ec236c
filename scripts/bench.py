#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What outboard costs, counted: code, RAM, stack, erases, bytes, and the time that a part profile makes of them.

Every figure is deterministic for a compiler version; nothing here is timed. Exit status 1 if a limit is exceeded.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "tests/emu"))

from board import Board  # noqa: E402
from firmware import NEW, OLD, Firmware, build, other_version  # noqa: E402

TOOL = REPO / "build/host/tools/outboard/outboard"
MBEDTLS = REPO / "build/deps/mbedtls"
KEY = REPO / "keys/demo-p256.pem"
FOLDER = REPO / "build/bench"

KIB = 1024
SIZE = f"@{REPO}/cmake/size.rsp"
CORE_FLAGS = ["-mcpu=cortex-m33", "-mthumb", "-flto", "-ffreestanding", "-fbuiltin",
              "-DCONFIG_UPDATEABLE_IMAGE_NUMBER=1"]
CORE_FLAGS += ["-ffunction-sections", "-fdata-sections", "-Wno-missing-prototypes"]
CORE_FLAGS += ["-DCONFIG_BOOT_IMG_HASH_SIZE=32", "-DCONFIG_BOOT_SIGNATURE_SIZE_MAX=128", "-DCONFIG_BOOT_ENCRYPT_KEY_SIZE=0",
               "-DOB_SIGNATURE=ob_signature_p256"]
CRYPTO = ["p256.c", "ecdsa_der.c", "equal.c", "hash_sha256.c", "public_data.c", "sha256.c", "sha256_cortex_m.S", "signature_p256.c", "verdict.c"]

SLOT = "0x84000"
LEDGER = 0x2000
OLD_SIZE = 480_662
NEW_SIZE = 500_662
PROFILE = "nrf5340+mx25r6435f"
BUSES = {"SPI 8 MHz": 8e6, "quad 32 MHz": 4 * 32e6}  # bits per second of what reads and programs carry


class Table:
    """Lines of figure, limit, verdict."""

    def __init__(self):
        self.failed = 0

    def title(self, text: str):
        print(f"\n{text}")

    def row(self, name: str, value: float, limit: float | None = None, unit: str = "bytes"):
        shown = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        line = f"  {name:<58} {shown:>10} {unit}"
        if limit is not None:
            exceeded = value > limit
            self.failed += exceeded
            line += f", at most {limit:,}: " + ("EXCEEDED" if exceeded else "ok")
        print(line)


def run(*command: str | Path) -> str:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def sections(elf: Path) -> dict[str, int]:
    lines = (line.split() for line in run("arm-none-eabi-size", "-A", elf).splitlines())
    return {fields[0]: int(fields[1]) for fields in lines if len(fields) == 3 and fields[1].isdigit()}


def link_core(name: str, *options: str) -> Path:
    """Link the core alone for a Cortex-M33."""
    folder = FOLDER / "core"
    folder.mkdir(parents=True, exist_ok=True)
    run(TOOL, "image", "key", "--pem", KEY, "--c", folder / "keys.c")
    sources = [*REPO.glob("core/*.c"), *(REPO / "crypto" / name for name in CRYPTO), MBEDTLS / "library/sha256.c"]
    sources += [folder / "keys.c", REPO / "tests/size/core.c", REPO / "soc/arm/cortex_m/string.c"]
    includes = [REPO / "include", REPO / "crypto", MBEDTLS / "include", MBEDTLS / "3rdparty/p256-m/p256-m"]
    flags = [*CORE_FLAGS, SIZE, *options]
    loops = ["-fno-lto", "-fno-builtin", "-fno-tree-loop-distribute-patterns", "-fno-ivopts", "-fno-tree-scev-cprop"]
    objects = []
    for number, source in enumerate(sources):
        plain = loops if source.name == "string.c" else []
        objects.append(folder / f"{number}.o")
        run("arm-none-eabi-gcc", *flags, *plain, *(f"-I{path}" for path in includes),
            '-DMBEDTLS_CONFIG_FILE="ob_mbedtls_config.h"', "-w", "-c", source, "-o", objects[-1])
    elf = folder / f"{name}.elf"
    run("arm-none-eabi-gcc", *flags, "-nostartfiles", "-specs=nano.specs", "-Wl,--gc-sections",
        "-Wl,-Ttext=0x8000,-Tdata=0x20000000,-Tbss=0x20001000", *objects, "-o", elf)
    return elf


def sized(firmware: Firmware, size: int) -> bytes:
    """The firmware's signed image with so much noise behind the program; a signature may be a byte or two shorter."""
    return firmware.image(size - len(firmware.image(1)) + 1)


def count_starts(firmware: Firmware, *options: str | Path) -> list[dict]:
    """Of its virtual board, with an image of OLD_SIZE in the primary slot."""
    flash = bytearray(firmware.internal_flash.read_bytes())
    image = sized(firmware, OLD_SIZE)
    flash[firmware.primary_offset:firmware.primary_offset + len(image)] = image
    firmware.internal_flash.write_bytes(flash)
    return json.loads(run(TOOL, "board", "count", firmware.folder, *options, "--json"))["starts"]


def bench_faults(table: Table):
    """What CONFIG_BOOT_FIH_PROFILE_MEDIUM, the default, costs against _OFF."""
    table.title(f"Measures against faults, nRF5340 DK, small build, downgrade prevention, no log, an image of {OLD_SIZE:,} bytes")
    size, instructions = {}, {}
    for profile in ("OFF", "MEDIUM"):
        options = ["-Dmcuboot_CONFIG_LOG=n", "-Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y",
                   f"-Dmcuboot_CONFIG_BOOT_FIH_PROFILE_{profile}=y"]
        made = build(FOLDER / f"nrf5340_fih_{profile.lower()}", OLD, *options, board="nrf5340dk_nrf5340_cpuapp")
        size[profile] = sections(made.folder / "mcuboot/mcuboot.elf")[".text"]
        instructions[profile] = count_starts(made)[-1]["instructions"]
    table.row("code", size["MEDIUM"] - size["OFF"])
    table.row("a start with nothing to do", instructions["MEDIUM"] - instructions["OFF"], unit="instructions")
    table.row("the same, of all", 100 * (instructions["MEDIUM"] / instructions["OFF"] - 1), 3, "%")


def bench_instructions(table: Table):
    """The very binaries, from power on until the image is entered."""
    table.title(f"nRF5340 DK on its virtual board, slot on QSPI, slide, no log, {OLD_SIZE:,} to {NEW_SIZE:,} bytes: instructions")
    for kind, idle, update, size in (("small", 46.5, 115, 17_920), ("fast", 21.0, 60, None)):
        options = ["-Dmcuboot_CONFIG_LOG=n"]
        if kind == "fast":  # it needs more than the board's 48 KiB
            options += ["-Dmcuboot_CONFIG_SPEED_OPTIMIZATIONS=y", "-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000"]
        old = build(FOLDER / f"nrf5340_{kind}", OLD, *options, board="nrf5340dk_nrf5340_cpuapp")
        new = FOLDER / f"nrf5340_{kind}_update.bin"
        new.write_bytes(sized(other_version(old, FOLDER / f"nrf5340_{kind}_new", NEW), NEW_SIZE))
        starts = count_starts(old, "--update", new, "--permanent")
        sizes = sections(old.folder / "mcuboot/mcuboot.elf")
        table.row(f"{kind} build: an update, millions", starts[0]["instructions"] / 1e6, update, "")
        table.row(f"{kind} build: a start with nothing to do, millions", starts[-1]["instructions"] / 1e6, idle, "")
        table.row(f"{kind} build: an update, time of the board", starts[0]["seconds"], unit="s")
        table.row(f"{kind} build: all that is programmed", sizes[".text"] + sizes.get(".data", 0), size)
        table.row(f"{kind} build: static RAM without the stack", sizes.get(".data", 0) + sizes[".bss"])
        table.row(f"{kind} build: stack used by an update", starts[0]["stack"])


# What is verified and decrypted, as options of the bootloader; bytes programmed, and of RAM with the stack, that were asked for.
KINDS = {
    "P-256": ([], 19, 3),
    "P-256, encrypted with ECIES-P256": (["BOOT_ENCRYPT_IMAGE=y"], 24, 8),
    "Ed25519": (["BOOT_SIGNATURE_TYPE_ED25519=y"], None, 8),
    "Ed25519, encrypted with ECIES-X25519": (["BOOT_SIGNATURE_TYPE_ED25519=y", "BOOT_ENCRYPT_IMAGE=y"], 28, 8),
    "RSA-2048": (["BOOT_SIGNATURE_TYPE_RSA=y"], None, 8),
    "RSA-2048, encrypted with RSA-OAEP": (["BOOT_SIGNATURE_TYPE_RSA=y", "BOOT_ENCRYPT_IMAGE=y"], 28, 8),
    "RSA-3072": (["BOOT_SIGNATURE_TYPE_RSA=y", "BOOT_SIGNATURE_TYPE_RSA_LEN=3072"], None, 8),
    "P-384": (["BOOT_SIGNATURE_TYPE_ECDSA_P384=y"], None, 8),
}


def bench_signatures(table: Table):
    """What each type of signature and of encryption takes."""
    table.title("nRF5340 DK, slot on QSPI, slide, small build, no log, by type of signature and encryption")
    for number, (kind, (symbols, kib, ram_kib)) in enumerate(KINDS.items()):
        options = [f"-Dmcuboot_CONFIG_{symbol}" for symbol in ("LOG=n", "PM_PARTITION_SIZE_MCUBOOT=0x10000", *symbols)]
        made = build(FOLDER / f"nrf5340_kind{number}", OLD, *options, board="nrf5340dk_nrf5340_cpuapp")
        sizes = sections(made.folder / "mcuboot/mcuboot.elf")
        stack = json.loads(run(TOOL, "board", "count", made.folder, "--json"))["starts"][-1]["stack"]
        table.row(f"{kind}: all that is programmed", sizes[".text"] + sizes.get(".data", 0), kib and kib * 1024)
        table.row(f"{kind}: static RAM and the stack of a start", sizes.get(".data", 0) + sizes[".bss"] + stack, ram_kib * 1024)


# Serial recovery, as options of the bootloader; bytes programmed that were asked for.
RECOVERY = {
    "all commands, the default": ([], 26 * KIB),
    "without states, slot information and echo": (["BOOT_SERIAL_IMG_GRP_IMAGE_STATE=n", "BOOT_SERIAL_IMG_GRP_SLOT_INFO=n", "BOOT_MGMT_ECHO=n"], None),
    "without console framing": (["BOOT_SERIAL_RAW_PROTOCOL=y"], None),
    "overwrite": (["BOOT_UPGRADE_ONLY=y"], None),
}


def bench_recovery(table: Table):
    table.title("Serial recovery: nRF5340 DK, slot on QSPI, P-256, slide, small build, no log")
    for number, (kind, (symbols, limit)) in enumerate(RECOVERY.items()):
        options = [f"-Dmcuboot_CONFIG_{symbol}" for symbol in ("LOG=n", "MCUBOOT_SERIAL=y", "PM_PARTITION_SIZE_MCUBOOT=0x10000", *symbols)]
        made = build(FOLDER / f"nrf5340_recovery{number}", OLD, *options, board="nrf5340dk_nrf5340_cpuapp", target="mcuboot")
        sizes = sections(made.folder / "mcuboot/mcuboot.elf")
        table.row(f"{kind}: all that is programmed", sizes[".text"] + sizes[".data"], limit)
        table.row(f"{kind}: RAM with the stack", sizes[".data"] + sizes[".bss"] + sizes[".stack"], 8 * KIB)


def bench_core(table: Table):
    """P-256 and SHA-256 are in all rows, the ledger with its events too. docs/BENCH.md has what MCUboot's contain."""
    table.title("Core for Cortex-M33: -Os, P-256, no log (arm-none-eabi-gcc, link-time optimised)")
    for mode, limit, *options in (("slide", 12_000), ("overwrite", 9_000, "-DCONFIG_BOOT_UPGRADE_ONLY=1"),
                                  ("dual", 12_000, "-DCONFIG_BOOT_UPGRADE_DUAL=1")):
        sizes = sections(link_core(mode, *options))
        table.row(f"{mode}: code and constants", sizes[".text"] + sizes[".rodata"], limit)
        plain = sections(link_core(f"{mode}_plain", *options, "-DCONFIG_BOOT_FIH_PROFILE_OFF=1"))
        table.row(f"{mode}: the same without measures against faults", plain[".text"] + plain[".rodata"])
        table.row(f"{mode}: static RAM", sizes.get(".data", 0) + sizes[".bss"], 2500)


def bench_bootloader(table: Table):
    table.title("Bootloader of qemu_ast1030: Cortex-M4, SPI NOR driver with SFDP, slide")
    logged = build(FOLDER / "dfu", "1.0.0", "-Dmcuboot_CONFIG_BOOT_STACK_REPORT=y")
    silent = build(FOLDER / "dfu_nolog", "1.0.0", "-Dmcuboot_CONFIG_LOG=n")
    for name, firmware, limit in (("with log", logged, 32 * KIB), ("without log", silent, 17 * KIB)):
        sizes = sections(firmware.folder / "mcuboot/mcuboot.elf")
        table.row(f"{name}: all that is programmed", sizes[".text"] + sizes.get(".data", 0), limit)
        table.row(f"{name}: static RAM without the stack", sizes.get(".data", 0) + sizes[".bss"], 2500)
    update = build(FOLDER / "dfu_update", "1.1.0")
    with tempfile.TemporaryDirectory() as folder, Board(Path(folder), logged) as board:
        board.power_on()
        bench_stack(table, board, "a start", "1.0.0")
        board.install(update.image())
        bench_stack(table, board, "an installation", "1.1.0")
        board.reboot()
        bench_stack(table, board, "going back", "1.0.0")


def bench_stack(table: Table, board: Board, what: str, version: str):
    used = int(board.expect(r"I: Stack: (\d+) of \d+ bytes used", 60)[1])
    table.row(f"stack used by {what}, painted and measured", used, 2 * KIB)
    board.boot(version)


def bench_reads(table: Table, part: str, cost: dict):
    table.row(f"{part}: bytes read inside", cost["primary"]["read_bytes"])
    table.row(f"{part}: bytes read outside", cost["secondary"]["read_bytes"])
    carried = cost["secondary"]["read_bytes"] + cost["secondary"]["programmed_bytes"]
    for name, bits_per_second in BUSES.items():
        table.row(f"{part}: on the bus outside, {name}", carried * 8 / bits_per_second, unit="s")


def bench_downtime(table: Table, command: list, limits: dict):
    """
    With computing as counted on a Cortex-M33 at 64 MHz (sim/profile.c), and the bus.

    limits  seconds of an upgrade, by bus and build
    """
    for bus in ("quad32", "spi8"):
        for kind in ("small", "fast"):
            report = json.loads(run(*command, "--build", kind, "--bus", bus))
            for part in ("idle", "upgrade", "revert"):
                if report.get(part):
                    table.row(f"{part}: downtime, {kind} build, {bus}", report[part]["downtime_seconds"],
                              limits.get((bus, kind)) if part == "upgrade" else None, "s")


def bench_update(table: Table, folder: Path):
    files = {}
    for name, size, version in (("old", OLD_SIZE, "1.0.0"), ("new", NEW_SIZE, "1.1.0")):
        files[name] = folder / f"{name}.bin"
        run(sys.executable, REPO / "scripts/make_image.py", "--size", str(size), "--version", version, "--key", KEY,
            files[name])
    limits = {
        "slide": {"primary": 126, "secondary": 126, "seconds": 16.6},
        "dual": {"primary": 126, "secondary": 2, "seconds": 16.5},
        "overwrite": {"primary": 126, "secondary": 1, "seconds": 16.5},
    }
    downtimes = {
        "slide": {("quad32", "small"): 19.4, ("quad32", "fast"): 18.2, ("spi8", "small"): 21.4, ("spi8", "fast"): 20.2},
        "dual": {("quad32", "fast"): 18.0},
        "overwrite": {("quad32", "fast"): 17.6},
    }
    for mode, limit in limits.items():
        for erases in ("4096", "4096,32768,65536"):
            secondary = SLOT if erases == "4096" else "0x100000"
            command = [TOOL, "sim", "bench", "--mode", mode, "--primary", f"{SLOT}:4096:4", "--secondary",
                       f"{secondary}:{erases}:1", "--old", files["old"], "--new", files["new"], "--key", KEY,
                       "--profile", PROFILE, "--json"]
            report = json.loads(run(*command))
            assert not report["untimed"], "the profile knows no time for these slots"
            checked = erases == "4096"
            table.title(f"{mode}: {OLD_SIZE:,} to {NEW_SIZE:,} bytes, 4K pages inside, {erases} outside, {PROFILE}")
            for part in ("upgrade", "revert"):
                if not report.get(part):
                    continue
                cost = report[part]
                table.row(f"{part}: internal erases", cost["primary"]["erases"], limit["primary"], "")
                table.row(f"{part}: external erases", cost["secondary"]["erases"],
                          limit["secondary"] if checked else None, "")
                table.row(f"{part}: internal bytes programmed", cost["primary"]["programmed_bytes"], 502_000)
                table.row(f"{part}: most-worn internal sector", cost["primary"]["max_wear"], 1, "erases")
                table.row(f"{part}: erasing and programming", float(cost["seconds"]), limit["seconds"], "s")
                bench_reads(table, part, cost)
            bench_reads(table, "a start with nothing to do", report["idle"])
            bench_downtime(table, command, downtimes[mode] if checked else {})


def bench_updates(table: Table):
    with tempfile.TemporaryDirectory() as folder:
        bench_update(table, Path(folder))


def main() -> int:
    table = Table()
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts = {"core": bench_core, "bootloader": bench_bootloader, "instructions": bench_instructions, "faults": bench_faults,
             "signatures": bench_signatures, "recovery": bench_recovery, "update": bench_updates}
    for name in sys.argv[1:] or parts:
        parts[name](table)
    print(f"\n{'all limits hold' if table.failed == 0 else f'{table.failed} limits exceeded'}")
    return 1 if table.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(f"\n{Path(sys.argv[0]).name}: interrupted")
