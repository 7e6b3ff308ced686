/* An invite as a line of text or a QR code (proto/spec/charter.md §4).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_INVITE_H
#define KITH_SPACE_INVITE_H

#include "base/limits.h"
#include "space/charter.h"

enum { KITH_PIN_BYTES = 32, KITH_INVITE_TEXT_SIZE = 400 };

typedef struct kith_invite {
    kith_space_id space;
    uint32_t entry; /* number of its entry in the charter */
    uint8_t secret[KITH_INVITE_SECRET_BYTES];
    bool has_pin;
    uint8_t pin[KITH_PIN_BYTES];              /* SHA-256 of the relay's SubjectPublicKeyInfo */
    char relay[KITH_RELAY_URL_BYTES_MAX + 1]; /* "" if there is none */
} kith_invite;

/** The seed of an invite's keys. */
void kith_invite_seed(const uint8_t secret[KITH_INVITE_SECRET_BYTES],
                      uint8_t seed[KITH_SEED_BYTES]);

/** Writes an invite as text, NUL-terminated. */
void kith_invite_format(const kith_invite *invite, char text[KITH_INVITE_TEXT_SIZE]);

/** Reads one; blanks around it do not matter. KITH_E_SYNTAX with what is wrong in the detail;
 *  KITH_E_NEWER. */
KITH_MUST_USE kith_status kith_invite_parse(kith_context *cx, kith_slice text,
                                            kith_invite *invite_out);

#endif
