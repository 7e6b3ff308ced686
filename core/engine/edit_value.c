/* Texts to values, against the schema: the one place where what a person typed is judged.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/limits.h"
#include "engine/edit.h"
#include "value/date.h"
#include "value/number.h"

enum { ACCEPTED_BYTES = 400 };

/* Notes that a field's value is wrong, with what would be right. */
static kith_status note_value(kith_edit *edit, uint32_t record, const kith_field *field,
                              const char *message)
{
    char accepted[ACCEPTED_BYTES];
    kith_field_accepted(field, accepted, sizeof accepted);
    return kith_edit_note(edit, record, kith_slice_of(field->name), message, accepted);
}

static bool has_problem(const kith_edit *edit, uint32_t record, const char *field)
{
    for (size_t i = 0; i < edit->problem_count; i++) {
        if (edit->problems[i].record == record && strcmp(edit->problems[i].field, field) == 0) {
            return true;
        }
    }
    return false;
}

kith_status kith_edit_note_required(kith_edit *edit, uint32_t record, const kith_field *field)
{
    bool is_known = has_problem(edit, record, field->name);
    return is_known ? KITH_OK : note_value(edit, record, field, "is required");
}

/* How many single letters must change to make one word of the other; for short words. */
static size_t distance(kith_slice a, kith_slice b)
{
    size_t row[KITH_NAME_BYTES_MAX + 1];
    if (a.length > KITH_NAME_BYTES_MAX || b.length > KITH_NAME_BYTES_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b.length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t changed = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            size_t shifted = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = changed < shifted ? changed : shifted;
        }
    }
    return row[b.length];
}

static kith_status note_unknown_field(kith_edit *edit, uint32_t record, const kith_kind *kind,
                                      kith_slice name)
{
    char accepted[ACCEPTED_BYTES];
    const kith_field *nearest = NULL;
    size_t nearest_distance = 4;
    for (size_t i = 0; i < kind->field_count; i++) {
        size_t d = distance(name, kith_slice_of(kind->fields[i].name));
        if (d < nearest_distance) {
            nearest_distance = d;
            nearest = &kind->fields[i];
        }
    }
    if (nearest != NULL) {
        (void)snprintf(accepted, sizeof accepted, "%s", nearest->name);
    } else {
        (void)snprintf(accepted, sizeof accepted, "a field that `kith schema show %s` lists",
                       kind->name);
    }
    return kith_edit_note(edit, record, name, "is no field of this kind", accepted);
}

/* "@2" names the third record of the edit: a reference that is resolved when it is committed. Until
 * then it stands as an id without an author, which no record has. */
static bool parse_draft_number(kith_slice text, uint64_t *number_out)
{
    enum { DIGITS_MAX = 4 };
    uint64_t number = 0;
    kith_slice digits = kith_slice_skip(text, 1);
    bool is_number = text.length > 1 && text.data[0] == '@' && digits.length <= DIGITS_MAX &&
                     (digits.data[0] != '0' || digits.length == 1);
    for (size_t i = 0; is_number && i < digits.length; i++) {
        is_number = digits.data[i] >= '0' && digits.data[i] <= '9';
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *number_out = is_number ? number : 0;
    return is_number;
}

static kith_status read_draft_ref(kith_edit *edit, uint32_t record, const kith_field *field,
                                  uint64_t number, kith_value *value_out)
{
    kith_author_id nobody = {{0}};
    if (number >= edit->draft_count || !edit->drafts[number].is_new) {
        return note_value(edit, record, field, "names a record that the edit does not make");
    }
    if (!kith_field_may_refer_to(field, edit->drafts[number].kind)) {
        return note_value(edit, record, field, "points to a record of another kind");
    }
    return kith_value_of_id(kith_id_make(nobody, number + 1), &edit->arena, value_out);
}

/* In an import a text that is no whole id is the key of a row: databases number their rows, and an
 * abbreviated id would mean another record on each replica. */
static kith_status find_target(kith_edit *edit, uint32_t record, const kith_field *field,
                               kith_slice text, kith_dot *dot_out)
{
    kith_id id;
    if (edit->find_ref == NULL) {
        return kith_engine_resolve(edit->replica, text, dot_out);
    }
    *dot_out = (kith_dot){0};
    if (kith_id_parse(text, &id) == KITH_OK) {
        KITH_TRY(kith_engine_known(edit->replica, id, dot_out));
    }
    return dot_out->author != 0 ? KITH_OK
                                : edit->find_ref(edit->find_ref_user, record,
                                                 kith_slice_of(field->name), text, dot_out);
}

static kith_status read_ref(kith_edit *edit, uint32_t record, const kith_field *field,
                            kith_slice text, kith_value *value_out, bool *is_deferred)
{
    kith_replica *replica = edit->replica;
    uint64_t number = 0;
    kith_dot dot;
    uint32_t kind = 0;
    uint32_t marks = 0;
    if (parse_draft_number(text, &number)) {
        return read_draft_ref(edit, record, field, number, value_out);
    }
    kith_status status = find_target(edit, record, field, text, &dot);
    if (status == KITH_OK && dot.author == 0) {
        *is_deferred = true;
        return KITH_OK;
    }
    if (status == KITH_E_SYNTAX || status == KITH_E_NOT_FOUND || status == KITH_E_AMBIGUOUS) {
        return note_value(edit, record, field,
                          status == KITH_E_SYNTAX      ? "is not an id"
                          : status == KITH_E_NOT_FOUND ? "names no record"
                                                       : "fits several records");
    }
    KITH_TRY(status);
    KITH_TRY(kith_engine_peek(replica, dot, &kind, &marks));
    if ((marks & KITH_MARK_REMOVED) != 0) {
        return note_value(edit, record, field, "points to a record that was removed");
    }
    if (kind != 0 && !kith_field_may_refer_to(field, replica->directory.names[kind])) {
        return note_value(edit, record, field, "points to a record of another kind");
    }
    return kith_value_of_id(kith_engine_id(replica, dot), &edit->arena, value_out);
}

static bool is_in_range(const kith_field *field, kith_value value)
{
    kith_decimal number = {0};
    if (field->type == KITH_TYPE_INT) {
        number.mantissa = kith_value_integer(value);
    } else if (!kith_decimal_read(value.bytes, &number)) {
        return false;
    }
    return kith_decimal_compare(number, (kith_decimal){field->min, 0}) >= 0 &&
           kith_decimal_compare(number, (kith_decimal){field->max, 0}) <= 0;
}

/* What a type cannot know of a value but its field does. NULL if the value is fine. */
static const char *fault_of(const kith_field *field, kith_value value)
{
    kith_date date;
    if (field->type == KITH_TYPE_CODE && kith_list_find_code(field->list, value.bytes) == NULL) {
        return "is not in the list";
    }
    if (field->type == KITH_TYPE_INT || field->type == KITH_TYPE_DECIMAL) {
        return is_in_range(field, value) ? NULL : "is out of range";
    }
    if (field->type == KITH_TYPE_DATE && (field->flags & KITH_FIELD_EXACT) != 0 &&
        kith_date_read(value.bytes, &date)) {
        bool exact = date.first.precision == KITH_DATE_DAY && !date.is_about && !date.is_range;
        return exact ? NULL : "must be one day, because deadlines run from it";
    }
    return NULL;
}

/* Reads one value; on a fault notes it and leaves the value without a type. */
static kith_status read_value(kith_edit *edit, uint32_t record, const kith_field *field,
                              kith_slice text, kith_value *value_out, bool *is_deferred)
{
    const char *why = NULL;
    *value_out = (kith_value){0};
    if (field->type == KITH_TYPE_REF) {
        return read_ref(edit, record, field, kith_slice_trim(text), value_out, is_deferred);
    }
    kith_status status = kith_value_parse(field->type, text, &edit->arena, value_out, &why);
    if (status == KITH_OK) {
        why = fault_of(field, *value_out);
        status = why == NULL ? KITH_OK : KITH_E_REFUSED;
    }
    if (status == KITH_E_REFUSED) {
        *value_out = (kith_value){0};
        return note_value(edit, record, field, why);
    }
    return status;
}

/* Finds the field; NULL after noting that there is none. */
static kith_status find_field(kith_edit *edit, uint32_t record, kith_slice name,
                              const kith_field **field_out)
{
    const kith_kind *kind = kith_draft_kind(edit, record);
    *field_out = kind == NULL ? NULL : kith_kind_find_field(kind, name);
    if (*field_out != NULL) {
        return KITH_OK;
    }
    if (kind != NULL) {
        return note_unknown_field(edit, record, kind, name);
    }
    /* For a new record the unknown kind was noted already. */
    return edit->drafts[record].is_new
               ? KITH_OK
               : kith_edit_note(edit, record, name,
                                "cannot be changed: this program does not know the record's kind",
                                "a newer version of the program");
}

kith_status kith_draft_texts(kith_edit *edit, uint32_t record, kith_slice name,
                             kith_draft_action action, const kith_slice *texts, size_t text_count)
{
    const kith_field *field = NULL;
    KITH_ENSURE(record < edit->draft_count,
                kith_fail(&edit->replica->cx, KITH_E_ARGUMENT, "no such record in the edit"));
    KITH_TRY(find_field(edit, record, name, &field));
    if (field == NULL) {
        return KITH_OK;
    }
    bool multi = (field->flags & KITH_FIELD_MULTI) != 0;
    if (!multi && (action != KITH_DRAFT_SET || text_count > 1)) {
        return note_value(edit, record, field, "holds one value, not a set");
    }
    if (text_count > KITH_CHANGE_OPS_MAX / 2) {
        return note_value(edit, record, field, "has too many values");
    }
    kith_draft_op op = {.action = multi && action == KITH_DRAFT_SET ? KITH_DRAFT_REPLACE : action};
    KITH_TRY(kith_arena_copy(&edit->arena, kith_slice_of(field->name), &op.field));
    op.values = kith_arena_array(&edit->arena, text_count, sizeof *op.values);
    KITH_ENSURE(op.values != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < text_count; i++) {
        KITH_TRY(
            read_value(edit, record, field, texts[i], &op.values[op.value_count], &op.is_deferred));
        op.value_count += op.values[op.value_count].type != KITH_TYPE_NONE;
    }
    return kith_draft_add_op(edit, record, &op);
}

/* Sets are typed with ';' between the values; where a value cannot hold a comma, also with ','. */
static bool is_separator(const kith_field *field, uint8_t byte)
{
    bool comma = field->type == KITH_TYPE_CODE || field->type == KITH_TYPE_REF ||
                 field->type == KITH_TYPE_PHONE;
    return byte == ';' || (byte == ',' && comma);
}

/* Cuts a text into the values of a field, leaving out empty ones. */
static kith_status split(kith_edit *edit, const kith_field *field, kith_slice text,
                         kith_slice **parts_out, size_t *count_out)
{
    bool multi = field != NULL && (field->flags & KITH_FIELD_MULTI) != 0;
    size_t most = 1;
    for (size_t i = 0; multi && i < text.length; i++) {
        most += is_separator(field, text.data[i]);
    }
    kith_slice *parts = kith_arena_array(&edit->arena, most, sizeof *parts);
    KITH_ENSURE(parts != NULL, KITH_E_MEMORY);
    size_t count = 0;
    size_t start = 0;
    for (size_t i = 0; i <= text.length; i++) {
        if (i < text.length && !(multi && is_separator(field, text.data[i]))) {
            continue;
        }
        kith_slice part = kith_slice_trim(kith_slice_head(kith_slice_skip(text, start), i - start));
        start = i + 1;
        if (part.length > 0) {
            parts[count++] = part;
        }
    }
    *parts_out = parts;
    *count_out = count;
    return KITH_OK;
}

kith_status kith_draft_text(kith_edit *edit, uint32_t record, kith_slice name,
                            kith_draft_action action, bool settles, kith_slice text)
{
    kith_slice *parts = NULL;
    size_t count = 0;
    KITH_ENSURE(record < edit->draft_count,
                kith_fail(&edit->replica->cx, KITH_E_ARGUMENT, "no such record in the edit"));
    kith_draft *draft = &edit->drafts[record];
    size_t before = draft->op_count;
    const kith_kind *kind = kith_draft_kind(edit, record);
    const kith_field *field = kind == NULL ? NULL : kith_kind_find_field(kind, name);
    KITH_TRY(split(edit, field, text, &parts, &count));
    KITH_TRY(kith_draft_texts(edit, record, name, action, parts, count));
    if (edit->drafts[record].op_count > before) {
        edit->drafts[record].ops[before].settles = settles;
    }
    return KITH_OK;
}

/* What the operations of a draft leave a field with. */
typedef enum field_outcome { UNTOUCHED, CLEARED, FILLED } field_outcome;

static field_outcome outcome_of(const kith_draft_op *op)
{
    bool whole = op->action == KITH_DRAFT_SET || op->action == KITH_DRAFT_REPLACE;
    return whole && op->value_count == 0 && !op->is_deferred ? CLEARED : FILLED;
}

/* The position of a field; most often the one behind the last that was asked for. */
static size_t field_position(const kith_kind *kind, kith_slice name, size_t guess)
{
    if (guess < kind->field_count && kith_slice_is(name, kind->fields[guess].name)) {
        return guess;
    }
    const kith_field *field = kith_kind_find_field(kind, name);
    return field == NULL ? kind->field_count : (size_t)(field - kind->fields);
}

static kith_status note_outcomes(const kith_draft *draft, const kith_kind *kind, kith_arena *arena,
                                 uint8_t **outcomes_out)
{
    uint8_t *outcomes = kith_arena_array(arena, kind->field_count + 1, sizeof *outcomes);
    KITH_ENSURE(outcomes != NULL, KITH_E_MEMORY);
    size_t position = kind->field_count;
    for (size_t i = 0; i < draft->op_count; i++) {
        position = field_position(kind, draft->ops[i].field, position + 1);
        outcomes[position] = (uint8_t)outcome_of(&draft->ops[i]);
    }
    *outcomes_out = outcomes;
    return KITH_OK;
}

static kith_status fill_default(kith_edit *edit, uint32_t record, const kith_field *field)
{
    const kith_env *env = &edit->replica->cx.env;
    char today[KITH_TIME_TEXT_SIZE];
    kith_slice text = kith_slice_of(field->default_text);
    if (field->type == KITH_TYPE_DATE && kith_slice_equal(text, KITH_SLICE("today"))) {
        kith_time_format(env->wall_ms(env->user), today);
        text = kith_slice_head(kith_slice_of(today), sizeof "2009-03-14" - 1);
    }
    return kith_draft_text(edit, record, kith_slice_of(field->name), KITH_DRAFT_SET, false, text);
}

kith_status kith_draft_complete(kith_edit *edit, uint32_t record)
{
    const kith_kind *kind = kith_draft_kind(edit, record);
    bool is_new = edit->drafts[record].is_new;
    uint8_t *outcomes = NULL;
    if (kind == NULL) {
        return KITH_OK;
    }
    KITH_TRY(note_outcomes(&edit->drafts[record], kind, &edit->arena, &outcomes));
    for (size_t i = 0; i < kind->field_count; i++) {
        const kith_field *field = &kind->fields[i];
        if (is_new && outcomes[i] == UNTOUCHED && field->default_text != NULL) {
            KITH_TRY(fill_default(edit, record, field));
            continue;
        }
        bool required = (field->flags & KITH_FIELD_REQUIRED) != 0;
        bool lacks = outcomes[i] == CLEARED || (is_new && outcomes[i] == UNTOUCHED);
        if (required && lacks) {
            KITH_TRY(kith_edit_note_required(edit, record, field));
        }
    }
    return KITH_OK;
}
