# SPDX-License-Identifier: Apache-2.0
ob_sources(sha256.c p256.c)
