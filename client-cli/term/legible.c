/* SPDX-License-Identifier: Apache-2.0 */
#include "term/legible.h"

#include <stdio.h>
#include <string.h>

static bool is_between(unsigned char byte, unsigned char least, unsigned char most)
{
    return byte >= least && byte <= most;
}

/* Table 3-7 of the Unicode Standard: the second byte decides over overlong forms, surrogates and
 * what lies beyond U+10FFFF. The terminator is no continuation, so nothing is read behind it. */
static bool is_second(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return is_between(second, 0xa0, 0xbf);
    case 0xed:
        return is_between(second, 0x80, 0x9f);
    case 0xf0:
        return is_between(second, 0x90, 0xbf);
    case 0xf4:
        return is_between(second, 0x80, 0x8f);
    default:
        return is_between(second, 0x80, 0xbf);
    }
}

size_t character_bytes(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80) {
        return at[0] != '\0';
    }
    size_t bytes = is_between(at[0], 0xc2, 0xdf)   ? 2
                   : is_between(at[0], 0xe0, 0xef) ? 3
                   : is_between(at[0], 0xf0, 0xf4) ? 4
                                                   : 0;
    if (bytes == 0 || !is_second(at[0], at[1])) {
        return 0;
    }
    for (size_t i = 2; i < bytes; i++) {
        if (!is_between(at[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    return bytes;
}

bool is_control(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    /* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which are the bytes C2 80 to C2 9F. */
    return at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && is_between(at[1], 0x80, 0x9f));
}

void shorten(const char *text, char *copy, size_t size)
{
    static const char mark[] = "…";
    size_t length = strlen(text);
    if (length < size) {
        memcpy(copy, text, length + 1);
        return;
    }
    size_t kept = size - sizeof mark;
    while (kept > 0 && (text[kept] & 0xc0) == 0x80) {
        kept--; /* not inside a character */
    }
    memcpy(copy, text, kept);
    memcpy(copy + kept, mark, sizeof mark);
}

void escape_byte(char byte, char escaped[ESCAPED_BYTE_SIZE])
{
    (void)snprintf(escaped, ESCAPED_BYTE_SIZE, "\\x%02x", (unsigned)(unsigned char)byte);
}
