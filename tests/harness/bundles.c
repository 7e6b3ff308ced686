/* SPDX-License-Identifier: Apache-2.0 */
#include "bundles.h"

enum { BYTES_MAX = 256 * 1024 * 1024, PIECE = 4096 };

typedef struct bundle_stream {
    kith_slice left;
    size_t piece;
} bundle_stream;

void bundle_init(kith_buf *bytes)
{
    kith_buf_init(bytes, test_context(), BYTES_MAX);
}

static kith_status append(void *user, kith_slice bytes)
{
    kith_buf_append_slice(user, bytes);
    return kith_buf_status(user);
}

kith_status bundle_write_with(test_device *device, kith_bundle_export_options options,
                              kith_buf *bytes, kith_bundle_written *written)
{
    options.write = append;
    options.user = bytes;
    kith_buf_clear(bytes);
    if (written != NULL) {
        *written = (kith_bundle_written){.struct_size = sizeof *written};
    }
    return kith_bundle_export(&device->replica, 1, &options, written);
}

kith_status bundle_write(test_device *device, const char *key, kith_buf *bytes,
                         kith_bundle_written *written)
{
    kith_bundle_export_options options = KITH_BUNDLE_EXPORT_OPTIONS_INIT;
    options.key = kith_slice_of(key);
    return bundle_write_with(device, options, bytes, written);
}

static kith_status give(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    bundle_stream *stream = user;
    size_t length = stream->piece < capacity ? stream->piece : capacity;
    kith_slice piece = kith_slice_head(stream->left, length);
    if (piece.length > 0) {
        memcpy(buffer, piece.data, piece.length);
    }
    stream->left = kith_slice_skip(stream->left, piece.length);
    *length_out = piece.length;
    return KITH_OK;
}

kith_status bundle_read(test_device *device, kith_slice bytes, size_t piece,
                        kith_bundle_taken *taken)
{
    bundle_stream stream = {bytes, piece};
    kith_bundle_import_options options = KITH_BUNDLE_IMPORT_OPTIONS_INIT;
    options.read = give;
    options.user = &stream;
    options.total_bytes = bytes.length;
    if (taken != NULL) {
        *taken = (kith_bundle_taken){.struct_size = sizeof *taken};
    }
    return kith_bundle_import(&device->replica, 1, &options, taken);
}

kith_bundle_taken bundle_hand(test_device *from, test_device *to)
{
    kith_buf bytes;
    kith_bundle_taken taken;
    bundle_init(&bytes);
    must(from, bundle_write(from, "", &bytes, NULL));
    must(to, bundle_read(to, kith_buf_slice(&bytes), PIECE, &taken));
    kith_buf_deinit(&bytes);
    return taken;
}
