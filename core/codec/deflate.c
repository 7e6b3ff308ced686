/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/deflate.h"

#include <limits.h>
#define ZLIB_CONST /* input is const, as it should be */
#include <zlib.h>

/* On records (the benchmark's workload W1), level 6 makes blocks a tenth smaller than level 3 and
 * takes twice as long; of a replica's file the difference is one per cent, of an import a fifth. */
enum { LEVEL = 3 };

static void *zlib_allocate(void *opaque, unsigned items, unsigned size)
{
    kith_context *cx = opaque;
    return cx->env.reallocate(cx->env.user, NULL, (size_t)items * size);
}

static void zlib_free(void *opaque, void *pointer)
{
    kith_free(opaque, pointer);
}

static kith_status zlib_failed(kith_context *cx, int code, const char *what)
{
    kith_status status = code == Z_MEM_ERROR ? KITH_E_MEMORY : KITH_E_DAMAGED;
    return kith_fail_native(cx, status, KITH_DOMAIN_ZLIB, code, "%s failed", what);
}

kith_status kith_deflate(kith_context *cx, kith_slice bytes, kith_buf *out)
{
    KITH_ENSURE(bytes.length <= KITH_DEFLATE_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "too much to deflate at once"));
    z_stream stream = {.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = cx};
    int code = deflateInit(&stream, LEVEL);
    KITH_ENSURE(code == Z_OK, zlib_failed(cx, code, "deflateInit"));
    size_t bound = deflateBound(&stream, (uLong)bytes.length);
    size_t before = out->length;
    uint8_t *room = kith_buf_extend(out, bound);
    kith_status status = kith_buf_status(out);
    if (room != NULL) {
        stream.next_in = bytes.data;
        stream.avail_in = (uInt)bytes.length;
        stream.next_out = room;
        stream.avail_out = (uInt)bound;
        code = deflate(&stream, Z_FINISH);
        KITH_ASSERT(code == Z_STREAM_END);
        out->length = before + (bound - stream.avail_out);
    }
    (void)deflateEnd(&stream);
    return status;
}

/* Inflates into the room that `out` has left below `end`, growing it by doubling. */
static kith_status inflate_steps(kith_context *cx, z_stream *stream, size_t end, kith_buf *out)
{
    for (size_t step = 4096;; step *= 2) {
        size_t room_bytes = end - out->length < step ? end - out->length : step;
        uint8_t *room = kith_buf_extend(out, room_bytes);
        KITH_TRY(kith_buf_status(out));
        uint8_t overflow;
        bool at_limit = room_bytes == 0;
        stream->next_out = at_limit ? &overflow : room;
        stream->avail_out = at_limit ? 1 : (uInt)room_bytes;
        int code = inflate(stream, Z_NO_FLUSH);
        bool overflowed = at_limit && stream->avail_out == 0;
        KITH_ENSURE(!overflowed, kith_fail(cx, KITH_E_LIMIT, "the stream inflates past its limit"));
        if (!at_limit) {
            out->length -= stream->avail_out;
        }
        if (code == Z_STREAM_END) {
            KITH_ENSURE(stream->avail_in == 0,
                        kith_fail(cx, KITH_E_DAMAGED, "bytes follow the end of the stream"));
            return KITH_OK;
        }
        KITH_ENSURE(code == Z_OK && (stream->avail_in > 0 || stream->avail_out == 0),
                    zlib_failed(cx, code, "inflate"));
    }
}

kith_status kith_inflate(kith_context *cx, kith_slice bytes, size_t max_bytes, kith_buf *out)
{
    KITH_ENSURE(bytes.length <= KITH_DEFLATE_BYTES_MAX && max_bytes <= KITH_DEFLATE_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "too much to inflate at once"));
    z_stream stream = {.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = cx};
    int code = inflateInit(&stream);
    KITH_ENSURE(code == Z_OK, zlib_failed(cx, code, "inflateInit"));
    stream.next_in = bytes.data;
    stream.avail_in = (uInt)bytes.length;
    size_t before = out->length;
    kith_status status = inflate_steps(cx, &stream, before + max_bytes, out);
    if (status != KITH_OK) {
        out->length = before;
    }
    (void)inflateEnd(&stream);
    return status;
}
