# SPDX-License-Identifier: Apache-2.0
ob_sources(device.c wait.c)
