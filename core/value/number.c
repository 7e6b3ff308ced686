/* SPDX-License-Identifier: Apache-2.0 */
#include "value/number.h"

#include <inttypes.h>
#include <stdlib.h>

enum { GEO_DIGITS = 5, GEO_UNIT = 100000 };

static const char too_large[] = "is too large";

/* Adds a digit to a number that is kept negative, because the least int64 has no positive twin. */
static bool add_digit(int64_t *negative, uint8_t digit)
{
    if (*negative < INT64_MIN / 10 ||
        (*negative == INT64_MIN / 10 && digit > (uint8_t) - (INT64_MIN % 10))) {
        return false;
    }
    *negative = *negative * 10 - digit;
    return true;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes a sign off the front; true for minus. */
static bool take_sign(kith_slice *text)
{
    bool minus = text->length > 0 && text->data[0] == '-';
    if (minus || (text->length > 0 && text->data[0] == '+')) {
        *text = kith_slice_skip(*text, 1);
    }
    return minus;
}

kith_status kith_integer_parse(kith_slice text, int64_t *number_out, const char **why_out)
{
    *number_out = 0;
    int64_t negative = 0;
    bool minus = take_sign(&text);
    *why_out = "is not a whole number";
    KITH_ENSURE(text.length > 0, KITH_E_REFUSED);
    for (size_t i = 0; i < text.length; i++) {
        *why_out = "is not a whole number";
        KITH_ENSURE(is_digit(text.data[i]), KITH_E_REFUSED);
        *why_out = too_large;
        KITH_ENSURE(add_digit(&negative, (uint8_t)(text.data[i] - '0')), KITH_E_REFUSED);
    }
    KITH_ENSURE(minus || negative != INT64_MIN, KITH_E_REFUSED);
    *why_out = NULL;
    *number_out = minus ? negative : -negative;
    return KITH_OK;
}

kith_status kith_decimal_parse(kith_slice text, kith_decimal *decimal_out, const char **why_out)
{
    *decimal_out = (kith_decimal){0};
    bool minus = take_sign(&text);
    int64_t negative = 0;
    size_t digits = 0;
    size_t scale = 0;
    bool fraction = false;
    while (text.length > 0 && text.data[text.length - 1] == '0' &&
           kith_slice_find(text, '.') < text.length) {
        text.length--; /* 12.50 is 12.5 */
    }
    for (size_t i = 0; i < text.length; i++) {
        *why_out = "is not a decimal number";
        if (text.data[i] == '.' && !fraction && digits > 0) {
            fraction = true;
            continue;
        }
        KITH_ENSURE(is_digit(text.data[i]), KITH_E_REFUSED);
        *why_out = "has too many digits";
        scale += fraction ? 1 : 0;
        KITH_ENSURE(add_digit(&negative, (uint8_t)(text.data[i] - '0')), KITH_E_REFUSED);
        digits++;
    }
    *why_out = "is not a decimal number";
    KITH_ENSURE(digits > 0, KITH_E_REFUSED);
    *why_out = "has too many digits";
    KITH_ENSURE(scale <= KITH_DECIMAL_SCALE_MAX && negative != INT64_MIN, KITH_E_REFUSED);
    *why_out = NULL;
    *decimal_out = (kith_decimal){minus ? negative : -negative, (uint8_t)scale};
    return KITH_OK;
}

static int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

void kith_decimal_format(kith_decimal decimal, kith_buf *out)
{
    uint64_t size = (uint64_t)(decimal.mantissa < 0 ? -decimal.mantissa : decimal.mantissa);
    uint64_t unit = (uint64_t)power_of_ten(decimal.scale);
    kith_buf_format(out, "%s%" PRIu64, decimal.mantissa < 0 ? "-" : "", size / unit);
    if (decimal.scale > 0) {
        kith_buf_format(out, ".%0*" PRIu64, decimal.scale, size % unit);
    }
}

int kith_decimal_compare(kith_decimal a, kith_decimal b)
{
    int64_t unit_a = power_of_ten(a.scale);
    int64_t unit_b = power_of_ten(b.scale);
    int64_t whole_a = a.mantissa / unit_a;
    int64_t whole_b = b.mantissa / unit_b;
    if (whole_a != whole_b) {
        return whole_a < whole_b ? -1 : 1;
    }
    /* What is left is less than a unit, so that it fits at the finest scale. */
    int64_t rest_a = a.mantissa % unit_a * power_of_ten(KITH_DECIMAL_SCALE_MAX - a.scale);
    int64_t rest_b = b.mantissa % unit_b * power_of_ten(KITH_DECIMAL_SCALE_MAX - b.scale);
    return (rest_a > rest_b) - (rest_a < rest_b);
}

void kith_decimal_write(kith_buf *buf, kith_decimal decimal)
{
    kith_write_zigzag(buf, decimal.mantissa);
    kith_write_u8(buf, decimal.scale);
}

bool kith_decimal_read(kith_slice bytes, kith_decimal *decimal_out)
{
    kith_reader reader = kith_reader_of(bytes);
    kith_decimal decimal = {.mantissa = kith_read_zigzag(&reader)};
    decimal.scale = kith_read_u8(&reader);
    *decimal_out = decimal;
    return kith_reader_finished(&reader) && decimal.scale <= KITH_DECIMAL_SCALE_MAX &&
           decimal.mantissa != INT64_MIN && (decimal.scale == 0 || decimal.mantissa % 10 != 0);
}

/* Degrees of at most three digits and any fraction, rounded to the unit. */
static kith_status parse_degrees(kith_slice text, int32_t limit, int32_t *units_out,
                                 const char **why_out)
{
    bool minus = take_sign(&text);
    size_t point = kith_slice_find(text, '.');
    kith_slice fraction = kith_slice_skip(text, point + 1);
    int64_t units = 0;
    *why_out = "is not a place";
    KITH_ENSURE(point > 0, KITH_E_REFUSED);
    KITH_ENSURE(point <= 3, KITH_E_REFUSED);
    for (size_t i = 0; i < point; i++) {
        KITH_ENSURE(is_digit(text.data[i]), KITH_E_REFUSED);
        units = units * 10 + (text.data[i] - '0');
    }
    for (size_t i = 0; i < GEO_DIGITS || i < fraction.length; i++) {
        uint8_t digit = i < fraction.length ? fraction.data[i] : '0';
        KITH_ENSURE(is_digit(digit), KITH_E_REFUSED);
        if (i < GEO_DIGITS) {
            units = units * 10 + (digit - '0');
        } else if (i == GEO_DIGITS && digit >= '5') {
            units++;
        }
    }
    *why_out = "lies outside the world";
    KITH_ENSURE(units <= (int64_t)limit * GEO_UNIT, KITH_E_REFUSED);
    *why_out = NULL;
    *units_out = (int32_t)(minus ? -units : units);
    return KITH_OK;
}

kith_status kith_geo_parse(kith_slice text, kith_geo *geo_out, const char **why_out)
{
    *geo_out = (kith_geo){0};
    kith_geo geo = {0};
    size_t comma = kith_slice_find(text, ',');
    kith_slice north = kith_slice_trim(kith_slice_head(text, comma));
    kith_slice east = kith_slice_trim(kith_slice_skip(text, comma + 1));
    KITH_TRY(parse_degrees(north, 90, &geo.north, why_out));
    KITH_TRY(parse_degrees(east, 180, &geo.east, why_out));
    *geo_out = geo;
    return KITH_OK;
}

static void format_degrees(int32_t units, kith_buf *out)
{
    int32_t size = units < 0 ? -units : units;
    kith_buf_format(out, "%s%d.%05d", units < 0 ? "-" : "", size / GEO_UNIT, size % GEO_UNIT);
}

void kith_geo_format(kith_geo geo, kith_buf *out)
{
    format_degrees(geo.north, out);
    kith_buf_append_text(out, ",");
    format_degrees(geo.east, out);
}

void kith_geo_write(kith_buf *buf, kith_geo geo)
{
    kith_write_zigzag(buf, geo.north);
    kith_write_zigzag(buf, geo.east);
}

bool kith_geo_read(kith_slice bytes, kith_geo *geo_out)
{
    kith_reader reader = kith_reader_of(bytes);
    int64_t north = kith_read_zigzag(&reader);
    int64_t east = kith_read_zigzag(&reader);
    bool inside = north >= -90 * GEO_UNIT && north <= 90 * GEO_UNIT && east >= -180 * GEO_UNIT &&
                  east <= 180 * GEO_UNIT;
    *geo_out = (kith_geo){0};
    if (!kith_reader_finished(&reader) || !inside) {
        return false;
    }
    *geo_out = (kith_geo){(int32_t)north, (int32_t)east};
    return true;
}
