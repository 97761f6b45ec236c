/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of one block, FIPS 180-4, 6.2.2, in place of Mbed TLS' own: all eight variables stay in registers, which no
 * compiler comes to. 36 instructions for a byte instead of 54, or 31 instead of 40 with CONFIG_BOOT_HASH_FAST. For
 * Cortex-M3 and later.
 *
 * int mbedtls_internal_sha256_process(mbedtls_sha256_context *ctx, const unsigned char data[64])
 */
#define STATE 72 /* of ctx: the eight variables */
#define WORDS 64 /* of the message schedule, on the stack */

	.syntax unified
	.thumb

	/* The next word of the schedule, in place of \w2, the one two before it. \w15, the one fifteen before, is read. */
	.macro	schedule w2, w16, w15
	ldr	\w15, [r2, #-15 * 4]
	ldr	r3, [r2, #-7 * 4]
	add	\w16, r3
	ror	r3, \w2, #17
	eor	r3, r3, \w2, ror #19
	eor	r3, r3, \w2, lsr #10
	add	\w16, r3
	ror	r3, \w15, #7
	eor	r3, r3, \w15, ror #18
	eor	r3, r3, \w15, lsr #3
	add	\w2, \w16, r3
	stm	r2!, {\w2}
	.endm

	/* \h and \d become the next a and e. \bc holds b ^ c, and is used up; \ab is left for the next round, as its. */
	.macro	round a, b, c, d, e, f, g, h, bc, ab
	ldm	r0!, {r2}
	add	\h, r2
	ldm	r1!, {r2}
	add	\h, r2
	eor	r2, \e, \e, ror #11 - 6
	eor	r2, r2, \e, ror #25 - 6
	add	\h, \h, r2, ror #6
	eor	r2, \f, \g
	and	r2, \e
	eor	r2, \g
	add	\h, r2
	add	\d, \h
	eor	r2, \a, \a, ror #13 - 2
	eor	r2, r2, \a, ror #22 - 2
	add	\h, \h, r2, ror #2
	eor	\ab, \a, \b
	and	\bc, \ab /* the majority of a, b and c */
	eor	\bc, \b
	add	\h, \bc
	.endm

	.macro	two_rounds a, b, c, d, e, f, g, h
	round	\a, \b, \c, \d, \e, \f, \g, \h, r12, r3
	round	\h, \a, \b, \c, \d, \e, \f, \g, r3, r12
	.endm

	.section .text.mbedtls_internal_sha256_process, "ax", %progbits
	.balign	4
	.global	mbedtls_internal_sha256_process
	.type	mbedtls_internal_sha256_process, %function
	.thumb_func
mbedtls_internal_sha256_process:
	adds	r0, #STATE
	push	{r0, r4-r11, lr}
	sub	sp, #WORDS * 4
	mov	r2, sp
	add	r3, sp, #16 * 4
	add	lr, sp, #WORDS * 4 /* the end of the schedule, and where r0 is kept */
load:
	ldr	r0, [r1], #4 /* at any address */
	rev	r0, r0
	stm	r2!, {r0}
	cmp	r2, r3
	bne	load

	ldrd	r0, r1, [r2, #-2 * 4]
	ldr	r4, [r2, #-16 * 4]
expand:
	schedule r0, r4, r5
	schedule r1, r5, r4
	cmp	r2, lr
	bne	expand

	ldr	r0, [lr]
	ldm	r0, {r4-r11} /* a to h */
	mov	r0, sp
	adr	r1, constants
	eor	r12, r5, r6
compress:
	two_rounds r4, r5, r6, r7, r8, r9, r10, r11
#ifdef CONFIG_BOOT_HASH_FAST
	two_rounds r10, r11, r4, r5, r6, r7, r8, r9
	two_rounds r8, r9, r10, r11, r4, r5, r6, r7
	two_rounds r6, r7, r8, r9, r10, r11, r4, r5
#else
	mov	r2, r10 /* the roles of the registers, as they were */
	mov	r10, r8
	mov	r8, r6
	mov	r6, r4
	mov	r4, r2
	mov	r2, r11
	mov	r11, r9
	mov	r9, r7
	mov	r7, r5
	mov	r5, r2
#endif
	cmp	r0, lr
	bne	compress

	ldr	r0, [lr]
	ldm	r0, {r1-r3, r12}
	add	r4, r1
	add	r5, r2
	add	r6, r3
	add	r7, r12
	stm	r0!, {r4-r7}
	ldm	r0, {r1-r3, r12}
	add	r8, r1
	add	r9, r2
	add	r10, r3
	add	r11, r12
	stm	r0, {r8-r11}
	add	sp, #WORDS * 4 + 4
	movs	r0, #0
	pop	{r4-r11, pc}

	.balign	4
constants:
	.word	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
	.word	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
	.word	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
	.word	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
	.word	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
	.word	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
	.word	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
	.word	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
	.size	mbedtls_internal_sha256_process, . - mbedtls_internal_sha256_process
