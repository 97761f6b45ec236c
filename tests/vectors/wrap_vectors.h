/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_WRAP_VECTORS_H
#define OUTBOARD_TESTS_WRAP_VECTORS_H

/* Content keys as imgtool wrapped them; README.md says how they were made. The keys protect nothing. */

#include <outboard/cipher.h>

static const struct {
    const struct ob_key_wrap *wrap;
    const char *key;     /* of the device */
    const char *wrapped; /* data of the TLV */
    const char *content; /* the content key */
    const char *payload; /* 32 bytes of 0x41, encrypted with it; NULL: not kept */
} wrap_vectors[] = {
    {
        &ob_wrap_ec256,
        "ab3c46f980b363d46bd5c8df9d80c50a5894aa8365aedd27dc30297c088730bf",
        "0431632d5a3d0b944c05561dca2ccf64fe33b921ca2a55d22346cad8df2e8540533f36048b881be7f3685810263a3009325ebe431ef36a"
        "de3b35a73b87506a7d349e6981215a339435e9632cfc2930b3f706303ca5fd10069146bab3bfd66f685ca21959f88aeb59cf4223094481"
        "0aee70",
        "abed1a1086cdeb863e350f6207fab67c",
        "b53b3e69dd24259598190f4cb6e068a028ce611621d1a00cf114e8206f2538e1",
    },
    {
        &ob_wrap_x25519,
        "d85f70df8b598dcd43ed0a2b8b7226c07e39f1cadcaed91523193bd7bc698b51",
        "e873f65f23be92a58dfbe7cbe11791b54eff8032e06e1d4ee230203a5734957b09f8f974184fcff9c5741a77aebb9492afb3459f0742ce"
        "cb0300b0de455490af5544e70c5101bf24cc89cb89c6f49d88",
        "62ba70ebed1a9046208bad78ac19a5b2",
        "c2b1405e6a0f479594cc3b9f84e73554bfc69e13418c758b6ed72dcb4918cea1",
    },
    {
        &ob_wrap_x25519_sha512,
        "d85f70df8b598dcd43ed0a2b8b7226c07e39f1cadcaed91523193bd7bc698b51",
        "a794e239ce39eb4ffa42365b22c3d6addeebdb7c5b96494fde394d4995250b68d0f82365309c7356d739ab1acff918daef795e982906a1"
        "9545c7b9ef831b888662e2de93450861ab4ed08060cf930d3ad58f2630650f092b1c3ecd41bc1c0592c086483ef3a906543dec0d385d66"
        "7cb3",
        "8ccbd2ba998fd273f9ccc150a8943b31",
        "2f2cea4dcf3aef06e20c76e2bebf299c8baeb885fb4e8c270a5f2500c3498b73",
    },
};

#endif
