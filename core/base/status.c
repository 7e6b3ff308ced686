/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

kith_status kith_error_set(kith_error *error, kith_status status, int32_t domain,
                           int32_t native_code, const char *format, ...)
{
    if (error == NULL) {
        return status;
    }
    error->status = status;
    error->domain = domain;
    error->native_code = native_code;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

void kith_error_clear(kith_error *error)
{
    if (error != NULL) {
        memset(error, 0, sizeof *error);
    }
}

_Noreturn void kith_assert_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "kith: %s:%d: our own mistake: %s does not hold\n", file, line,
                  condition);
    abort();
}
