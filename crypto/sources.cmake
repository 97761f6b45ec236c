# SPDX-License-Identifier: Apache-2.0
# One type of signature per bootloader, and only its code: its context would take room on every stack.
ob_sources(hash_sha256.c public_data.c sha256.c)
if(CONFIG_BOOT_IMG_HASH_ALG_SHA384 OR CONFIG_BOOT_IMG_HASH_ALG_SHA512)
    ob_sources(hash_sha512.c sha512.c)
endif()
if(CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256)
    ob_sources(ecdsa_der.c p256.c signature_p256.c)
endif()
