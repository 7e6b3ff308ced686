/* What every internal function of one handle shares: the outside it may use and the place where
 * the detail of a failure goes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_CONTEXT_H
#define KITH_BASE_CONTEXT_H

#include <kith/env.h>

#include "base/status.h"

typedef struct kith_context {
    kith_env env;
    kith_error error;
} kith_context;

/** Takes over the caller's environment, the platform's for whatever it leaves NULL.
 *  KITH_E_ARGUMENT if `env` is not NULL and has an unknown size. */
KITH_MUST_USE kith_status kith_context_init(kith_context *cx, const kith_env *env);

/* Sets the detail on the handle and returns the status. The only setters. */
#define kith_fail(cx, status, ...) \
    kith_error_set(&(cx)->error, (status), KITH_DOMAIN_KITH, 0, __VA_ARGS__)
#define kith_fail_native(cx, status, domain, native_code, ...) \
    kith_error_set(&(cx)->error, (status), (domain), (native_code), __VA_ARGS__)

/** Sends one line to the environment's log. */
void kith_note(kith_context *cx, int32_t level, const char *format, ...) KITH_PRINTF(3, 4);

/** Zeroed memory from the environment, or NULL with the detail set. A size of 0 gives 1 byte. */
KITH_MUST_USE void *kith_allocate(kith_context *cx, size_t size);

/** As kith_allocate() for `count` items; NULL if the product overflows. */
KITH_MUST_USE void *kith_allocate_array(kith_context *cx, size_t count, size_t item_size);

/** Makes room for at least one more item in a growing array: doubles `*capacity` when it equals
 *  `count`. Returns the array, perhaps moved, or NULL with the detail set and the old array
 *  untouched. New items are not zeroed. */
KITH_MUST_USE void *kith_grow(kith_context *cx, void *items, size_t count, size_t *capacity,
                              size_t item_size);

/** Gives memory back; NULL is fine. */
void kith_free(kith_context *cx, void *pointer);

#endif
