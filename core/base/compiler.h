/* The one place for compiler extensions inside the library (include/kith/base.h has the public
 * ones). SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_COMPILER_H
#define KITH_BASE_COMPILER_H

#if defined(__GNUC__)
#define KITH_PRINTF(format_index, first_index) \
    __attribute__((format(printf, format_index, first_index)))
#define KITH_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define KITH_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define KITH_PRINTF(format_index, first_index)
#define KITH_LIKELY(condition) (condition)
#define KITH_UNLIKELY(condition) (condition)
#endif

#define KITH_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
