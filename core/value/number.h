/* Numbers and places: text forms and bytes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_VALUE_NUMBER_H
#define KITH_VALUE_NUMBER_H

#include "value/value.h"

/** An exact decimal: mantissa / 10^scale, without needless zeros. */
typedef struct kith_decimal {
    int64_t mantissa;
    uint8_t scale;
} kith_decimal;

enum { KITH_DECIMAL_SCALE_MAX = 18 };

/** A place in hundred-thousandths of a degree, about a metre. */
typedef struct kith_geo {
    int32_t north;
    int32_t east;
} kith_geo;

/* Readers of text forms: on KITH_E_REFUSED `why_out` says what is wrong, static. */
KITH_MUST_USE kith_status kith_integer_parse(kith_slice text, int64_t *number_out,
                                             const char **why_out);
KITH_MUST_USE kith_status kith_decimal_parse(kith_slice text, kith_decimal *decimal_out,
                                             const char **why_out);
KITH_MUST_USE kith_status kith_geo_parse(kith_slice text, kith_geo *geo_out, const char **why_out);

/** As numbers: below 0, 0 or above 0. */
int kith_decimal_compare(kith_decimal a, kith_decimal b);

void kith_decimal_format(kith_decimal decimal, kith_buf *out);
void kith_geo_format(kith_geo geo, kith_buf *out);

void kith_decimal_write(kith_buf *buf, kith_decimal decimal);
void kith_geo_write(kith_buf *buf, kith_geo geo);

/* False if the bytes are not canonical. */
bool kith_decimal_read(kith_slice bytes, kith_decimal *decimal_out);
bool kith_geo_read(kith_slice bytes, kith_geo *geo_out);

#endif
