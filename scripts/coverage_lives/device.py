# SPDX-License-Identifier: Apache-2.0
"""A virtual board between its starts: what its chips hold is changed there, and each start is looked at."""

import json
import os
import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
IMGTOOL = REPO / "build/deps/venv/bin/imgtool"
KEYS = REPO / "keys"
MAGIC = bytes.fromhex("77c295f360d2ef7f3552500f2cb67980")  # of a trailer: a request
IMAGE_OK_FROM_END = 24  # of a trailer: for good
ENDS = {"until", "rests", "limit", "power"}  # of a start: a fault of the CPU, and what the part forbids, is none of them
# What a chip's model ends a run for, where a fault leads there and the chip only ignores it: by the option that makes the fault.
BUSY = "a command while the chip is busy"
OBJECTIONS = {
    "stuck": (BUSY,),  # it never ends what it does
    "locked": ("a program or erase of protected cells",),
    "--sfdp": ("an opcode that the chip does not know",),  # its table names it
    # Asked in vain whether it is idle; the controller is switched off in the middle of a command, and select rises there.
    "--stall": (BUSY, "a program without data", "chip select rises in the wrong place: the command is not carried out"),
}


class Device:
    """
    outboard  the host program
    build     folder of a build; its chips are copied
    update    signed image that it is updated to
    folder    of this device
    out       where the starts leave what they executed
    """

    def __init__(self, outboard: Path, build: Path, update: Path, folder: Path, out: Path):
        self.outboard, self.build, self.folder, self.out = outboard, build, folder, out
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("devicetree.json", "pm.config", "partitions.yml"):
            shutil.copy(build / name, folder)
        config = (build / "pm.config").read_text()
        self.numbers = {name: int(value, 0) for name, value in re.findall(r"^PM_(\w+)=(0x[0-9a-f]+|\d+)$", config, re.MULTILINE)}
        self.primary, self.size = self.numbers["MCUBOOT_PRIMARY_ADDRESS"], self.numbers["MCUBOOT_PRIMARY_SIZE"]
        self.secondary = self.numbers["MCUBOOT_SECONDARY_ADDRESS"]
        self.ledger, self.last = self.primary - 0x2000, self.primary + self.size - 0x1000  # the last page has the trailer
        self.nrf53 = "nrf5340" in (build / "CMakeCache.txt").read_text()
        self.payload = (build / "app.bin").read_bytes()
        self.old, self.update = (build / "app_update.bin").read_bytes(), update.read_bytes()
        self.starts = 0
        self.failures = []  # starts that went as none may

    # ---- what the chips hold ----

    def factory(self):
        for name in ("internal_flash.bin", "external_flash.bin"):
            shutil.copy(self.build / name, self.folder)

    def factory_with(self, image: bytes, request: bool = True, permanent: bool = False):
        self.factory()
        self.place(image, request, permanent)

    def write(self, chip: str, at: int, data: bytes):
        with (self.folder / f"{chip}_flash.bin").open("r+b") as file:
            file.seek(at)
            file.write(data)

    def state(self) -> dict[str, bytes]:
        return {name: (self.folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")}

    def back_to(self, state: dict[str, bytes]):
        for name, cells in state.items():
            (self.folder / name).write_bytes(cells)

    def place(self, image: bytes, request: bool = True, permanent: bool = False):
        end = self.secondary + self.size
        self.write("external", self.secondary, image)
        if request:
            self.write("external", end - len(MAGIC), MAGIC)
        if permanent:
            self.write("external", end - IMAGE_OK_FROM_END, b"\1")

    def sign(self, payload: bytes, *options, version: str = "1.2.0", key: str | None = "demo-p256.pem", header: int | None = None,
             slot: int | None = None) -> bytes:
        source, signed = self.folder / "payload.bin", self.folder / "signed.bin"
        source.write_bytes(payload)
        command = [IMGTOOL, "sign", "--version", version, "--align", "4", "--pad-header", "--header-size",
                   hex(header or self.numbers["MCUBOOT_PAD_SIZE"]), "--slot-size", hex(slot or self.size),
                   *(("--key", KEYS / key) if key else ()), *options, source, signed]
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
        return signed.read_bytes()

    # ---- starts ----

    def start(self, *options) -> dict:
        """One of them, until an image says that it runs, or for 20 seconds. What the host program tells of it; {}: it told nothing."""
        words = [self.outboard, "board", "run", "--until", "is running", "--limit", "20", "--json", *options, self.folder]
        command = [str(word) for word in words]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"OUTBOARD_COVERAGE": str(self.out)}, check=False)
        self.starts += 1
        self.told = f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}{done.stdout}"
        try:
            result = json.loads(done.stdout) if done.returncode in (0, 1) else {}
        except json.JSONDecodeError:
            result = {}
        objected = any(word in options and text in result.get("why", "") for word, texts in OBJECTIONS.items() for text in texts)
        if result.get("end") not in ENDS and not objected:
            self.failures.append(self.told)
        return result

    def run(self, *options, starts: int = 1):
        for _ in range(starts):
            self.start(*options)

    def survives(self, *options):
        """Nothing is wrong any more: something starts."""
        if self.start(*options).get("end") != "until":
            self.failures.append(f"nothing starts any more: {self.told}")

    def stalls(self, state: dict[str, bytes], chip: str, places):
        """From this state on, with a controller that does not say at one of these operations that it is done."""
        for at in places:
            self.back_to(state)
            self.run("--stall", f"{chip}:{at}:1")

    @cached_property
    def operations(self) -> int:
        """Flash operations of an update."""
        self.factory_with(self.update)
        return self.start()["operations"]
