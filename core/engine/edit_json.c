/* JSON to drafts. SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

static kith_status malformed(kith_edit *edit, const char *what)
{
    return kith_fail(&edit->replica->cx, KITH_E_SYNTAX, "%s", what);
}

/* The text form of a scalar; false for containers. */
static bool scalar_text(const kith_json *json, kith_slice *text_out)
{
    switch (kith_json_type_of(json)) {
    case KITH_JSON_TEXT:
    case KITH_JSON_NUMBER:
        *text_out = kith_json_text(json);
        return true;
    case KITH_JSON_BOOL:
        *text_out = kith_json_is_true(json) ? KITH_SLICE("yes") : KITH_SLICE("no");
        return true;
    case KITH_JSON_NULL:
        *text_out = (kith_slice){NULL, 0};
        return true;
    default:
        return false;
    }
}

static kith_status put_member(kith_edit *edit, uint32_t record, const kith_json *member,
                              kith_draft_action action)
{
    static const char not_scalar[] = "is neither text, number, yes or no, nor a list of these";
    kith_slice field = kith_json_name(member);
    kith_slice *texts = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool is_list = kith_json_type_of(member) == KITH_JSON_ARRAY;
    const kith_json *item = is_list ? kith_json_first(member) : member;
    for (; item != NULL; item = is_list ? kith_json_next(item) : NULL) {
        kith_slice text;
        if (!scalar_text(item, &text)) {
            return kith_edit_note(edit, record, field, not_scalar, "");
        }
        if (kith_slice_trim(text).length == 0) {
            continue; /* an empty text is no value */
        }
        texts = kith_arena_grow(&edit->arena, texts, count, &capacity, sizeof *texts);
        KITH_ENSURE(texts != NULL, KITH_E_MEMORY);
        texts[count++] = text;
    }
    return kith_draft_texts(edit, record, field, action, texts, count);
}

static kith_status put_members(kith_edit *edit, uint32_t record, const kith_json *members,
                               kith_draft_action action)
{
    KITH_ENSURE(members == NULL || kith_json_type_of(members) == KITH_JSON_OBJECT,
                malformed(edit, "\"fields\", \"add\" and \"remove\" take an object"));
    for (const kith_json *member = kith_json_first(members); member != NULL;
         member = kith_json_next(member)) {
        KITH_TRY(put_member(edit, record, member, action));
    }
    return KITH_OK;
}

kith_status kith_engine_edit_fields(kith_edit *edit, uint32_t record, const kith_json *fields)
{
    return put_members(edit, record, fields, KITH_DRAFT_SET);
}

static kith_status check_members(kith_edit *edit, const kith_json *object)
{
    static const char *const known[] = {"kind", "id", "fields", "add", "remove", "records", "key"};
    for (const kith_json *member = kith_json_first(object); member != NULL;
         member = kith_json_next(member)) {
        size_t i = 0;
        while (i < KITH_ARRAY_LENGTH(known) && !kith_slice_is(kith_json_name(member), known[i])) {
            i++;
        }
        KITH_ENSURE(i < KITH_ARRAY_LENGTH(known),
                    malformed(edit, "an object takes \"kind\" or \"id\", \"fields\", \"add\", "
                                    "\"remove\", or \"records\""));
    }
    return KITH_OK;
}

static kith_status put_record(kith_edit *edit, const kith_json *object)
{
    const kith_json *kind = kith_json_get(object, "kind");
    const kith_json *id = kith_json_get(object, "id");
    uint32_t record = 0;
    KITH_TRY(check_members(edit, object));
    KITH_ENSURE((kith_json_type_of(kind) == KITH_JSON_TEXT) !=
                    (kith_json_type_of(id) == KITH_JSON_TEXT),
                malformed(edit, "an object needs either \"kind\" or \"id\", as text"));
    if (id != NULL) {
        kith_dot dot;
        KITH_TRY(kith_engine_resolve(edit->replica, kith_json_text(id), &dot));
        KITH_TRY(kith_draft_open(edit, dot, &record));
    } else {
        KITH_TRY(kith_draft_create(edit, kith_json_text(kind), &record));
    }
    KITH_TRY(put_members(edit, record, kith_json_get(object, "fields"), KITH_DRAFT_SET));
    KITH_TRY(put_members(edit, record, kith_json_get(object, "add"), KITH_DRAFT_ADD));
    return put_members(edit, record, kith_json_get(object, "remove"), KITH_DRAFT_TAKE);
}

static kith_status put_object(kith_edit *edit, const kith_json *object)
{
    KITH_ENSURE(kith_json_type_of(object) == KITH_JSON_OBJECT,
                malformed(edit, "the JSON text is not an object"));
    const kith_json *records = kith_json_get(object, "records");
    if (records == NULL) {
        return put_record(edit, object);
    }
    KITH_ENSURE(kith_json_type_of(records) == KITH_JSON_ARRAY && kith_json_first(records) != NULL,
                malformed(edit, "\"records\" takes a list of objects"));
    for (const kith_json *item = kith_json_first(records); item != NULL;
         item = kith_json_next(item)) {
        KITH_ENSURE(kith_json_type_of(item) == KITH_JSON_OBJECT,
                    malformed(edit, "\"records\" takes a list of objects"));
        KITH_TRY(put_record(edit, item));
    }
    return KITH_OK;
}

kith_status kith_engine_edit_json(kith_edit *edit, kith_slice text)
{
    kith_json *json = NULL;
    KITH_TRY(kith_json_parse(&edit->replica->cx, text, &json));
    kith_status status = put_object(edit, json);
    kith_json_free(json);
    return status;
}
