/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "text/utf8.h"

kith_status kith_schema_init(kith_schema *schema, kith_context *cx)
{
    *schema = (kith_schema){.cx = cx};
    kith_arena_init(&schema->arena, cx);
    schema->kind_capacity = kith_builtin_kind_count;
    schema->kinds = kith_arena_array(&schema->arena, schema->kind_capacity, sizeof *schema->kinds);
    schema->list_capacity = kith_builtin_list_count;
    schema->lists = kith_arena_array(&schema->arena, schema->list_capacity, sizeof *schema->lists);
    schema->labels = kith_labels_new(&schema->arena);
    if (schema->kinds == NULL || schema->lists == NULL || schema->labels == NULL) {
        kith_schema_deinit(schema);
        return KITH_E_MEMORY;
    }
    for (size_t i = 0; i < kith_builtin_kind_count; i++) {
        schema->kinds[i] = &kith_builtin_kinds[i];
    }
    schema->kind_count = kith_builtin_kind_count;
    for (size_t i = 0; i < kith_builtin_list_count; i++) {
        schema->lists[i] = &kith_builtin_lists[i];
    }
    schema->list_count = kith_builtin_list_count;
    return KITH_OK;
}

void kith_schema_deinit(kith_schema *schema)
{
    if (schema->cx != NULL) {
        kith_arena_deinit(&schema->arena);
    }
    *schema = (kith_schema){0};
}

size_t kith_schema_kind_count(const kith_schema *schema)
{
    return schema->kind_count;
}

const kith_kind *kith_schema_kind(const kith_schema *schema, size_t index)
{
    return index < schema->kind_count ? schema->kinds[index] : NULL;
}

const kith_kind *kith_schema_find_kind(const kith_schema *schema, kith_slice name)
{
    size_t low = 0;
    size_t high = schema->kind_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const kith_kind *kind = schema->kinds[middle];
        int order = kith_slice_compare(kith_slice_of(kind->name), name);
        if (order == 0) {
            return kind;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const kith_code_list *kith_schema_find_list(const kith_schema *schema, kith_slice name)
{
    for (size_t i = 0; i < schema->list_count; i++) {
        if (kith_slice_is(name, schema->lists[i]->name)) {
            return schema->lists[i];
        }
    }
    return NULL;
}

const kith_field *kith_kind_field(const kith_kind *kind, size_t index)
{
    return index < kind->field_count ? &kind->fields[index] : NULL;
}

const kith_field *kith_kind_find_field(const kith_kind *kind, kith_slice name)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kith_slice_is(name, kind->fields[i].name)) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

bool kith_field_may_refer_to(const kith_field *field, kith_slice kind)
{
    for (const char *const *target = field->targets; target != NULL && *target != NULL; target++) {
        if (kith_slice_is(kind, *target)) {
            return true;
        }
    }
    return field->targets == NULL;
}

const kith_code *kith_list_code(const kith_code_list *list, size_t index)
{
    return index < list->code_count ? &list->codes[index] : NULL;
}

const kith_code *kith_list_find_code(const kith_code_list *list, kith_slice code)
{
    for (size_t i = 0; i < list->code_count; i++) {
        if (kith_slice_is(code, list->codes[i].code)) {
            return &list->codes[i];
        }
    }
    return NULL;
}

static const char *const type_names[] = {
    [KITH_TYPE_TEXT] = "multi-text",       [KITH_TYPE_INT] = "multi-int",
    [KITH_TYPE_DECIMAL] = "multi-decimal", [KITH_TYPE_BOOL] = "multi-bool",
    [KITH_TYPE_DATE] = "multi-date",       [KITH_TYPE_CODE] = "multi-code",
    [KITH_TYPE_REF] = "multi-ref",         [KITH_TYPE_GEO] = "multi-geo",
    [KITH_TYPE_PHONE] = "multi-phone",     [KITH_TYPE_BLOB] = "multi-blob-ref"};

static const size_t multi_length = sizeof "multi-" - 1;

const char *kith_field_type_name(const kith_field *field)
{
    const char *name = type_names[field->type];
    return (field->flags & KITH_FIELD_MULTI) != 0 ? name : name + multi_length;
}

bool kith_type_by_name(kith_slice name, int32_t *type_out, bool *is_multi_out)
{
    for (int32_t type = KITH_TYPE_TEXT; type <= KITH_TYPE_BLOB; type++) {
        bool multi = kith_slice_is(name, type_names[type]);
        if (multi || kith_slice_is(name, type_names[type] + multi_length)) {
            *type_out = type;
            *is_multi_out = multi;
            return true;
        }
    }
    return false;
}

bool kith_name_is_valid(kith_slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        uint8_t byte = name.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        bool later = (byte >= '0' && byte <= '9') || byte == '_';
        if (!letter && !(later && i > 0)) {
            return false;
        }
    }
    return name.length > 0 && name.length <= 64;
}

/* A sentence in a caller's room. */
typedef struct phrase {
    char *text; /* NUL-terminated */
    size_t size;
    bool is_cut; /* there was no room for all of it */
} phrase;

/* Cuts between characters where the room ends, and shows it. */
static void cut(phrase *p)
{
    const char *mark = p->size > 4 ? "..." : "";
    size_t room = p->size - 1 - strlen(mark);
    size_t kept = kith_utf8_valid_bytes(kith_slice_make(p->text, room));
    memcpy(p->text + kept, mark, strlen(mark) + 1);
    p->is_cut = true;
}

static void append(phrase *p, const char *more)
{
    size_t used = strlen(p->text);
    if (p->is_cut) {
        return;
    }
    int length = snprintf(p->text + used, p->size - used, "%s", more);
    if (length >= 0 && (size_t)length >= p->size - used) {
        cut(p);
    }
}

static void append_codes(phrase *p, const kith_code_list *list)
{
    append(p, "one of ");
    for (size_t i = 0; list != NULL && i < list->code_count; i++) {
        append(p, i > 0 ? ", " : "");
        append(p, list->codes[i].code);
    }
}

static void append_range(phrase *p, const kith_field *field, const char *what)
{
    char range[80] = "";
    if (field->min != INT64_MIN && field->max != INT64_MAX) {
        (void)snprintf(range, sizeof range, " from %" PRId64 " to %" PRId64, field->min,
                       field->max);
    } else if (field->min != INT64_MIN) {
        (void)snprintf(range, sizeof range, ", %" PRId64 " or more", field->min);
    } else if (field->max != INT64_MAX) {
        (void)snprintf(range, sizeof range, ", %" PRId64 " or less", field->max);
    }
    append(p, what);
    append(p, range);
}

void kith_field_accepted(const kith_field *field, char *text, size_t size)
{
    if (size == 0) {
        return;
    }
    phrase p = {.text = text, .size = size};
    text[0] = '\0';
    switch (field->type) {
    case KITH_TYPE_INT:
        append_range(&p, field, "a whole number");
        break;
    case KITH_TYPE_DECIMAL:
        append_range(&p, field, "a number such as 12.5");
        break;
    case KITH_TYPE_BOOL:
        append(&p, "yes or no");
        break;
    case KITH_TYPE_DATE:
        append(&p, (field->flags & KITH_FIELD_EXACT) != 0
                       ? "a day such as 2009-03-14"
                       : "a date such as 2009-03-14, 2009-03, 2009, ~2009, 2009-01..2009-06");
        break;
    case KITH_TYPE_CODE:
        append_codes(&p, field->list);
        break;
    case KITH_TYPE_REF:
        append(&p, "the id of a ");
        for (size_t i = 0; field->targets != NULL && field->targets[i] != NULL; i++) {
            append(&p, i > 0 ? " or " : "");
            append(&p, field->targets[i]);
        }
        break;
    case KITH_TYPE_GEO:
        append(&p, "degrees north and east such as 25.57880,91.89330");
        break;
    case KITH_TYPE_PHONE:
        append(&p, "a phone number such as +91 98630 12345");
        break;
    case KITH_TYPE_BLOB:
        append(&p, "sha256- and the 64 hexadecimal digits of a file's SHA-256");
        break;
    default:
        append(&p, "text without control characters");
        break;
    }
}
