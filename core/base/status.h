/* Status, error detail and the three macros that may change control flow.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_STATUS_H
#define KITH_BASE_STATUS_H

#include <kith/base.h>

#include "base/compiler.h"

/** Sets the detail and returns the status, so that the two always agree. `error` may be NULL. */
kith_status kith_error_set(kith_error *error, kith_status status, int32_t domain,
                           int32_t native_code, const char *format, ...) KITH_PRINTF(5, 6);

/** Forgets the detail of an earlier failure. */
void kith_error_clear(kith_error *error);

/** Ends the process: a condition that only our own mistake can break does not hold. */
_Noreturn void kith_assert_failed(const char *condition, const char *file, int line);

/* Our own mistakes only; stays on in release. Input from outside gets a status instead. */
#define KITH_ASSERT(condition) \
    (KITH_LIKELY(condition) ? (void)0 : kith_assert_failed(#condition, __FILE__, __LINE__))

/* The caller owns nothing: hand the status up. */
#define KITH_TRY(expression)                         \
    do {                                             \
        kith_status try_status_ = (expression);      \
        if (KITH_UNLIKELY(try_status_ != KITH_OK)) { \
            return try_status_;                      \
        }                                            \
    } while (0)

/* The caller owns something: needs `kith_status status` and a label `out` that cleans up. */
#define KITH_TRY_OUT(expression)                \
    do {                                        \
        status = (expression);                  \
        if (KITH_UNLIKELY(status != KITH_OK)) { \
            goto out;                           \
        }                                       \
    } while (0)

/* Hands `failure` up unless the condition holds; `failure` is evaluated only then, so it is the
 * place for the kith_fail() that names what was wrong. */
#define KITH_ENSURE(condition, failure)    \
    do {                                   \
        if (KITH_UNLIKELY(!(condition))) { \
            return (failure);              \
        }                                  \
    } while (0)

#endif
