/* The JSON boundary: the only user of cJSON.
 *
 * cJSON keeps numbers as doubles, takes bytes that are no UTF-8, ends texts at an escaped NUL and
 * recurses as deep as the input asks. So a text is checked whole against RFC 8259 before cJSON sees
 * it, and its numbers are handed over as written: nothing is rounded on the way in. On the way out,
 * integers past 2^53 become strings, because other readers would round them (TRAPS §2, 7).
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CODEC_JSON_H
#define KITH_CODEC_JSON_H

#include "base/buf.h"
#include "base/limits.h"

typedef struct cJSON kith_json;

typedef enum kith_json_type {
    KITH_JSON_NULL,
    KITH_JSON_BOOL,
    KITH_JSON_NUMBER,
    KITH_JSON_TEXT,
    KITH_JSON_ARRAY,
    KITH_JSON_OBJECT
} kith_json_type;

/** Parses one JSON text of at most KITH_JSON_BYTES_MAX bytes and KITH_JSON_DEPTH_MAX levels.
 *
 *  Refuses what RFC 8259 leaves open and people get hurt by: names that repeat in one object, NUL
 *  characters, lone surrogates.
 *
 *  @param json_out  the tree; free with kith_json_free(); NULL on failure
 *  @return KITH_OK; KITH_E_SYNTAX with the place in the detail; KITH_E_LIMIT; KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_json_parse(kith_context *cx, kith_slice text, kith_json **json_out);

void kith_json_free(kith_json *json);

kith_json_type kith_json_type_of(const kith_json *json);

/** A text's characters, or a number's as they were written; else empty. Lives with the tree. */
kith_slice kith_json_text(const kith_json *json);

bool kith_json_is_true(const kith_json *json);

/** The member of that name, or NULL; also if this is no object. */
const kith_json *kith_json_get(const kith_json *json, const char *name);

/** How many items an array or members an object has; 0 for others and for NULL. */
size_t kith_json_count(const kith_json *json);

/** The first member of an object whose name is not among the known ones, a list that NULL ends; or
 *  NULL. */
const kith_json *kith_json_unknown_member(const kith_json *json, const char *const *known);

/** The first item of an array or member of an object, and the one behind; NULL at the end. */
const kith_json *kith_json_first(const kith_json *json);
const kith_json *kith_json_next(const kith_json *json);

/** A member's name; empty for items of arrays. */
kith_slice kith_json_name(const kith_json *json);

/** True if two members have the same name. */
bool kith_json_same_name(const kith_json *a, const kith_json *b);

/** Builds one JSON text. Failure sticks until kith_json_writer_finish(). `name` is NULL for items
 *  of arrays and for the outermost value. Texts must be well-formed UTF-8; one with a NUL
 *  character is KITH_E_SYNTAX. */
typedef struct kith_json_writer {
    kith_context *cx;
    kith_json *root;
    kith_json *open[KITH_JSON_DEPTH_MAX];
    size_t depth;
    kith_status status;
} kith_json_writer;

void kith_json_writer_init(kith_json_writer *writer, kith_context *cx);
void kith_json_put_object(kith_json_writer *writer, const char *name);
void kith_json_put_array(kith_json_writer *writer, const char *name);
void kith_json_put_end(kith_json_writer *writer);
void kith_json_put_text(kith_json_writer *writer, const char *name, kith_slice text);
void kith_json_put_bool(kith_json_writer *writer, const char *name, bool value);
void kith_json_put_null(kith_json_writer *writer, const char *name);
/** As a number if a double holds it exactly, else as a string. */
void kith_json_put_integer(kith_json_writer *writer, const char *name, int64_t value);

/** Appends the text without blanks to `out` and gives the writer's memory back, also after a
 *  failure. */
KITH_MUST_USE kith_status kith_json_writer_finish(kith_json_writer *writer, kith_buf *out);

/** Gives the writer's memory back without a result. */
void kith_json_writer_deinit(kith_json_writer *writer);

#endif
