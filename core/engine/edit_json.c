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

static kith_status check_members(kith_edit *edit, const kith_json *object, const char *const *known)
{
    return kith_json_unknown_member(object, known) == NULL
               ? KITH_OK
               : malformed(edit, "an object takes \"kind\" or \"id\", \"fields\", \"add\", "
                                 "\"remove\", or else \"records\"");
}

/* Takes the record that an object is about into the edit. */
static kith_status open_record(kith_edit *edit, const kith_json *object, uint32_t *record_out)
{
    static const char *const known[] = {"kind", "id", "fields", "add", "remove", "key", NULL};
    const kith_json *kind = kith_json_get(object, "kind");
    const kith_json *id = kith_json_get(object, "id");
    const kith_json *name = kind != NULL ? kind : id;
    kith_dot dot;
    KITH_ENSURE(kith_json_type_of(object) == KITH_JSON_OBJECT,
                malformed(edit, "\"records\" takes a list of objects"));
    KITH_TRY(check_members(edit, object, known));
    KITH_ENSURE((kind == NULL) != (id == NULL) && kith_json_type_of(name) == KITH_JSON_TEXT,
                malformed(edit, "an object needs either \"kind\" or \"id\", as text"));
    if (kind != NULL) {
        return kith_draft_create(edit, kith_json_text(kind), record_out);
    }
    KITH_TRY(kith_engine_resolve(edit->replica, kith_json_text(id), &dot));
    return kith_draft_open(edit, dot, record_out);
}

static kith_status put_record(kith_edit *edit, uint32_t record, const kith_json *object)
{
    KITH_TRY(put_members(edit, record, kith_json_get(object, "fields"), KITH_DRAFT_SET));
    KITH_TRY(put_members(edit, record, kith_json_get(object, "add"), KITH_DRAFT_ADD));
    return put_members(edit, record, kith_json_get(object, "remove"), KITH_DRAFT_TAKE);
}

/* All records are there before the fields of the first: "@n" may name one further down. */
static kith_status put_records(kith_edit *edit, const kith_json *records)
{
    const kith_json *first = kith_json_first(records);
    uint32_t *numbers = NULL;
    size_t count = 0;
    size_t capacity = 0;
    KITH_ENSURE(kith_json_type_of(records) == KITH_JSON_ARRAY && first != NULL,
                malformed(edit, "\"records\" takes a list of objects"));
    for (const kith_json *item = first; item != NULL; item = kith_json_next(item)) {
        numbers = kith_arena_grow(&edit->arena, numbers, count, &capacity, sizeof *numbers);
        KITH_ENSURE(numbers != NULL, KITH_E_MEMORY);
        KITH_TRY(open_record(edit, item, &numbers[count++]));
    }
    count = 0;
    for (const kith_json *item = first; item != NULL; item = kith_json_next(item)) {
        KITH_TRY(put_record(edit, numbers[count++], item));
    }
    return KITH_OK;
}

static kith_status put_object(kith_edit *edit, const kith_json *object)
{
    KITH_ENSURE(kith_json_type_of(object) == KITH_JSON_OBJECT,
                malformed(edit, "the JSON text is not an object"));
    static const char *const known[] = {"records", NULL};
    const kith_json *records = kith_json_get(object, "records");
    if (records != NULL) {
        KITH_TRY(check_members(edit, object, known));
        return put_records(edit, records);
    }
    uint32_t record = 0;
    KITH_TRY(open_record(edit, object, &record));
    return put_record(edit, record, object);
}

kith_status kith_engine_edit_json(kith_edit *edit, kith_slice text)
{
    kith_json *json = NULL;
    KITH_TRY(kith_json_parse(&edit->replica->cx, text, &json));
    kith_status status = put_object(edit, json);
    kith_json_free(json);
    return status;
}
