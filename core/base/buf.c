/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { FIRST_CAPACITY = 64 };

void kith_buf_init(kith_buf *buf, kith_context *cx, size_t max_bytes)
{
    KITH_ASSERT(max_bytes < SIZE_MAX);
    *buf = (kith_buf){.cx = cx, .max_bytes = max_bytes};
}

void kith_buf_deinit(kith_buf *buf)
{
    if (buf->data != NULL) {
        kith_free(buf->cx, buf->data);
    }
    *buf = (kith_buf){.cx = buf->cx, .max_bytes = buf->max_bytes};
}

void kith_buf_clear(kith_buf *buf)
{
    buf->length = 0;
    buf->status = KITH_OK;
}

kith_status kith_buf_status(const kith_buf *buf)
{
    return buf->status;
}

void kith_buf_spoil(kith_buf *buf, kith_status status)
{
    if (buf->status == KITH_OK) {
        buf->status = status;
    }
}

/* One byte more than the capacity stands behind it, for the terminator that vsnprintf writes. */
static kith_status grow(kith_buf *buf, size_t needed)
{
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
    while (capacity < needed) {
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    }
    capacity = capacity > buf->max_bytes ? buf->max_bytes : capacity;
    uint8_t *data = buf->cx->env.reallocate(buf->cx->env.user, buf->data, capacity + 1);
    KITH_ENSURE(data != NULL,
                kith_fail(buf->cx, KITH_E_MEMORY, "no memory for %zu bytes", capacity));
    buf->data = data;
    buf->capacity = capacity;
    return KITH_OK;
}

uint8_t *kith_buf_extend(kith_buf *buf, size_t length)
{
    if (buf->status != KITH_OK) {
        return NULL;
    }
    if (length > buf->max_bytes - buf->length) {
        buf->status = kith_fail(buf->cx, KITH_E_LIMIT, "more than %zu bytes", buf->max_bytes);
        return NULL;
    }
    if (length > buf->capacity - buf->length) {
        buf->status = grow(buf, buf->length + length);
        if (buf->status != KITH_OK) {
            return NULL;
        }
    }
    uint8_t *end = buf->data == NULL ? NULL : buf->data + buf->length;
    buf->length += length;
    return end;
}

void kith_buf_append_growing(kith_buf *buf, const void *data, size_t length)
{
    uint8_t *end = kith_buf_extend(buf, length);
    if (end != NULL) {
        memcpy(end, data, length);
    }
}

void kith_buf_format(kith_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    KITH_ASSERT(length >= 0);
    uint8_t *end = kith_buf_extend(buf, (size_t)length);
    if (end != NULL) {
        (void)vsnprintf((char *)end, (size_t)length + 1, format, again);
    }
    va_end(again);
}
