/* SPDX-License-Identifier: Apache-2.0 */
/* The older name. */
#include <zephyr/dt-bindings/dt-util.h>
