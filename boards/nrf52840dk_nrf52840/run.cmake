# SPDX-License-Identifier: Apache-2.0
# Target `flash`: through the on-board debugger.
add_custom_target(flash COMMAND nrfjprog --family NRF52 --program merged.hex --sectorerase --verify --reset
    DEPENDS merged.hex USES_TERMINAL VERBATIM)
