/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_PROVE_ANY_H
#define OUTBOARD_TESTS_PROVE_ANY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <outboard/flash.h>

/** Any value, another one each time. */
uint32_t any_u32(void);
bool any_bool(void);
enum ob_err any_err(void);

/** A device of any size and geometry. Reading it gives any bytes or any error; a range outside it is an alarm. */
struct ob_flash any_flash(void);

#endif
