/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that are asked of an image: what it says it is, and whether it is to be believed. */
#include <outboard/image.h>

#include <string.h>

#include <outboard/verdict.h>

#include "image_parts.h"

bool ob_version_is_older(const struct ob_version *a, const struct ob_version *b)
{
    if (a->major != b->major) {
        return a->major < b->major;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor;
    }
    return a->revision < b->revision;
}

enum ob_err ob_image_parse(const struct ob_area *area, uint32_t max_size, struct ob_image *out)
{
    static const struct ob_keys none;
    struct ob_reader reader = ob_reader_start(area, max_size);
    struct ob_reader entries = reader;
    struct ob_header header;
    struct ob_content content = {.image = out, .keys = &none};
    *out = (struct ob_image){0};
    enum ob_err err = ob_header_read(&reader, &header, out);
    if (err == OB_OK) {
        err = ob_claims_enter(&entries, out);
    }
    return err == OB_OK ? ob_content_read(&reader, &content) : err;
}

/* Where the claims were read and judged before. */
static enum ob_err check_digest(const struct ob_claims *claims, const struct ob_content *content, const uint8_t *digest)
{
    const struct ob_keys *keys = claims->keys;

    if (!OB_KEYS_TYPE(keys)->pure && !ob_equal(digest, claims->digest, ob_hash_of(keys)->size)) {
        return OB_ERR_DIGEST;
    }
    if ((keys->vendor != NULL && !content->is_vendor) || (keys->class != NULL && !content->is_class)) {
        return OB_ERR_DEVICE;
    }
    return OB_OK;
}

/* A digest of all that decides whether a signature is valid. Inlined its state would lie on the stack for as long as
 * the signature is looked at, where the stack is deepest. */
__attribute__((noinline)) static void make_proof(const struct ob_claims *claims, const uint8_t *digest,
                                                 uint32_t proof[OB_PROOF_WORDS])
{
    const uint32_t hash_size = ob_hash_of(claims->keys)->size;
    struct ob_sha256 sha;

    ob_sha256_start(&sha);
    ob_sha256_add(&sha, digest, hash_size);
    ob_sha256_add(&sha, claims->signer->hash, hash_size);
    ob_sha256_add(&sha, claims->signature, claims->signature_len);
    ob_sha256_finish(&sha, (uint8_t *)proof);
}

/* Was this one found before? The verdict is the comparison's own. */
static uint32_t recall(const struct ob_proofs *proofs, const uint32_t proof[OB_PROOF_WORDS])
{
    uint32_t verdict = (uint32_t)OB_VERDICT_REJECTED;

    for (uint32_t i = 0; i < OB_PROOFS; i++) {
        const uint32_t seen = ob_verdict_reload((uint32_t)ob_verdict_compare(proof, proofs->of[i]));
        verdict = ob_verdict_accepts(seen) ? seen : verdict;
    }
    return verdict;
}

/* What is kept is right only together with the right verdict: a mistake on the way here is none that is remembered.
 * By the mask, not by the number that the verdict was held against: in one register a fault would make both wrong
 * alike. */
static void remember(struct ob_proofs *proofs, const uint32_t proof[OB_PROOF_WORDS], uint32_t verdict)
{
    for (uint32_t i = 0; i < OB_PROOF_WORDS; i++) {
        proofs->of[proofs->next][i] =
            proof[i] ^ ob_verdict_reload(verdict ^ (uint32_t)OB_VERDICT_REJECTED) ^ OB_VERDICT_MASK;
    }
    proofs->next = (proofs->next + 1) % OB_PROOFS;
}

static uint32_t check_signature(const struct ob_claims *claims, const uint8_t *digest)
{
    struct ob_proofs *proofs = claims->keys->proofs;
    uint32_t proof[OB_PROOF_WORDS] = {UINT32_MAX}; /* not those of an empty place */
    uint32_t verdict = (uint32_t)OB_VERDICT_REJECTED;

    if (proofs != NULL) {
        make_proof(claims, digest, proof);
        verdict = ob_verdict_reload(recall(proofs, proof));
    }
    if (ob_verdict_accepts(verdict)) {
        return verdict;
    }
    verdict = ob_verdict_reload((uint32_t)OB_KEYS_TYPE(claims->keys)
                                    ->verify(claims->signer->data, digest, claims->signature, claims->signature_len));
    if (proofs != NULL && ob_verdict_accepts(verdict)) {
        remember(proofs, proof, verdict);
    }
    return verdict;
}

/* Does it hash as it claims? All but the signature. Inlined what it reads would lie on the stack for as long as the
 * signature is looked at, where the stack is deepest. */
__attribute__((noinline)) static enum ob_err check_content(struct ob_reader *reader, enum ob_form form,
                                                           const struct ob_hooks *hooks, struct ob_claims *claims,
                                                           struct ob_image *out, uint8_t *digest)
{
    const struct ob_keys *keys = claims->keys;
    struct ob_header header;
    struct ob_cipher cipher = {0};
    struct ob_content content = {.image = out, .keys = keys};
    enum ob_err err = ob_header_read(reader, &header, out);

    if (err == OB_OK) {
        err = ob_image_judge_encryption(keys->decryption, form, out);
    }
    if (err == OB_OK) {
        err = ob_claims_read(reader, claims, out);
    }
    if (err == OB_OK) {
        err = ob_claims_judge(claims, out);
    }
    if (err == OB_OK && OB_ENCRYPTS && form == OB_FORM_STORED) {
        err = ob_image_make_cipher(reader->area, claims, out, &cipher);
        content.cipher = cipher.size > 0 ? &cipher : NULL;
    }
    if (err == OB_OK) {
        err = ob_content_hash(reader->area, claims, hooks, &header, &content, digest);
    }
    if (OB_ENCRYPTS) {
        ob_wipe(&cipher, sizeof(cipher));
    }
    return err == OB_OK ? check_digest(claims, &content, digest) : err;
}

enum ob_verdict ob_image_verify(const struct ob_area *area, uint32_t max_size, enum ob_form form,
                                const struct ob_keys *keys, const struct ob_hooks *hooks, struct ob_image *out,
                                enum ob_err *why)
{
    struct ob_reader reader = ob_reader_start(area, max_size);
    struct ob_claims claims = {.keys = keys};
    uint8_t digest[OB_HASH_MAX];
    enum ob_verdict verdict = OB_VERDICT_REJECTED;

    *out = (struct ob_image){0};
    enum ob_err err = check_content(&reader, form, hooks, &claims, out, digest);
    if (err == OB_OK) {
        err = OB_ERR_AUTH;
        out->seal = check_signature(&claims, digest);
        verdict = (enum ob_verdict)ob_verdict_reload(out->seal);
    }
    if (ob_verdict_accepts((uint32_t)verdict)) {
        err = OB_OK;
    } else if (err == OB_OK) {
        err = OB_ERR_AUTH; /* something went wrong on the way here */
    }
    *why = err;
    return verdict;
}

enum ob_err ob_image_stated(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                            struct ob_image *out)
{
    struct ob_reader reader = ob_reader_start(area, max_size);
    struct ob_header header;
    struct ob_claims claims = {.keys = keys};

    *out = (struct ob_image){0};
    enum ob_err err = ob_header_read(&reader, &header, out);
    if (err == OB_OK) {
        err = ob_claims_read(&reader, &claims, out);
    }
    if (err == OB_OK && (OB_KEYS_TYPE(keys)->pure || !claims.has_digest)) {
        err = OB_ERR_FORMAT;
    }
    memcpy(out->digest, claims.digest, OB_DIGEST_SIZE);
    return err;
}

enum ob_err ob_image_cipher(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                            struct ob_cipher *out)
{
    struct ob_reader reader = ob_reader_start(area, max_size);
    struct ob_header header;
    struct ob_claims claims = {.keys = keys};
    struct ob_image image = {0};

    *out = (struct ob_cipher){0};
    enum ob_err err = ob_header_read(&reader, &header, &image);
    if (err == OB_OK) {
        err = ob_image_judge_encryption(keys->decryption, OB_FORM_STORED, &image);
    }
    if (err == OB_OK) {
        err = ob_claims_read(&reader, &claims, &image);
    }
    return err == OB_OK ? ob_image_make_cipher(area, &claims, &image, out) : err;
}

/* The digest is the signer's; whether the content has it only who can decrypt it knows. */
static enum ob_err foresee(struct ob_reader *reader, const struct ob_claims *claims, struct ob_content *content)
{
    const struct ob_keys *keys = claims->keys;
    enum ob_err err = ob_content_read(reader, content);

    if (err != OB_OK) {
        return err;
    }
    memcpy(content->image->digest, claims->digest, OB_DIGEST_SIZE);
    err = check_digest(claims, content, claims->digest);
    if (err == OB_OK && !OB_KEYS_TYPE(keys)->pure) {
        enum ob_verdict verdict =
            OB_KEYS_TYPE(keys)->verify(claims->signer->data, claims->digest, claims->signature, claims->signature_len);
        err = verdict == OB_VERDICT_ACCEPTED ? OB_OK : OB_ERR_AUTH;
    }
    return err;
}

enum ob_err ob_image_foresee(const struct ob_area *area, uint32_t max_size, const struct ob_keys *keys,
                             struct ob_image *out)
{
    struct ob_reader reader = ob_reader_start(area, max_size);
    struct ob_header header;
    struct ob_claims claims = {.keys = keys};
    struct ob_content content = {.image = out, .keys = keys};

    *out = (struct ob_image){0};
    enum ob_err err = ob_header_read(&reader, &header, out);
    if (err == OB_OK && !ob_image_is_encrypted(out)) {
        enum ob_verdict verdict = ob_image_verify(area, max_size, OB_FORM_STORED, keys, NULL, out, &err);
        return verdict == OB_VERDICT_ACCEPTED || err != OB_OK ? err : OB_ERR_AUTH;
    }
    struct ob_reader entries = ob_reader_start(area, max_size);
    if (err == OB_OK) {
        err = ob_image_judge_encryption(keys->decryption, OB_FORM_STORED, out);
    }
    if (err == OB_OK) {
        err = ob_claims_read(&entries, &claims, out);
    }
    if (err == OB_OK) {
        err = ob_claims_judge(&claims, out);
    }
    if (err == OB_OK && claims.wrapped_len == 0) {
        err = claims.wraps == 0 ? OB_ERR_FORMAT : OB_ERR_KIND;
    }
    return err == OB_OK ? foresee(&reader, &claims, &content) : err;
}
