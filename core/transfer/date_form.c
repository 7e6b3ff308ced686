/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/date_form.h"

#include <stdio.h>

/* The parts of a date; 0 for what was not given. */
typedef struct date_parts {
    int year;
    int month;
    int day;
} date_parts;

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

/* How many letters of a month's name stand at the front of the text: three or more, or none. */
static size_t month_letters(kith_slice text, const char *month)
{
    enum { LETTERS_MIN = 3 };
    size_t count = 0;
    while (count < text.length && month[count] != '\0' &&
           lower(text.data[count]) == (uint8_t)month[count]) {
        count++;
    }
    return count >= LETTERS_MIN ? count : 0;
}

static bool read_month_name(kith_slice *text, int *month_out)
{
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(months); i++) {
        size_t count = month_letters(*text, months[i]);
        if (count > 0) {
            *month_out = (int)i + 1;
            *text = kith_slice_skip(*text, count);
            return true;
        }
    }
    return false;
}

static bool read_digits(kith_slice *text, size_t least, size_t most, int *number_out)
{
    size_t count = 0;
    int number = 0;
    while (count < text->length && count < most && text->data[count] >= '0' &&
           text->data[count] <= '9') {
        number = number * 10 + (text->data[count++] - '0');
    }
    *number_out = number;
    *text = kith_slice_skip(*text, count);
    return count >= least;
}

static bool read_part(uint8_t letter, kith_slice *text, date_parts *parts)
{
    enum { LAST_CENTURY_FROM = 69 };
    bool is_read = false;
    switch (letter) {
    case 'd':
        return read_digits(text, 1, 2, &parts->day) && parts->day > 0;
    case 'm':
        return read_digits(text, 1, 2, &parts->month) && parts->month > 0;
    case 'Y':
        return read_digits(text, 4, 4, &parts->year);
    case 'y':
        is_read = read_digits(text, 2, 2, &parts->year);
        parts->year += parts->year < LAST_CENTURY_FROM ? 2000 : 1900;
        return is_read;
    default:
        return read_month_name(text, &parts->month);
    }
}

const char *kith_date_form_fault(kith_slice form)
{
    bool has_year = false;
    bool has_month = false;
    bool has_day = false;
    for (size_t i = 0; i < form.length; i++) {
        if (form.data[i] != '%') {
            continue;
        }
        i++;
        uint8_t letter = i < form.length ? form.data[i] : '\0';
        if (letter == '\0' || memchr("dmbBYy", letter, 6) == NULL) {
            return "takes %d, %m, %b, %B, %Y and %y";
        }
        has_year = has_year || letter == 'Y' || letter == 'y';
        has_month = has_month || letter == 'm' || letter == 'b' || letter == 'B';
        has_day = has_day || letter == 'd';
    }
    return has_year && (has_month || !has_day) ? NULL
                                               : "needs a year, and a month where it has a day";
}

static bool read_parts(kith_slice form, kith_slice text, date_parts *parts)
{
    for (size_t i = 0; i < form.length; i++) {
        if (form.data[i] == '%') {
            if (!read_part(form.data[++i], &text, parts)) {
                return false;
            }
        } else if (text.length > 0 && text.data[0] == form.data[i]) {
            text = kith_slice_skip(text, 1);
        } else {
            return false;
        }
    }
    return text.length == 0;
}

kith_status kith_date_form_read(kith_slice form, kith_slice text, kith_arena *arena,
                                kith_slice *date_out, const char **why_out)
{
    date_parts parts = {0};
    char date[40];
    int length = 0;
    *date_out = (kith_slice){NULL, 0};
    *why_out = "is not a date of the form that the mapping gives";
    KITH_ENSURE(read_parts(form, text, &parts), KITH_E_REFUSED);
    *why_out = NULL;
    if (parts.day > 0) {
        length = snprintf(date, sizeof date, "%04d-%02d-%02d", parts.year, parts.month, parts.day);
    } else if (parts.month > 0) {
        length = snprintf(date, sizeof date, "%04d-%02d", parts.year, parts.month);
    } else {
        length = snprintf(date, sizeof date, "%04d", parts.year);
    }
    return kith_arena_copy(arena, kith_slice_make(date, (size_t)length), date_out);
}
