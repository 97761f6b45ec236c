/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_CRYPTO_VECTORS_H
#define OUTBOARD_TESTS_CRYPTO_VECTORS_H

/* Known answers; numbers and digests in hexadecimal, as their origins print them. */

struct sha256_vector {
    const char *origin;
    const char *piece; /* the message is this text ... */
    unsigned repeat;   /* ... so many times */
    const char *digest;
};

static const struct sha256_vector sha256_vectors[] = {
    {"NIST, SHA-256 example, one block", "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"NIST, SHA-256 example, two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"RFC 6234, 8.4, TEST3", "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"RFC 6234, 8.4, TEST4", "0123456701234567012345670123456701234567012345670123456701234567", 10,
     "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"},
    {"NIST CAVP, SHA256ShortMsg, Len = 0", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
};

struct p256_vector {
    const char *origin;
    const char *message;   /* hashed with SHA-256 */
    const char *point;     /* x y */
    const char *signature; /* r s */
};

#define RFC6979_KEY                                                    \
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" \
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"

static const struct p256_vector p256_vectors[] = {
    {"RFC 6979, A.2.5, SHA-256, sample", "sample", RFC6979_KEY,
     "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
     "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
    {"RFC 6979, A.2.5, SHA-256, test", "test", RFC6979_KEY,
     "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
     "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
};

/* SEC 2, 2.4.2: the order of the group, and the field's prime. */
#define P256_ORDER "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define P256_PRIME "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"

#endif
