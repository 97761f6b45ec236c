# SPDX-License-Identifier: Apache-2.0
"""What updates may cost is a limit of the configuration like any other."""

import pytest


@pytest.mark.parametrize("symbol, limit, message", [
    ("BOOT_BUDGET_MAX_INSTALL_SECONDS", 10, "an installation may take "),
    ("BOOT_BUDGET_MIN_LIFETIME_UPDATES", 60000, "the flash is good for 50000 updates, fewer than"),
    ("BOOT_WATCHDOG_TIMEOUT_MS", 500, "one flash operation may block for "),
])
def test_exceeded_limit_stops_the_configuration(project, symbol, limit, message):
    errors = project.refuse(f"-Dmcuboot_CONFIG_{symbol}={limit}")
    assert message in errors and f"CONFIG_{symbol}" in errors and "in child_image/mcuboot.conf" in errors
    assert "command line: error: " in errors


def test_exceeded_limit_names_the_line_that_sets_it(project):
    project.write("child_image/mcuboot.conf", "# why\nCONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS=10\n")
    assert "child_image/mcuboot.conf:2:1: error: an installation may take " in project.refuse()


def test_report_shows_the_budget_of_the_mode_that_was_chosen(project):
    project.configure("-Dmcuboot_CONFIG_BOOT_UPGRADE_ONLY=y", "-Dmcuboot_CONFIG_BOOT_BUDGET_MAX_INSTALL_SECONDS=600")
    report = project.build("--target", "pm_report").stdout
    assert "Updates of mcuboot_primary from mcuboot_secondary" in report
    assert "> overwrite " in report
