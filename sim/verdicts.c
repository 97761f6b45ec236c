/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECDSA takes milliseconds and a simulation verifies the same few signatures a million times. So this program is linked
 * with --wrap=ob_p256_verify: the real function decides each question once, and the answer to exactly the same bytes of
 * point, digest and signature is remembered. Everything around it, the hashing and the parsing of the image, runs every
 * time.
 */
#include <string.h>

#include <outboard/digest.h>

#include "machine.h"
#include "rng.h"

#define REMEMBERED 4096u /* a power of two: each damaged image is a question of its own */
#define SHARED 64u

struct question {
    uint8_t point[OB_P256_POINT_SIZE];
    uint8_t digest[OB_DIGEST_SIZE];
    uint8_t signature[OB_P256_SIGNATURE_SIZE];
};

static struct {
    bool known;
    struct question question;
    enum ob_verdict verdict;
} answers[REMEMBERED];

/* The same for ECDH: content keys are wrapped for one device by a few images. */
static struct {
    uint8_t private[OB_P256_SCALAR_SIZE];
    uint8_t point[OB_P256_POINT_SIZE];
    uint8_t secret[OB_P256_SCALAR_SIZE];
} shared[SHARED];
static unsigned shared_count;

bool __real_ob_p256_share(const uint8_t *private, const uint8_t *point, uint8_t *secret);
bool __wrap_ob_p256_share(const uint8_t *private, const uint8_t *point, uint8_t *secret);

bool __wrap_ob_p256_share(const uint8_t *private, const uint8_t *point, uint8_t *secret)
{
    for (unsigned i = 0; i < shared_count && i < SHARED; i++) {
        if (memcmp(shared[i].private, private, sizeof(shared[i].private)) == 0 &&
            memcmp(shared[i].point, point, sizeof(shared[i].point)) == 0) {
            memcpy(secret, shared[i].secret, sizeof(shared[i].secret));
            return true;
        }
    }
    if (!__real_ob_p256_share(private, point, secret)) {
        return false;
    }
    const unsigned next = shared_count++ % SHARED;
    memcpy(shared[next].private, private, sizeof(shared[next].private));
    memcpy(shared[next].point, point, sizeof(shared[next].point));
    memcpy(shared[next].secret, secret, sizeof(shared[next].secret));
    return true;
}

enum ob_verdict __real_ob_p256_verify(const uint8_t *point, const uint8_t *digest, const uint8_t *signature);
enum ob_verdict __wrap_ob_p256_verify(const uint8_t *point, const uint8_t *digest, const uint8_t *signature);

enum ob_verdict __wrap_ob_p256_verify(const uint8_t *point, const uint8_t *digest, const uint8_t *signature)
{
    struct question question;

    sim_machine_verified();
    memcpy(question.point, point, sizeof(question.point));
    memcpy(question.digest, digest, sizeof(question.digest));
    memcpy(question.signature, signature, sizeof(question.signature));
    const uint64_t at = sim_hash(0, &question, sizeof(question)) % REMEMBERED;
    if (!answers[at].known || memcmp(&answers[at].question, &question, sizeof(question)) != 0) {
        answers[at].question = question;
        answers[at].verdict = __real_ob_p256_verify(point, digest, signature);
        answers[at].known = true;
    }
    return answers[at].verdict;
}
