/* SPDX-License-Identifier: Apache-2.0 */
#include "value/value.h"

#include <stdio.h>

#include "base/id.h"
#include "base/limits.h"
#include "text/utf8.h"
#include "value/date.h"
#include "value/number.h"

enum { TYPE_BITS = 4, TYPE_ESCAPE = 15 };

int kith_value_compare(kith_value a, kith_value b)
{
    return a.type != b.type ? (a.type > b.type) - (a.type < b.type)
                            : kith_slice_compare(a.bytes, b.bytes);
}

void kith_value_write(kith_buf *buf, kith_value value)
{
    unsigned type = value.type < TYPE_ESCAPE ? value.type : TYPE_ESCAPE;
    kith_write_varint(buf, (uint64_t)value.bytes.length << TYPE_BITS | type);
    if (type == TYPE_ESCAPE) {
        kith_write_varint(buf, value.type);
    }
    kith_buf_append_slice(buf, value.bytes);
}

kith_value kith_value_read(kith_reader *reader)
{
    kith_value value = {0};
    uint64_t head =
        kith_read_varint_max(reader, (uint64_t)KITH_VALUE_BYTES_MAX << TYPE_BITS | TYPE_ESCAPE);
    uint64_t type = head & TYPE_ESCAPE;
    if (type == TYPE_ESCAPE) {
        type = kith_read_varint_max(reader, KITH_TYPE_MAX);
        if (type < TYPE_ESCAPE) {
            kith_reader_spoil(reader);
        }
    }
    value.type = (uint8_t)type;
    value.bytes = kith_read_bytes(reader, (size_t)(head >> TYPE_BITS));
    if (!reader->failed && !kith_value_is_canonical(value)) {
        kith_reader_spoil(reader);
    }
    return reader->failed ? (kith_value){0} : value;
}

static bool is_text(kith_slice bytes)
{
    return bytes.length > 0 && bytes.length <= KITH_VALUE_BYTES_MAX &&
           kith_utf8_valid_bytes(bytes) == bytes.length && !kith_utf8_has_control(bytes);
}

static bool is_integer(kith_slice bytes)
{
    kith_reader reader = kith_reader_of(bytes);
    (void)kith_read_zigzag(&reader);
    return kith_reader_finished(&reader);
}

/* ITU-T E.164; three for 112 and 108. */
enum { PHONE_DIGITS_MIN = 3, PHONE_DIGITS_MAX = 15 };

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_phone(kith_slice bytes)
{
    kith_slice digits =
        bytes.length > 0 && bytes.data[0] == '+' ? kith_slice_skip(bytes, 1) : bytes;
    for (size_t i = 0; i < digits.length; i++) {
        if (!is_digit(digits.data[i])) {
            return false;
        }
    }
    return digits.length >= PHONE_DIGITS_MIN && digits.length <= PHONE_DIGITS_MAX;
}

bool kith_value_is_canonical(kith_value value)
{
    kith_date date;
    kith_decimal decimal;
    kith_geo geo;
    switch (value.type) {
    case KITH_TYPE_NONE:
        return value.bytes.length == 0;
    case KITH_TYPE_TEXT:
        return is_text(value.bytes);
    case KITH_TYPE_INT:
        return is_integer(value.bytes);
    case KITH_TYPE_DECIMAL:
        return kith_decimal_read(value.bytes, &decimal);
    case KITH_TYPE_BOOL:
        return value.bytes.length == 1 && value.bytes.data[0] <= 1;
    case KITH_TYPE_DATE:
        return kith_date_read(value.bytes, &date);
    case KITH_TYPE_CODE:
        return is_text(value.bytes) && value.bytes.length <= KITH_NAME_BYTES_MAX;
    case KITH_TYPE_REF:
        return value.bytes.length == sizeof(kith_id) &&
               kith_id_number(kith_value_id(value)) - 1 < KITH_NUMBER_MAX;
    case KITH_TYPE_GEO:
        return kith_geo_read(value.bytes, &geo);
    case KITH_TYPE_PHONE:
        return is_phone(value.bytes);
    case KITH_TYPE_BLOB:
        return value.bytes.length == 32;
    default:
        return value.bytes.length <= KITH_VALUE_BYTES_MAX;
    }
}

/* Copies bytes that a buffer holds into the arena as a value's. */
static kith_status keep(kith_arena *arena, uint8_t type, kith_slice bytes, kith_value *value_out)
{
    kith_slice copy;
    *value_out = (kith_value){0};
    KITH_TRY(kith_arena_copy(arena, bytes, &copy));
    *value_out = (kith_value){type, copy};
    return KITH_OK;
}

static kith_status refuse(const char **why_out, const char *why)
{
    *why_out = why;
    return KITH_E_REFUSED;
}

/* Carriage returns go: forms and spreadsheets put them in, nobody types them. */
static kith_status without_carriage_returns(kith_slice text, kith_arena *arena, kith_slice *out)
{
    *out = text;
    if (kith_slice_find(text, '\r') == text.length) {
        return KITH_OK;
    }
    uint8_t *copy = kith_arena_allocate(arena, text.length);
    KITH_ENSURE(copy != NULL, KITH_E_MEMORY);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] != '\r') {
            copy[length++] = text.data[i];
        }
    }
    *out = kith_slice_make(copy, length);
    return KITH_OK;
}

/* Normalising can make a text longer, so its length is judged before and after. */
static kith_status check_length(uint8_t type, kith_slice text, const char **why_out)
{
    KITH_ENSURE(type != KITH_TYPE_CODE || text.length <= KITH_NAME_BYTES_MAX,
                refuse(why_out, "is not a code"));
    KITH_ENSURE(text.length <= KITH_VALUE_BYTES_MAX,
                refuse(why_out, "is longer than 65536 bytes; attach it as a file"));
    return KITH_OK;
}

static kith_status parse_text(uint8_t type, kith_slice text, kith_arena *arena,
                              kith_value *value_out, const char **why_out)
{
    kith_slice normal;
    KITH_TRY(check_length(type, text, why_out));
    KITH_ENSURE(kith_utf8_valid_bytes(text) == text.length, refuse(why_out, "is not UTF-8"));
    KITH_TRY(without_carriage_returns(text, arena, &text));
    KITH_ENSURE(!kith_utf8_has_control(text), refuse(why_out, "holds a control character"));
    KITH_TRY(kith_utf8_normalise(arena, text, &normal));
    KITH_TRY(check_length(type, normal, why_out));
    *value_out = (kith_value){type, normal};
    return KITH_OK;
}

static kith_status parse_bool(kith_slice text, kith_arena *arena, kith_value *value_out,
                              const char **why_out)
{
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1", "n", "y"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(words); i++) {
        if (kith_slice_is(text, words[i])) {
            uint8_t yes = i % 2;
            return keep(arena, KITH_TYPE_BOOL, kith_slice_make(&yes, 1), value_out);
        }
    }
    return refuse(why_out, "is neither yes nor no");
}

static kith_status parse_phone(kith_slice text, kith_arena *arena, kith_value *value_out,
                               const char **why_out)
{
    uint8_t number[1 + PHONE_DIGITS_MAX]; /* with the plus */
    size_t length = 0;
    size_t digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (strchr(" -().", text.data[i]) != NULL && text.data[i] != 0) {
            continue; /* how people group digits */
        }
        bool is_plus = text.data[i] == '+' && length == 0;
        KITH_ENSURE(is_plus || is_digit(text.data[i]), refuse(why_out, "is not a phone number"));
        digits += is_plus ? 0 : 1;
        KITH_ENSURE(digits <= PHONE_DIGITS_MAX, refuse(why_out, "has too many digits"));
        number[length++] = text.data[i];
    }
    KITH_ENSURE(digits >= PHONE_DIGITS_MIN, refuse(why_out, "has too few digits"));
    return keep(arena, KITH_TYPE_PHONE, kith_slice_make(number, length), value_out);
}

static int hex_digit(uint8_t byte)
{
    const char *digits = "0123456789abcdef";
    const char *found = byte == 0 ? NULL : strchr(digits, byte);
    return found == NULL ? -1 : (int)(found - digits);
}

static const char blob_prefix[] = "sha256-";

static kith_status parse_blob(kith_slice text, kith_arena *arena, kith_value *value_out,
                              const char **why_out)
{
    kith_slice prefix = kith_slice_of(blob_prefix);
    kith_slice digits = kith_slice_skip(text, prefix.length);
    uint8_t hash[32];
    KITH_ENSURE(kith_slice_equal(kith_slice_head(text, prefix.length), prefix) &&
                    digits.length == 2 * sizeof hash,
                refuse(why_out, "is not the name of a file's content"));
    for (size_t i = 0; i < sizeof hash; i++) {
        int high = hex_digit(digits.data[2 * i]);
        int low = hex_digit(digits.data[2 * i + 1]);
        KITH_ENSURE(high >= 0 && low >= 0, refuse(why_out, "is not the name of a file's content"));
        hash[i] = (uint8_t)(high * 16 + low);
    }
    return keep(arena, KITH_TYPE_BLOB, kith_slice_make(hash, sizeof hash), value_out);
}

static kith_status parse_ref(kith_slice text, kith_arena *arena, kith_value *value_out,
                             const char **why_out)
{
    kith_id id;
    KITH_ENSURE(kith_id_parse(text, &id) == KITH_OK, refuse(why_out, "is not an id"));
    return kith_value_of_id(id, arena, value_out);
}

/* Types whose text goes through a structure of numbers: parse, then write. */
static kith_status parse_numbers(int32_t type, kith_slice text, kith_arena *arena,
                                 kith_value *value_out, const char **why_out)
{
    kith_status status = KITH_OK;
    int64_t integer;
    kith_decimal decimal;
    kith_date date;
    kith_geo geo;
    kith_buf bytes;
    kith_buf_init(&bytes, arena->cx, 32);
    if (type == KITH_TYPE_INT) {
        KITH_TRY_OUT(kith_integer_parse(text, &integer, why_out));
        kith_write_zigzag(&bytes, integer);
    } else if (type == KITH_TYPE_DECIMAL) {
        KITH_TRY_OUT(kith_decimal_parse(text, &decimal, why_out));
        kith_decimal_write(&bytes, decimal);
    } else if (type == KITH_TYPE_DATE) {
        KITH_TRY_OUT(kith_date_parse(text, &date, why_out));
        kith_date_write(&bytes, &date);
    } else {
        KITH_TRY_OUT(kith_geo_parse(text, &geo, why_out));
        kith_geo_write(&bytes, geo);
    }
    KITH_TRY_OUT(kith_buf_status(&bytes));
    KITH_TRY_OUT(keep(arena, (uint8_t)type, kith_buf_slice(&bytes), value_out));
out:
    kith_buf_deinit(&bytes);
    return status;
}

kith_status kith_value_parse(int32_t type, kith_slice text, kith_arena *arena,
                             kith_value *value_out, const char **why_out)
{
    *value_out = (kith_value){0};
    *why_out = NULL;
    text = kith_slice_trim(text);
    KITH_ENSURE(text.length > 0, refuse(why_out, "is empty"));
    switch (type) {
    case KITH_TYPE_TEXT:
        return parse_text(KITH_TYPE_TEXT, text, arena, value_out, why_out);
    case KITH_TYPE_CODE:
        return parse_text(KITH_TYPE_CODE, text, arena, value_out, why_out);
    case KITH_TYPE_BOOL:
        return parse_bool(text, arena, value_out, why_out);
    case KITH_TYPE_PHONE:
        return parse_phone(text, arena, value_out, why_out);
    case KITH_TYPE_REF:
        return parse_ref(text, arena, value_out, why_out);
    case KITH_TYPE_BLOB:
        return parse_blob(text, arena, value_out, why_out);
    case KITH_TYPE_INT:
    case KITH_TYPE_DECIMAL:
    case KITH_TYPE_DATE:
    case KITH_TYPE_GEO:
        return parse_numbers(type, text, arena, value_out, why_out);
    default:
        return refuse(why_out, "is of a type that is not known");
    }
}

static void format_hex(const char *prefix, kith_slice bytes, kith_buf *out)
{
    kith_buf_append_text(out, prefix);
    for (size_t i = 0; i < bytes.length; i++) {
        kith_buf_format(out, "%02x", bytes.data[i]);
    }
}

static void format_numbers(kith_value value, kith_buf *out)
{
    kith_decimal decimal;
    kith_date date;
    kith_geo geo;
    if (value.type == KITH_TYPE_DECIMAL && kith_decimal_read(value.bytes, &decimal)) {
        kith_decimal_format(decimal, out);
    } else if (value.type == KITH_TYPE_DATE && kith_date_read(value.bytes, &date)) {
        kith_date_format(&date, out);
    } else if (value.type == KITH_TYPE_GEO && kith_geo_read(value.bytes, &geo)) {
        kith_geo_format(geo, out);
    }
}

void kith_value_format(kith_value value, kith_buf *out)
{
    char id[KITH_ID_TEXT_SIZE];
    char prefix[32];
    switch (value.type) {
    case KITH_TYPE_NONE:
        break;
    case KITH_TYPE_TEXT:
    case KITH_TYPE_CODE:
    case KITH_TYPE_PHONE:
        kith_buf_append_slice(out, value.bytes);
        break;
    case KITH_TYPE_INT:
        kith_buf_format(out, "%lld", (long long)kith_value_integer(value));
        break;
    case KITH_TYPE_BOOL:
        kith_buf_append_text(out, kith_value_is_yes(value) ? "yes" : "no");
        break;
    case KITH_TYPE_REF:
        kith_id_format(kith_value_id(value), id);
        kith_buf_append_text(out, id);
        break;
    case KITH_TYPE_BLOB:
        format_hex(blob_prefix, value.bytes, out);
        break;
    case KITH_TYPE_DECIMAL:
    case KITH_TYPE_DATE:
    case KITH_TYPE_GEO:
        format_numbers(value, out);
        break;
    default:
        (void)snprintf(prefix, sizeof prefix, "type-%d:", value.type);
        format_hex(prefix, value.bytes, out);
        break;
    }
}

int64_t kith_value_integer(kith_value value)
{
    kith_reader reader = kith_reader_of(value.bytes);
    return kith_read_zigzag(&reader);
}

bool kith_value_is_yes(kith_value value)
{
    return value.bytes.length == 1 && value.bytes.data[0] == 1;
}

kith_id kith_value_id(kith_value value)
{
    kith_id id = {{0}};
    if (value.bytes.length == sizeof id.bytes) {
        memcpy(id.bytes, value.bytes.data, sizeof id.bytes);
    }
    return id;
}

kith_status kith_value_of_id(kith_id id, kith_arena *arena, kith_value *value_out)
{
    return keep(arena, KITH_TYPE_REF, kith_slice_make(id.bytes, sizeof id.bytes), value_out);
}

kith_status kith_value_of_integer(int64_t number, kith_arena *arena, kith_value *value_out)
{
    kith_buf bytes;
    kith_buf_init(&bytes, arena->cx, 10);
    kith_write_zigzag(&bytes, number);
    kith_status status = kith_buf_status(&bytes);
    if (status == KITH_OK) {
        status = keep(arena, KITH_TYPE_INT, kith_buf_slice(&bytes), value_out);
    }
    kith_buf_deinit(&bytes);
    return status;
}

kith_value kith_value_of_text(uint8_t type, kith_slice text)
{
    return (kith_value){type, text};
}
