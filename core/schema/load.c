/* Reading an extension of the schema: own kinds, fields and code lists of a space. The form is that
 * of proto/schema and proto/codes; proto/spec/schema.md describes it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "schema/schema.h"
#include "value/number.h"

typedef struct loader {
    kith_schema *schema;
    kith_schema_mode mode;
    kith_slice kind; /* the kind or list being read, for messages */
} loader;

/* A fault that a part of the definition has: the end in strict mode, the part's end in lenient. */
static kith_status refuse(loader *l, const char *name, const char *what)
{
    return kith_fail(l->schema->cx, KITH_E_REFUSED, "%.*s%s%s: %s",
                     KITH_SLICE_ARGUMENTS(kith_slice_head(l->kind, 64)),
                     l->kind.length > 0 && name[0] != '\0' ? "." : "", name, what);
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
    for (const kith_json *m = kith_json_first(json); m != NULL; m = kith_json_next(m)) {
        size_t i = 0;
        while (known[i] != NULL && !kith_slice_is(kith_json_name(m), known[i])) {
            i++;
        }
        if (known[i] == NULL) {
            const char *name = NULL;
            KITH_TRY(copy_text(l, kith_slice_head(kith_json_name(m), 64), &name));
            return refuse(l, name, "is not known here");
        }
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

static kith_status read_code(loader *l, const kith_json *json, kith_code_list *list,
                             kith_code *codes)
{
    static const char *const known[] = {"code", "label", "map", NULL};
    kith_code code = {0};
    KITH_TRY(check_members(l, json, known));
    KITH_TRY(copy_needed(l, json, "code", &code.code));
    KITH_TRY(copy_member(l, json, "label", &code.label));
    code.label = code.label == NULL ? code.code : code.label;
    kith_slice text = kith_slice_of(code.code);
    KITH_ENSURE(text.length <= KITH_NAME_BYTES_MAX && kith_slice_find(text, ' ') == text.length,
                refuse(l, "code", "is no code"));
    if (kith_list_find_code(list, text) == NULL) {
        codes[list->code_count++] = code;
    }
    return KITH_OK;
}

static size_t count_items(const kith_json *json)
{
    size_t count = 0;
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        count++;
    }
    return count;
}

static kith_status read_list(loader *l, const kith_json *json)
{
    static const char *const known[] = {"source", "items", NULL};
    l->kind = kith_json_name(json);
    KITH_ENSURE(kith_name_is_valid(l->kind), refuse(l, "", "is no name for a code list"));
    KITH_TRY(check_members(l, json, known));
    const kith_json *items = kith_json_get(json, "items");
    KITH_ENSURE(kith_json_type_of(items) == KITH_JSON_ARRAY, refuse(l, "items", "is no list"));
    const kith_code_list *old = kith_schema_find_list(l->schema, l->kind);
    size_t old_count = old == NULL ? 0 : old->code_count;
    kith_code_list *list = kith_arena_allocate(&l->schema->arena, sizeof *list);
    kith_code *codes =
        kith_arena_array(&l->schema->arena, old_count + count_items(items), sizeof *codes);
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
    const char **names = kith_arena_array(&l->schema->arena, count_items(array) + 1, sizeof *names);
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
    KITH_ENSURE(kith_json_type_of(member) == KITH_JSON_NUMBER &&
                    kith_integer_parse(kith_json_text(member), bound, &why) == KITH_OK,
                refuse(l, name, "is not a whole number"));
    return KITH_OK;
}

static void read_flags(const kith_json *json, kith_field *field)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } flags[] = {{"required", KITH_FIELD_REQUIRED}, {"quick", KITH_FIELD_QUICK},
                 {"pii", KITH_FIELD_PII},           {"multiline", KITH_FIELD_MULTILINE},
                 {"exact", KITH_FIELD_EXACT},       {"auto", KITH_FIELD_AUTO}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(flags); i++) {
        if (kith_json_is_true(kith_json_get(json, flags[i].name))) {
            field->flags |= flags[i].flag;
        }
    }
}

static kith_status read_type(loader *l, const kith_json *json, kith_field *field)
{
    bool multi = false;
    kith_slice list = kith_json_text(kith_json_get(json, "list"));
    KITH_ENSURE(
        kith_type_by_name(kith_json_text(kith_json_get(json, "type")), &field->type, &multi),
        refuse(l, field->name, "has no known type"));
    field->flags |= multi ? KITH_FIELD_MULTI : 0u;
    if (field->type == KITH_TYPE_CODE) {
        field->list = kith_schema_find_list(l->schema, list);
        KITH_ENSURE(field->list != NULL, refuse(l, field->name, "needs a code list that exists"));
    }
    if (field->type == KITH_TYPE_REF) {
        KITH_TRY(read_names(l, json, "to", &field->targets));
        KITH_ENSURE(field->targets[0] != NULL,
                    refuse(l, field->name, "needs the kinds it may point to"));
    }
    return KITH_OK;
}

static kith_status read_field(loader *l, const kith_json *json, kith_kind *kind, kith_field *fields)
{
    static const char *const known[] = {
        "name", "label",    "type",  "list", "to",        "min",   "max",  "default", "sensitivity",
        "map",  "required", "quick", "pii",  "multiline", "exact", "auto", NULL};
    kith_field field = {.min = INT64_MIN, .max = INT64_MAX};
    KITH_TRY(check_members(l, json, known));
    KITH_TRY(copy_needed(l, json, "name", &field.name));
    kith_slice name = kith_slice_of(field.name);
    KITH_ENSURE(kith_name_is_valid(name), refuse(l, field.name, "is no name for a field"));
    KITH_TRY(copy_member(l, json, "label", &field.label));
    field.label = field.label == NULL ? field.name : field.label;
    KITH_TRY(copy_member(l, json, "default", &field.default_text));
    KITH_TRY(copy_member(l, json, "sensitivity", &field.sensitivity));
    KITH_TRY(read_type(l, json, &field));
    KITH_TRY(read_bound(l, json, "min", &field.min));
    KITH_TRY(read_bound(l, json, "max", &field.max));
    read_flags(json, &field);
    const kith_field *old = kith_kind_find_field(kind, name);
    if (old == NULL) {
        fields[kind->field_count++] = field;
        return KITH_OK;
    }
    bool same =
        old->type == field.type && ((old->flags ^ field.flags) & (uint32_t)KITH_FIELD_MULTI) == 0;
    KITH_ENSURE(same, refuse(l, field.name, "is there already with another type"));
    return KITH_OK;
}

static kith_status read_kind_head(loader *l, const kith_json *json, kith_kind *kind)
{
    KITH_TRY(copy_text(l, l->kind, &kind->name));
    KITH_TRY(copy_member(l, json, "label", &kind->label));
    kind->label = kind->label == NULL ? kind->name : kind->label;
    KITH_TRY(copy_member(l, json, "description", &kind->description));
    KITH_TRY(copy_member(l, json, "default_sensitivity", &kind->sensitivity));
    kind->sensitivity = kind->sensitivity == NULL ? "case_team" : kind->sensitivity;
    kind->flags = kith_json_is_true(kith_json_get(json, "hidden")) ? KITH_KIND_HIDDEN : 0u;
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
    l->kind = kith_json_name(json);
    KITH_ENSURE(kith_name_is_valid(l->kind), refuse(l, "", "is no name for a kind"));
    KITH_TRY(check_members(l, json, known));
    const kith_json *items = kith_json_get(json, "fields");
    KITH_ENSURE(kith_json_type_of(items) == KITH_JSON_ARRAY, refuse(l, "fields", "is no list"));
    const kith_kind *old = kith_schema_find_kind(l->schema, l->kind);
    size_t old_count = old == NULL ? 0 : old->field_count;
    kith_kind *kind = kith_arena_allocate(&l->schema->arena, sizeof *kind);
    size_t most = old_count + count_items(items) + kith_common_field_count;
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
    KITH_TRY(check_title(l, kind));
    return put_kind(l->schema, kind);
}

/* Reads each member of a part of the definition. */
static kith_status read_part(loader *l, const kith_json *json, const char *name,
                             kith_status (*read)(loader *, const kith_json *))
{
    const kith_json *part = kith_json_get(json, name);
    l->kind = (kith_slice){NULL, 0};
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

/* References may point to kinds that stand further down or come later, so they are checked last. */
static kith_status check_targets(loader *l)
{
    for (size_t i = 0; i < l->schema->kind_count; i++) {
        const kith_kind *kind = l->schema->kinds[i];
        l->kind = kith_slice_of(kind->name);
        for (size_t j = 0; j < kind->field_count; j++) {
            const char *const *target = kind->fields[j].targets;
            for (; target != NULL && *target != NULL; target++) {
                KITH_ENSURE(kith_schema_find_kind(l->schema, kith_slice_of(*target)) != NULL,
                            refuse(l, kind->fields[j].name, "points to a kind that is not there"));
            }
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
        KITH_TRY_OUT(check_targets(&l));
    }
out:
    kith_json_free(json);
    return status;
}
