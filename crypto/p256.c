/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/digest.h>

#include "p256-m.h"

enum ob_verdict ob_p256_verify(const uint8_t point[OB_P256_POINT_SIZE], const uint8_t digest[OB_DIGEST_SIZE],
                               const uint8_t signature[OB_P256_SIGNATURE_SIZE])
{
    return p256_ecdsa_verify(signature, point, digest, OB_DIGEST_SIZE) == P256_SUCCESS ? OB_VERDICT_ACCEPTED
                                                                                       : OB_VERDICT_REJECTED;
}

bool ob_p256_share(const uint8_t private[OB_P256_SCALAR_SIZE], const uint8_t point[OB_P256_POINT_SIZE],
                   uint8_t secret[OB_P256_SCALAR_SIZE])
{
    return p256_ecdh_shared_secret(secret, private, point) == P256_SUCCESS;
}
