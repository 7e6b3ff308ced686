/* The table that tools/gen/scripts.py makes of proto/text/scripts.json, sorted by code point.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TEXT_SCRIPTS_H
#define KITH_TEXT_SCRIPTS_H

#include <stddef.h>
#include <stdint.h>

enum {
    KITH_LETTER_CONSONANT, /* an inherent vowel follows unless a sign or joiner does */
    KITH_LETTER_VOWEL,
    KITH_LETTER_SIGN,   /* replaces the inherent vowel */
    KITH_LETTER_JOINER, /* removes the inherent vowel */
    KITH_LETTER_DOT,    /* changes the letter before */
    KITH_LETTER_FINAL,  /* a letter without inherent vowel */
    KITH_LETTER_SILENT
};

typedef struct kith_letter {
    uint16_t code_point;
    uint8_t kind;
    char latin[4];
} kith_letter;

extern const kith_letter kith_letters[];
extern const size_t kith_letter_count;

#endif
