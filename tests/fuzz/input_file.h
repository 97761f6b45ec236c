/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_FUZZ_INPUT_FILE_H
#define OUTBOARD_TESTS_FUZZ_INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>

/** A file in memory that holds the input, for programs that read files. @return its path, valid until the next call */
const char *input_file(const uint8_t *data, size_t size);

#endif
