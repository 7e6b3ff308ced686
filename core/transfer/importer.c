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
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(kith_engine_flush(replica));
    KITH_TRY(kith_origin_exists(replica->store, &importer->has_origins));
    KITH_TRY(kith_engine_edit_begin(replica, &importer->edit));
    importer->edit->find_ref = find_ref;
    importer->edit->find_ref_user = importer;
    return KITH_OK;
}

void kith_importer_deinit(kith_importer *importer)
{
    kith_engine_batch_cancel(importer->replica);
    kith_engine_edit_free(importer->edit);
    kith_free(&importer->replica->cx, importer->keys);
    kith_free(&importer->replica->cx, importer->later);
    kith_free(&importer->replica->cx, importer->hashes);
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

/* The place of a key, or the free place where it would go. */
static kith_known_key *key_place(const kith_importer *importer, int64_t hash)
{
    size_t mask = importer->key_capacity - 1;
    size_t place = (size_t)hash & mask;
    while (importer->keys[place].id.author != 0 && importer->keys[place].hash != hash) {
        place = (place + 1) & mask;
    }
    return &importer->keys[place];
}

/* Keeps the table at most half full. */
static kith_status grow_keys(kith_importer *importer)
{
    kith_context *cx = &importer->replica->cx;
    if (importer->key_count * 2 < importer->key_capacity) {
        return KITH_OK;
    }
    kith_known_key *old = importer->keys;
    size_t old_capacity = importer->key_capacity;
    size_t capacity = old_capacity == 0 ? 1024 : old_capacity * 2;
    kith_known_key *keys = kith_allocate_array(cx, capacity, sizeof *keys);
    KITH_ENSURE(keys != NULL, KITH_E_MEMORY);
    importer->keys = keys;
    importer->key_capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].id.author != 0) {
            *key_place(importer, old[i].hash) = old[i];
        }
    }
    kith_free(cx, old);
    return KITH_OK;
}

/* The hashes are 64 bits of BLAKE2b: among a million keys, two meet by chance once in thirty
 * million imports; records found through the database are compared in full. */
static kith_status remember_key(kith_importer *importer, int64_t hash, kith_dot id)
{
    KITH_TRY(grow_keys(importer));
    kith_known_key *place = key_place(importer, hash);
    importer->key_count += place->id.author == 0;
    *place = (kith_known_key){hash, id};
    return KITH_OK;
}

typedef struct origin_search {
    kith_importer *importer;
    kith_slice key;
    kith_dot found;
} origin_search;

static kith_status check_origin(void *user, kith_dot id)
{
    origin_search *search = user;
    kith_replica *replica = search->importer->replica;
    kith_arena arena;
    kith_state state;
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_read(replica, id, &arena, &state, NULL);
    uint32_t field =
        kith_directory_find_name(&replica->directory, KITH_SLICE(KITH_FIELD_SOURCE_KEY));
    const kith_cell *cell = status == KITH_OK ? kith_state_find(&state, field) : NULL;
    for (size_t i = 0; cell != NULL && i < cell->head_count; i++) {
        if (kith_slice_equal(cell->heads[i].value.bytes, search->key)) {
            search->found = id;
        }
    }
    kith_arena_deinit(&arena);
    return status;
}

/* The key as it is stored: with its source in front. */
static kith_status full_key(kith_importer *importer, kith_slice key, kith_arena *arena,
                            kith_slice *full_out)
{
    kith_slice source = kith_slice_of(importer->source);
    if (source.length == 0) {
        *full_out = key;
        return KITH_OK;
    }
    uint8_t *bytes = kith_arena_allocate(arena, source.length + 1 + key.length);
    KITH_ENSURE(bytes != NULL, KITH_E_MEMORY);
    memcpy(bytes, source.data, source.length);
    bytes[source.length] = ':';
    if (key.length > 0) {
        memcpy(bytes + source.length + 1, key.data, key.length);
    }
    *full_out = kith_slice_make(bytes, source.length + 1 + key.length);
    return KITH_OK;
}

kith_status kith_importer_find_key(kith_importer *importer, kith_slice key, kith_dot *dot_out)
{
    *dot_out = (kith_dot){0};
    KITH_TRY(full_key(importer, key, &importer->edit->arena, &importer->looked));
    int64_t hash = kith_origin_hash(importer->looked);
    importer->looked_hash = hash;
    KITH_TRY(grow_keys(importer));
    const kith_known_key *known = key_place(importer, hash);
    if (known->id.author != 0) {
        *dot_out = known->id;
        return KITH_OK;
    }
    if (!importer->has_origins) {
        return KITH_OK;
    }
    origin_search search = {.importer = importer, .key = importer->looked};
    KITH_TRY(kith_origin_scan(importer->replica->store, hash, check_origin, &search));
    *dot_out = search.found;
    return search.found.author == 0 ? KITH_OK : remember_key(importer, hash, search.found);
}

kith_status kith_importer_content_key(kith_importer *importer, kith_slice content,
                                      kith_slice *key_out)
{
    uint64_t bits = (uint64_t)kith_origin_hash(content);
    /* Rows alike are numbered; the marker of the last number met is a key of its own that no record
     * has, remembered under this device's first record. */
    for (unsigned count = 1;; count++) {
        char text[40];
        kith_slice full;
        int length = snprintf(text, sizeof text, "row-%016llx-%u", (unsigned long long)bits, count);
        KITH_TRY(kith_arena_copy(&importer->edit->arena, kith_slice_make(text, (size_t)length),
                                 key_out));
        KITH_TRY(full_key(importer, *key_out, &importer->edit->arena, &full));
        int64_t hash = kith_origin_hash(full) ^ INT64_C(0x5bd1e995);
        KITH_TRY(grow_keys(importer));
        if (key_place(importer, hash)->id.author == 0) {
            return remember_key(importer, hash, (kith_dot){importer->replica->directory.own, 1});
        }
    }
}

kith_status kith_importer_set_key(kith_importer *importer, uint32_t record)
{
    kith_edit *edit = importer->edit;
    kith_slice source = kith_slice_of(importer->source);
    while (record >= importer->hash_capacity) {
        int64_t *hashes =
            kith_grow(&importer->replica->cx, importer->hashes, importer->hash_capacity,
                      &importer->hash_capacity, sizeof *hashes);
        KITH_ENSURE(hashes != NULL, KITH_E_MEMORY);
        importer->hashes = hashes;
    }
    importer->hashes[record] = importer->looked_hash;
    if (source.length > 0) {
        KITH_TRY(kith_draft_texts(edit, record, KITH_SLICE(KITH_FIELD_SOURCE_NAME), KITH_DRAFT_SET,
                                  &source, 1));
    }
    return kith_draft_texts(edit, record, KITH_SLICE(KITH_FIELD_SOURCE_KEY), KITH_DRAFT_SET,
                            &importer->looked, 1);
}

/* Called where a text is no id of a record here: perhaps it is the key of a row. */
static kith_status find_ref(void *user, uint32_t record, kith_slice field, kith_slice text,
                            kith_dot *dot_out)
{
    kith_importer *importer = user;
    kith_later_ref ref = {.line = importer->line};
    KITH_TRY(kith_importer_find_key(importer, text, dot_out));
    if (dot_out->author != 0) {
        return KITH_OK;
    }
    KITH_ENSURE(importer->later_count < LATER_MAX,
                kith_fail(&importer->replica->cx, KITH_E_LIMIT,
                          "more than %d references to rows further down", LATER_MAX));
    kith_later_ref *later =
        kith_grow(&importer->replica->cx, importer->later, importer->later_count,
                  &importer->later_capacity, sizeof *later);
    KITH_ENSURE(later != NULL, KITH_E_MEMORY);
    importer->later = later;
    KITH_TRY(kith_arena_copy(&importer->arena, field, &ref.field));
    KITH_TRY(kith_arena_copy(&importer->arena, text, &ref.key));
    ref.record.number = record; /* the draft; its id is known when the row is committed */
    later[importer->later_count++] = ref;
    importer->later_of_row++;
    return KITH_OK;
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

kith_status kith_importer_begin_row(kith_importer *importer, uint64_t line)
{
    if (importer->rows_in_batch == BATCH_ROWS) {
        KITH_TRY(end_batch(importer));
    }
    if (importer->rows_in_batch == 0) {
        importer->batch_start = *importer->report;
        KITH_TRY(kith_engine_batch_begin(importer->replica));
    }
    importer->rows_in_batch++;
    importer->report->row_count++;
    importer->line = line;
    importer->later_of_row = 0;
    kith_engine_edit_reset(importer->edit);
    importer->edit->find_ref = find_ref;
    importer->edit->find_ref_user = importer;
    return KITH_OK;
}

static void tell(kith_importer *importer, const kith_reject *reject)
{
    if (importer->options->reject != NULL) {
        importer->options->reject(importer->options->user, reject);
    }
}

void kith_importer_reject(kith_importer *importer, const char *field, const char *message)
{
    importer->report->rejected_count++;
    importer->later_count -= importer->later_of_row;
    importer->later_of_row = 0;
    tell(importer, &(kith_reject){importer->line, "", field, message, ""});
}

static void reject_problems(kith_importer *importer)
{
    const kith_edit *edit = importer->edit;
    importer->report->rejected_count++;
    importer->later_count -= importer->later_of_row;
    for (size_t i = 0; i < edit->problem_count; i++) {
        const kith_problem *problem = &edit->problems[i];
        tell(importer,
             &(kith_reject){importer->line, (const char *)edit->drafts[problem->record].kind.data,
                            problem->field, problem->message, problem->accepted});
    }
}

static kith_status note_added(kith_importer *importer)
{
    const kith_edit *edit = importer->edit;
    for (size_t i = 0; i < edit->draft_count; i++) {
        importer->report->added_count++;
        KITH_TRY(remember_key(importer, importer->hashes[i], edit->drafts[i].id));
    }
    for (size_t i = importer->later_count - importer->later_of_row; i < importer->later_count;
         i++) {
        kith_later_ref *ref = &importer->later[i];
        ref->record = edit->drafts[ref->record.number].id;
    }
    return KITH_OK;
}

kith_status kith_importer_end_row(kith_importer *importer)
{
    kith_edit *edit = importer->edit;
    kith_status status = kith_engine_edit_commit(edit);
    if (status == KITH_E_REFUSED) {
        reject_problems(importer);
        return KITH_OK;
    }
    if (status == KITH_E_LIMIT) {
        kith_importer_reject(importer, "", "is too large");
        return KITH_OK;
    }
    KITH_TRY(status);
    return note_added(importer);
}

static kith_status resolve_later(kith_importer *importer, const kith_later_ref *ref)
{
    kith_edit *edit = importer->edit;
    kith_dot target;
    uint32_t record = 0;
    char id[KITH_ID_TEXT_SIZE];
    KITH_TRY(kith_importer_begin_row(importer, ref->line));
    importer->report->row_count--; /* the row was counted when it was read */
    KITH_TRY(kith_importer_find_key(importer, ref->key, &target));
    if (target.author == 0) {
        tell(importer, &(kith_reject){ref->line, "", (const char *)ref->field.data,
                                      "names no record and no row's key; the row was added without",
                                      "an id, or the key of a row"});
        return KITH_OK;
    }
    kith_id_format(kith_engine_id(importer->replica, target), id);
    kith_slice text = kith_slice_of(id);
    KITH_TRY(kith_draft_open(edit, ref->record, &record));
    bool multi = false;
    const kith_kind *kind = kith_draft_kind(edit, record);
    const kith_field *field = kind == NULL ? NULL : kith_kind_find_field(kind, ref->field);
    multi = field != NULL && (field->flags & KITH_FIELD_MULTI) != 0;
    KITH_TRY(kith_draft_texts(edit, record, ref->field, multi ? KITH_DRAFT_ADD : KITH_DRAFT_SET,
                              &text, 1));
    kith_status status = kith_engine_edit_commit(edit);
    if (status == KITH_E_REFUSED) {
        const kith_problem *problem = &edit->problems[0];
        tell(importer,
             &(kith_reject){ref->line, "", problem->field, problem->message, problem->accepted});
        return KITH_OK;
    }
    return status;
}

kith_status kith_importer_finish(kith_importer *importer)
{
    for (size_t i = 0; i < importer->later_count; i++) {
        KITH_TRY(resolve_later(importer, &importer->later[i]));
    }
    return end_batch(importer);
}
