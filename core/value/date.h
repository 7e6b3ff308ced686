/* Dates as people know them: a day, a month, a year, about a year, between two of these.
 *
 * Stored as a form byte and one or two numbers, so that they sort and subtract:
 *   form  bits 0-1 precision of the first date (0 day, 1 month, 2 year), bit 2 "about" (~),
 *         bit 3 a second date follows, bits 4-5 its precision; others zero
 *   first  zigzag varint: days, months or years since 1 January 1970
 *   last   the same for the second date, which must not end before the first begins
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_VALUE_DATE_H
#define KITH_VALUE_DATE_H

#include "value/value.h"

typedef enum kith_date_precision {
    KITH_DATE_DAY = 0,
    KITH_DATE_MONTH = 1,
    KITH_DATE_YEAR = 2
} kith_date_precision;

typedef struct kith_date_point {
    kith_date_precision precision;
    int64_t count; /* days, months or years since 1 January 1970 */
} kith_date_point;

typedef struct kith_date {
    kith_date_point first;
    kith_date_point last; /* equal to first unless is_range */
    bool is_about;
    bool is_range;
} kith_date;

/** Reads the text form. On KITH_E_REFUSED `why_out` says what is wrong, static. */
KITH_MUST_USE kith_status kith_date_parse(kith_slice text, kith_date *date_out,
                                          const char **why_out);
void kith_date_format(const kith_date *date, kith_buf *out);

void kith_date_write(kith_buf *buf, const kith_date *date);

/** False if the bytes are not the canonical form of a date. */
bool kith_date_read(kith_slice bytes, kith_date *date_out);

/** First and last day a date may mean, in days since 1 January 1970. */
int64_t kith_date_first_day(const kith_date *date);
int64_t kith_date_last_day(const kith_date *date);

/** Writes a moment as "2026-11-24T03:22:00Z", at most KITH_TIME_TEXT_SIZE bytes with terminator. */
#define KITH_TIME_TEXT_SIZE 32
void kith_time_format(int64_t unix_ms, char text[KITH_TIME_TEXT_SIZE]);

#endif
