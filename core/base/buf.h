/* A buffer that owns its bytes and never passes the size it was created with. Failure sticks: after
 * the first one nothing more is appended and kith_buf_status() tells why, so that a run of writes
 * needs one check. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_BUF_H
#define KITH_BASE_BUF_H

#include "base/context.h"
#include "base/slice.h"

typedef struct kith_buf {
    kith_context *cx;
    uint8_t *data;
    size_t length;
    size_t capacity;
    size_t max_bytes;
    kith_status status;
} kith_buf;

/** An empty buffer that may grow to `max_bytes`. Allocates nothing yet. */
void kith_buf_init(kith_buf *buf, kith_context *cx, size_t max_bytes);

/** Gives the bytes back. A zeroed buffer is fine. */
void kith_buf_deinit(kith_buf *buf);

/** Forgets content and failure, keeps the memory. */
void kith_buf_clear(kith_buf *buf);

/** KITH_OK, or the first failure: KITH_E_LIMIT past the maximum, KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_buf_status(const kith_buf *buf);

/** Makes the buffer fail with a status that its user found, unless it failed before. */
void kith_buf_spoil(kith_buf *buf, kith_status status);

/** Room for `length` more bytes at the end, counted as content at once; NULL after a failure. */
uint8_t *kith_buf_extend(kith_buf *buf, size_t length);

/** Appends text by a printf format, without the terminator. */
void kith_buf_format(kith_buf *buf, const char *format, ...) KITH_PRINTF(2, 3);

/** Appends bytes, where they do not fit without growing; kith_buf_append() is for users. */
void kith_buf_append_growing(kith_buf *buf, const void *data, size_t length);

static inline void kith_buf_append(kith_buf *buf, const void *data, size_t length)
{
    bool fits = buf->status == KITH_OK && length <= buf->capacity - buf->length;
    if (KITH_LIKELY(fits && length > 0)) {
        memcpy(buf->data + buf->length, data, length);
        buf->length += length;
    } else if (length > 0) {
        kith_buf_append_growing(buf, data, length);
    }
}

/** The content, borrowed until the next change of the buffer. */
static inline kith_slice kith_buf_slice(const kith_buf *buf)
{
    return (kith_slice){buf->data, buf->length};
}

static inline void kith_buf_append_slice(kith_buf *buf, kith_slice slice)
{
    kith_buf_append(buf, slice.data, slice.length);
}

static inline void kith_buf_append_text(kith_buf *buf, const char *text)
{
    kith_buf_append(buf, text, strlen(text));
}

#endif
