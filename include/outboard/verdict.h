/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_VERDICT_H
#define OUTBOARD_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include <outboard/image.h>
#include <outboard/soc.h>
#include <outboard/util.h>

/*
 * What keeps one fault (an instruction skipped, a branch taken the other way, a result changed) from starting an image
 * that was not verified: docs/THREATS.md, "A glitch".
 *
 * A verdict is a number that is computed from what was compared, twice and in two directions. No branch makes it. It
 * travels in struct ob_image to the jump, where the address that is jumped to is computed from it: a branch that goes
 * wrong on the way comes there with the wrong number. `outboard board glitch` looks for faults that get by.
 *
 * CONFIG_BOOT_FIH_PROFILE_OFF leaves out what is done at the jump and twice, _LOW the second signature; _HIGH adds
 * delays.
 */

#define OB_VERDICT_MASK ((uint32_t)OB_VERDICT_ACCEPTED ^ (uint32_t)OB_VERDICT_REJECTED)

#ifdef CONFIG_BOOT_FIH_PROFILE_OFF
#define OB_FIH 0
#else
#define OB_FIH 1
#endif

/* Libraries whose check of a signature ends in one comparison are asked twice. */
#if defined(CONFIG_BOOT_FIH_PROFILE_MEDIUM) || defined(CONFIG_BOOT_FIH_PROFILE_HIGH)
#define OB_FIH_TWICE 1
#else
#define OB_FIH_TWICE 0
#endif

/** The same value, of which the compiler does not know anything: what is derived from it is computed again. */
static inline uint32_t ob_verdict_reload(uint32_t value)
{
    __asm volatile("" : "+r"(value));
    return value;
}

/**
 * Wait for a time that nobody outside knows, so that the instant of what follows cannot be hit: up to 16 us at 64 MHz,
 * and what the generator takes. Bounded by 2.1 ms, if it does not answer.
 */
static inline void ob_verdict_delay(void)
{
    uint32_t left = OB_ENABLED(CONFIG_BOOT_FIH_PROFILE_HIGH) ? ob_soc_random() : 0;

    while (left > 0) {
        left = ob_verdict_reload(left - 1);
    }
}

/**
 * OB_VERDICT_ACCEPTED, where a verdict is held against it or made from it. The compiler does not know it: behind a
 * comparison it would take the register that was just compared for the number, and a branch that goes wrong there would
 * make the one of the other.
 */
static inline uint32_t ob_verdict_accepted(void)
{
    return ob_verdict_reload((uint32_t)OB_VERDICT_ACCEPTED);
}

/** Is it accepted? The answer is all that the compiler knows of the verdict then. */
static inline bool ob_verdict_accepts(uint32_t verdict)
{
    return ob_verdict_reload(verdict) == ob_verdict_accepted();
}

/** 0 if a verdict is OB_VERDICT_ACCEPTED, else 1. No branch makes it. */
static inline uint32_t ob_verdict_denies(uint32_t verdict)
{
    const uint32_t wrong = ob_verdict_reload(verdict) ^ ob_verdict_accepted();

    return (wrong | (0u - wrong)) >> 31;
}

#define OB_VERDICT_WORDS (OB_DIGEST_SIZE / 4) /* always: a number that is handed over can be lost on the way */

/**
 * Are two numbers of 256 bits the same, word by word? One that is compared with itself, at the same place, is not: a
 * pointer went wrong.
 * @return OB_VERDICT_ACCEPTED, or something else: compare with OB_VERDICT_ACCEPTED only
 */
OB_MUST_CHECK enum ob_verdict ob_verdict_compare(const uint32_t a[OB_VERDICT_WORDS],
                                                 const uint32_t b[OB_VERDICT_WORDS]);

/** From two answers to the same question, each 1 for yes. @return OB_VERDICT_ACCEPTED only if both are */
OB_MUST_CHECK enum ob_verdict ob_verdict_of_two(uint32_t first, uint32_t second);

#endif
