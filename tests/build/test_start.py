# SPDX-License-Identifier: Apache-2.0
"""Start-up code: an image without a bootloader, its clock, its stack and its faults, on the emulated board."""

import re

import pytest

HEAD = """
#include <outboard/log.h>
#include <outboard/soc.h>
#include <outboard/time.h>
"""


@pytest.fixture
def single(project):
    """An application that starts by itself."""
    project.write("prj.conf", "CONFIG_MAIN_STACK_SIZE=1024\n")

    def run(text: str, last: str) -> list[str]:
        project.write("main.c", HEAD + text)
        project.configure()
        project.make()
        return project.start(last)

    return run


def test_data_is_initialised_and_time_passes(single):
    lines = single(
        """
        static unsigned initialised = 0x12345678;
        static unsigned zero[4];
        int main(void)
        {
            uint32_t start = ob_time_us();
            ob_delay_us(20000);
            uint32_t passed = ob_time_us() - start;
            OB_LOG_INF("%x %x %s", initialised, zero[3], passed >= 20000 && passed < 2000000 ? "in time" : "late");
            return 0;
        }
        """, "time")
    assert lines[-1] == "I: 12345678 0 in time"


def test_used_stack_is_known(single):
    lines = single(
        """
        int main(void)
        {
            volatile unsigned char deep[600];
            deep[0] = deep[599] = 1;
            for (unsigned i = 0; i < sizeof(deep); i++) { deep[i] = 1; }
            OB_LOG_INF("stack %u of %u", (unsigned)ob_soc_stack_used(), (unsigned)ob_soc_stack_size());
            return 0;
        }
        """, "stack")
    used = int(re.match(r"I: stack (\d+) of 1024", lines[-1])[1])
    assert 600 < used < 900


def test_stack_that_grows_too_far_is_reported(single):
    lines = single(
        """
        static unsigned grow(volatile unsigned *above)
        {
            volatile unsigned here[16] = {*above};
            return grow(here) + here[3];
        }
        int main(void)
        {
            volatile unsigned start = 1;
            return (int)grow(&start);
        }
        """, "exhausted")
    assert lines[-1] == "E: fault: the stack is exhausted; raise CONFIG_MAIN_STACK_SIZE"


def test_fault_is_reported_with_its_place(single):
    lines = single("int main(void) { __asm volatile(\"movs r3, #42\\n udf #0\"); return 0; }\n", "fault: pc")
    assert "fault: exception" in lines[-2] and "cfsr 0x00010000" in lines[-2]  # undefined instruction
    assert re.search(r"fault: pc 0x0000[0-9a-f]{4}, .* r3 0x0000002a", lines[-1])
