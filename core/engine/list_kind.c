/* Listing the records of a kind: filters, order, limit. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "engine/edit.h"
#include "engine/list.h"
#include "text/search.h"
#include "text/utf8.h"
#include "value/date.h"
#include "value/number.h"

/* Texts that agree so far stand beside each other in any order. */
enum { SORTED_BYTES_MAX = 256 };

/* A condition, ready to be tested. */
typedef struct condition {
    uint32_t field;   /* 0: a field that no record here has */
    kith_value value; /* none: the field must hold nothing */
} condition;

/* What a record is sorted by. */
typedef struct sort_key {
    bool is_missing;
    kith_decimal number;
    kith_slice text;
} sort_key;

typedef struct candidate {
    kith_dot id;
    sort_key key;
} candidate;

typedef struct selection {
    kith_replica *replica;
    const kith_list_options *options;
    const kith_kind *kind; /* NULL if the schema does not know it */
    condition *conditions;
    const kith_field *sort_field; /* NULL: last changed first */
    uint32_t sort_ordinal;
    kith_arena arena;  /* conditions and sort keys */
    kith_arena record; /* the record being looked at */
    candidate *candidates;
    size_t count;
    size_t capacity;
} selection;

static kith_status wrong_field(selection *s, kith_slice field, const char *what)
{
    return kith_fail(&s->replica->cx, KITH_E_ARGUMENT, "%.*s %s",
                     KITH_SLICE_ARGUMENTS(kith_slice_head(field, 64)), what);
}

/* A code that the list does not have is a slip of the pen: no records would be an answer, and a
 * wrong one. */
static kith_status check_code(selection *s, const kith_field *field, kith_value value)
{
    char accepted[160];
    if (kith_list_find_code(field->list, value.bytes) != NULL) {
        return KITH_OK;
    }
    kith_field_accepted(field, accepted, sizeof accepted);
    return kith_fail(&s->replica->cx, KITH_E_ARGUMENT, "%s is not in the list; give %s",
                     field->name, accepted);
}

static kith_status parse_reference(selection *s, const kith_where *where, kith_value *value_out)
{
    kith_dot dot;
    kith_status status = kith_engine_resolve(s->replica, where->text, &dot);
    if (status == KITH_E_SYNTAX || status == KITH_E_NOT_FOUND || status == KITH_E_AMBIGUOUS) {
        return wrong_field(s, where->field,
                           status == KITH_E_SYNTAX      ? "takes an id"
                           : status == KITH_E_NOT_FOUND ? "names no record"
                                                        : "fits several records");
    }
    KITH_TRY(status);
    return kith_value_of_id(kith_engine_id(s->replica, dot), &s->arena, value_out);
}

static kith_status parse_condition(selection *s, const kith_where *where, condition *out)
{
    const kith_field *field = s->kind == NULL ? NULL : kith_kind_find_field(s->kind, where->field);
    const char *why = NULL;
    KITH_ENSURE(field != NULL, wrong_field(s, where->field, "is no field of this kind"));
    out->field = kith_directory_find_name(&s->replica->directory, where->field);
    if (kith_slice_trim(where->text).length == 0) {
        return KITH_OK;
    }
    if (field->type == KITH_TYPE_REF) {
        return parse_reference(s, where, &out->value);
    }
    kith_status status = kith_value_parse(field->type, where->text, &s->arena, &out->value, &why);
    if (status == KITH_E_REFUSED) {
        return wrong_field(s, where->field, why);
    }
    KITH_TRY(status);
    return field->type == KITH_TYPE_CODE ? check_code(s, field, out->value) : KITH_OK;
}

/* Concurrent values all count: a person who searches by one of them must find the record. */
static bool holds(const kith_state *state, const condition *wanted)
{
    const kith_cell *cell = wanted->field == 0 ? NULL : kith_state_find(state, wanted->field);
    bool is_empty = true;
    for (; cell != NULL && cell < state->cells + state->cell_count && cell->field == wanted->field;
         cell++) {
        bool is_element = cell->element.type != KITH_TYPE_NONE;
        for (size_t i = 0; i < cell->head_count; i++) {
            kith_value value = is_element ? cell->element : cell->heads[i].value;
            is_empty = is_empty && value.type == KITH_TYPE_NONE;
            if (wanted->value.type != KITH_TYPE_NONE && kith_value_equal(value, wanted->value)) {
                return true;
            }
        }
    }
    return wanted->value.type == KITH_TYPE_NONE && is_empty;
}

static bool is_selected(const selection *s, const kith_state *state)
{
    kith_known known = kith_directory_known(&s->replica->directory);
    for (size_t i = 0; i < s->options->where_count; i++) {
        if (!holds(state, &s->conditions[i])) {
            return false;
        }
    }
    return kith_known_stamp(&known, state->changed_by, state->changed).ms >=
           s->options->changed_since_ms;
}

static kith_status append_word(void *user, kith_slice word)
{
    kith_buf_append_slice(user, word);
    kith_buf_append_text(user, " ");
    return kith_buf_status(user);
}

/* Texts sort by their folded words, so that case and accents do not part what belongs together. */
static kith_status text_key(selection *s, kith_slice text, sort_key *key)
{
    kith_buf words;
    kith_buf_init(&words, &s->replica->cx, (size_t)1024 * 1024);
    kith_slice head = kith_slice_head(text, SORTED_BYTES_MAX);
    head.length = kith_utf8_valid_bytes(head); /* not within a character */
    kith_status status = kith_search_words(head, append_word, &words);
    if (status == KITH_OK) {
        status = kith_arena_copy(&s->arena, kith_buf_slice(&words), &key->text);
    }
    kith_buf_deinit(&words);
    return status;
}

static kith_status make_key(selection *s, const kith_state *state, sort_key *key)
{
    kith_known known = kith_directory_known(&s->replica->directory);
    const kith_cell *cell = s->sort_ordinal == 0 ? NULL : kith_state_find(state, s->sort_ordinal);
    const kith_head *head = cell == NULL ? NULL : kith_cell_winner(cell, &known);
    kith_date date;
    kith_value value = {0};
    if (head != NULL) {
        value = cell->element.type != KITH_TYPE_NONE ? cell->element : head->value;
    }
    *key = (sort_key){.is_missing = value.type == KITH_TYPE_NONE};
    switch (value.type) {
    case KITH_TYPE_NONE:
        return KITH_OK;
    case KITH_TYPE_INT:
        key->number.mantissa = kith_value_integer(value);
        return KITH_OK;
    case KITH_TYPE_DECIMAL:
        (void)kith_decimal_read(value.bytes, &key->number);
        return KITH_OK;
    case KITH_TYPE_DATE:
        key->number.mantissa = kith_date_read(value.bytes, &date) ? kith_date_first_day(&date) : 0;
        return KITH_OK;
    case KITH_TYPE_TEXT:
        return text_key(s, value.bytes, key);
    default:
        return kith_arena_copy(&s->arena, value.bytes, &key->text);
    }
}

static kith_status consider(void *user, const kith_row *row)
{
    selection *s = user;
    kith_state state;
    candidate found = {.id = row->id};
    uint32_t limit = s->options->limit;
    if ((row->marks & KITH_MARK_REMOVED) != 0 && s->options->with_removed == 0) {
        return KITH_OK;
    }
    bool needs_state = s->options->where_count > 0 || s->sort_field != NULL ||
                       s->options->changed_since_ms != INT64_MIN;
    if (needs_state) {
        kith_arena_reset(&s->record);
        KITH_TRY(kith_fold_unpack(&s->replica->directory, row, &s->record, &state));
        if (!is_selected(s, &state)) {
            return KITH_OK;
        }
        if (s->sort_field != NULL) {
            KITH_TRY(make_key(s, &state, &found.key));
        }
    }
    candidate *candidates =
        kith_grow(&s->replica->cx, s->candidates, s->count, &s->capacity, sizeof *candidates);
    KITH_ENSURE(candidates != NULL, KITH_E_MEMORY);
    candidates[s->count++] = found;
    s->candidates = candidates;
    return s->sort_field == NULL && limit > 0 && s->count == limit ? KITH_E_STOPPED : KITH_OK;
}

/* Missing values last, whichever way the rest goes. */
static int compare_keys(const sort_key *a, const sort_key *b, int direction)
{
    if (a->is_missing != b->is_missing) {
        return a->is_missing ? 1 : -1;
    }
    int order = kith_decimal_compare(a->number, b->number);
    return direction * (order != 0 ? order : kith_slice_compare(a->text, b->text));
}

static int compare_candidates(const candidate *a, const candidate *b, int direction)
{
    int order = compare_keys(&a->key, &b->key, direction);
    return order != 0 ? order : kith_dot_compare(a->id, b->id);
}

static int ascending(const void *a, const void *b)
{
    return compare_candidates(a, b, 1);
}

static int descending(const void *a, const void *b)
{
    return compare_candidates(a, b, -1);
}

static kith_status prepare(selection *s)
{
    const kith_list_options *options = s->options;
    s->kind = kith_schema_find_kind(&s->replica->schema, options->kind);
    s->conditions = kith_arena_array(&s->arena, options->where_count, sizeof *s->conditions);
    KITH_ENSURE(s->conditions != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < options->where_count; i++) {
        KITH_TRY(parse_condition(s, &options->where[i], &s->conditions[i]));
    }
    if (options->sort.length > 0) {
        s->sort_field = s->kind == NULL ? NULL : kith_kind_find_field(s->kind, options->sort);
        KITH_ENSURE(s->sort_field != NULL,
                    wrong_field(s, options->sort, "is no field of this kind"));
        s->sort_ordinal = kith_directory_find_name(&s->replica->directory, options->sort);
    }
    return KITH_OK;
}

static kith_status select_records(selection *s)
{
    uint32_t kind = 0;
    KITH_TRY(kith_list_find_kind(s->replica, s->options->kind, &kind));
    KITH_TRY(prepare(s));
    if (kind == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_row_scan_kind(s->replica->store, kind, consider, s));
    if (s->sort_field != NULL && s->count > 1) {
        qsort(s->candidates, s->count, sizeof *s->candidates,
              s->options->descending != 0 ? descending : ascending);
    }
    return KITH_OK;
}

kith_status kith_engine_list(kith_replica *replica, const kith_list_options *options,
                             kith_list **list_out)
{
    selection s = {.replica = replica, .options = options};
    kith_list *list = NULL;
    *list_out = NULL;
    kith_arena_init(&s.arena, &replica->cx);
    kith_arena_init(&s.record, &replica->cx);
    kith_status status = kith_list_new(replica, &list);
    if (status == KITH_OK) {
        status = select_records(&s);
    }
    size_t limit = options->limit > 0 && options->limit < s.count ? options->limit : s.count;
    for (size_t i = 0; status == KITH_OK && i < limit; i++) {
        status = kith_list_add(list, replica, s.candidates[i].id, NULL, options->language);
    }
    kith_free(&replica->cx, s.candidates);
    kith_arena_deinit(&s.arena);
    kith_arena_deinit(&s.record);
    if (status != KITH_OK) {
        kith_engine_list_free(list);
        return status;
    }
    *list_out = list;
    return KITH_OK;
}
