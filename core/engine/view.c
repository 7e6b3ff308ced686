/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/view.h"

#include "base/limits.h"
#include "value/number.h"

/* The space of a replica that belongs to none yet. */
static const char local_space[] = "local";

typedef struct view_builder {
    kith_replica *replica;
    const kith_state *state;
    kith_record *record;
    kith_known known;
} view_builder;

static bool is_earlier(const view_builder *b, const kith_head *a, const kith_head *other)
{
    kith_stamp first = kith_known_stamp(&b->known, a->id, a->stamp);
    kith_stamp second = kith_known_stamp(&b->known, other->id, other->stamp);
    int order = kith_stamp_compare(first, second);
    return order != 0 ? order < 0 : kith_known_compare(&b->known, a->id, other->id) < 0;
}

/* The heads with different values, the winner first, then from late to early. */
static kith_status sort_heads(view_builder *b, const kith_cell *cell, const kith_head ***heads_out,
                              size_t *count_out)
{
    const kith_head **heads = kith_arena_array(&b->record->arena, cell->head_count, sizeof *heads);
    KITH_ENSURE(heads != NULL, KITH_E_MEMORY);
    size_t count = 0;
    for (size_t i = 0; i < cell->head_count; i++) {
        const kith_head *head = &cell->heads[i];
        size_t place = count;
        while (place > 0 && is_earlier(b, heads[place - 1], head)) {
            place--;
        }
        memmove(heads + place + 1, heads + place, (count - place) * sizeof *heads);
        heads[place] = head;
        count++;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_double = false;
        for (size_t j = 0; j < kept; j++) {
            is_double = is_double || kith_value_equal(heads[j]->value, heads[i]->value);
        }
        if (!is_double) {
            heads[kept++] = heads[i];
        }
    }
    *heads_out = heads;
    *count_out = kept;
    return KITH_OK;
}

static kith_status add_rivals(view_builder *b, const kith_cell *cell, kith_record_field *field)
{
    const kith_head **heads = NULL;
    size_t count = 0;
    KITH_TRY(sort_heads(b, cell, &heads, &count));
    kith_rival *rivals = kith_arena_array(&b->record->arena, count, sizeof *rivals);
    KITH_ENSURE(rivals != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < count; i++) {
        KITH_TRY(kith_present_value(heads[i]->value, &b->record->arena, &rivals[i].text));
        KITH_TRY(kith_present_written(b->replica, heads[i]->id, heads[i]->stamp, &b->record->arena,
                                      &rivals[i].written));
    }
    field->rivals = rivals;
    field->rival_count = (uint32_t)count;
    return KITH_OK;
}

/* The value that a cell shows; none if it holds nothing. */
static kith_value shown_value(const view_builder *b, const kith_cell *cell)
{
    const kith_head *head = kith_cell_winner(cell, &b->known);
    if (head == NULL) {
        return (kith_value){0};
    }
    return cell->element.type != KITH_TYPE_NONE ? cell->element : head->value;
}

/* Adds the field whose cells start at a place; returns through `next_out` where they end. */
static kith_status add_field(view_builder *b, size_t first, const kith_field *schema_field,
                             size_t *next_out)
{
    const kith_state *state = b->state;
    kith_arena *arena = &b->record->arena;
    uint32_t ordinal = state->cells[first].field;
    size_t end = first;
    while (end < state->cell_count && state->cells[end].field == ordinal) {
        end++;
    }
    *next_out = end;
    kith_slice name;
    kith_record_field field = {.field = schema_field};
    const char **texts = kith_arena_array(arena, end - first + 1, sizeof *texts);
    KITH_ENSURE(texts != NULL, KITH_E_MEMORY);
    for (size_t i = first; i < end; i++) {
        const kith_cell *cell = &state->cells[i];
        kith_value value = shown_value(b, cell);
        if (value.type != KITH_TYPE_NONE) {
            KITH_TRY(kith_present_value(value, arena, &texts[field.text_count++]));
        }
        if (kith_cell_in_conflict(cell)) {
            KITH_TRY(add_rivals(b, cell, &field));
        }
    }
    if (field.text_count == 0 && field.rival_count == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_arena_copy(arena, b->replica->directory.names[ordinal], &name));
    field.name = (const char *)name.data;
    field.texts = texts;
    b->record->fields[b->record->field_count++] = field;
    return KITH_OK;
}

static kith_status add_known_fields(view_builder *b, const kith_kind *kind)
{
    size_t next = 0;
    for (size_t i = 0; kind != NULL && i < kind->field_count; i++) {
        const kith_field *field = &kind->fields[i];
        uint32_t ordinal =
            kith_directory_find_name(&b->replica->directory, kith_slice_of(field->name));
        const kith_cell *cell = ordinal == 0 ? NULL : kith_state_find(b->state, ordinal);
        if (cell != NULL) {
            KITH_TRY(add_field(b, (size_t)(cell - b->state->cells), field, &next));
        }
    }
    return KITH_OK;
}

/* Fields of a newer version or an extension that is not here: kept and shown raw. */
static kith_status add_unknown_fields(view_builder *b, const kith_kind *kind)
{
    for (size_t next = 0; next < b->state->cell_count;) {
        kith_slice name = b->replica->directory.names[b->state->cells[next].field];
        if (kind == NULL || kith_kind_find_field(kind, name) == NULL) {
            KITH_TRY(add_field(b, next, NULL, &next));
        } else {
            next++;
        }
    }
    return KITH_OK;
}

static kith_status build(view_builder *b, const char *language)
{
    kith_record *record = b->record;
    const kith_state *state = b->state;
    kith_slice kind_name = b->replica->directory.names[state->kind];
    const kith_kind *kind = kith_schema_find_kind(&b->replica->schema, kind_name);
    kith_slice copy;
    record->id = kith_engine_id(b->replica, state->id);
    KITH_TRY(kith_arena_copy(&record->arena, kind_name, &copy));
    record->kind = (const char *)copy.data;
    const char *space = b->replica->space.exists ? b->replica->space.name : local_space;
    KITH_TRY(kith_arena_copy(&record->arena, kith_slice_of(space), &copy));
    record->space = (const char *)copy.data;
    record->is_created = state->kind != 0;
    record->is_removed = kith_state_is_removed(state);
    record->is_revived = kith_state_is_revived(state);
    KITH_TRY(kith_present_written(b->replica, state->id, state->created, &record->arena,
                                  &record->created));
    KITH_TRY(kith_present_written(b->replica, state->changed_by, state->changed, &record->arena,
                                  &record->updated));
    KITH_TRY(kith_present_title(b->replica, state, language, &record->arena, &record->title));
    record->fields = kith_arena_array(&record->arena, state->cell_count, sizeof *record->fields);
    KITH_ENSURE(record->fields != NULL, KITH_E_MEMORY);
    KITH_TRY(add_known_fields(b, kind));
    return add_unknown_fields(b, kind);
}

kith_status kith_engine_view(kith_replica *replica, kith_dot id, const char *language,
                             kith_record **record_out)
{
    kith_state state;
    *record_out = NULL;
    kith_record *record = kith_allocate(&replica->cx, sizeof *record);
    KITH_ENSURE(record != NULL, KITH_E_MEMORY);
    kith_arena_init(&record->arena, &replica->cx);
    kith_buf_init(&record->json, &replica->cx, KITH_RECORD_BYTES_MAX * 4);
    view_builder b = {.replica = replica,
                      .state = &state,
                      .record = record,
                      .known = kith_directory_known(&replica->directory)};
    kith_status status = kith_engine_read(replica, id, &record->arena, &state, NULL);
    if (status == KITH_OK) {
        status = build(&b, language);
    }
    if (status != KITH_OK) {
        kith_engine_view_free(record);
        return status;
    }
    *record_out = record;
    return KITH_OK;
}

void kith_engine_view_free(kith_record *record)
{
    if (record != NULL) {
        kith_context *cx = record->arena.cx;
        kith_buf_deinit(&record->json);
        kith_arena_deinit(&record->arena);
        kith_free(cx, record);
    }
}

static void put_value(kith_json_writer *w, const char *name, const kith_field *field,
                      const char *text)
{
    kith_slice slice = kith_slice_of(text);
    int64_t number = 0;
    const char *why = NULL;
    int32_t type = field == NULL ? KITH_TYPE_TEXT : field->type;
    if (slice.length == 0) {
        kith_json_put_null(w, name);
    } else if (type == KITH_TYPE_INT && kith_integer_parse(slice, &number, &why) == KITH_OK) {
        kith_json_put_integer(w, name, number);
    } else if (type == KITH_TYPE_BOOL) {
        kith_json_put_bool(w, name, kith_slice_equal(slice, KITH_SLICE("yes")));
    } else {
        kith_json_put_text(w, name, slice);
    }
}

static void put_field(kith_json_writer *w, const kith_record_field *field)
{
    bool multi = field->field == NULL ? field->text_count > 1
                                      : (field->field->flags & KITH_FIELD_MULTI) != 0;
    if (!multi) {
        put_value(w, field->name, field->field, field->text_count > 0 ? field->texts[0] : "");
        return;
    }
    kith_json_put_array(w, field->name);
    for (uint32_t i = 0; i < field->text_count; i++) {
        put_value(w, NULL, field->field, field->texts[i]);
    }
    kith_json_put_end(w);
}

static void put_conflicts(kith_json_writer *w, const kith_record *record)
{
    kith_json_put_object(w, "conflicts");
    for (uint32_t i = 0; i < record->field_count; i++) {
        const kith_record_field *field = &record->fields[i];
        if (field->rival_count == 0) {
            continue;
        }
        kith_json_put_array(w, field->name);
        for (uint32_t j = 0; j < field->rival_count; j++) {
            const kith_rival *rival = &field->rivals[j];
            kith_json_put_object(w, NULL);
            put_value(w, "value", field->field, rival->text);
            kith_json_put_text(w, "author", kith_slice_of(rival->written.author));
            kith_json_put_text(w, "device", kith_slice_of(rival->written.device_name));
            kith_present_time_json(w, "time", &rival->written);
            kith_json_put_end(w);
        }
        kith_json_put_end(w);
    }
    kith_json_put_end(w);
}

kith_status kith_engine_view_json(kith_record *record, kith_slice *json_out)
{
    kith_json_writer w;
    char id[KITH_ID_TEXT_SIZE];
    *json_out = (kith_slice){NULL, 0};
    kith_id_format(record->id, id);
    kith_json_writer_init(&w, record->arena.cx);
    kith_json_put_object(&w, NULL);
    kith_json_put_text(&w, "id", kith_slice_of(id));
    kith_json_put_text(&w, "kind", kith_slice_of(record->kind));
    kith_json_put_text(&w, "space", kith_slice_of(record->space));
    kith_json_put_text(&w, "title", kith_slice_of(record->title));
    kith_json_put_object(&w, "fields");
    for (uint32_t i = 0; i < record->field_count; i++) {
        put_field(&w, &record->fields[i]);
    }
    kith_json_put_end(&w);
    put_conflicts(&w, record);
    if (record->is_created) {
        kith_present_time_json(&w, "created", &record->created);
    } else {
        kith_json_put_null(&w, "created");
    }
    kith_present_time_json(&w, "updated", &record->updated);
    if (record->is_removed) {
        kith_json_put_bool(&w, "removed", true);
    }
    if (record->is_revived) {
        kith_json_put_bool(&w, "revived", true);
    }
    kith_json_put_end(&w);
    kith_buf_clear(&record->json);
    KITH_TRY(kith_json_writer_finish(&w, &record->json));
    *json_out = kith_buf_slice(&record->json);
    return KITH_OK;
}
