/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/present.h"

#include "base/limits.h"
#include "text/utf8.h"
#include "value/date.h"

/* A title longer than this is cut: it stands in lists. */
enum { TITLE_BYTES_MAX = 4096 };

static kith_status keep_text(kith_arena *arena, const kith_buf *text, const char **text_out)
{
    kith_slice copy;
    *text_out = "";
    KITH_TRY(kith_buf_status(text));
    KITH_TRY(kith_arena_copy(arena, kith_buf_slice(text), &copy));
    *text_out = (const char *)copy.data;
    return KITH_OK;
}

kith_status kith_present_value(kith_value value, kith_arena *arena, const char **text_out)
{
    kith_slice copy;
    kith_buf text;
    if (value.type == KITH_TYPE_TEXT || value.type == KITH_TYPE_CODE) {
        KITH_TRY(kith_arena_copy(arena, value.bytes, &copy));
        *text_out = (const char *)copy.data;
        return KITH_OK;
    }
    kith_buf_init(&text, arena->cx, KITH_VALUE_BYTES_MAX * 3);
    kith_value_format(value, &text);
    kith_status status = keep_text(arena, &text, text_out);
    kith_buf_deinit(&text);
    return status;
}

const kith_head *kith_present_head(kith_replica *replica, const kith_state *state,
                                   const char *field)
{
    kith_known known = kith_directory_known(&replica->directory);
    uint32_t ordinal = kith_directory_find_name(&replica->directory, kith_slice_of(field));
    const kith_cell *cell = ordinal == 0 ? NULL : kith_state_find(state, ordinal);
    bool is_register = cell != NULL && cell->element.type == KITH_TYPE_NONE;
    const kith_head *head = is_register ? kith_cell_winner(cell, &known) : NULL;
    return head != NULL && head->value.type != KITH_TYPE_NONE ? head : NULL;
}

/* An author's first change is the record of its device (engine/open.c). */
static kith_status device_name(kith_replica *replica, uint32_t author, kith_arena *arena,
                               const char **name_out)
{
    kith_state state;
    kith_arena scratch;
    *name_out = "";
    kith_arena_init(&scratch, &replica->cx);
    kith_status status = kith_engine_read(replica, (kith_dot){author, 1}, &scratch, &state, NULL);
    if (status == KITH_OK) {
        const kith_head *head = kith_present_head(replica, &state, "name");
        if (head != NULL) {
            status = kith_present_value(head->value, arena, name_out);
        }
    }
    kith_arena_deinit(&scratch);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_present_written(kith_replica *replica, kith_dot dot, kith_stamp stamp,
                                 kith_arena *arena, kith_written *written_out)
{
    kith_known known = kith_directory_known(&replica->directory);
    kith_stamp corrected = kith_known_stamp(&known, dot, stamp);
    char *author = kith_arena_allocate(arena, KITH_AUTHOR_TEXT_LENGTH + 1);
    KITH_ENSURE(author != NULL, KITH_E_MEMORY);
    kith_author_format(replica->directory.authors[dot.author].id, author);
    *written_out = (kith_written){
        .unix_ms = corrected.ms, .trust = corrected.trust, .author = author, .device_name = ""};
    return device_name(replica, dot.author, arena, &written_out->device_name);
}

static void append_part(kith_buf *title, kith_slice part)
{
    if (part.length > 0) {
        kith_buf_append_text(title, title->length > 0 ? ", " : "");
        kith_buf_append_slice(title, part);
    }
}

/* A value that is no reference, with the label of a code. */
static kith_status append_plain(const kith_replica *replica, const kith_field *field,
                                kith_value value, const char *language, kith_buf *title)
{
    const kith_code *code =
        field->list == NULL ? NULL : kith_list_find_code(field->list, value.bytes);
    if (value.type == KITH_TYPE_CODE && code != NULL) {
        const char *label = kith_code_label(&replica->schema, field->list, code, language);
        append_part(title, kith_slice_of(label));
        return kith_buf_status(title);
    }
    kith_arena arena;
    const char *text = "";
    kith_arena_init(&arena, title->cx);
    kith_status status = kith_present_value(value, &arena, &text);
    if (status == KITH_OK) {
        append_part(title, kith_slice_of(text));
        status = kith_buf_status(title);
    }
    kith_arena_deinit(&arena);
    return status;
}

static const kith_kind *kind_of(const kith_replica *replica, const kith_state *state)
{
    return kith_schema_find_kind(&replica->schema, replica->directory.names[state->kind]);
}

typedef kith_status (*append_function)(kith_replica *replica, const kith_field *field,
                                       kith_value value, const char *language, kith_buf *title);

/* Appends each title field that holds something. */
static kith_status append_title(kith_replica *replica, const kith_state *state,
                                const char *language, append_function append, kith_buf *title)
{
    const kith_kind *kind = kind_of(replica, state);
    kith_known known = kith_directory_known(&replica->directory);
    for (size_t i = 0; kind != NULL && kind->title_fields[i] != NULL; i++) {
        kith_slice name = kith_slice_of(kind->title_fields[i]);
        const kith_field *field = kith_kind_find_field(kind, name);
        uint32_t ordinal = kith_directory_find_name(&replica->directory, name);
        if (field == NULL || ordinal == 0) {
            continue;
        }
        const kith_cell *cell = kith_state_find(state, ordinal);
        for (; cell != NULL && cell < state->cells + state->cell_count && cell->field == ordinal;
             cell++) {
            const kith_head *head = kith_cell_winner(cell, &known);
            bool is_element = cell->element.type != KITH_TYPE_NONE;
            kith_value value = is_element     ? cell->element
                               : head != NULL ? head->value
                                              : (kith_value){0};
            if (head != NULL && value.type != KITH_TYPE_NONE) {
                KITH_TRY(append(replica, field, value, language, title));
            }
        }
    }
    return KITH_OK;
}

/* Of a record that a title refers to: without its own references, so that titles end. */
static kith_status append_inner(kith_replica *replica, const kith_field *field, kith_value value,
                                const char *language, kith_buf *title)
{
    return value.type == KITH_TYPE_REF ? KITH_OK
                                       : append_plain(replica, field, value, language, title);
}

static kith_status append_outer(kith_replica *replica, const kith_field *field, kith_value value,
                                const char *language, kith_buf *title)
{
    if (value.type != KITH_TYPE_REF) {
        return append_plain(replica, field, value, language, title);
    }
    kith_arena arena;
    kith_state target;
    kith_buf inner;
    kith_arena_init(&arena, &replica->cx);
    kith_buf_init(&inner, &replica->cx, KITH_RECORD_BYTES_MAX);
    kith_dot dot = kith_engine_dot(replica, kith_value_id(value));
    kith_status status = kith_engine_read(replica, dot, &arena, &target, NULL);
    if (status == KITH_OK) {
        status = append_title(replica, &target, language, append_inner, &inner);
        append_part(title, kith_buf_slice(&inner));
    }
    kith_buf_deinit(&inner);
    kith_arena_deinit(&arena);
    KITH_TRY(kith_buf_status(title));
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

/* Titles stand in lists, a line each. */
static void put_on_one_line(kith_buf *title)
{
    for (size_t i = 0; i < title->length; i++) {
        if (title->data[i] == '\n' || title->data[i] == '\t') {
            title->data[i] = ' ';
        }
    }
}

kith_status kith_present_title(kith_replica *replica, const kith_state *state, const char *language,
                               kith_arena *arena, const char **title_out)
{
    kith_buf title;
    *title_out = "";
    kith_buf_init(&title, &replica->cx, KITH_RECORD_BYTES_MAX);
    kith_status status = append_title(replica, state, language, append_outer, &title);
    if (status == KITH_OK && title.length > TITLE_BYTES_MAX) {
        kith_slice cut = kith_utf8_cut(kith_buf_slice(&title), TITLE_BYTES_MAX / 4);
        title.length = cut.length;
    }
    put_on_one_line(&title);
    if (status == KITH_OK) {
        status = keep_text(arena, &title, title_out);
    }
    kith_buf_deinit(&title);
    return status;
}

void kith_present_time_json(kith_json_writer *w, const char *name, const kith_written *written)
{
    char text[KITH_TIME_TEXT_SIZE];
    if (written->trust == KITH_TIME_UNKNOWN) {
        kith_json_put_null(w, name);
        return;
    }
    kith_time_format(written->unix_ms, text);
    kith_json_put_text(w, name, kith_slice_of(text));
}
