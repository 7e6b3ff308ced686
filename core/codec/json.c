/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json_check.h"

/* Past 2^53 doubles skip integers, and JavaScript's JSON.parse with them. */
static const int64_t exact_integer_max = INT64_C(1) << 53;

kith_status kith_json_parse(kith_context *cx, kith_slice text, kith_json **json_out)
{
    *json_out = NULL;
    kith_status status = KITH_OK;
    kith_json *json = NULL;
    kith_buf marked;
    kith_buf_init(&marked, cx, KITH_JSON_BYTES_MAX * 4);
    KITH_TRY_OUT(kith_json_check(cx, text, &marked));
    json = cJSON_ParseWithLength((const char *)marked.data, marked.length);
    if (json == NULL) {
        /* The text was checked whole, so only memory can have failed. */
        status = kith_fail(cx, KITH_E_MEMORY, "no memory for a JSON text");
        goto out;
    }
    KITH_TRY_OUT(kith_json_check_names(cx, json));
    *json_out = json;
    json = NULL;
out:
    kith_json_free(json);
    kith_buf_deinit(&marked);
    return status;
}

void kith_json_free(kith_json *json)
{
    cJSON_Delete(json);
}

static bool is_number(const kith_json *json)
{
    return cJSON_IsString(json) && (uint8_t)json->valuestring[0] == KITH_JSON_NUMBER_MARK;
}

kith_json_type kith_json_type_of(const kith_json *json)
{
    if (cJSON_IsObject(json)) {
        return KITH_JSON_OBJECT;
    }
    if (cJSON_IsArray(json)) {
        return KITH_JSON_ARRAY;
    }
    if (cJSON_IsString(json)) {
        return is_number(json) ? KITH_JSON_NUMBER : KITH_JSON_TEXT;
    }
    return cJSON_IsBool(json) ? KITH_JSON_BOOL : KITH_JSON_NULL;
}

kith_slice kith_json_text(const kith_json *json)
{
    if (!cJSON_IsString(json)) {
        return (kith_slice){NULL, 0};
    }
    return kith_slice_of(json->valuestring + (is_number(json) ? 1 : 0));
}

bool kith_json_is_true(const kith_json *json)
{
    return cJSON_IsTrue(json);
}

const kith_json *kith_json_get(const kith_json *json, const char *name)
{
    return cJSON_IsObject(json) ? cJSON_GetObjectItemCaseSensitive(json, name) : NULL;
}

size_t kith_json_count(const kith_json *json)
{
    size_t count = 0;
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        count++;
    }
    return count;
}

static bool is_among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

const kith_json *kith_json_unknown_member(const kith_json *json, const char *const *known)
{
    const kith_json *member = cJSON_IsObject(json) ? json->child : NULL;
    while (member != NULL && is_among(member->string, known)) {
        member = member->next;
    }
    return member;
}

const kith_json *kith_json_first(const kith_json *json)
{
    return cJSON_IsObject(json) || cJSON_IsArray(json) ? json->child : NULL;
}

const kith_json *kith_json_next(const kith_json *json)
{
    return json->next;
}

kith_slice kith_json_name(const kith_json *json)
{
    return kith_slice_of(json->string);
}

bool kith_json_same_name(const kith_json *a, const kith_json *b)
{
    return strcmp(a->string, b->string) == 0;
}

void kith_json_writer_init(kith_json_writer *writer, kith_context *cx)
{
    *writer = (kith_json_writer){.cx = cx};
}

/* Puts an item where the writer stands. Takes the item over, also on failure. */
static void put_item(kith_json_writer *writer, const char *name, kith_json *item)
{
    bool placed = false;
    if (writer->status != KITH_OK) {
        cJSON_Delete(item);
        return;
    }
    if (item != NULL && writer->depth == 0) {
        KITH_ASSERT(writer->root == NULL);
        writer->root = item;
        placed = true;
    } else if (item != NULL) {
        kith_json *parent = writer->open[writer->depth - 1];
        KITH_ASSERT(cJSON_IsObject(parent) == (name != NULL));
        placed = name == NULL ? cJSON_AddItemToArray(parent, item)
                              : cJSON_AddItemToObject(parent, name, item);
    }
    if (!placed) {
        cJSON_Delete(item);
        writer->status = kith_fail(writer->cx, KITH_E_MEMORY, "no memory for a JSON text");
    }
}

static void put_container(kith_json_writer *writer, const char *name, kith_json *item)
{
    KITH_ASSERT(writer->depth < KITH_JSON_DEPTH_MAX);
    put_item(writer, name, item);
    if (writer->status == KITH_OK) {
        writer->open[writer->depth++] = item;
    }
}

void kith_json_put_object(kith_json_writer *writer, const char *name)
{
    put_container(writer, name, cJSON_CreateObject());
}

void kith_json_put_array(kith_json_writer *writer, const char *name)
{
    put_container(writer, name, cJSON_CreateArray());
}

void kith_json_put_end(kith_json_writer *writer)
{
    if (writer->status == KITH_OK) {
        KITH_ASSERT(writer->depth > 0);
        writer->depth--;
    }
}

void kith_json_put_text(kith_json_writer *writer, const char *name, kith_slice text)
{
    /* cJSON wants a terminator, and would end the text at a NUL; most texts fit the stack. */
    char small[256];
    char *copy = small;
    if (kith_slice_find(text, '\0') < text.length && writer->status == KITH_OK) {
        writer->status = kith_fail(writer->cx, KITH_E_SYNTAX, "a text holds a NUL character");
        return;
    }
    if (text.length >= sizeof small) {
        copy = kith_allocate(writer->cx, text.length + 1);
        if (copy == NULL) {
            writer->status = writer->status != KITH_OK ? writer->status : KITH_E_MEMORY;
            return;
        }
    }
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    copy[text.length] = '\0';
    put_item(writer, name, cJSON_CreateString(copy));
    if (copy != small) {
        kith_free(writer->cx, copy);
    }
}

void kith_json_put_bool(kith_json_writer *writer, const char *name, bool value)
{
    put_item(writer, name, cJSON_CreateBool(value));
}

void kith_json_put_null(kith_json_writer *writer, const char *name)
{
    put_item(writer, name, cJSON_CreateNull());
}

void kith_json_put_integer(kith_json_writer *writer, const char *name, int64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    bool exact = value >= -exact_integer_max && value <= exact_integer_max;
    put_item(writer, name, exact ? cJSON_CreateRaw(digits) : cJSON_CreateString(digits));
}

kith_status kith_json_writer_finish(kith_json_writer *writer, kith_buf *out)
{
    kith_status status = writer->status;
    char *text = NULL;
    if (status == KITH_OK) {
        KITH_ASSERT(writer->depth == 0 && writer->root != NULL);
        text = cJSON_PrintUnformatted(writer->root);
        if (text == NULL) {
            status = kith_fail(writer->cx, KITH_E_MEMORY, "no memory for a JSON text");
        }
    }
    if (text != NULL) {
        kith_buf_append_text(out, text);
        status = kith_buf_status(out);
        cJSON_free(text);
    }
    kith_json_writer_deinit(writer);
    return status;
}

void kith_json_writer_deinit(kith_json_writer *writer)
{
    cJSON_Delete(writer->root);
    kith_json_writer_init(writer, writer->cx);
}
