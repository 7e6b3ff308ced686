/* SPDX-License-Identifier: Apache-2.0 */
#include "term/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "term/output.h"

/* The moment's parts; false if the calendar cannot tell them. */
static bool calendar_of(int64_t unix_ms, struct tm *calendar)
{
    time_t seconds = (time_t)(unix_ms / 1000 - (unix_ms % 1000 < 0));
    memset(calendar, 0, sizeof *calendar);
    return gmtime_r(&seconds, calendar) != NULL;
}

void format_time(int64_t unix_ms, char text[TIME_TEXT_SIZE])
{
    struct tm calendar;
    if (!calendar_of(unix_ms, &calendar) ||
        strftime(text, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &calendar) == 0) {
        (void)snprintf(text, TIME_TEXT_SIZE, "unknown");
    }
}

void format_when(int64_t unix_ms, int32_t trust, char text[WHEN_TEXT_SIZE])
{
    struct tm calendar;
    char moment[TIME_TEXT_SIZE];
    if (!calendar_of(unix_ms, &calendar) ||
        strftime(moment, sizeof moment, "%Y-%m-%d %H:%M", &calendar) == 0) {
        (void)snprintf(moment, sizeof moment, "unknown");
    }
    if (trust == KITH_TIME_UNKNOWN) {
        (void)snprintf(text, WHEN_TEXT_SIZE, "time unknown (the device's clock said %s)", moment);
    } else {
        (void)snprintf(text, WHEN_TEXT_SIZE, "%s", moment);
    }
}

void format_short_id(kith_id id, char text[SHORT_ID_SIZE])
{
    char whole[KITH_ID_TEXT_SIZE];
    kith_id_format(id, whole);
    (void)snprintf(text, SHORT_ID_SIZE, "%.4s%.19s", whole, strchr(whole, '-'));
}

const char *writer_name(const kith_written *written)
{
    return written->device_name[0] == '\0' ? written->author : written->device_name;
}

/* From KITH_MAY_READ on. */
static const char *const roles[] = {"reader", "worker", "supervisor", "admin"};
enum { ROLE_COUNT = sizeof roles / sizeof roles[0] };

const char *role_name(uint32_t role)
{
    return role == 0                           ? "none"
           : role - KITH_MAY_READ < ROLE_COUNT ? roles[role - KITH_MAY_READ]
                                               : "unknown";
}

bool read_role(const char *text, uint32_t *role_out)
{
    for (uint32_t i = 0; i < ROLE_COUNT; i++) {
        if (strcmp(text, roles[i]) == 0) {
            *role_out = KITH_MAY_READ + i;
            return true;
        }
    }
    return false;
}

void print_value_text(const char *text, const char *indent)
{
    size_t length = strcspn(text, "\n");
    print("%.*s", (int)length, text);
    while (text[length] != '\0') {
        text += length + 1;
        length = strcspn(text, "\n");
        print("\n%s%.*s", indent, (int)length, text);
    }
}
