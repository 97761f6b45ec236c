#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A compiler under ccache for which a build folder is the same wherever it lies: paths below it count as relative. Sources do not
# move, so theirs stay absolute.
CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 exec ccache "$@"
