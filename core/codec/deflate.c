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

/* How one stream is made. */
typedef struct deflate_manner {
    int level;
    int window_bits; /* negative: raw, without zlib's frame */
    int strategy;
    kith_slice dictionary; /* may be empty */
} deflate_manner;

static kith_status begin_deflate(kith_context *cx, z_stream *stream, const deflate_manner *manner)
{
    enum { MEMORY_LEVEL = 9 };
    *stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = cx};
    int code = deflateInit2(stream, manner->level, Z_DEFLATED, manner->window_bits, MEMORY_LEVEL,
                            manner->strategy);
    KITH_ENSURE(code == Z_OK, zlib_failed(cx, code, "deflateInit"));
    if (manner->dictionary.length > 0) {
        code =
            deflateSetDictionary(stream, manner->dictionary.data, (uInt)manner->dictionary.length);
        KITH_ASSERT(code == Z_OK);
    }
    return KITH_OK;
}

static kith_status deflate_whole(kith_context *cx, const deflate_manner *manner, kith_slice bytes,
                                 kith_buf *out)
{
    z_stream stream;
    KITH_ENSURE(bytes.length <= KITH_DEFLATE_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "too much to deflate at once"));
    KITH_TRY(begin_deflate(cx, &stream, manner));
    /* zlib ends a stream only while a byte is left: of raw ones its bound may leave none. */
    size_t bound = deflateBound(&stream, (uLong)bytes.length) + 1;
    size_t before = out->length;
    uint8_t *room = kith_buf_extend(out, bound);
    kith_status status = kith_buf_status(out);
    if (room != NULL) {
        stream.next_in = bytes.data;
        stream.avail_in = (uInt)bytes.length;
        stream.next_out = room;
        stream.avail_out = (uInt)bound;
        int code = deflate(&stream, Z_FINISH);
        KITH_ASSERT(code == Z_STREAM_END);
        out->length = before + (bound - stream.avail_out);
    }
    (void)deflateEnd(&stream);
    return status;
}

kith_status kith_deflate(kith_context *cx, kith_slice bytes, kith_buf *out)
{
    static const deflate_manner manner = {LEVEL, MAX_WBITS, Z_DEFAULT_STRATEGY, {NULL, 0}};
    return deflate_whole(cx, &manner, bytes, out);
}

kith_status kith_deflate_smallest(kith_context *cx, kith_slice bytes, kith_slice dictionary,
                                  kith_buf *out, bool *deflated_out)
{
    static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FILTERED};
    kith_buf trial;
    size_t before = out->length;
    size_t smallest = bytes.length;
    kith_status status = KITH_OK;
    *deflated_out = false;
    kith_buf_init(&trial, cx, KITH_DEFLATE_BYTES_MAX * 2);
    for (size_t i = 0; status == KITH_OK && i < KITH_ARRAY_LENGTH(strategies); i++) {
        deflate_manner manner = {Z_BEST_COMPRESSION, -MAX_WBITS, strategies[i], dictionary};
        kith_buf_clear(&trial);
        status = deflate_whole(cx, &manner, bytes, &trial);
        if (status == KITH_OK && trial.length < smallest) {
            smallest = trial.length;
            out->length = before;
            kith_buf_append_slice(out, kith_buf_slice(&trial));
            status = kith_buf_status(out);
            *deflated_out = true;
        }
    }
    kith_buf_deinit(&trial);
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

/* Inflates a stream that is begun into `out` and ends it; nothing stays in `out` on failure. */
static kith_status inflate_whole(kith_context *cx, z_stream *stream, kith_slice bytes,
                                 size_t max_bytes, kith_buf *out)
{
    size_t before = out->length;
    stream->next_in = bytes.data;
    stream->avail_in = (uInt)bytes.length;
    kith_status status = inflate_steps(cx, stream, before + max_bytes, out);
    if (status != KITH_OK) {
        out->length = before;
    }
    (void)inflateEnd(stream);
    return status;
}

static kith_status begin_inflate(kith_context *cx, z_stream *stream, int window_bits)
{
    *stream = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free, .opaque = cx};
    int code = inflateInit2(stream, window_bits);
    return code == Z_OK ? KITH_OK : zlib_failed(cx, code, "inflateInit");
}

kith_status kith_inflate(kith_context *cx, kith_slice bytes, size_t max_bytes, kith_buf *out)
{
    z_stream stream;
    KITH_ENSURE(bytes.length <= KITH_DEFLATE_BYTES_MAX && max_bytes <= KITH_DEFLATE_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "too much to inflate at once"));
    KITH_TRY(begin_inflate(cx, &stream, MAX_WBITS));
    return inflate_whole(cx, &stream, bytes, max_bytes, out);
}

kith_status kith_inflate_exact(kith_context *cx, kith_slice bytes, kith_slice dictionary,
                               size_t length, kith_buf *out)
{
    z_stream stream;
    size_t before = out->length;
    KITH_ENSURE(bytes.length <= KITH_DEFLATE_BYTES_MAX && length <= KITH_DEFLATE_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "too much to inflate at once"));
    KITH_TRY(begin_inflate(cx, &stream, -MAX_WBITS));
    if (dictionary.length > 0) {
        int code = inflateSetDictionary(&stream, dictionary.data, (uInt)dictionary.length);
        if (code != Z_OK) {
            (void)inflateEnd(&stream);
            return zlib_failed(cx, code, "inflateSetDictionary");
        }
    }
    KITH_TRY(inflate_whole(cx, &stream, bytes, length, out));
    if (out->length - before != length) {
        out->length = before;
        return kith_fail(cx, KITH_E_DAMAGED, "a stream is shorter than it says");
    }
    return KITH_OK;
}
