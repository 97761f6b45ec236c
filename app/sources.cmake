# SPDX-License-Identifier: Apache-2.0
ob_sources(update.c slots.c)
