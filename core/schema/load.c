/* Reading an extension of the schema: own kinds, fields and code lists of a space. The form is that
 * of proto/schema and proto/codes; proto/spec/schema.md describes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "codec/json.h"
#include "schema/schema.h"
#include "text/utf8.h"
#include "value/number.h"

typedef struct loader {
    kith_schema *schema;
    kith_schema_mode mode;
    kith_slice kind; /* the kind or list being read, and the field or code of it, for messages */
    kith_slice item;
} loader;

/* As much of a name as a message may hold: whole characters, none that a terminal would obey. */
static kith_slice quotable(kith_slice name)
{
    kith_slice head = kith_slice_head(name, KITH_NAME_BYTES_MAX);
    head.length = kith_utf8_valid_bytes(head);
    return kith_utf8_has_control(head) ? KITH_SLICE("?") : head;
}

/* A fault that a part of the definition has: the end in strict mode, the part's end in lenient.
 * `name` is the member that has it, or empty. */
static kith_status refuse(loader *l, const char *name, const char *what)
{
    const kith_slice parts[] = {l->kind, l->item, kith_slice_of(name)};
    char place[4 * KITH_NAME_BYTES_MAX] = "";
    size_t length = 0;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(parts); i++) {
        kith_slice part = quotable(parts[i]);
        if (part.length > 0) {
            int added = snprintf(place + length, sizeof place - length, "%s%.*s",
                                 length > 0 ? "." : "", KITH_SLICE_ARGUMENTS(part));
            length += added > 0 ? (size_t)added : 0;
        }
    }
    return kith_fail(l->schema->cx, KITH_E_REFUSED, "%s: %s", length > 0 ? place : "the definition",
                     what);
}

/* What the mode makes of a part's status. */
static kith_status settle(const loader *l, kith_status status)
{
    return status == KITH_E_REFUSED && l->mode == KITH_SCHEMA_LENIENT ? KITH_OK : status;
}

static kith_status copy_text(loader *l, kith_slice text, const char **text_out)
{
    kith_slice copy;
    KITH_TRY(kith_arena_copy(&l->schema->arena, text, &copy));
    *text_out = (const char *)copy.data;
    return KITH_OK;
}

/* Copies a member that must be text; NULL if it is not there. */
static kith_status copy_member(loader *l, const kith_json *json, const char *name,
                               const char **text_out)
{
    const kith_json *member = kith_json_get(json, name);
    *text_out = NULL;
    if (member == NULL || kith_json_type_of(member) == KITH_JSON_NULL) {
        return KITH_OK;
    }
    KITH_ENSURE(kith_json_type_of(member) == KITH_JSON_TEXT, refuse(l, name, "is not a text"));
    KITH_ENSURE(!kith_utf8_has_control(kith_json_text(member)),
                refuse(l, name, "holds a control character"));
    return copy_text(l, kith_json_text(member), text_out);
}

/* As copy_member() for a member without which the part makes no sense. */
static kith_status copy_needed(loader *l, const kith_json *json, const char *name,
                               const char **text_out)
{
    KITH_TRY(copy_member(l, json, name, text_out));
    KITH_ENSURE(*text_out != NULL && **text_out != '\0', refuse(l, name, "is missing"));
    return KITH_OK;
}

static kith_status check_members(loader *l, const kith_json *json, const char *const *known)
{
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_OBJECT, refuse(l, "", "is not an object"));
    if (l->mode == KITH_SCHEMA_LENIENT) {
        return KITH_OK;
    }
    const kith_json *unknown = kith_json_unknown_member(json, known);
    if (unknown != NULL) {
        const char *name = NULL;
        KITH_TRY(copy_text(l, kith_json_name(unknown), &name));
        return refuse(l, name, "is not known here");
    }
    return KITH_OK;
}

/* Puts a list where its name sorts, in place of an older one of that name. */
static kith_status put_list(kith_schema *schema, const kith_code_list *list)
{
    size_t place = 0;
    while (place < schema->list_count && strcmp(schema->lists[place]->name, list->name) < 0) {
        place++;
    }
    if (place == schema->list_count || strcmp(schema->lists[place]->name, list->name) != 0) {
        const kith_code_list **lists =
            kith_arena_grow(&schema->arena, schema->lists, schema->list_count,
                            &schema->list_capacity, sizeof(const kith_code_list *));
        KITH_ENSURE(lists != NULL, KITH_E_MEMORY);
        memmove(lists + place + 1, lists + place, (schema->list_count - place) * sizeof *lists);
        schema->lists = lists;
        schema->list_count++;
    }
    schema->lists[place] = list;
    return KITH_OK;
}

/* The same for a kind. */
static kith_status put_kind(kith_schema *schema, const kith_kind *kind)
{
    size_t place = 0;
    while (place < schema->kind_count && strcmp(schema->kinds[place]->name, kind->name) < 0) {
        place++;
    }
    if (place == schema->kind_count || strcmp(schema->kinds[place]->name, kind->name) != 0) {
        const kith_kind **kinds =
            kith_arena_grow(&schema->arena, schema->kinds, schema->kind_count,
                            &schema->kind_capacity, sizeof(const kith_kind *));
        KITH_ENSURE(kinds != NULL, KITH_E_MEMORY);
        memmove(kinds + place + 1, kinds + place, (schema->kind_count - place) * sizeof *kinds);
        schema->kinds = kinds;
        schema->kind_count++;
    }
    schema->kinds[place] = kind;
    return KITH_OK;
}

/* Goes on to a kind or list. */
static void begin_part(loader *l, const kith_json *json)
{
    l->kind = kith_json_name(json);
    l->item = (kith_slice){NULL, 0};
}

/* Goes on to an item of it, which tells its name in a member. */
static kith_status begin_item(loader *l, const kith_json *json, const char *list, const char *name)
{
    l->item = kith_json_text(kith_json_get(json, name));
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_OBJECT,
                refuse(l, list, "holds something that is not an object"));
    return KITH_OK;
}

/* A code is one word, and stands as reading it gives it: else nobody could enter it. */
static kith_status check_code(loader *l, const char *code)
{
    kith_value value;
    const char *why = NULL;
    kith_status status =
        kith_value_parse(KITH_TYPE_CODE, kith_slice_of(code), &l->schema->arena, &value, &why);
    bool is_word = strpbrk(code, " \t\n") == NULL;
    if (status == KITH_OK && is_word && kith_slice_is(value.bytes, code)) {
        return KITH_OK;
    }
    return status == KITH_E_MEMORY ? status : refuse(l, "", "is no code");
}

static kith_status read_code(loader *l, const kith_json *json, kith_code_list *list,
                             kith_code *codes)
{
    static const char *const known[] = {"code", "label", "map", NULL};
    kith_code code = {0};
    KITH_TRY(begin_item(l, json, "items", "code"));
    KITH_TRY(check_members(l, json, known));
    KITH_TRY(copy_needed(l, json, "code", &code.code));
    KITH_TRY(check_code(l, code.code));
    KITH_TRY(copy_member(l, json, "label", &code.label));
    code.label = code.label == NULL ? code.code : code.label;
    if (kith_list_find_code(list, kith_slice_of(code.code)) == NULL) {
        codes[list->code_count++] = code;
    }
    return KITH_OK;
}

static kith_status read_list(loader *l, const kith_json *json)
{
    static const char *const known[] = {"source", "items", NULL};
    begin_part(l, json);
    KITH_ENSURE(kith_name_is_valid(l->kind), refuse(l, "", "is no name for a code list"));
    KITH_TRY(check_members(l, json, known));
    const kith_json *items = kith_json_get(json, "items");
    KITH_ENSURE(kith_json_type_of(items) == KITH_JSON_ARRAY, refuse(l, "items", "is no list"));
    const kith_code_list *old = kith_schema_find_list(l->schema, l->kind);
    size_t old_count = old == NULL ? 0 : old->code_count;
    kith_code_list *list = kith_arena_allocate(&l->schema->arena, sizeof *list);
    kith_code *codes =
        kith_arena_array(&l->schema->arena, old_count + kith_json_count(items), sizeof *codes);
    KITH_ENSURE(list != NULL && codes != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < old_count; i++) {
        codes[i] = old->codes[i];
    }
    list->codes = codes;
    list->code_count = (uint32_t)old_count;
    KITH_TRY(copy_text(l, l->kind, &list->name));
    for (const kith_json *item = kith_json_first(items); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(settle(l, read_code(l, item, list, codes)));
    }
    return put_list(l->schema, list);
}

/* A list of names ended by NULL. */
static kith_status read_names(loader *l, const kith_json *json, const char *name,
                              const char *const **names_out)
{
    const kith_json *array = kith_json_get(json, name);
    const char **names =
        kith_arena_array(&l->schema->arena, kith_json_count(array) + 1, sizeof *names);
    KITH_ENSURE(names != NULL, KITH_E_MEMORY);
    size_t count = 0;
    KITH_ENSURE(array == NULL || kith_json_type_of(array) == KITH_JSON_ARRAY,
                refuse(l, name, "is not a list of names"));
    for (const kith_json *item = kith_json_first(array); item != NULL;
         item = kith_json_next(item)) {
        KITH_ENSURE(kith_name_is_valid(kith_json_text(item)),
                    refuse(l, name, "holds something that is no name"));
        KITH_TRY(copy_text(l, kith_json_text(item), &names[count++]));
    }
    *names_out = names;
    return KITH_OK;
}

static kith_status read_bound(loader *l, const kith_json *json, const char *name, int64_t *bound)
{
    const kith_json *member = kith_json_get(json, name);
    const char *why = NULL;
    if (member == NULL) {
        return KITH_OK;
    }
    /* Also as a text, which is how numbers past 2^53 are written. */
    KITH_ENSURE(kith_integer_parse(kith_json_text(member), bound, &why) == KITH_OK,
                refuse(l, name, "is not a whole number"));
    return KITH_OK;
}

/* A member that is true or false; false if it is not there. */
static kith_status read_bool(loader *l, const kith_json *json, const char *name, bool *yes_out)
{
    const kith_json *member = kith_json_get(json, name);
    *yes_out = kith_json_is_true(member);
    KITH_ENSURE(member == NULL || kith_json_type_of(member) == KITH_JSON_BOOL,
                refuse(l, name, "is neither true nor false"));
    return KITH_OK;
}

static kith_status read_flags(loader *l, const kith_json *json, kith_field *field)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } flags[] = {{"required", KITH_FIELD_REQUIRED}, {"quick", KITH_FIELD_QUICK},
                 {"pii", KITH_FIELD_PII},           {"multiline", KITH_FIELD_MULTILINE},
                 {"exact", KITH_FIELD_EXACT},       {"auto", KITH_FIELD_AUTO}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(flags); i++) {
        bool is_set = false;
        KITH_TRY(read_bool(l, json, flags[i].name, &is_set));
        field->flags |= is_set ? flags[i].flag : 0u;
    }
    return KITH_OK;
}

/* Who may see it: a class that exists. A newer Kith may know others. */
static kith_status read_class(loader *l, const kith_json *json, const char *name,
                              const char **class_out)
{
    const kith_code_list *classes = kith_schema_find_list(l->schema, KITH_SLICE("sensitivity"));
    KITH_TRY(copy_member(l, json, name, class_out));
    bool is_known =
        *class_out == NULL || kith_list_find_code(classes, kith_slice_of(*class_out)) != NULL;
    KITH_ENSURE(is_known || l->mode == KITH_SCHEMA_LENIENT,
                refuse(l, name, "is no class of those who may see it"));
    return KITH_OK;
}

/* A member that says nothing about fields of this type was put in by mistake. */
static kith_status check_belongs(loader *l, const kith_json *json, const char *name, bool belongs)
{
    KITH_ENSURE(belongs || l->mode == KITH_SCHEMA_LENIENT || kith_json_get(json, name) == NULL,
                refuse(l, name, "has no place in a field of this type"));
    return KITH_OK;
}

static kith_status read_type(loader *l, const kith_json *json, kith_field *field)
{
    bool multi = false;
    kith_slice list = kith_json_text(kith_json_get(json, "list"));
    KITH_ENSURE(
        kith_type_by_name(kith_json_text(kith_json_get(json, "type")), &field->type, &multi),
        refuse(l, "", "has no known type"));
    field->flags |= multi ? KITH_FIELD_MULTI : 0u;
    KITH_TRY(check_belongs(l, json, "list", field->type == KITH_TYPE_CODE));
    KITH_TRY(check_belongs(l, json, "to", field->type == KITH_TYPE_REF));
    if (field->type == KITH_TYPE_CODE) {
        field->list = kith_schema_find_list(l->schema, list);
        KITH_ENSURE(field->list != NULL, refuse(l, "", "needs a code list that exists"));
    }
    if (field->type == KITH_TYPE_REF) {
        KITH_TRY(read_names(l, json, "to", &field->targets));
        KITH_ENSURE(field->targets[0] != NULL, refuse(l, "", "needs the kinds it may point to"));
    }
    return KITH_OK;
}

static kith_status read_field(loader *l, const kith_json *json, kith_kind *kind, kith_field *fields)
{
    static const char *const known[] = {
        "name", "label",    "type",  "list", "to",        "min",   "max",  "default", "sensitivity",
        "map",  "required", "quick", "pii",  "multiline", "exact", "auto", NULL};
    kith_field field = {.min = INT64_MIN, .max = INT64_MAX};
    KITH_TRY(begin_item(l, json, "fields", "name"));
    KITH_TRY(check_members(l, json, known));
    KITH_TRY(copy_needed(l, json, "name", &field.name));
    kith_slice name = kith_slice_of(field.name);
    KITH_ENSURE(kith_name_is_valid(name), refuse(l, "", "is no name for a field"));
    KITH_TRY(copy_member(l, json, "label", &field.label));
    field.label = field.label == NULL ? field.name : field.label;
    KITH_TRY(copy_member(l, json, "default", &field.default_text));
    KITH_TRY(read_class(l, json, "sensitivity", &field.sensitivity));
    KITH_TRY(read_type(l, json, &field));
    KITH_TRY(read_bound(l, json, "min", &field.min));
    KITH_TRY(read_bound(l, json, "max", &field.max));
    KITH_ENSURE(field.min <= field.max, refuse(l, "min", "is greater than max"));
    KITH_TRY(read_flags(l, json, &field));
    const kith_field *old = kith_kind_find_field(kind, name);
    if (old == NULL) {
        fields[kind->field_count++] = field;
        return KITH_OK;
    }
    bool same =
        old->type == field.type && ((old->flags ^ field.flags) & (uint32_t)KITH_FIELD_MULTI) == 0;
    KITH_ENSURE(same, refuse(l, "", "is there already with another type"));
    return KITH_OK;
}

static kith_status read_kind_head(loader *l, const kith_json *json, kith_kind *kind)
{
    bool is_hidden = false;
    KITH_TRY(copy_text(l, l->kind, &kind->name));
    KITH_TRY(copy_member(l, json, "label", &kind->label));
    kind->label = kind->label == NULL ? kind->name : kind->label;
    KITH_TRY(copy_member(l, json, "description", &kind->description));
    KITH_TRY(read_class(l, json, "default_sensitivity", &kind->sensitivity));
    kind->sensitivity = kind->sensitivity == NULL ? "case_team" : kind->sensitivity;
    KITH_TRY(read_bool(l, json, "hidden", &is_hidden));
    kind->flags = is_hidden ? KITH_KIND_HIDDEN : 0u;
    return read_names(l, json, "title_fields", &kind->title_fields);
}

/* Fields that every kind of records has: where it comes from, who may see it. */
static void add_common_fields(kith_kind *kind, kith_field *fields)
{
    for (size_t i = 0; i < kith_common_field_count; i++) {
        const kith_field *field = &kith_common_fields[i];
        if (kith_kind_find_field(kind, kith_slice_of(field->name)) == NULL) {
            fields[kind->field_count++] = *field;
        }
    }
}

/* A title is made of fields that the kind has. */
static kith_status check_title(loader *l, const kith_kind *kind)
{
    for (size_t i = 0; kind->title_fields[i] != NULL; i++) {
        const kith_field *field = kith_kind_find_field(kind, kith_slice_of(kind->title_fields[i]));
        KITH_ENSURE(field != NULL || l->mode == KITH_SCHEMA_LENIENT,
                    refuse(l, kind->title_fields[i], "is in the title but is no field"));
    }
    return KITH_OK;
}

static kith_status read_kind(loader *l, const kith_json *json)
{
    static const char *const known[] = {
        "label",  "description", "icon", "default_sensitivity", "title_fields", "match_fields",
        "fields", "hidden",      NULL};
    begin_part(l, json);
    KITH_ENSURE(kith_name_is_valid(l->kind), refuse(l, "", "is no name for a kind"));
    KITH_TRY(check_members(l, json, known));
    const kith_json *items = kith_json_get(json, "fields");
    KITH_ENSURE(kith_json_type_of(items) == KITH_JSON_ARRAY, refuse(l, "fields", "is no list"));
    const kith_kind *old = kith_schema_find_kind(l->schema, l->kind);
    size_t old_count = old == NULL ? 0 : old->field_count;
    kith_kind *kind = kith_arena_allocate(&l->schema->arena, sizeof *kind);
    size_t most = old_count + kith_json_count(items) + kith_common_field_count;
    kith_field *fields = kith_arena_array(&l->schema->arena, most, sizeof *fields);
    KITH_ENSURE(kind != NULL && fields != NULL, KITH_E_MEMORY);
    if (old == NULL) {
        KITH_TRY(read_kind_head(l, json, kind));
    } else {
        *kind = *old;
        memcpy(fields, old->fields, old_count * sizeof *fields);
    }
    kind->fields = fields;
    for (const kith_json *item = kith_json_first(items); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(settle(l, read_field(l, item, kind, fields)));
    }
    if (old == NULL) {
        add_common_fields(kind, fields);
    }
    begin_part(l, json);
    KITH_TRY(check_title(l, kind));
    return put_kind(l->schema, kind);
}

/* Reads each member of a part of the definition. */
static kith_status read_part(loader *l, const kith_json *json, const char *name,
                             kith_status (*read)(loader *, const kith_json *))
{
    const kith_json *part = kith_json_get(json, name);
    l->kind = (kith_slice){NULL, 0};
    l->item = (kith_slice){NULL, 0};
    KITH_ENSURE(part == NULL || kith_json_type_of(part) == KITH_JSON_OBJECT,
                settle(l, refuse(l, name, "is not an object")));
    for (const kith_json *item = kith_json_first(part); item != NULL; item = kith_json_next(item)) {
        KITH_TRY(settle(l, read(l, item)));
    }
    return KITH_OK;
}

/* Points the fields of older kinds to the lists that gained codes. */
static kith_status relink_lists(kith_schema *schema)
{
    for (size_t i = 0; i < schema->kind_count; i++) {
        kith_field *fields = NULL;
        const kith_kind *kind = schema->kinds[i];
        for (size_t j = 0; j < kind->field_count; j++) {
            const kith_code_list *list = kind->fields[j].list;
            const kith_code_list *now =
                list == NULL ? NULL : kith_schema_find_list(schema, kith_slice_of(list->name));
            if (list == now) {
                continue;
            }
            if (fields == NULL) {
                kith_kind *copy = kith_arena_allocate(&schema->arena, sizeof *copy);
                fields = kith_arena_array(&schema->arena, kind->field_count, sizeof *fields);
                KITH_ENSURE(copy != NULL && fields != NULL, KITH_E_MEMORY);
                memcpy(fields, kind->fields, kind->field_count * sizeof *fields);
                *copy = *kind;
                copy->fields = fields;
                schema->kinds[i] = copy;
            }
            fields[j].list = now;
        }
    }
    return KITH_OK;
}

static kith_status check_targets_of(loader *l, const kith_json *field)
{
    const kith_json *targets = kith_json_get(field, "to");
    l->item = kith_json_text(kith_json_get(field, "name"));
    for (const kith_json *target = kith_json_first(targets); target != NULL;
         target = kith_json_next(target)) {
        KITH_ENSURE(kith_schema_find_kind(l->schema, kith_json_text(target)) != NULL,
                    refuse(l, "", "points to a kind that is not there"));
    }
    return KITH_OK;
}

/* References may point to kinds that stand further down, so they are checked last. Only those of
 * this definition: what another device's lacks must not keep a good one out. */
static kith_status check_targets(loader *l, const kith_json *kinds)
{
    for (const kith_json *kind = kith_json_first(kinds); kind != NULL;
         kind = kith_json_next(kind)) {
        const kith_json *fields = kith_json_get(kind, "fields");
        l->kind = kith_json_name(kind);
        for (const kith_json *field = kith_json_first(fields); field != NULL;
             field = kith_json_next(field)) {
            KITH_TRY(check_targets_of(l, field));
        }
    }
    return KITH_OK;
}

kith_status kith_schema_extend(kith_schema *schema, kith_slice definition, kith_schema_mode mode)
{
    static const char *const known[] = {"schema", "version", "kinds", "code_lists", NULL};
    loader l = {.schema = schema, .mode = mode};
    kith_json *json = NULL;
    kith_status status = KITH_OK;
    KITH_TRY_OUT(kith_json_parse(schema->cx, definition, &json));
    KITH_TRY_OUT(settle(&l, check_members(&l, json, known)));
    KITH_TRY_OUT(read_part(&l, json, "code_lists", read_list));
    KITH_TRY_OUT(read_part(&l, json, "kinds", read_kind));
    KITH_TRY_OUT(relink_lists(schema));
    if (mode == KITH_SCHEMA_STRICT) {
        KITH_TRY_OUT(check_targets(&l, kith_json_get(json, "kinds")));
    }
out:
    kith_json_free(json);
    return status;
}
