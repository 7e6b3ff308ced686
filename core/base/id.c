/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/status.h"

/* Crockford's base 32: no i, l, o, u, so that nothing read aloud or written by hand is mistaken. */
static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

kith_slice kith_slice_of(const char *text)
{
    return kith_slice_make(text, text == NULL ? 0 : strlen(text));
}

kith_id kith_id_make(kith_author_id author, uint64_t number)
{
    kith_id id;
    memcpy(id.bytes, author.bytes, KITH_AUTHOR_BYTES);
    for (size_t i = 0; i < 6; i++) {
        id.bytes[KITH_AUTHOR_BYTES + i] = (uint8_t)(number >> (40 - 8 * i));
    }
    return id;
}

kith_author_id kith_id_author(kith_id id)
{
    kith_author_id author;
    memcpy(author.bytes, id.bytes, KITH_AUTHOR_BYTES);
    return author;
}

uint64_t kith_id_number(kith_id id)
{
    uint64_t number = 0;
    for (size_t i = KITH_AUTHOR_BYTES; i < sizeof id.bytes; i++) {
        number = number << 8 | id.bytes[i];
    }
    return number;
}

int kith_id_compare(kith_id a, kith_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool kith_id_equal(kith_id a, kith_id b)
{
    return kith_id_compare(a, b) == 0;
}

bool kith_id_is_zero(kith_id id)
{
    return kith_id_equal(id, (kith_id){{0}});
}

void kith_author_format(kith_author_id author, char text[KITH_AUTHOR_TEXT_LENGTH + 1])
{
    /* Five bytes make eight letters, twice. */
    for (size_t half = 0; half < 2; half++) {
        uint64_t bits = 0;
        for (size_t i = 0; i < 5; i++) {
            bits = bits << 8 | author.bytes[half * 5 + i];
        }
        for (size_t i = 0; i < 8; i++) {
            text[half * 8 + i] = letters[bits >> (35 - 5 * i) & 31];
        }
    }
    text[KITH_AUTHOR_TEXT_LENGTH] = '\0';
}

void kith_id_format(kith_id id, char text[KITH_ID_TEXT_SIZE])
{
    kith_author_format(kith_id_author(id), text);
    (void)snprintf(text + KITH_AUTHOR_TEXT_LENGTH, KITH_ID_TEXT_SIZE - KITH_AUTHOR_TEXT_LENGTH,
                   "-%llu", (unsigned long long)kith_id_number(id));
}

/* The letter in its canonical form, or NUL if it is none. */
static char canonical_letter(uint8_t byte)
{
    char letter = (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    if (letter == 'o') {
        letter = '0';
    } else if (letter == 'i' || letter == 'l') {
        letter = '1';
    }
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return '\0';
    }
    return *found;
}

static bool read_number(kith_slice digits, uint64_t *number_out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9' || number > KITH_NUMBER_MAX / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *number_out = number;
    return digits.length > 0 && digits.data[0] != '0' && number <= KITH_NUMBER_MAX;
}

kith_status kith_id_pattern_parse(kith_slice text, kith_id_pattern *pattern_out)
{
    *pattern_out = (kith_id_pattern){0};
    kith_id_pattern pattern = {0};
    size_t hyphen = kith_slice_find(text, '-');
    kith_slice author = kith_slice_head(text, hyphen);
    kith_slice number = kith_slice_skip(text, hyphen + 1);
    if (hyphen == text.length) {
        author.length = 0;
        number = text;
    }
    KITH_ENSURE(author.length <= KITH_AUTHOR_TEXT_LENGTH, KITH_E_SYNTAX);
    for (size_t i = 0; i < author.length; i++) {
        char letter = canonical_letter(author.data[i]);
        KITH_ENSURE(letter != '\0', KITH_E_SYNTAX);
        pattern.letters[pattern.letter_count++] = letter;
    }
    KITH_ENSURE(read_number(number, &pattern.number), KITH_E_SYNTAX);
    *pattern_out = pattern;
    return KITH_OK;
}

bool kith_id_pattern_fits(const kith_id_pattern *pattern, kith_author_id author)
{
    char text[KITH_AUTHOR_TEXT_LENGTH + 1];
    kith_author_format(author, text);
    return memcmp(text, pattern->letters, pattern->letter_count) == 0;
}

kith_status kith_id_parse(kith_slice text, kith_id *id_out)
{
    *id_out = (kith_id){{0}};
    kith_id_pattern pattern;
    KITH_TRY(kith_id_pattern_parse(text, &pattern));
    KITH_ENSURE(pattern.letter_count == KITH_AUTHOR_TEXT_LENGTH, KITH_E_SYNTAX);
    kith_author_id author;
    for (size_t half = 0; half < 2; half++) {
        uint64_t bits = 0;
        for (size_t i = 0; i < 8; i++) {
            const char *letter = strchr(letters, pattern.letters[half * 8 + i]);
            bits = bits << 5 | (uint64_t)(letter - letters);
        }
        for (size_t i = 0; i < 5; i++) {
            author.bytes[half * 5 + i] = (uint8_t)(bits >> (32 - 8 * i));
        }
    }
    *id_out = kith_id_make(author, pattern.number);
    return KITH_OK;
}
