/* Kith: the words every other header uses. Slices, record ids, error detail.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_BASE_H
#define KITH_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kith/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define KITH_API __attribute__((visibility("default")))
#define KITH_MUST_USE __attribute__((warn_unused_result))
#else
#define KITH_API
#define KITH_MUST_USE
#endif

/** The version of the library as text, such as "0.1.0". Static; any thread. */
KITH_API const char *kith_version(void);

/** The name of a status as text, such as "KITH_E_BUSY", or "unknown status". Static; any thread. */
KITH_API const char *kith_status_name(kith_status status);

/** Borrowed bytes. Text is UTF-8 and carries no terminator. `data` may be NULL when `length` is 0.
 */
typedef struct kith_slice {
    const uint8_t *data;
    size_t length;
} kith_slice;

/** The bytes of a NUL-terminated text, borrowed, without the terminator; NULL gives the empty
 *  slice. Any thread. */
KITH_API kith_slice kith_slice_of(const char *text);

/** Names a record for ever: the author that created it and the number of the creating change.
 *
 *  Bytes 0..9 are the author, 10..15 the number, big-endian, counted from 1. All zero names
 *  nothing. Ids sort by author, then by age. (DESIGN §2: 16 bytes, no random id to carry.) */
typedef struct kith_id {
    uint8_t bytes[16];
} kith_id;

/** Bytes that kith_id_format() writes at the most, with the terminator: sixteen letters of author,
 *  a hyphen, fifteen digits. */
#define KITH_ID_TEXT_SIZE 33

/** Writes an id as text, such as "7m3kq9x2wd4tzc8h-37": the author in Crockford's base 32
 *  (https://www.crockford.com/base32.html, lower case), the number in decimal. Any thread.
 *
 *  @param text  receives at most KITH_ID_TEXT_SIZE bytes, NUL-terminated */
KITH_API void kith_id_format(kith_id id, char text[KITH_ID_TEXT_SIZE]);

/** Reads a whole id from text; case does not matter, and o, i, l read as 0, 1, 1. Any thread.
 *
 *  @param id_out  the id; all zero on failure
 *  @return KITH_OK; KITH_E_SYNTAX if the text is not a whole id */
KITH_API KITH_MUST_USE kith_status kith_id_parse(kith_slice text, kith_id *id_out);

/** True if both name the same record. Any thread. */
KITH_API bool kith_id_equal(kith_id a, kith_id b);

/** True if the id is all zero. Any thread. */
KITH_API bool kith_id_is_zero(kith_id id);

/** Where a native error code came from. */
enum {
    KITH_DOMAIN_KITH = 0,   /* no native code */
    KITH_DOMAIN_POSIX = 1,  /* errno */
    KITH_DOMAIN_SQLITE = 2, /* extended result code */
    KITH_DOMAIN_ZLIB = 3
};

/** What is known about a failure. It means something only right after a call that failed.
 *  The message is one line for people, without user data and without secrets. */
typedef struct kith_error {
    kith_status status;
    int32_t domain;
    int32_t native_code;
    char message[244];
} kith_error;

#ifdef __cplusplus
}
#endif

#endif
