/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/mapping.h"

#include <stdio.h>

#include "transfer/date_form.h"
#include "value/number.h"

static const kith_slice none = {NULL, 0};

/* Reading a mapping: where the reader stands, for messages. */
typedef struct mapping_reader {
    kith_mapping *mapping;
    kith_slice record;
    kith_slice field;
    const char *source;
} mapping_reader;

kith_status kith_mapping_refuse(const kith_mapping *mapping, kith_slice record, kith_slice field,
                                const char *what)
{
    enum { SHOWN_BYTES = 64 };
    record = kith_slice_head(record, SHOWN_BYTES);
    field = kith_slice_head(field, SHOWN_BYTES);
    return kith_fail(mapping->cx, KITH_E_REFUSED, "%.*s%s%.*s%s%s", KITH_SLICE_ARGUMENTS(record),
                     record.length > 0 && field.length > 0 ? "." : "", KITH_SLICE_ARGUMENTS(field),
                     record.length > 0 || field.length > 0 ? ": " : "", what);
}

static kith_status refuse(const mapping_reader *reader, const char *what)
{
    return kith_mapping_refuse(reader->mapping, reader->record, reader->field, what);
}

/* The same about a member: "a "key" that is not a text". */
static kith_status refuse_member(const mapping_reader *reader, const char *name, const char *what)
{
    char text[160];
    (void)snprintf(text, sizeof text, "\"%s\" %s", name, what);
    return refuse(reader, text);
}

static kith_status check_members(const mapping_reader *reader, const kith_json *json,
                                 const char *const *known)
{
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_OBJECT, refuse(reader, "is not an object"));
    const kith_json *unknown = kith_json_unknown_member(json, known);
    if (unknown != NULL) {
        const char *name = (const char *)kith_json_name(unknown).data;
        return refuse_member(reader, name, "is not known here");
    }
    return KITH_OK;
}

static kith_status read_text(const mapping_reader *reader, const kith_json *json, const char *name,
                             kith_slice *text_out)
{
    const kith_json *member = kith_json_get(json, name);
    *text_out = kith_json_text(member);
    KITH_ENSURE(member == NULL || kith_json_type_of(member) == KITH_JSON_TEXT,
                refuse_member(reader, name, "is not a text"));
    return KITH_OK;
}

/* A member that is a list of texts. */
static kith_status check_texts(const mapping_reader *reader, const kith_json *list,
                               const char *name)
{
    KITH_ENSURE(list == NULL || kith_json_type_of(list) == KITH_JSON_ARRAY,
                refuse_member(reader, name, "is not a list"));
    for (const kith_json *item = kith_json_first(list); item != NULL; item = kith_json_next(item)) {
        KITH_ENSURE(kith_json_type_of(item) == KITH_JSON_TEXT,
                    refuse_member(reader, name, "holds something that is not a text"));
    }
    return KITH_OK;
}

static kith_status parse_template(const mapping_reader *reader, kith_slice text,
                                  kith_template *template_out)
{
    const char *why = NULL;
    kith_status status = kith_template_parse(text, &reader->mapping->arena, template_out, &why);
    return status == KITH_E_REFUSED ? refuse(reader, why) : status;
}

static kith_status read_template(const mapping_reader *reader, const kith_json *json,
                                 const char *name, kith_template *template_out, bool *has_out)
{
    kith_slice text;
    *has_out = kith_json_get(json, name) != NULL;
    KITH_TRY(read_text(reader, json, name, &text));
    return parse_template(reader, text, template_out);
}

static kith_status read_date_form(const mapping_reader *reader, const kith_json *json,
                                  kith_field_map *map)
{
    KITH_TRY(read_text(reader, json, "date", &map->date_form));
    const char *fault = map->date_form.length == 0 ? NULL : kith_date_form_fault(map->date_form);
    return fault == NULL ? KITH_OK : refuse_member(reader, "date", fault);
}

static kith_status read_codes(const mapping_reader *reader, const kith_json *json,
                              kith_field_map *map)
{
    const kith_json *codes = kith_json_get(json, "codes");
    KITH_ENSURE(codes == NULL || kith_json_type_of(codes) == KITH_JSON_OBJECT,
                refuse_member(reader, "codes", "is not an object"));
    map->codes =
        kith_arena_array(&reader->mapping->arena, kith_json_count(codes), sizeof *map->codes);
    KITH_ENSURE(map->codes != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(codes); item != NULL;
         item = kith_json_next(item)) {
        KITH_ENSURE(kith_json_type_of(item) == KITH_JSON_TEXT,
                    refuse_member(reader, "codes", "holds something that is not a text"));
        map->codes[map->code_count++] =
            (kith_code_pair){kith_json_name(item), kith_json_text(item)};
    }
    return KITH_OK;
}

/* [18, "missing_child"] */
static kith_status read_bound(const mapping_reader *reader, const kith_json *json,
                              kith_bound_pair *bound)
{
    const kith_json *number = kith_json_first(json);
    const kith_json *text = number == NULL ? NULL : kith_json_next(number);
    const char *why = NULL;
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_ARRAY && kith_json_count(json) == 2 &&
                    kith_json_type_of(number) == KITH_JSON_NUMBER &&
                    kith_json_type_of(text) == KITH_JSON_TEXT &&
                    kith_integer_parse(kith_json_text(number), &bound->below, &why) == KITH_OK,
                refuse_member(reader, "below", "takes pairs of a whole number and a text"));
    bound->to = kith_json_text(text);
    return KITH_OK;
}

static kith_status read_bounds(const mapping_reader *reader, const kith_json *json,
                               kith_field_map *map)
{
    const kith_json *bounds = kith_json_get(json, "below");
    KITH_ENSURE(bounds == NULL || kith_json_type_of(bounds) == KITH_JSON_ARRAY,
                refuse_member(reader, "below", "is not a list"));
    map->bounds =
        kith_arena_array(&reader->mapping->arena, kith_json_count(bounds), sizeof *map->bounds);
    KITH_ENSURE(map->bounds != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(bounds); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(read_bound(reader, item, &map->bounds[map->bound_count++]));
    }
    return KITH_OK;
}

static kith_status find_record(const mapping_reader *reader, kith_slice name,
                               uint32_t *position_out)
{
    const kith_mapping *mapping = reader->mapping;
    for (size_t i = 0; i < mapping->record_count; i++) {
        if (kith_slice_equal(mapping->records[i].name, name)) {
            *position_out = (uint32_t)i;
            return KITH_OK;
        }
    }
    return refuse_member(reader, "ref", "names no earlier record of the mapping");
}

/* "ref": "district", or "ref": ["district", "state"] */
static kith_status read_refs(const mapping_reader *reader, const kith_json *json,
                             kith_field_map *map)
{
    const kith_json *ref = kith_json_get(json, "ref");
    bool is_one = kith_json_type_of(ref) == KITH_JSON_TEXT;
    const kith_json *first = is_one ? ref : kith_json_first(ref);
    size_t count = is_one ? 1 : kith_json_count(ref);
    KITH_ENSURE(kith_json_count(json) == 1, refuse_member(reader, "ref", "stands alone"));
    KITH_TRY(is_one ? KITH_OK : check_texts(reader, ref, "ref"));
    KITH_ENSURE(count > 0, refuse_member(reader, "ref", "names no record"));
    map->refs = kith_arena_array(&reader->mapping->arena, count, sizeof *map->refs);
    KITH_ENSURE(map->refs != NULL, KITH_E_MEMORY);
    for (const kith_json *item = first; map->ref_count < count; item = kith_json_next(item)) {
        KITH_TRY(find_record(reader, kith_json_text(item), &map->refs[map->ref_count++]));
    }
    return KITH_OK;
}

static kith_status read_field(mapping_reader *reader, const kith_json *json, kith_field_map *map)
{
    static const char *const known[] = {"from",  "when", "date", "codes",
                                        "below", "else", "ref",  NULL};
    bool has_from = false;
    map->field = kith_json_name(json);
    reader->field = map->field;
    if (kith_json_type_of(json) == KITH_JSON_TEXT) {
        return parse_template(reader, kith_json_text(json), &map->from);
    }
    KITH_TRY(check_members(reader, json, known));
    if (kith_json_get(json, "ref") != NULL) {
        return read_refs(reader, json, map);
    }
    KITH_TRY(read_template(reader, json, "from", &map->from, &has_from));
    KITH_ENSURE(has_from, refuse(reader, "needs \"from\" or \"ref\""));
    KITH_TRY(read_template(reader, json, "when", &map->when, &map->has_when));
    KITH_TRY(read_template(reader, json, "else", &map->otherwise, &map->has_otherwise));
    KITH_TRY(read_date_form(reader, json, map));
    KITH_TRY(read_codes(reader, json, map));
    return read_bounds(reader, json, map);
}

static kith_status read_fields(mapping_reader *reader, const kith_json *json, kith_record_map *map)
{
    const kith_json *fields = kith_json_get(json, "fields");
    KITH_ENSURE(kith_json_type_of(fields) == KITH_JSON_OBJECT,
                refuse(reader, "needs \"fields\", an object"));
    map->fields =
        kith_arena_array(&reader->mapping->arena, kith_json_count(fields), sizeof *map->fields);
    KITH_ENSURE(map->fields != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(fields); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(read_field(reader, item, &map->fields[map->field_count++]));
    }
    reader->field = none;
    return KITH_OK;
}

static kith_status read_for_each(const mapping_reader *reader, const kith_json *json,
                                 kith_record_map *map)
{
    const kith_json *names = kith_json_get(json, "for_each");
    KITH_TRY(check_texts(reader, names, "for_each"));
    map->for_each =
        kith_arena_array(&reader->mapping->arena, kith_json_count(names), sizeof *map->for_each);
    KITH_ENSURE(map->for_each != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(names); item != NULL;
         item = kith_json_next(item)) {
        map->for_each[map->for_each_count++].name = kith_json_text(item);
    }
    return KITH_OK;
}

/* What stands before keys; cJSON ends texts with a NUL. */
static kith_status read_source(const mapping_reader *reader, const kith_json *json,
                               const char **source_out)
{
    kith_slice source;
    KITH_TRY(read_text(reader, json, "source", &source));
    KITH_ENSURE(source.length > 0, refuse(reader, "needs a \"source\""));
    *source_out = (const char *)source.data;
    return KITH_OK;
}

static kith_status read_record_head(mapping_reader *reader, const kith_json *json,
                                    kith_record_map *map)
{
    KITH_TRY(read_text(reader, json, "kind", &map->kind));
    KITH_TRY(read_text(reader, json, "name", &map->name));
    KITH_ENSURE(map->kind.length > 0, refuse(reader, "needs a \"kind\""));
    map->name = map->name.length > 0 ? map->name : map->kind;
    KITH_ENSURE(kith_name_is_valid(map->name),
                refuse_member(reader, "name", "takes letters, digits and underscores"));
    for (size_t i = 0; i < reader->mapping->record_count; i++) {
        KITH_ENSURE(!kith_slice_equal(reader->mapping->records[i].name, map->name),
                    refuse(reader, "has the name of an earlier record"));
    }
    map->source = reader->source;
    return kith_json_get(json, "source") == NULL ? KITH_OK
                                                 : read_source(reader, json, &map->source);
}

/* "key": "{District Code}", "also": {"census": "{Census Code}"} */
static kith_status read_keys(const mapping_reader *reader, const kith_json *json,
                             kith_record_map *map)
{
    const kith_json *also = kith_json_get(json, "also");
    bool has_key = false;
    KITH_ENSURE(also == NULL || kith_json_type_of(also) == KITH_JSON_OBJECT,
                refuse_member(reader, "also", "is not an object"));
    map->keys =
        kith_arena_array(&reader->mapping->arena, kith_json_count(also) + 1, sizeof *map->keys);
    KITH_ENSURE(map->keys != NULL, KITH_E_MEMORY);
    map->keys[0].source = map->source;
    KITH_TRY(read_template(reader, json, "key", &map->keys[0].key, &has_key));
    KITH_ENSURE(has_key || also == NULL, refuse_member(reader, "also", "stands beside a \"key\""));
    map->key_count = has_key;
    for (const kith_json *item = kith_json_first(also); item != NULL; item = kith_json_next(item)) {
        kith_key_map *key = &map->keys[map->key_count++];
        key->source = (const char *)kith_json_name(item).data;
        KITH_ENSURE(kith_json_type_of(item) == KITH_JSON_TEXT,
                    refuse_member(reader, "also", "holds something that is not a text"));
        KITH_TRY(parse_template(reader, kith_json_text(item), &key->key));
    }
    return KITH_OK;
}

/* The records that one row makes for several columns need keys that tell them apart. */
static kith_status check_each_keys(const mapping_reader *reader, const kith_record_map *map)
{
    for (size_t i = 0; map->for_each_count > 0 && i < map->key_count; i++) {
        const kith_template *key = &map->keys[i].key;
        size_t j = 0;
        while (j < key->piece_count &&
               !(key->pieces[j].is_cell && kith_slice_is(key->pieces[j].text, "@column"))) {
            j++;
        }
        KITH_ENSURE(j < key->piece_count,
                    refuse_member(reader, "key", "needs {@column}, because of \"for_each\""));
    }
    return KITH_OK;
}

static kith_status read_record(mapping_reader *reader, const kith_json *json)
{
    static const char *const known[] = {"name",        "kind", "source",   "key",    "also",
                                        "ignore_case", "when", "for_each", "fields", NULL};
    kith_record_map map = {0};
    kith_slice name = kith_json_text(kith_json_get(json, "name"));
    name = name.length > 0 ? name : kith_json_text(kith_json_get(json, "kind"));
    reader->record = name.length > 0 ? name : KITH_SLICE("a record");
    KITH_TRY(check_members(reader, json, known));
    KITH_TRY(read_record_head(reader, json, &map));
    KITH_TRY(read_keys(reader, json, &map));
    KITH_TRY(read_template(reader, json, "when", &map.when, &map.has_when));
    const kith_json *ignore_case = kith_json_get(json, "ignore_case");
    KITH_ENSURE(ignore_case == NULL || kith_json_type_of(ignore_case) == KITH_JSON_BOOL,
                refuse_member(reader, "ignore_case", "is neither true nor false"));
    map.ignores_case = kith_json_is_true(ignore_case);
    KITH_TRY(read_for_each(reader, json, &map));
    KITH_TRY(check_each_keys(reader, &map));
    KITH_TRY(read_fields(reader, json, &map));
    reader->mapping->records[reader->mapping->record_count++] = map;
    reader->record = none;
    return KITH_OK;
}

static void add_nothings(kith_mapping *mapping, kith_slice column, const kith_json *texts)
{
    for (const kith_json *item = kith_json_first(texts); item != NULL;
         item = kith_json_next(item)) {
        mapping->nothings[mapping->nothing_count++] =
            (kith_nothing){.in = {.name = column, .column = -1}, .text = kith_json_text(item)};
    }
}

/* "empty": ["NULL"], "empty_in": {"District": ["Total"]} */
static kith_status read_nothings(const mapping_reader *reader)
{
    kith_mapping *mapping = reader->mapping;
    const kith_json *all = kith_json_get(mapping->json, "empty");
    const kith_json *some = kith_json_get(mapping->json, "empty_in");
    size_t count = kith_json_count(all);
    KITH_TRY(check_texts(reader, all, "empty"));
    KITH_ENSURE(some == NULL || kith_json_type_of(some) == KITH_JSON_OBJECT,
                refuse_member(reader, "empty_in", "is not an object"));
    for (const kith_json *item = kith_json_first(some); item != NULL; item = kith_json_next(item)) {
        KITH_TRY(check_texts(reader, item, "empty_in"));
        count += kith_json_count(item);
    }
    mapping->nothings = kith_arena_array(&mapping->arena, count, sizeof *mapping->nothings);
    KITH_ENSURE(mapping->nothings != NULL, KITH_E_MEMORY);
    add_nothings(mapping, none, all);
    for (const kith_json *item = kith_json_first(some); item != NULL; item = kith_json_next(item)) {
        add_nothings(mapping, kith_json_name(item), item);
    }
    return KITH_OK;
}

static kith_status read_columns(const mapping_reader *reader)
{
    kith_mapping *mapping = reader->mapping;
    const kith_json *list = kith_json_get(mapping->json, "columns");
    mapping->has_columns = list != NULL;
    KITH_TRY(check_texts(reader, list, "columns"));
    kith_slice *names = kith_arena_array(&mapping->arena, kith_json_count(list), sizeof *names);
    KITH_ENSURE(names != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(list); item != NULL; item = kith_json_next(item)) {
        names[mapping->columns.count++] = kith_json_text(item);
    }
    mapping->columns.names = names;
    return KITH_OK;
}

static kith_status read_separator(const mapping_reader *reader)
{
    kith_slice separator;
    KITH_TRY(read_text(reader, reader->mapping->json, "separator", &separator));
    KITH_ENSURE(separator.length <= 1 && kith_slice_find(separator, '"') == separator.length,
                refuse_member(reader, "separator", "is not one ASCII character"));
    reader->mapping->separator = separator.length == 1 ? separator.data[0] : ',';
    return KITH_OK;
}

static kith_status read_mapping(kith_mapping *mapping)
{
    static const char *const known[] = {"about", "source",   "separator", "columns",
                                        "empty", "empty_in", "records",   NULL};
    mapping_reader reader = {.mapping = mapping};
    const kith_json *json = mapping->json;
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_OBJECT,
                refuse(&reader, "a mapping is a JSON object"));
    KITH_TRY(check_members(&reader, json, known));
    KITH_TRY(read_source(&reader, json, &reader.source));
    KITH_TRY(read_separator(&reader));
    KITH_TRY(read_columns(&reader));
    KITH_TRY(read_nothings(&reader));
    const kith_json *records = kith_json_get(json, "records");
    KITH_ENSURE(kith_json_type_of(records) == KITH_JSON_ARRAY && kith_json_first(records) != NULL,
                refuse(&reader, "needs \"records\", a list"));
    mapping->records =
        kith_arena_array(&mapping->arena, kith_json_count(records), sizeof *mapping->records);
    KITH_ENSURE(mapping->records != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(records); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(read_record(&reader, item));
    }
    return KITH_OK;
}

kith_status kith_mapping_init(kith_mapping *mapping, kith_context *cx, kith_slice json)
{
    *mapping = (kith_mapping){.cx = cx};
    kith_arena_init(&mapping->arena, cx);
    kith_status status = kith_json_parse(cx, json, &mapping->json);
    if (status == KITH_OK) {
        status = read_mapping(mapping);
    }
    if (status != KITH_OK) {
        kith_mapping_deinit(mapping);
    }
    return status;
}

void kith_mapping_deinit(kith_mapping *mapping)
{
    if (mapping->cx != NULL) {
        kith_json_free(mapping->json);
        kith_arena_deinit(&mapping->arena);
    }
    *mapping = (kith_mapping){0};
}

static kith_status refuse_column(const kith_mapping *mapping, kith_slice record, kith_slice field,
                                 kith_slice column)
{
    char text[160];
    (void)snprintf(text, sizeof text, "the file has no column {%.*s}",
                   KITH_SLICE_ARGUMENTS(kith_slice_head(column, 80)));
    return kith_mapping_refuse(mapping, record, field, text);
}

static kith_status bind_template(kith_mapping *mapping, const kith_record_map *record,
                                 kith_slice field, kith_template *template)
{
    kith_slice missing;
    kith_status status = kith_template_bind(template, &mapping->columns, record->for_each_count > 0,
                                            &mapping->arena, &missing);
    return status == KITH_E_REFUSED ? refuse_column(mapping, record->name, field, missing) : status;
}

static kith_status bind_column(const kith_mapping *mapping, kith_slice record,
                               kith_named_column *column)
{
    column->column = kith_columns_find(&mapping->columns, column->name);
    return column->column >= 0 ? KITH_OK : refuse_column(mapping, record, none, column->name);
}

static kith_status bind_record(kith_mapping *mapping, kith_record_map *record)
{
    for (size_t i = 0; i < record->key_count; i++) {
        KITH_TRY(bind_template(mapping, record, none, &record->keys[i].key));
    }
    KITH_TRY(bind_template(mapping, record, none, &record->when));
    for (size_t i = 0; i < record->for_each_count; i++) {
        KITH_TRY(bind_column(mapping, record->name, &record->for_each[i]));
    }
    for (size_t i = 0; i < record->field_count; i++) {
        kith_field_map *map = &record->fields[i];
        KITH_TRY(bind_template(mapping, record, map->field, &map->from));
        KITH_TRY(bind_template(mapping, record, map->field, &map->when));
        KITH_TRY(bind_template(mapping, record, map->field, &map->otherwise));
    }
    return KITH_OK;
}

static kith_status take_columns(kith_mapping *mapping, const kith_slice *names, size_t name_count)
{
    kith_slice *copies = kith_arena_array(&mapping->arena, name_count, sizeof *copies);
    KITH_ENSURE(copies != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < name_count; i++) {
        KITH_TRY(kith_arena_copy(&mapping->arena, names[i], &copies[i]));
    }
    mapping->columns = (kith_columns){copies, name_count};
    return KITH_OK;
}

kith_status kith_mapping_bind(kith_mapping *mapping, const kith_slice *names, size_t name_count)
{
    if (!mapping->has_columns) {
        KITH_TRY(take_columns(mapping, names, name_count));
    }
    for (size_t i = 0; i < mapping->nothing_count; i++) {
        kith_named_column *in = &mapping->nothings[i].in;
        KITH_TRY(in->name.length == 0 ? KITH_OK : bind_column(mapping, KITH_SLICE("empty_in"), in));
    }
    for (size_t i = 0; i < mapping->record_count; i++) {
        KITH_TRY(bind_record(mapping, &mapping->records[i]));
    }
    return KITH_OK;
}
