/* SPDX-License-Identifier: Apache-2.0 */
#include "any.h"

enum ob_err any_err(void)
{
    static const enum ob_err errors[] = {OB_OK, OB_ERR_NODEV, OB_ERR_BUS, OB_ERR_TIMEOUT, OB_ERR_FAILED, OB_ERR_VERIFY};

    return errors[any_u32() % 6];
}
