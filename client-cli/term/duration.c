/* SPDX-License-Identifier: Apache-2.0 */
#include "term/duration.h"

#include <stdlib.h>

bool read_duration(const char *text, int64_t *ms_out)
{
    static const int64_t century_ms = INT64_C(36525) * 86400000;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    bool has_unit = end != text && end[0] != '\0' && end[1] == '\0';
    int64_t unit_ms = !has_unit       ? 0
                      : end[0] == 'd' ? 86400000
                      : end[0] == 'h' ? 3600000
                      : end[0] == 'm' ? 60000
                                      : 0;
    if (unit_ms == 0 || text[0] < '0' || text[0] > '9' || number > century_ms / unit_ms) {
        return false;
    }
    *ms_out = number * unit_ms;
    return true;
}
