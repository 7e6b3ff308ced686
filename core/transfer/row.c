/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/row.h"

#include <stdio.h>

#include "engine/index.h"
#include "text/utf8.h"
#include "transfer/date_form.h"
#include "value/number.h"

/* What the row says of one field: a text, or nothing; and its fingerprint, 0 for nothing. */
typedef struct field_value {
    kith_slice text;
    uint32_t fingerprint;
} field_value;

/* A known record as it stands; read when it is first needed. */
typedef struct known_record {
    kith_dot id;
    kith_state state;
    bool is_removed;
    bool is_read;
} known_record;

kith_status kith_row_maker_init(kith_row_maker *maker, kith_importer *importer,
                                const kith_mapping *mapping)
{
    *maker = (kith_row_maker){.importer = importer, .mapping = mapping};
    maker->made =
        kith_allocate_array(&importer->replica->cx, mapping->record_count, sizeof *maker->made);
    return maker->made == NULL ? KITH_E_MEMORY : KITH_OK;
}

void kith_row_maker_deinit(kith_row_maker *maker)
{
    if (maker->importer != NULL) {
        kith_free(&maker->importer->replica->cx, maker->made);
    }
    *maker = (kith_row_maker){0};
}

/* The first fault of a row is the one to tell. */
static void note_fault(kith_row_maker *maker, const kith_record_map *map, kith_slice field,
                       const char *fault)
{
    if (maker->fault == NULL) {
        maker->fault = fault;
        maker->fault_kind = (const char *)map->kind.data; /* of the JSON, as is the field's name */
        maker->fault_field = field.length == 0 ? "" : (const char *)field.data;
    }
}

static bool find_code(const kith_field_map *map, kith_slice text, kith_slice *text_out)
{
    for (size_t i = 0; i < map->code_count; i++) {
        if (kith_slice_equal(map->codes[i].from, text)) {
            *text_out = map->codes[i].to;
            return true;
        }
    }
    return false;
}

static bool find_bound(const kith_field_map *map, kith_slice text, kith_slice *text_out)
{
    int64_t number = 0;
    const char *why = NULL;
    bool is_number = map->bound_count > 0 && kith_integer_parse(text, &number, &why) == KITH_OK;
    for (size_t i = 0; is_number && i < map->bound_count; i++) {
        if (number < map->bounds[i].below) {
            *text_out = map->bounds[i].to;
            return true;
        }
    }
    return false;
}

/* The text that a field without references gets from a row.
 * KITH_E_REFUSED with the reason if the mapping cannot read the row's. */
static kith_status read_text(const kith_field_map *map, const kith_row_cells *row,
                             kith_arena *arena, kith_slice *text_out, const char **why_out)
{
    KITH_TRY(kith_template_fill(&map->when, row, arena, text_out));
    if (map->has_when && text_out->length == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_template_fill(&map->from, row, arena, text_out));
    if (map->date_form.length > 0 && text_out->length > 0) {
        return kith_date_form_read(map->date_form, *text_out, arena, text_out, why_out);
    }
    bool is_translated = map->code_count > 0 || map->bound_count > 0;
    if (!is_translated || find_code(map, *text_out, text_out) ||
        find_bound(map, *text_out, text_out)) {
        return KITH_OK;
    }
    if (map->has_otherwise) {
        return kith_template_fill(&map->otherwise, row, arena, text_out);
    }
    *why_out = "is not named in the mapping's codes";
    return text_out->length == 0 ? KITH_OK : KITH_E_REFUSED;
}

/* The first of the records that a field may refer to which the row has. */
static kith_status read_ref(kith_row_maker *maker, const kith_field_map *map, kith_arena *arena,
                            field_value *value_out)
{
    char text[KITH_ID_TEXT_SIZE];
    *value_out = (field_value){0};
    for (size_t i = 0; i < map->ref_count; i++) {
        const kith_made *made = &maker->made[map->refs[i]];
        if (made->draft == UINT32_MAX && made->id.author == 0) {
            continue;
        }
        if (made->draft != UINT32_MAX) {
            (void)snprintf(text, sizeof text, "@%u", made->draft);
        } else {
            kith_id_format(kith_engine_id(maker->importer->replica, made->id), text);
        }
        value_out->fingerprint = made->fingerprint;
        return kith_arena_copy(arena, kith_slice_of(text), &value_out->text);
    }
    return KITH_OK;
}

/* What the row says of a field; statuses as read_text(). */
static kith_status read_field(kith_row_maker *maker, const kith_field_map *map,
                              const kith_row_cells *row, field_value *value_out,
                              const char **why_out)
{
    kith_arena *arena = &maker->importer->edit->arena;
    *why_out = NULL;
    if (map->ref_count > 0) {
        return read_ref(maker, map, arena, value_out);
    }
    *value_out = (field_value){0};
    KITH_TRY(read_text(map, row, arena, &value_out->text, why_out));
    value_out->fingerprint = kith_fingerprint(value_out->text);
    return KITH_OK;
}

static kith_status set_field(kith_row_maker *maker, uint32_t record, const kith_field_map *map,
                             kith_slice text)
{
    kith_edit *edit = maker->importer->edit;
    return kith_draft_text(edit, record, map->field, KITH_DRAFT_SET, false, text);
}

static kith_status add_record(kith_row_maker *maker, const kith_record_map *map,
                              const kith_row_keys *keys, const kith_row_cells *row,
                              uint32_t *draft_out)
{
    kith_importer *importer = maker->importer;
    kith_edit *edit = importer->edit;
    kith_slice source = kith_slice_of(keys->items[0].source);
    KITH_TRY(kith_draft_create(edit, map->kind, draft_out));
    KITH_TRY(kith_draft_texts(edit, *draft_out, KITH_SLICE(KITH_FIELD_SOURCE_NAME), KITH_DRAFT_SET,
                              &source, 1));
    kith_said *said = kith_said_new(&edit->arena, map->field_count);
    KITH_ENSURE(said != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < map->field_count; i++) {
        field_value value;
        const char *why = NULL;
        kith_status status = read_field(maker, &map->fields[i], row, &value, &why);
        if (status == KITH_E_REFUSED) {
            KITH_TRY(kith_edit_note(edit, *draft_out, map->fields[i].field, why, ""));
            continue;
        }
        KITH_TRY(status);
        said->fingerprints[i] = value.fingerprint;
        if (value.text.length > 0) {
            KITH_TRY(set_field(maker, *draft_out, &map->fields[i], value.text));
        }
    }
    /* A row that is its own key is never met again. */
    return kith_importer_set_keys(importer, *draft_out, keys, map->key_count > 0 ? said : NULL);
}

static kith_status read_known(kith_row_maker *maker, known_record *known)
{
    uint32_t marks = 0;
    if (known->is_read) {
        return KITH_OK;
    }
    kith_importer *importer = maker->importer;
    KITH_TRY(kith_engine_read(importer->replica, known->id, &importer->edit->arena, &known->state,
                              &marks));
    known->is_removed = (marks & KITH_MARK_REMOVED) != 0;
    known->is_read = true;
    return KITH_OK;
}

/* Whether a field was ever written, be it only to clear it. */
static bool has_field(const kith_row_maker *maker, const known_record *known, kith_slice name)
{
    uint32_t field = kith_directory_find_name(&maker->importer->replica->directory, name);
    return field != 0 && kith_state_find(&known->state, field) != NULL;
}

/* A field of a known record: what is new is added, what differs from earlier rows is noted. */
static kith_status complete_field(kith_row_maker *maker, const kith_record_map *map,
                                  const kith_field_map *field, known_record *known,
                                  const field_value *value, uint32_t *said)
{
    uint32_t record = 0;
    if (value->fingerprint == 0 || value->fingerprint == *said) {
        return KITH_OK;
    }
    if (*said != 0) {
        return kith_importer_leave_out(maker->importer, (const char *)map->kind.data,
                                       (const char *)field->field.data, KITH_IMPORT_DIFFERS,
                                       "the same, or another key");
    }
    KITH_TRY(kith_importer_say(maker->importer, said, value->fingerprint));
    KITH_TRY(read_known(maker, known));
    if (known->is_removed || has_field(maker, known, field->field)) {
        return KITH_OK;
    }
    KITH_TRY(kith_draft_open(maker->importer->edit, known->id, &record));
    return set_field(maker, record, field, value->text);
}

static kith_status revisit_record(kith_row_maker *maker, const kith_record_map *map,
                                  const kith_row_keys *keys, const kith_row_cells *row, kith_dot id)
{
    kith_importer *importer = maker->importer;
    known_record known = {.id = id};
    kith_said *said = NULL;
    importer->row.known_count++;
    if (map->key_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_importer_said(importer, id, map->field_count, &said));
    for (size_t i = 0; i < map->field_count; i++) {
        const kith_field_map *field = &map->fields[i];
        field_value value;
        const char *why = NULL;
        kith_status status = read_field(maker, field, row, &value, &why);
        if (status == KITH_E_REFUSED) {
            note_fault(maker, map, field->field, why);
            continue;
        }
        KITH_TRY(status);
        KITH_TRY(complete_field(maker, map, field, &known, &value, &said->fingerprints[i]));
    }
    return kith_importer_complete_keys(importer, (const char *)map->kind.data, keys, id);
}

/* "lgd:district/284": the record's name keeps apart what has the same key in a row. */
static kith_status read_key(kith_row_maker *maker, const kith_record_map *map,
                            const kith_key_map *key_map, const kith_row_cells *row,
                            kith_slice *key_out)
{
    kith_arena *arena = &maker->importer->edit->arena;
    kith_slice own;
    *key_out = (kith_slice){NULL, 0};
    KITH_TRY(kith_template_fill(&key_map->key, row, arena, &own));
    if (own.length == 0) {
        return KITH_OK;
    }
    if (map->ignores_case) {
        KITH_TRY(kith_utf8_lower(arena, own, &own));
    }
    kith_slice parts[] = {kith_slice_of(key_map->source), KITH_SLICE(":"), map->name,
                          KITH_SLICE("/"), own};
    return kith_arena_join(arena, parts, KITH_ARRAY_LENGTH(parts), key_out);
}

/* The record's keys; a key that says nothing is none. */
static kith_status read_keys(kith_row_maker *maker, const kith_record_map *map,
                             const kith_row_cells *row, kith_row_keys *keys_out)
{
    kith_importer *importer = maker->importer;
    *keys_out = (kith_row_keys){0};
    keys_out->items =
        kith_arena_array(&importer->edit->arena, map->key_count + 1, sizeof *keys_out->items);
    KITH_ENSURE(keys_out->items != NULL, KITH_E_MEMORY);
    if (map->key_count == 0) {
        keys_out->items[keys_out->count++].source = map->source;
        return kith_importer_content_key(importer, map->source, maker->content,
                                         &keys_out->items[0].text);
    }
    for (size_t i = 0; i < map->key_count; i++) {
        kith_row_key *key = &keys_out->items[keys_out->count];
        key->source = map->keys[i].source;
        KITH_TRY(read_key(maker, map, &map->keys[i], row, &key->text));
        keys_out->count += key->text.length > 0;
    }
    return KITH_OK;
}

static kith_status make_record(kith_row_maker *maker, size_t position, const kith_row_cells *row)
{
    const kith_record_map *map = &maker->mapping->records[position];
    kith_made *made = &maker->made[position];
    kith_row_keys keys;
    const char *why = NULL;
    maker->importer->source = map->source;
    *made = (kith_made){.draft = UINT32_MAX};
    KITH_TRY(read_keys(maker, map, row, &keys));
    if (keys.count == 0) {
        note_fault(maker, map, (kith_slice){NULL, 0}, "has an empty key");
        return KITH_OK;
    }
    kith_status status = kith_importer_find(maker->importer, &keys, &made->id, &why);
    if (status == KITH_E_REFUSED) {
        note_fault(maker, map, (kith_slice){NULL, 0}, why);
        return KITH_OK;
    }
    KITH_TRY(status);
    made->fingerprint = kith_fingerprint(keys.items[0].text);
    return made->id.author != 0 ? revisit_record(maker, map, &keys, row, made->id)
                                : add_record(maker, map, &keys, row, &made->draft);
}

/* A record for each column that holds something. */
static kith_status make_for_each(kith_row_maker *maker, size_t position, kith_row_cells *row)
{
    const kith_record_map *map = &maker->mapping->records[position];
    for (size_t i = 0; i < map->for_each_count; i++) {
        size_t column = (size_t)map->for_each[i].column;
        row->column = map->for_each[i].name;
        row->value = column < row->cell_count ? row->cells[column] : (kith_slice){NULL, 0};
        if (row->value.length > 0) {
            KITH_TRY(make_record(maker, position, row));
        }
    }
    row->column = (kith_slice){NULL, 0};
    row->value = row->column;
    return KITH_OK;
}

static kith_status make_records(kith_row_maker *maker, kith_row_cells *row)
{
    const kith_mapping *mapping = maker->mapping;
    for (size_t i = 0; i < mapping->record_count; i++) {
        const kith_record_map *map = &mapping->records[i];
        kith_slice when;
        maker->made[i] = (kith_made){.draft = UINT32_MAX};
        KITH_TRY(kith_template_fill(&map->when, row, &maker->importer->edit->arena, &when));
        if (!map->has_when || when.length > 0) {
            KITH_TRY(map->for_each_count > 0 ? make_for_each(maker, i, row)
                                             : make_record(maker, i, row));
        }
    }
    return KITH_OK;
}

static bool is_nothing(const kith_mapping *mapping, size_t column, kith_slice cell)
{
    for (size_t i = 0; i < mapping->nothing_count; i++) {
        const kith_nothing *nothing = &mapping->nothings[i];
        bool counts = nothing->in.column < 0 || (size_t)nothing->in.column == column;
        if (counts && kith_slice_equal(nothing->text, cell)) {
            return true;
        }
    }
    return false;
}

kith_status kith_row_make(kith_row_maker *maker, kith_slice *cells, size_t cell_count,
                          kith_slice content)
{
    for (size_t i = 0; i < cell_count; i++) {
        cells[i] = is_nothing(maker->mapping, i, cells[i]) ? (kith_slice){NULL, 0} : cells[i];
    }
    kith_row_cells row = {.cells = cells, .cell_count = cell_count};
    maker->content = content;
    maker->fault = NULL;
    KITH_TRY(make_records(maker, &row));
    if (maker->fault != NULL) {
        kith_importer_reject(maker->importer, maker->fault_kind, maker->fault_field, maker->fault,
                             "");
        return KITH_OK;
    }
    return kith_importer_end_row(maker->importer);
}
