/* Borrowed bytes: comparing and cutting them. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_SLICE_H
#define KITH_BASE_SLICE_H

#include <string.h>

#include <kith/base.h>

/* A text literal as a slice, in expressions and in static tables. */
#define KITH_SLICE(literal) ((kith_slice){(const uint8_t *)("" literal), sizeof("" literal) - 1})

/* For printf's %.*s. */
#define KITH_SLICE_ARGUMENTS(slice) \
    (int)(slice).length, (slice).data == NULL ? "" : (const char *)(slice).data

static inline kith_slice kith_slice_make(const void *data, size_t length)
{
    return (kith_slice){(const uint8_t *)data, length};
}

static inline bool kith_slice_equal(kith_slice a, kith_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* True if the slice is exactly the NUL-terminated text. */
static inline bool kith_slice_is(kith_slice slice, const char *text)
{
    for (size_t i = 0; i < slice.length; i++) {
        if (slice.data[i] != (uint8_t)text[i] || text[i] == '\0') {
            return false;
        }
    }
    return text[slice.length] == '\0';
}

/* Negative, zero or positive; bytes first, then the shorter before the longer. */
static inline int kith_slice_compare(kith_slice a, kith_slice b)
{
    size_t shared = a.length < b.length ? a.length : b.length;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* The slice without its first `count` bytes; empty if it has no more. */
static inline kith_slice kith_slice_skip(kith_slice slice, size_t count)
{
    size_t skipped = count < slice.length ? count : slice.length;
    return slice.length == 0 ? slice : (kith_slice){slice.data + skipped, slice.length - skipped};
}

/* The first `count` bytes at the most. */
static inline kith_slice kith_slice_head(kith_slice slice, size_t count)
{
    return (kith_slice){slice.data, count < slice.length ? count : slice.length};
}

/* Where the byte stands, or the slice's length if it does not. */
static inline size_t kith_slice_find(kith_slice slice, char byte)
{
    const void *found = slice.length == 0 ? NULL : memchr(slice.data, byte, slice.length);
    return found == NULL ? slice.length : (size_t)((const uint8_t *)found - slice.data);
}

/* For tables in memory: FNV-1a (Fowler, Noll, Vo). Whoever chooses the bytes can make it collide.
 */
static inline uint64_t kith_slice_hash(kith_slice slice)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < slice.length; i++) {
        hash = (hash ^ slice.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 32; /* so that the low bits serve */
}

/* Without the ASCII blanks at both ends. */
static inline kith_slice kith_slice_trim(kith_slice slice)
{
    while (slice.length > 0 && strchr(" \t\r\n", slice.data[0]) != NULL && slice.data[0] != 0) {
        slice = kith_slice_skip(slice, 1);
    }
    while (slice.length > 0 && strchr(" \t\r\n", slice.data[slice.length - 1]) != NULL &&
           slice.data[slice.length - 1] != 0) {
        slice.length--;
    }
    return slice;
}

#endif
