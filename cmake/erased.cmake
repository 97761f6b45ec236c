# SPDX-License-Identifier: Apache-2.0
# cmake -DFILE=<name> -DSIZE=<bytes> -P erased.cmake: a file of erased NOR flash.
math(EXPR bytes "${SIZE}")
execute_process(COMMAND head -c ${bytes} /dev/zero COMMAND tr "\\000" "\\377" OUTPUT_FILE ${FILE} COMMAND_ERROR_IS_FATAL ANY)
