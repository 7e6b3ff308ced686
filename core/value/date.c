/* The calendar is the C library's: timegm(3) and gmtime_r(3), which are proleptic Gregorian.
 * SPDX-License-Identifier: Apache-2.0 */
#include "value/date.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* A 32-bit time_t ends in 2038 and begins in 1901, after many a birth. */
static_assert(sizeof(time_t) >= 8, "needs a 64-bit time_t; build with -D_TIME_BITS=64");

enum { DAY_SECONDS = 86400, YEAR_MIN = 1000, YEAR_MAX = 9999 };

/* Days since 1970 of a calendar date; false if the calendar has no such day. */
static bool day_count(int year, int month, int day, int64_t *count_out)
{
    struct tm wanted = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    struct tm normal = wanted;
    int64_t count = (int64_t)timegm(&normal) / DAY_SECONDS;
    *count_out = count;
    return normal.tm_year == wanted.tm_year && normal.tm_mon == wanted.tm_mon &&
           normal.tm_mday == wanted.tm_mday;
}

static struct tm calendar_day(int64_t count)
{
    time_t seconds = (time_t)(count * DAY_SECONDS);
    struct tm calendar = {0};
    (void)gmtime_r(&seconds, &calendar);
    return calendar;
}

static bool read_digits(kith_slice *text, size_t count, int *number_out)
{
    int number = 0;
    if (text->length < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') {
            return false;
        }
        number = number * 10 + (text->data[i] - '0');
    }
    *text = kith_slice_skip(*text, count);
    *number_out = number;
    return true;
}

static bool take_byte(kith_slice *text, char byte)
{
    if (text->length == 0 || text->data[0] != (uint8_t)byte) {
        return false;
    }
    *text = kith_slice_skip(*text, 1);
    return true;
}

static const char not_a_date[] = "is not a date";

/* Reads "2009", "2009-03" or "2009-03-14" from the front of the text. */
static kith_status parse_point(kith_slice *text, kith_date_point *point_out, const char **why_out)
{
    int year = 0;
    int month = 1;
    int day = 1;
    kith_date_precision precision = KITH_DATE_YEAR;
    *why_out = not_a_date;
    KITH_ENSURE(read_digits(text, 4, &year), KITH_E_REFUSED);
    if (take_byte(text, '-')) {
        precision = KITH_DATE_MONTH;
        KITH_ENSURE(read_digits(text, 2, &month), KITH_E_REFUSED);
        if (take_byte(text, '-')) {
            precision = KITH_DATE_DAY;
            KITH_ENSURE(read_digits(text, 2, &day), KITH_E_REFUSED);
        }
    }
    int64_t days = 0;
    *why_out = "has a year that cannot be meant";
    KITH_ENSURE(year >= YEAR_MIN, KITH_E_REFUSED);
    *why_out = "is not in the calendar";
    KITH_ENSURE(day_count(year, month, day, &days), KITH_E_REFUSED);
    point_out->precision = precision;
    point_out->count = precision == KITH_DATE_DAY     ? days
                       : precision == KITH_DATE_MONTH ? (int64_t)(year - 1970) * 12 + (month - 1)
                                                      : (int64_t)(year - 1970);
    *why_out = NULL;
    return KITH_OK;
}

static int64_t floor_divide(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

static int64_t first_day(kith_date_point point)
{
    int64_t days = 0;
    if (point.precision == KITH_DATE_DAY) {
        return point.count;
    }
    int64_t months = point.precision == KITH_DATE_MONTH ? point.count : point.count * 12;
    int64_t years = floor_divide(months, 12);
    (void)day_count((int)years + 1970, (int)(months - years * 12) + 1, 1, &days);
    return days;
}

static int64_t last_day(kith_date_point point)
{
    if (point.precision == KITH_DATE_DAY) {
        return point.count;
    }
    kith_date_point next = {point.precision, point.count + 1};
    return first_day(next) - 1;
}

int64_t kith_date_first_day(const kith_date *date)
{
    return first_day(date->first);
}

int64_t kith_date_last_day(const kith_date *date)
{
    return last_day(date->last);
}

kith_status kith_date_parse(kith_slice text, kith_date *date_out, const char **why_out)
{
    kith_date date = {0};
    *date_out = date;
    date.is_about = take_byte(&text, '~');
    KITH_TRY(parse_point(&text, &date.first, why_out));
    date.last = date.first;
    if (kith_slice_is(kith_slice_head(text, 2), "..")) {
        text = kith_slice_skip(text, 2);
        date.is_range = true;
        KITH_TRY(parse_point(&text, &date.last, why_out));
        *why_out = "ends before it begins";
        KITH_ENSURE(kith_date_first_day(&date) <= kith_date_last_day(&date), KITH_E_REFUSED);
    }
    *why_out = not_a_date;
    KITH_ENSURE(text.length == 0, KITH_E_REFUSED);
    *why_out = NULL;
    *date_out = date;
    return KITH_OK;
}

static void format_point(kith_date_point point, kith_buf *out)
{
    struct tm calendar = calendar_day(first_day(point));
    kith_buf_format(out, "%04d", calendar.tm_year + 1900);
    if (point.precision != KITH_DATE_YEAR) {
        kith_buf_format(out, "-%02d", calendar.tm_mon + 1);
    }
    if (point.precision == KITH_DATE_DAY) {
        kith_buf_format(out, "-%02d", calendar.tm_mday);
    }
}

void kith_date_format(const kith_date *date, kith_buf *out)
{
    kith_buf_append_text(out, date->is_about ? "~" : "");
    format_point(date->first, out);
    if (date->is_range) {
        kith_buf_append_text(out, "..");
        format_point(date->last, out);
    }
}

enum { FORM_ABOUT = 1 << 2, FORM_RANGE = 1 << 3, FORM_LAST_SHIFT = 4 };

void kith_date_write(kith_buf *buf, const kith_date *date)
{
    unsigned form = (unsigned)date->first.precision | (date->is_about ? FORM_ABOUT : 0u);
    if (date->is_range) {
        form |= FORM_RANGE | (unsigned)date->last.precision << FORM_LAST_SHIFT;
    }
    kith_write_u8(buf, (uint8_t)form);
    kith_write_zigzag(buf, date->first.count);
    if (date->is_range) {
        kith_write_zigzag(buf, date->last.count);
    }
}

static bool read_point(kith_reader *reader, unsigned precision, kith_date_point *point_out)
{
    static const int64_t units_a_year[] = {366, 12, 1};
    if (precision > KITH_DATE_YEAR) {
        return false;
    }
    point_out->precision = (kith_date_precision)precision;
    point_out->count = kith_read_zigzag(reader);
    /* A first, rough bound keeps the calendar's arithmetic from overflowing. */
    int64_t bound = units_a_year[precision] * YEAR_MAX;
    if (point_out->count < -bound || point_out->count > bound) {
        return false;
    }
    int year = calendar_day(first_day(*point_out)).tm_year + 1900;
    return year >= YEAR_MIN && year <= YEAR_MAX;
}

bool kith_date_read(kith_slice bytes, kith_date *date_out)
{
    kith_reader reader = kith_reader_of(bytes);
    unsigned form = kith_read_u8(&reader);
    kith_date date = {.is_about = (form & FORM_ABOUT) != 0, .is_range = (form & FORM_RANGE) != 0};
    *date_out = date;
    unsigned last_precision = form >> FORM_LAST_SHIFT;
    if ((!date.is_range && last_precision != 0) || !read_point(&reader, form & 3, &date.first)) {
        return false;
    }
    date.last = date.first;
    if (date.is_range && !read_point(&reader, last_precision, &date.last)) {
        return false;
    }
    if (!kith_reader_finished(&reader) || kith_date_first_day(&date) > kith_date_last_day(&date)) {
        return false;
    }
    *date_out = date;
    return true;
}

void kith_time_format(int64_t unix_ms, char text[KITH_TIME_TEXT_SIZE])
{
    time_t seconds = (time_t)floor_divide(unix_ms, 1000);
    struct tm calendar = {0};
    if (gmtime_r(&seconds, &calendar) == NULL ||
        strftime(text, KITH_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &calendar) == 0) {
        (void)snprintf(text, KITH_TIME_TEXT_SIZE, "unknown");
    }
}
