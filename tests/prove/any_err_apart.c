/* SPDX-License-Identifier: Apache-2.0 */
/* The same as any_err.c, with success and failure on two ways: Eva goes on with what each of them left. */
#include "any.h"

enum ob_err any_err(void)
{
    static const enum ob_err errors[] = {OB_ERR_NODEV, OB_ERR_BUS, OB_ERR_TIMEOUT, OB_ERR_FAILED, OB_ERR_VERIFY};

    if (any_bool()) {
        return OB_OK;
    }
    return errors[any_u32() % 5];
}
