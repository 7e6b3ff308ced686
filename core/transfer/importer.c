/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/importer.h"

#include <stdio.h>

#include "crypto/hash.h"
#include "engine/batch.h"
#include "engine/index.h"

/* Rows made durable together: a fraction of a second's work to lose when the power fails, and few
 * enough syncs not to matter. */
enum { BATCH_ROWS = 20000 };

/* References that wait for a row further down. */
enum { LATER_MAX = 1000000 };

static kith_status find_ref(void *user, uint32_t record, kith_slice field, kith_slice text,
                            kith_dot *dot_out);

kith_status kith_importer_init(kith_importer *importer, kith_replica *replica,
                               const kith_import_options *options, kith_import_report *report)
{
    *importer = (kith_importer){.replica = replica, .options = options, .report = report};
    importer->source = "";
    kith_arena_init(&importer->arena, &replica->cx);
    kith_keys_init(&importer->keys, &replica->cx);
    kith_keys_init(&importer->said, &replica->cx);
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(kith_engine_flush(replica));
    KITH_TRY(kith_origin_exists(replica->store, &importer->has_origins));
    return kith_engine_edit_begin(replica, &importer->edit);
}

void kith_importer_deinit(kith_importer *importer)
{
    if (importer->rows_in_batch > 0) {
        /* The import was cut short: what the open batch brought is not here. */
        *importer->report = importer->batch_start;
    }
    kith_engine_batch_cancel(importer->replica);
    kith_engine_edit_free(importer->edit);
    kith_keys_deinit(&importer->keys);
    kith_keys_deinit(&importer->said);
    kith_free(&importer->replica->cx, importer->later);
    kith_arena_deinit(&importer->arena);
}

kith_status kith_importer_read(kith_importer *importer, uint8_t *buffer, size_t capacity,
                               size_t *length_out)
{
    const kith_import_options *options = importer->options;
    *length_out = 0;
    KITH_TRY(options->read(options->user, buffer, capacity, length_out));
    importer->bytes_read += *length_out;
    if (options->progress != NULL) {
        KITH_ENSURE(options->progress(options->user, importer->bytes_read, options->total_bytes) ==
                        KITH_OK,
                    kith_fail(&importer->replica->cx, KITH_E_STOPPED, "the import was stopped"));
    }
    return KITH_OK;
}

/* A record that may carry the key that is looked for: hashes of two keys may be equal. */
typedef struct origin_search {
    kith_replica *replica;
    kith_slice key;
    kith_dot found;
} origin_search;

static bool has_key(const kith_cell *cell, uint32_t field, kith_slice key)
{
    bool is_element = cell->element.type != KITH_TYPE_NONE;
    for (size_t i = 0; cell->field == field && i < cell->head_count; i++) {
        kith_value value = is_element ? cell->element : cell->heads[i].value;
        if (kith_slice_equal(value.bytes, key)) {
            return true;
        }
    }
    return false;
}

static kith_status check_origin(void *user, kith_dot id)
{
    origin_search *search = user;
    kith_replica *replica = search->replica;
    kith_arena arena;
    kith_state state = {0};
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_read(replica, id, &arena, &state, NULL);
    uint32_t field =
        kith_directory_find_name(&replica->directory, KITH_SLICE(KITH_FIELD_SOURCE_KEY));
    for (size_t i = 0; status == KITH_OK && i < state.cell_count; i++) {
        if (has_key(&state.cells[i], field, search->key)) {
            search->found = id;
        }
    }
    kith_arena_deinit(&arena);
    return status;
}

/* Makes the key what it will be when it is stored, and looks it up. */
static kith_status find_key(kith_importer *importer, kith_row_key *key, const char **why_out)
{
    kith_value stored;
    KITH_TRY(kith_value_parse(KITH_TYPE_TEXT, key->text, &importer->edit->arena, &stored, why_out));
    key->text = stored.bytes;
    key->hash = kith_origin_hash(key->text);
    const kith_known_key *known = kith_keys_find(&importer->keys, key->hash);
    key->id = known == NULL ? (kith_dot){0} : known->id;
    if (known != NULL || !importer->has_origins) {
        return KITH_OK;
    }
    kith_replica *replica = importer->replica;
    origin_search search = {.replica = replica, .key = key->text};
    KITH_TRY(kith_origin_scan(replica->store, key->hash, check_origin, &search));
    key->id = search.found;
    kith_known_key found = {.hash = key->hash, .id = key->id};
    return key->id.author == 0 ? KITH_OK : kith_keys_put(&importer->keys, &found);
}

kith_status kith_importer_find(kith_importer *importer, const kith_row_keys *keys, kith_dot *id_out,
                               const char **why_out)
{
    *id_out = (kith_dot){0};
    *why_out = NULL;
    for (size_t i = 0; i < keys->count; i++) {
        KITH_TRY(find_key(importer, &keys->items[i], why_out));
        *id_out = id_out->author == 0 ? keys->items[i].id : *id_out;
    }
    return KITH_OK;
}

/* Whether a draft's field holds a set. */
static bool is_set(const kith_edit *edit, uint32_t record, kith_slice name)
{
    const kith_kind *kind = kith_draft_kind(edit, record);
    const kith_field *field = kind == NULL ? NULL : kith_kind_find_field(kind, name);
    return field != NULL && (field->flags & KITH_FIELD_MULTI) != 0;
}

static kith_status claim(kith_importer *importer, const kith_claim *claim)
{
    kith_row_work *row = &importer->row;
    kith_claim *claims = kith_arena_grow(&importer->edit->arena, row->claims, row->claim_count,
                                         &row->claim_capacity, sizeof *claims);
    KITH_ENSURE(claims != NULL, KITH_E_MEMORY);
    claims[row->claim_count++] = *claim;
    row->claims = claims;
    return KITH_OK;
}

kith_status kith_importer_set_keys(kith_importer *importer, uint32_t record,
                                   const kith_row_keys *keys, const kith_said *said)
{
    kith_slice field = KITH_SLICE(KITH_FIELD_SOURCE_KEY);
    kith_draft_action action =
        is_set(importer->edit, record, field) ? KITH_DRAFT_ADD : KITH_DRAFT_SET;
    for (size_t i = 0; i < keys->count; i++) {
        const kith_row_key *key = &keys->items[i];
        if (key->id.author == 0) {
            KITH_TRY(kith_draft_texts(importer->edit, record, field, action, &key->text, 1));
            KITH_TRY(claim(importer, &(kith_claim){key->hash, record, said}));
            said = NULL; /* once a record is enough */
        }
    }
    return KITH_OK;
}

kith_status kith_importer_complete_keys(kith_importer *importer, const char *kind,
                                        const kith_row_keys *keys, kith_dot id)
{
    bool has_free = false;
    uint32_t marks = 0;
    uint32_t record = 0;
    for (size_t i = 0; i < keys->count; i++) {
        kith_dot other = keys->items[i].id;
        has_free = has_free || other.author == 0;
        if (other.author != 0 && !kith_dot_equal(other, id)) {
            KITH_TRY(kith_importer_leave_out(importer, kind, KITH_FIELD_SOURCE_KEY,
                                             "is the key of another record", ""));
        }
    }
    if (!has_free) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_peek(importer->replica, id, NULL, &marks));
    if ((marks & KITH_MARK_REMOVED) != 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_draft_open(importer->edit, id, &record));
    return kith_importer_set_keys(importer, record, keys, NULL);
}

kith_said *kith_said_new(kith_arena *arena, size_t field_count)
{
    kith_said *said = kith_arena_allocate(arena, sizeof *said + field_count * sizeof(uint32_t));
    if (said != NULL) {
        said->field_count = field_count;
    }
    return said;
}

static kith_status keep_said(kith_importer *importer, kith_dot id, kith_said *said)
{
    kith_known_key kept = {.hash = (int64_t)kith_dot_hash(id), .id = id, .said = said};
    KITH_ENSURE(said != NULL, KITH_E_MEMORY);
    return kith_keys_put(&importer->said, &kept);
}

kith_status kith_importer_said(kith_importer *importer, kith_dot id, size_t field_count,
                               kith_said **said_out)
{
    const kith_known_key *earlier = kith_keys_find(&importer->said, (int64_t)kith_dot_hash(id));
    *said_out = earlier == NULL ? NULL : earlier->said;
    /* Two maps may come to one record by keys that are put together differently. */
    if (*said_out != NULL && (*said_out)->field_count == field_count) {
        return KITH_OK;
    }
    *said_out = kith_said_new(&importer->arena, field_count);
    return keep_said(importer, id, *said_out);
}

kith_status kith_importer_say(kith_importer *importer, uint32_t *place, uint32_t fingerprint)
{
    kith_row_work *row = &importer->row;
    kith_import_mark *marks = kith_arena_grow(&importer->edit->arena, row->marks, row->mark_count,
                                              &row->mark_capacity, sizeof *marks);
    KITH_ENSURE(marks != NULL, KITH_E_MEMORY);
    marks[row->mark_count].place = place;
    marks[row->mark_count++].fingerprint = fingerprint;
    row->marks = marks;
    return KITH_OK;
}

kith_status kith_importer_leave_out(kith_importer *importer, const char *kind, const char *field,
                                    const char *message, const char *accepted)
{
    kith_row_work *row = &importer->row;
    kith_reject *left_out =
        kith_arena_grow(&importer->edit->arena, row->left_out, row->left_out_count,
                        &row->left_out_capacity, sizeof *left_out);
    KITH_ENSURE(left_out != NULL, KITH_E_MEMORY);
    left_out[row->left_out_count++] = (kith_reject){row->line, kind, field, message, accepted};
    row->left_out = left_out;
    return KITH_OK;
}

kith_status kith_importer_content_key(kith_importer *importer, const char *source,
                                      kith_slice content, kith_slice *key_out)
{
    /* Rows alike are numbered. The last number is kept beside the keys, as the record of a key that
     * no row can have. */
    static const int64_t no_key = INT64_C(0x5bd1e995);
    int64_t hash = kith_origin_hash(content);
    char text[64];
    const kith_known_key *last = kith_keys_find(&importer->keys, hash ^ no_key);
    uint64_t count = last == NULL ? 1 : last->id.number + 1;
    kith_known_key counted = {.hash = hash ^ no_key,
                              .id = {importer->replica->directory.own, count}};
    KITH_TRY(kith_keys_put(&importer->keys, &counted));
    int length = snprintf(text, sizeof text, "row-%016llx-%llu", (unsigned long long)hash,
                          (unsigned long long)count);
    kith_slice parts[] = {kith_slice_of(source), kith_slice_of(source[0] == '\0' ? "" : ":"),
                          kith_slice_make(text, (size_t)length)};
    return kith_arena_join(&importer->edit->arena, parts, KITH_ARRAY_LENGTH(parts), key_out);
}

/* A reference that waits: its row is at hand, and what it names may come. */
static kith_status put_off(kith_importer *importer, const kith_later_ref *ref)
{
    KITH_ENSURE(importer->later_count < LATER_MAX,
                kith_fail(&importer->replica->cx, KITH_E_LIMIT,
                          "more than %d references to rows further down", LATER_MAX));
    kith_later_ref *later =
        kith_grow(&importer->replica->cx, importer->later, importer->later_count,
                  &importer->later_capacity, sizeof *later);
    KITH_ENSURE(later != NULL, KITH_E_MEMORY);
    importer->later = later;
    later[importer->later_count++] = *ref;
    importer->row.later_count++;
    return KITH_OK;
}

/* Called where a text is no id of a record here: it is the key of a row. */
static kith_status find_ref(void *user, uint32_t record, kith_slice field, kith_slice text,
                            kith_dot *dot_out)
{
    kith_importer *importer = user;
    kith_slice source = kith_slice_of(importer->source);
    kith_slice parts[] = {source, kith_slice_of(source.length == 0 ? "" : ":"), text};
    kith_row_key key = {0};
    const char *why = NULL;
    *dot_out = (kith_dot){0};
    KITH_TRY(kith_arena_join(&importer->edit->arena, parts, KITH_ARRAY_LENGTH(parts), &key.text));
    kith_status status = find_key(importer, &key, &why);
    KITH_TRY(status == KITH_E_REFUSED ? KITH_E_SYNTAX : status);
    if (key.id.author != 0) {
        *dot_out = key.id;
        return KITH_OK;
    }
    kith_later_ref ref = {.line = importer->row.line, .record = {0, record}};
    ref.completes = !importer->edit->drafts[record].is_new;
    KITH_TRY(kith_arena_copy(&importer->arena, field, &ref.field));
    KITH_TRY(kith_arena_copy(&importer->arena, key.text, &ref.key));
    return put_off(importer, &ref);
}

static kith_status end_batch(kith_importer *importer)
{
    if (importer->rows_in_batch == 0) {
        return KITH_OK;
    }
    importer->rows_in_batch = 0;
    kith_status status = kith_engine_batch_end(importer->replica);
    if (status != KITH_OK) {
        *importer->report = importer->batch_start;
    }
    return status;
}

static kith_status begin_edit(kith_importer *importer, uint64_t line)
{
    if (importer->rows_in_batch == BATCH_ROWS) {
        KITH_TRY(end_batch(importer));
    }
    if (importer->rows_in_batch == 0) {
        importer->batch_start = *importer->report;
        KITH_TRY(kith_engine_batch_begin(importer->replica));
    }
    importer->rows_in_batch++;
    importer->row = (kith_row_work){.line = line};
    kith_engine_edit_reset(importer->edit);
    importer->edit->find_ref = find_ref;
    importer->edit->find_ref_user = importer;
    return KITH_OK;
}

kith_status kith_importer_begin_row(kith_importer *importer, uint64_t line)
{
    KITH_TRY(begin_edit(importer, line));
    importer->report->row_count++;
    return KITH_OK;
}

static void tell(kith_importer *importer, const kith_reject *reject)
{
    if (importer->options->reject != NULL) {
        importer->options->reject(importer->options->user, reject);
    }
}

/* Counts the row at hand as rejected; what it waits for is of no interest any more. */
static void count_reject(kith_importer *importer)
{
    importer->report->rejected_count++;
    importer->later_count -= importer->row.later_count;
    importer->row.later_count = 0;
}

void kith_importer_reject(kith_importer *importer, const char *kind, const char *field,
                          const char *message, const char *accepted)
{
    count_reject(importer);
    tell(importer, &(kith_reject){importer->row.line, kind, field, message, accepted});
}

static void reject_problems(kith_importer *importer)
{
    const kith_edit *edit = importer->edit;
    count_reject(importer);
    for (size_t i = 0; i < edit->problem_count; i++) {
        const kith_problem *problem = &edit->problems[i];
        tell(importer, &(kith_reject){importer->row.line,
                                      (const char *)edit->drafts[problem->record].kind.data,
                                      problem->field, problem->message, problem->accepted});
    }
}

/* Fields that a record which was here gained, without its keys. */
static size_t gained_fields(const kith_draft *draft)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->op_count; i++) {
        bool is_key = kith_slice_is(draft->ops[i].field, KITH_FIELD_SOURCE_KEY);
        count += !is_key && draft->ops[i].value_count > 0;
    }
    return count;
}

static kith_status remember_claim(kith_importer *importer, const kith_claim *claim)
{
    kith_known_key key = {.hash = claim->hash, .id = importer->edit->drafts[claim->draft].id};
    KITH_TRY(kith_keys_put(&importer->keys, &key));
    if (claim->said == NULL) {
        return KITH_OK;
    }
    size_t field_count = claim->said->field_count;
    kith_said *kept = kith_said_new(&importer->arena, field_count);
    KITH_ENSURE(kept != NULL, KITH_E_MEMORY);
    memcpy(kept->fingerprints, claim->said->fingerprints, field_count * sizeof(uint32_t));
    return keep_said(importer, key.id, kept);
}

/* The row was committed: what it made can be referred to, and what it said counts. */
static kith_status note_taken(kith_importer *importer)
{
    const kith_edit *edit = importer->edit;
    const kith_row_work *row = &importer->row;
    kith_import_report *report = importer->report;
    report->known_count += row->known_count;
    report->left_out_count += row->left_out_count;
    for (size_t i = 0; i < edit->draft_count; i++) {
        report->added_count += edit->drafts[i].is_new;
        report->completed_count += edit->drafts[i].is_new ? 0 : gained_fields(&edit->drafts[i]);
    }
    for (size_t i = 0; i < row->claim_count; i++) {
        KITH_TRY(remember_claim(importer, &row->claims[i]));
    }
    for (size_t i = importer->later_count - row->later_count; i < importer->later_count; i++) {
        kith_later_ref *ref = &importer->later[i];
        ref->record = edit->drafts[ref->record.number].id;
    }
    for (size_t i = 0; i < row->mark_count; i++) {
        *row->marks[i].place = row->marks[i].fingerprint;
    }
    for (size_t i = 0; i < row->left_out_count; i++) {
        tell(importer, &row->left_out[i]);
    }
    return KITH_OK;
}

kith_status kith_importer_end_row(kith_importer *importer)
{
    kith_edit *edit = importer->edit;
    kith_status status = edit->draft_count == 0 ? KITH_OK : kith_engine_edit_commit(edit);
    if (status == KITH_E_REFUSED) {
        reject_problems(importer);
        return KITH_OK;
    }
    if (status == KITH_E_LIMIT) {
        kith_importer_reject(importer, "", "", "is too large", "");
        return KITH_OK;
    }
    KITH_TRY(status);
    return note_taken(importer);
}

/* Leaves out a reference that cannot be set. */
static void leave_out_later(kith_importer *importer, const kith_later_ref *ref, const char *message,
                            const char *accepted)
{
    uint32_t kind = 0;
    char name[KITH_NAME_BYTES_MAX + 1] = "";
    if (kith_engine_peek(importer->replica, ref->record, &kind, NULL) == KITH_OK) {
        (void)snprintf(name, sizeof name, "%.*s",
                       KITH_SLICE_ARGUMENTS(importer->replica->directory.names[kind]));
    }
    importer->report->left_out_count++;
    tell(importer,
         &(kith_reject){ref->line, name, (const char *)ref->field.data, message, accepted});
}

static kith_status resolve_later(kith_importer *importer, const kith_later_ref *ref)
{
    kith_edit *edit = importer->edit;
    kith_row_key key = {.text = ref->key};
    const char *why = NULL;
    uint32_t record = 0;
    char id[KITH_ID_TEXT_SIZE];
    KITH_TRY(begin_edit(importer, ref->line));
    KITH_TRY(find_key(importer, &key, &why));
    if (key.id.author == 0) {
        leave_out_later(importer, ref, "names no record and no row", "an id, or the key of a row");
        return KITH_OK;
    }
    kith_id_format(kith_engine_id(importer->replica, key.id), id);
    kith_slice text = kith_slice_of(id);
    KITH_TRY(kith_draft_open(edit, ref->record, &record));
    kith_draft_action action = is_set(edit, record, ref->field) ? KITH_DRAFT_ADD : KITH_DRAFT_SET;
    KITH_TRY(kith_draft_texts(edit, record, ref->field, action, &text, 1));
    kith_status status = kith_engine_edit_commit(edit);
    if (status == KITH_E_REFUSED) {
        leave_out_later(importer, ref, edit->problems[0].message, edit->problems[0].accepted);
        return KITH_OK;
    }
    importer->report->completed_count += status == KITH_OK && ref->completes;
    return status;
}

kith_status kith_importer_finish(kith_importer *importer)
{
    for (size_t i = 0; i < importer->later_count; i++) {
        KITH_TRY(resolve_later(importer, &importer->later[i]));
    }
    return end_batch(importer);
}
