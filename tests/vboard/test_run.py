# SPDX-License-Identifier: Apache-2.0
"""`outboard board run`: what it takes, what it refuses, how it ends. Programs are a few instructions; not the firmware's tests."""

import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[0]))

from virtual import OUTBOARD, board, run  # noqa: E402

CC = ["arm-none-eabi-gcc", "-mthumb", "-ffreestanding", "-nostdlib", "-Os", "-Wall", "-Werror"]
CPU = {"nrf52840dk_nrf52840": "cortex-m4", "nrf5340dk_nrf5340_cpuapp": "cortex-m33"}
BOARDS = list(CPU)
DK = BOARDS[0]
UARTE = {"nrf52840dk_nrf52840": 0x40002000, "nrf5340dk_nrf5340_cpuapp": 0x50008000}


def build(folder: Path, source: str | Path, board_name: str = DK, name: str = "program", *options: str) -> Path:
    elf = folder / f"{name}.elf"
    if isinstance(source, str):
        source = folder / f"{name}.c"
    flags = [f"-mcpu={CPU[board_name]}", f"-DUARTE={UARTE[board_name]:#x}", f"-I{HERE / 'programs'}"]
    subprocess.run([*CC, *flags, *options, "-T", HERE / "programs/link.ld", source, "-o", elf], check=True)
    return elf


def program(folder: Path, body: str, board_name: str = DK) -> Path:
    """Build a program whose main() is this."""
    (folder / "program.c").write_text(f'#include "program.h"\nint main(void)\n{{\n{body}\n}}\n')
    return build(folder, "program", board_name)


def binary(elf: Path) -> Path:
    raw = elf.with_suffix(".bin")
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", elf, raw], check=True)
    return raw


def hex_file(elf: Path) -> Path:
    target = elf.with_suffix(".hex")
    subprocess.run(["arm-none-eabi-objcopy", "-O", "ihex", elf, target], check=True)
    return target


HELLO = 'say("hello\\n"); rest();'


@pytest.mark.parametrize("board_name", BOARDS)
@pytest.mark.parametrize("form", [lambda elf: elf, binary, hex_file], ids=["elf", "bin", "hex"])
def test_somebody_elses_program_runs_in_each_form(tmp_path, form, board_name):
    result = run("--board", board_name, "--internal", form(program(tmp_path, HELLO, board_name)))
    assert (result["said"], result["end"]) == ("hello\n", "rests")


@pytest.mark.parametrize("board_name", BOARDS)
def test_exceptions_do_what_the_architecture_says(tmp_path, board_name):
    """SVC whose handler pends PendSV, SysTick that wakes WFI, priorities, the process stack, a software interrupt."""
    elf = build(tmp_path, HERE / "programs/exceptions.c", board_name, "exceptions")
    result = run("--board", board_name, "--internal", elf, "--limit", "5")
    assert result["said"] == "svc pendsv tick tick tick masked unmasked psp irq done\n", result


def test_a_fault_ends_the_run_and_names_the_place(tmp_path):
    elf = program(tmp_path, "REG(0x30000000) = 1; rest();")
    result = run("--board", DK, "--internal", elf, status=1)
    assert result["end"] == "fault" and "0x30000000" in result["why"] and "main" in result["at"]


def test_a_fault_is_an_exception_if_that_is_asked_for(tmp_path):
    elf = program(tmp_path, 'say("a"); REG(0x30000000) = 1; rest();')
    assert run("--board", DK, "--internal", elf, "--faults")["said"] == "afault 00008200 30000000\n"


def test_ram_is_not_written_over_a_chip(builds, tmp_path):
    folder, _ = builds(DK)
    link = tmp_path / "link.bin"
    link.symlink_to(folder / "external_flash.bin")
    before = link.read_bytes()
    assert "is one of the board's chips; --ram would write over it" in board("run", folder, "--ram", link, status=2).stderr
    assert link.read_bytes() == before


@pytest.mark.parametrize(
    "body, why",
    [
        ("REG(0x4002e000) = 1;", "the nRF52840 has no device there"),
        ("REG(0x40002004 + 0x700) = 1;", "UARTE0 has no register at offset 0x704"),
        ("(void)*(volatile uint8_t *)0x40002500;", "UARTE0.ENABLE takes whole words only"),
        ("REG(0x4001e400) = 1;", "NVMC.READY is read only"),
        ("REG(0x80000) = 1;", "NVMC: 0x00000001 is stored to flash 0x80000 while CONFIG is 0"),
        ("REG(0x4001e504) = 2; REG(0x4001e508) = 0x80004;", "which is not the first address of a page"),
        ("REG(0x4001e504) = 1; REG(0x80000) = 0xff; REG(0x80000) = 0xf; REG(0x80000) = 0;", "more often than the part allows"),
        ("REG(0x40002500) = 0; REG(0x40002008) = 1;", "UARTE0: TASKS_STARTTX while ENABLE is 0"),
        ("REG(0x40010600) = 1;", "WDT: 0x00000001 is written to RR[0]"),
        ("REG(0x4001e504) = 1; *(volatile uint16_t *)0x80000 = 0;", "flash takes whole words only"),
    ],
)
def test_what_the_part_forbids_or_nobody_modelled_ends_the_run_by_name(tmp_path, body, why):
    result = run("--board", DK, "--internal", program(tmp_path, body + " rest();"), status=1)
    assert result["end"] == "refused" and why in result["why"] and "main" in result["at"]


def test_a_controller_that_stalls_is_not_ready_until_it_reads_again(tmp_path):
    """The second word of three is not programmed; nobody sees the others go wrong."""
    store = "REG(0x4001e504) = 1; REG({0}) = 0; say(REG(0x4001e400) ? \"+\" : \"-\"); REG(0x4001e504) = 0; say(REG({0}) ? \"1\" : \"0\");"
    elf = program(tmp_path, "".join(store.format(address) for address in (0x80000, 0x80004, 0x80008)) + "rest();")
    assert run("--board", DK, "--internal", elf, "--stall", "internal:2")["said"] == "+0-1+0"
    assert run("--board", DK, "--internal", elf, "--stall", "internal:2:9")["said"] == "+0-1-1"


def test_a_run_that_never_ends_is_stopped_and_says_where(tmp_path):
    elf = program(tmp_path, "for (;;) { }")
    result = board("run", "--board", DK, "--internal", elf, "--limit", "0.5", status=1)
    assert "after 0.500" in result.stderr and "(main" in result.stderr and result.stderr.count("\n") == 1


def test_a_watchdog_that_is_not_fed_bites(tmp_path):
    elf = program(tmp_path, 'say(REG(0x40000400) & 2 ? "bitten\\n" : "new\\n"); REG(0x40010504) = 0x8000; REG(0x40010000) = 1; for (;;) { }')
    result = run("--board", DK, "--internal", elf, "--until", "bitten", "--limit", "5")
    assert result["resets"] == 1 and 1 < result["seconds"] < 1.2


def test_serial_line_goes_over_tcp(tmp_path):
    elf = program(tmp_path, 'listen(); for (;;) { char text[2] = {hear(), 0}; if (text[0] == 0x04) { rest(); } say(text); }')
    process = subprocess.Popen([OUTBOARD, "board", "run", "--board", DK, "--internal", elf, "--serial", "tcp:0"], stderr=subprocess.PIPE, text=True)
    port = int(process.stderr.readline().split("tcp:")[1].split(";")[0])
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"echo\x04")
        said = b""
        while data := line.recv(100):
            said += data
            if said == b"echo":
                line.shutdown(socket.SHUT_WR)
    assert said == b"echo" and process.wait(60) == 0


TICKS = 'REG(0x4001e504) = 1; REG(0x80000) = 0x12345678; REG(0x4001e504) = 0; for (;;) { say("tick\\n"); }'


@pytest.fixture
def ticking(folder, tmp_path):
    """A folder whose program writes a word of flash, and says something for ever."""
    raw = binary(program(tmp_path, TICKS)).read_bytes()
    (folder / "internal_flash.bin").write_bytes(raw + b"\xff" * ((1 << 20) - len(raw)))
    return folder


def test_other_ends_come_and_go(ticking):
    """A client that leaves ends nothing, loses nothing, and makes room for the next one."""
    words = [OUTBOARD, "board", "run", ticking, "--serial", "tcp:0", "--limit", "20"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        port = int(process.stderr.readline().split("tcp:")[1].split(";")[0])
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
                assert line.recv(100)
        assert process.wait(120) == 1 and "its time is over" in process.stderr.read()
    assert (ticking / "internal_flash.bin").read_bytes()[0x80000:0x80004] == bytes.fromhex("78563412")


def test_a_pseudo_terminal_may_be_opened_again(tmp_path):
    """As standard clients do, for each command."""
    elf = program(tmp_path, 'listen(); for (;;) { char text[2] = {hear(), 0}; say(text); }')
    words = [OUTBOARD, "board", "run", "--board", DK, "--internal", elf, "--serial", "pty"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        path = process.stderr.readline().split("is ")[1].strip()
        for word in (b"a", b"b", b"c"):
            with open(path, "r+b", buffering=0) as line:
                line.write(word)
                assert line.read(1) == word
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_a_reader_that_has_seen_enough_loses_nothing(ticking):
    with subprocess.Popen([OUTBOARD, "board", "run", ticking], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0 and process.stderr.read() == b""
    assert (ticking / "internal_flash.bin").read_bytes()[0x80000:0x80004] == bytes.fromhex("78563412")


def test_turns_of_the_serial_line_are_told_with_the_boards_time(tmp_path):
    elf = program(tmp_path, 'listen(); for (int i = 0; i < 4; i++) { (void)hear(); } say("answer\\n"); rest();')
    done = subprocess.run([OUTBOARD, "board", "run", "--board", DK, "--internal", elf, "--serial", "stdio", "--trace", "serial"],
                          input="asks", capture_output=True, text=True, check=True)
    turns = [line.split() for line in done.stderr.splitlines() if " s " in line]
    assert [(way, int(count)) for *_, way, count in turns] == [("in", 4), ("out", 7)]
    times = [(float(turn[0]), float(turn[2])) for turn in turns]
    assert times[0][0] < times[0][1] < times[1][0] < times[1][1]
    assert 6 * 80e-6 < times[1][1] - times[1][0] < 6 * 200e-6  # 10 bits at 115,200 baud for each byte, and what the program adds


# ---- bad input: one line, and nothing written ----


@pytest.fixture
def folder(tmp_path):
    """A build folder as far as it matters: a program that writes a word of flash, and its devicetree."""
    build_folder = tmp_path / "build"
    build_folder.mkdir()
    elf = program(tmp_path, "REG(0x4001e504) = 1; REG(0x80000) = 0x12345678; REG(0x4001e504) = 0; rest();")
    flash = bytearray(b"\xff" * (1 << 20))
    raw = binary(elf).read_bytes()
    flash[: len(raw)] = raw
    (build_folder / "internal_flash.bin").write_bytes(flash)
    shutil.copy(OUTBOARD.parent / f"boards/{DK}.json", build_folder / "devicetree.json")
    return build_folder


def test_chips_keep_what_was_written(folder):
    run(folder)
    assert (folder / "internal_flash.bin").read_bytes()[0x80000:0x80004] == bytes.fromhex("78563412")


def test_a_cut_leaves_the_cells_torn_in_the_file(folder):
    result = run(folder, "--cut", "1:bits")
    assert result["end"] == "power"
    word = int.from_bytes((folder / "internal_flash.bin").read_bytes()[0x80000:0x80004], "little")
    assert word & 0x12345678 == 0x12345678 and word not in (0x12345678, 0xFFFFFFFF)


def refused(*arguments) -> str:
    result = board(*arguments, status=2)
    assert result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_a_chip_file_of_another_size_is_refused(folder):
    file = folder / "internal_flash.bin"
    file.write_bytes(file.read_bytes()[:-1])
    assert "internal_flash.bin: error: has 1048575 bytes, but the chip has 1048576" in refused("run", folder)
    assert file.stat().st_size == (1 << 20) - 1


def test_a_folder_that_is_no_build_is_refused(tmp_path):
    assert "is no build folder" in refused("run", tmp_path)
    assert "is not there" in refused("run", tmp_path / "missing")


def test_a_board_that_has_no_model_is_refused(tmp_path):
    elf = program(tmp_path, HELLO)
    assert "there is no virtual board 'nucleo_f401re'; there are nrf52840dk_nrf52840, nrf5340dk_nrf5340_cpuapp, " in refused("run", "--board", "nucleo_f401re", "--internal", elf)
    (tmp_path / "devicetree.json").write_text('{"nodes": [{"path": "/", "compatible": ["st,stm32f401"]}]}')
    assert "for this SoC" in refused("run", tmp_path)


def test_cells_and_tables_that_are_not_there_are_refused(tmp_path):
    elf = program(tmp_path, HELLO)
    board = ("run", "--board", DK, "--internal", elf)
    assert "lies outside the chip, which has 0x100000 bytes" in refused(*board, "--worn", "internal:0x100000")
    assert "lies outside the chip" in refused(*board, "--worn", "external:0x800000:1")
    assert "cannot" in refused(*board, "--sfdp", tmp_path / "missing")
    assert "only NVMC, and QSPI with a chip" in refused("run", "--board", "qemu_ast1030", "--internal", elf, "--stall", "external:1")


def test_files_that_are_no_binaries_for_this_board_are_refused(tmp_path):
    elf = program(tmp_path, HELLO)
    raw = bytearray(elf.read_bytes())
    other = tmp_path / "other.elf"
    other.write_bytes(raw[:18] + b"\x3e\x00" + raw[20:])  # for another machine
    assert "not one for a 32-bit Arm" in refused("run", "--board", DK, "--internal", other)
    moved = tmp_path / "moved.elf"
    subprocess.run(["arm-none-eabi-objcopy", "--change-addresses", "0x8000000", elf, moved], check=True)
    assert "is it of another board?" in refused("run", "--board", DK, "--internal", moved)
    text = hex_file(elf).read_text().splitlines()
    broken = tmp_path / "broken.hex"
    broken.write_text("\n".join([text[0], text[1][:-1] + ("0" if text[1][-1] != "0" else "1"), *text[2:]]) + "\n")
    assert f"{broken}:2:1: error: is no record of an Intel HEX file" in refused("run", "--board", DK, "--internal", broken)
    broken.write_text("\n".join(text[:-1]) + "\n")
    assert "end record is missing" in refused("run", "--board", DK, "--internal", broken)
    assert "the internal flash is" in refused("run", "--board", DK, "--internal", f"{binary(elf)}@0xfffff")


def test_files_that_contradict_each_other_are_refused(tmp_path):
    elf = program(tmp_path, HELLO)
    assert run("--board", DK, "--internal", elf, "--internal", hex_file(elf))["said"] == "hello\n"
    (tmp_path / "other.bin").write_bytes(bytes(8))
    assert "of another file lies" in refused("run", "--board", DK, "--internal", elf, "--internal", f"{tmp_path}/other.bin@0")


def test_files_that_are_cut_short_or_joined_are_refused(tmp_path):
    """An ELF file that has lost its last segment, HEX files one behind the other, or one without any bytes."""
    elf = program(tmp_path, HELLO)
    raw = elf.read_bytes()
    short = tmp_path / "short.elf"
    end = max(int.from_bytes(raw[at + 4 : at + 8], "little") + int.from_bytes(raw[at + 16 : at + 20], "little")
              for at in range(52, 52 + 32 * raw[44], 32))
    short.write_bytes(raw[: end - 1])
    assert "short.elf: error: is an ELF file that is cut short" in refused("run", "--board", DK, "--internal", short)
    text = hex_file(elf).read_text()
    joined = tmp_path / "joined.hex"
    joined.write_text(text + text)
    assert "has more behind its end record" in refused("run", "--board", DK, "--internal", joined)
    joined.write_text(":00000001FF\n")
    assert "without any bytes" in refused("run", "--board", DK, "--internal", joined)
    joined.write_text(text + "\r\n\n")
    assert run("--board", DK, "--internal", joined)["said"] == "hello\n"


def test_a_mistyped_address_is_told(tmp_path):
    raw = binary(program(tmp_path, HELLO))
    for address in ("0x", "zz", "-4", "0x100000000"):
        assert "what stands behind the @ is no address" in refused("run", "--board", DK, "--internal", f"{raw}@{address}")
    at = tmp_path / "name@home"
    shutil.copy(raw, at)
    assert run("--board", DK, "--internal", at)["said"] == "hello\n"


def test_what_was_asked_for_and_did_not_come_is_told(folder, tmp_path):
    result = board("run", folder, "--cut", "99", status=1)
    assert "the cut did not come: there were 1 flash operations" in result.stderr
    board("run", folder, "--cut", "1:brownout")  # lets the code run on
    assert "the cut did not come" in board("run", folder, "--cut", "i99999999n0", status=1).stderr
    assert "--until: say which text" in refused("run", folder, "--until", "")
    (tmp_path / "empty").write_bytes(b"")
    assert "is empty" in refused("run", folder, "--sfdp", tmp_path / "empty")


def test_a_console_that_cannot_be_written_is_an_error(tmp_path):
    elf = program(tmp_path, HELLO)
    with open("/dev/full", "w") as full:
        done = subprocess.run([OUTBOARD, "board", "run", "--board", DK, "--internal", elf], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and done.stderr == "outboard: error: standard output cannot be written: No space left on device\n"


def test_jump_to_where_nothing_was_written_is_called_so(tmp_path):
    (tmp_path / "data.bin").write_bytes(bytes(8))
    result = run("--board", DK, "--internal", f"{tmp_path}/data.bin", status=1)
    assert result["why"] == "the reset vector at 0x00000004 is 0x00000000; an address of Thumb code is odd"
    result = run("--board", DK, "--internal", f"{tmp_path}/data.bin@0x10000", status=1)
    assert result["why"].startswith("executes what is no code: the reset vector at 0x00000004 is erased;")
    elf = program(tmp_path, "((void (*)(void))REG(0x80000))(); return 0;")
    result = run("--board", DK, "--internal", elf, status=1)
    assert result["why"] == "executes what is no code: it took the address out of erased flash"
    elf = program(tmp_path, "((void (*)(void))REG(0x2003f000))(); return 0;")
    result = run("--board", DK, "--internal", elf, status=1)
    assert result["why"] == "executes what is no code: it took the address out of RAM that nobody wrote since power came"


def with_word(elf: Path, address: int) -> Path:
    """The program as a HEX file, and a word elsewhere."""
    linked = hex_file(elf).read_text().splitlines()
    records = [bytes([2, 0, 0, 4, *(address >> 16).to_bytes(2, "big")]), bytes([4, *(address & 0xFFFF).to_bytes(2, "big"), 0, 0x00, 0x40, 0x0F, 0x00])]
    lines = [f":{record.hex().upper()}{-sum(record) & 0xFF:02X}" for record in records]
    file = elf.with_suffix(".more.hex")
    file.write_text("\n".join([*linked[:-1], *lines, linked[-1]]) + "\n")
    return file


@pytest.mark.parametrize("board_name, address", [(DK, 0x10001014), ("nrf5340dk_nrf5340_cpuapp", 0x00FF8014)])
def test_a_file_may_hold_words_for_uicr(tmp_path, board_name, address):
    elf = program(tmp_path, f"say_hex(REG({address:#x})); rest();", board_name)
    assert run("--board", board_name, "--internal", with_word(elf, address))["said"] == "000f4000"
    assert run("--board", board_name, "--internal", elf)["said"] == "ffffffff"
    assert "is it of another board?" in refused("run", "--board", board_name, "--internal", with_word(elf, address - 0x4000))


@pytest.mark.parametrize("board_name, qspi, xip, pins", [(DK, 0x40029000, 0x12000000, (19, 17, 20, 21, 22, 23)),
                                                         ("nrf5340dk_nrf5340_cpuapp", 0x5002B000, 0x10000000, (17, 18, 13, 14, 15, 16))])
def test_a_file_may_hold_bytes_where_the_cpu_reads_the_external_chip(tmp_path, board_name, qspi, xip, pins):
    psel = (0x524, 0x528, 0x530, 0x534, 0x538, 0x53C)
    body = "".join(f"REG({qspi + off:#x}) = {pin};" for off, pin in zip(psel, pins))
    clock = "REG(0x500055b8) = 0;" if qspi >> 28 == 5 else ""
    elf = program(tmp_path, f"{clock} {body} REG({qspi + 0x500:#x}) = 1; REG({qspi:#x}) = 1; wait_for({qspi + 0x100:#x});"
                            f"say_hex(REG({xip + 0x1000:#x})); rest();", board_name)
    assert run("--board", board_name, "--internal", with_word(elf, xip + 0x1000))["said"] == "000f4000"


def test_a_board_may_be_a_devicetree_of_somebody_elses(tmp_path):
    elf = program(tmp_path, HELLO)
    theirs = tmp_path / "theirs.json"
    shutil.copy(OUTBOARD.parent / f"boards/{DK}.json", theirs)
    assert run("--board", theirs, "--internal", elf)["said"] == "hello\n"
    assert "missing.json: cannot be read" in refused("run", "--board", tmp_path / "missing.json", "--internal", elf)


def test_a_program_for_other_pins_is_told_where_the_chip_is(tmp_path):
    elf = program(tmp_path, """
        REG(0x40029524) = 35; REG(0x40029528) = 38;
        for (int i = 0; i < 4; i++) { REG(0x40029530 + 4 * i) = 40 + i; }
        REG(0x40029500) = 1; REG(0x40029000) = 1;
        for (int i = 0; i < 1000; i++) { (void)REG(0x40029100); }
        rest();""")
    assert "QSPI: PSEL.CSN is P1.06, where no chip is; the board's is at P0.17" in run("--board", DK, "--internal", elf)["notes"]


def test_wrong_usage_has_its_own_status(tmp_path):
    for arguments in (["run"], ["run", tmp_path, "--cut", "0"], ["run", tmp_path, "--limit", "x"], ["run", "--board", DK], []):
        assert board(*arguments, status=2).stderr


def test_ctrl_c_ends_with_the_status_that_shells_give_it(tmp_path):
    elf = program(tmp_path, 'say("hello\\n"); for (;;) { }')
    words = [OUTBOARD, "board", "run", "--board", DK, "--internal", elf, "--limit", "1e9"]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"hello\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def started(*words, **options):
    return subprocess.Popen([OUTBOARD, "board", "run", *words, "--limit", "1e9"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


@pytest.fixture
def busy(folder, tmp_path):
    """A folder whose program writes a word of flash, says so, and goes on for ever."""
    elf = program(tmp_path, "REG(0x4001e504) = 1; REG(0x80000) = 0x12345678; REG(0x4001e504) = 0; say(\"hello\\n\"); for (;;) { }")
    flash = bytearray(b"\xff" * (1 << 20))
    flash[: len(binary(elf).read_bytes())] = binary(elf).read_bytes()
    (folder / "internal_flash.bin").write_bytes(flash)
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_run_that_is_stopped_keeps_what_was_written(busy, number):
    """By Ctrl-C, by kill, or because the terminal was closed."""
    with started(busy) as process:
        assert process.stdout.readline() == b"hello\n"
        process.send_signal(number)
        assert process.wait() == 130
    assert (busy / "internal_flash.bin").read_bytes()[0x80000:0x80004] == bytes.fromhex("78563412")


def test_a_folder_is_for_one_run_at_a_time(busy):
    """Both would write the chips back, and what the first one did would be lost."""
    with started(busy) as process:
        assert process.stdout.readline() == b"hello\n"
        assert "is in use: another run will write its chips back there" in refused("run", busy)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    assert board("run", busy, "--until", "hello").returncode == 0


@pytest.mark.parametrize("words, error", [
    (["--limit", "1e400"], "--limit 1e400: not a number of seconds"),
    (["--cut", "99999999999999999999"], "--cut 99999999999999999999: say N"), (["--internal", "x.bin@-1"], "x.bin@-1: what stands behind the @ is no address"),
    (["--internal", "x.bin@0x100000000"], "no address"),
    (["build folder"], "a build folder is for its own board: leave out --board"),
])
def test_numbers_and_files_that_do_not_fit_are_wrong_usage(words, error):
    done = subprocess.run([OUTBOARD, "board", "run", "--json", "--board", DK, *words], capture_output=True, text=True)
    assert done.returncode == 2 and error in done.stderr
    assert error in done.stdout


@pytest.mark.parametrize("words, error", [
    ("--worn internal:0x100000010", "say internal:ADDR"), ("--worn external:-1", "say internal:ADDR"), ("--worn external:", "say internal:ADDR"),
    ("--worn internal:1 --worn external:2", "one cell wears"), ("--stall internal:-1", "say internal:N"), ("--stall internal:3x", "say internal:N"),
    ("--stall internal:3:0", "say internal:N"), ("--stall internal:3 --stall internal:7", "stalls already"),
    ("--chip-fault fails:-1", "say asleep"), ("--chip-fault fails:4294967296", "--chip-fault fails:4294967296: say asleep"),
    ("--chip-fault busy --absent", "has one fault"), ("--chip-fault busy --chip-fault locked", "has one fault"),
    ("--network-fault hash:-1", "say silent"), ("--network-fault silent", "--network-fault: the nRF52840 has no network core"),
    ("--random -5", "neither a number nor none"), ("--random 18446744073709551616", "neither a number nor none"),
    ("--low P1.16", "is no pin"), ("--low P0.-1", "is no pin"), ("--low P0.11x", "is no pin"), ("--low Q0.11", "is no pin"),
    ("--slot -1", "not an address"), ("--slot 0x100000000", "not an address"),
])
def test_what_an_option_says_is_taken_whole_or_refused(folder, words, error):
    """No number wraps, nothing behind it is dropped, and of two that contradict each other none is forgotten."""
    assert error in refused("run", folder, *words.split())


def test_a_pin_of_a_soc_without_modelled_pins_is_refused(tmp_path):
    elf = program(tmp_path, HELLO)
    assert "the pins of the AST1030 are not modelled" in refused("run", "--board", "qemu_ast1030", "--internal", elf, "--low", "P0.11")


def test_result_is_json_that_scripts_can_read(tmp_path):
    result = json.loads(board("run", "--board", DK, "--internal", program(tmp_path, HELLO), "--json").stdout)
    assert {"end", "why", "at", "seconds", "instructions", "operations", "resets", "notes", "said"} <= result.keys()
