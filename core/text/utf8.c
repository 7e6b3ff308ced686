/* SPDX-License-Identifier: Apache-2.0 */
#include "text/utf8.h"

#include <utf8proc.h>

/* How many bytes from the start are ASCII, eight at a time: nearly all text is. */
static size_t ascii_bytes(kith_slice text)
{
    size_t i = 0;
    while (text.length - i >= 8) {
        uint64_t eight;
        memcpy(&eight, text.data + i, 8);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        i += 8;
    }
    while (i < text.length && text.data[i] < 0x80) {
        i++;
    }
    return i;
}

/* Reads one character; 0 bytes if it is not well formed. */
static size_t read_character(kith_slice text, utf8proc_int32_t *character_out)
{
    /* utf8proc wants a signed length; one character needs four bytes at the most. */
    utf8proc_ssize_t left = text.length > 4 ? 4 : (utf8proc_ssize_t)text.length;
    utf8proc_ssize_t bytes = utf8proc_iterate(text.data, left, character_out);
    return bytes > 0 ? (size_t)bytes : 0;
}

size_t kith_utf8_valid_bytes(kith_slice text)
{
    size_t valid = ascii_bytes(text);
    while (valid < text.length) {
        utf8proc_int32_t character;
        size_t bytes = read_character(kith_slice_skip(text, valid), &character);
        if (bytes == 0) {
            break;
        }
        valid += bytes;
    }
    return valid;
}

kith_status kith_utf8_normalise(kith_arena *arena, kith_slice text, kith_slice *normal_out)
{
    if (ascii_bytes(text) == text.length) {
        return kith_arena_copy(arena, text, normal_out);
    }
    *normal_out = (kith_slice){NULL, 0};
    /* One character decomposes to at most 4 in NFD (Unicode Standard Annex #15); one more for the
     * terminator that utf8proc_reencode() writes. */
    size_t room = text.length * 4 + 1;
    utf8proc_int32_t *characters = kith_arena_array(arena, room, sizeof *characters);
    KITH_ENSURE(characters != NULL, KITH_E_MEMORY);
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t count = utf8proc_decompose(text.data, (utf8proc_ssize_t)text.length,
                                                characters, (utf8proc_ssize_t)room, options);
    KITH_ENSURE(count >= 0 && (size_t)count < room,
                kith_fail(arena->cx, KITH_E_SYNTAX, "the text is not well-formed UTF-8"));
    utf8proc_ssize_t bytes = utf8proc_reencode(characters, count, options);
    KITH_ENSURE(bytes >= 0, kith_fail(arena->cx, KITH_E_SYNTAX, "the text is not Unicode"));
    *normal_out = kith_slice_make(characters, (size_t)bytes);
    return KITH_OK;
}

kith_status kith_utf8_lower(kith_arena *arena, kith_slice text, kith_slice *lower_out)
{
    enum { CHARACTER_BYTES_MAX = 4 };
    *lower_out = (kith_slice){NULL, 0};
    /* A small letter may take more bytes than its capital. */
    uint8_t *lower = kith_arena_array(arena, text.length, CHARACTER_BYTES_MAX);
    KITH_ENSURE(lower != NULL, KITH_E_MEMORY);
    size_t length = 0;
    while (text.length > 0) {
        utf8proc_int32_t character;
        size_t bytes = read_character(text, &character);
        KITH_ENSURE(bytes > 0,
                    kith_fail(arena->cx, KITH_E_SYNTAX, "the text is not well-formed UTF-8"));
        length += (size_t)utf8proc_encode_char(utf8proc_tolower(character), lower + length);
        text = kith_slice_skip(text, bytes);
    }
    *lower_out = kith_slice_make(lower, length);
    return KITH_OK;
}

/* How many bytes from the start are printable ASCII, eight at a time. A byte below 0x20 shows as a
 * borrow, 0x7f as a zero after flipping its bits (Bit Twiddling Hacks, "haszero" and "hasless"). */
static size_t plain_bytes(kith_slice text)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    static const uint64_t tops = UINT64_C(0x8080808080808080);
    size_t i = 0;
    while (text.length - i >= 8) {
        uint64_t eight;
        memcpy(&eight, text.data + i, 8);
        uint64_t flipped = eight ^ (ones * 0x7f);
        uint64_t below_blank = (eight - ones * 0x20) & ~eight & tops;
        uint64_t is_delete = (flipped - ones) & ~flipped & tops;
        if ((below_blank | is_delete | (eight & tops)) != 0) {
            break;
        }
        i += 8;
    }
    return i;
}

bool kith_utf8_has_control(kith_slice text)
{
    for (size_t i = plain_bytes(text); i < text.length; i++) {
        uint8_t byte = text.data[i];
        /* C1 controls are the bytes C2 80 to C2 9F. */
        bool c1 = byte == 0xc2 && i + 1 < text.length && text.data[i + 1] < 0xa0;
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f || c1) {
            return true;
        }
    }
    return false;
}

kith_slice kith_utf8_cut(kith_slice text, size_t columns)
{
    size_t kept = 0;
    size_t used = 0;
    while (kept < text.length) {
        utf8proc_int32_t character;
        size_t bytes = read_character(kith_slice_skip(text, kept), &character);
        int width = bytes == 0 ? 1 : utf8proc_charwidth(character);
        used += width > 0 ? (size_t)width : 0;
        if (used > columns) {
            break;
        }
        kept += bytes == 0 ? 1 : bytes;
    }
    return kith_slice_head(text, kept);
}
