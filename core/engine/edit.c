/* Drafts and problems. SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

#include <stdio.h>

#include "base/limits.h"
#include "text/utf8.h"

kith_status kith_engine_edit_begin(kith_replica *replica, kith_edit **edit_out)
{
    *edit_out = NULL;
    kith_edit *edit = kith_allocate(&replica->cx, sizeof *edit);
    KITH_ENSURE(edit != NULL, KITH_E_MEMORY);
    edit->replica = replica;
    kith_arena_init(&edit->arena, &replica->cx);
    *edit_out = edit;
    return KITH_OK;
}

void kith_engine_edit_free(kith_edit *edit)
{
    if (edit != NULL) {
        kith_context *cx = &edit->replica->cx;
        kith_arena_deinit(&edit->arena);
        kith_free(cx, edit);
    }
}

void kith_engine_edit_reset(kith_edit *edit)
{
    kith_arena_reset(&edit->arena);
    *edit = (kith_edit){.replica = edit->replica, .arena = edit->arena};
}

kith_status kith_edit_note(kith_edit *edit, uint32_t record, kith_slice field, const char *message,
                           const char *accepted)
{
    kith_slice copies[3];
    kith_problem *problems = kith_arena_grow(&edit->arena, edit->problems, edit->problem_count,
                                             &edit->problem_capacity, sizeof *problems);
    KITH_ENSURE(problems != NULL, KITH_E_MEMORY);
    edit->problems = problems;
    KITH_TRY(
        kith_arena_copy(&edit->arena, kith_slice_head(field, KITH_NAME_BYTES_MAX), &copies[0]));
    KITH_TRY(kith_arena_copy(&edit->arena, kith_slice_of(message), &copies[1]));
    KITH_TRY(kith_arena_copy(&edit->arena, kith_slice_of(accepted), &copies[2]));
    problems[edit->problem_count++] =
        (kith_problem){record, (const char *)copies[0].data, (const char *)copies[1].data,
                       (const char *)copies[2].data};
    return KITH_OK;
}

static kith_status add_draft(kith_edit *edit, const kith_draft *draft, uint32_t *record_out)
{
    KITH_ENSURE(edit->draft_count < KITH_COMMIT_CHANGES_MAX,
                kith_fail(&edit->replica->cx, KITH_E_LIMIT, "more than %zu records in one edit",
                          KITH_COMMIT_CHANGES_MAX));
    kith_draft *drafts = kith_arena_grow(&edit->arena, edit->drafts, edit->draft_count,
                                         &edit->draft_capacity, sizeof *drafts);
    KITH_ENSURE(drafts != NULL, KITH_E_MEMORY);
    drafts[edit->draft_count] = *draft;
    edit->drafts = drafts;
    *record_out = (uint32_t)edit->draft_count++;
    return KITH_OK;
}

static kith_status note_unknown_kind(kith_edit *edit, uint32_t record, kith_slice kind)
{
    char message[KITH_NAME_BYTES_MAX + 40];
    size_t shown = kith_utf8_valid_bytes(kith_slice_head(kind, KITH_NAME_BYTES_MAX));
    (void)snprintf(message, sizeof message, "is of no known kind: %.*s",
                   KITH_SLICE_ARGUMENTS(kith_slice_head(kind, shown)));
    return kith_edit_note(edit, record, (kith_slice){NULL, 0}, message,
                          "one of the kinds that `kith schema show` lists");
}

kith_status kith_draft_create(kith_edit *edit, kith_slice kind, uint32_t *record_out)
{
    kith_draft draft = {.is_new = true, .deed = KITH_DEED_CREATE};
    *record_out = 0;
    KITH_TRY(kith_arena_copy(&edit->arena, kind, &draft.kind));
    KITH_TRY(add_draft(edit, &draft, record_out));
    return kith_draft_kind(edit, *record_out) != NULL ? KITH_OK
                                                      : note_unknown_kind(edit, *record_out, kind);
}

kith_status kith_draft_open(kith_edit *edit, kith_dot id, uint32_t *record_out)
{
    kith_replica *replica = edit->replica;
    uint32_t kind = 0;
    *record_out = 0;
    for (size_t i = 0; i < edit->draft_count; i++) {
        if (!edit->drafts[i].is_new && kith_dot_equal(edit->drafts[i].id, id)) {
            *record_out = (uint32_t)i;
            return KITH_OK;
        }
    }
    kith_draft draft = {.id = id, .deed = KITH_DEED_EDIT};
    KITH_TRY(kith_engine_peek(replica, id, &kind, NULL));
    KITH_TRY(kith_arena_copy(&edit->arena, replica->directory.names[kind], &draft.kind));
    return add_draft(edit, &draft, record_out);
}

kith_status kith_draft_deed(kith_edit *edit, uint32_t record, kith_deed deed)
{
    KITH_ENSURE(record < edit->draft_count && !edit->drafts[record].is_new,
                kith_fail(&edit->replica->cx, KITH_E_ARGUMENT, "no such record in the edit"));
    edit->drafts[record].deed = (kith_deed)deed;
    return KITH_OK;
}

kith_status kith_draft_add_op(kith_edit *edit, uint32_t record, const kith_draft_op *op)
{
    kith_draft *draft = &edit->drafts[record];
    kith_draft_op *ops = kith_arena_grow(&edit->arena, draft->ops, draft->op_count,
                                         &draft->op_capacity, sizeof *ops);
    KITH_ENSURE(ops != NULL, KITH_E_MEMORY);
    ops[draft->op_count++] = *op;
    draft->ops = ops;
    return KITH_OK;
}

const kith_kind *kith_draft_kind(const kith_edit *edit, uint32_t record)
{
    return kith_schema_find_kind(&edit->replica->schema, edit->drafts[record].kind);
}

/* An abbreviated id may fit records of several authors. */
typedef struct id_candidates {
    kith_dot found;
    size_t count;
} id_candidates;

static kith_status try_author(kith_replica *replica, uint32_t author, uint64_t number,
                              id_candidates *candidates)
{
    kith_dot dot = {author, number};
    kith_status status = kith_engine_peek(replica, dot, NULL, NULL);
    if (status == KITH_OK) {
        candidates->found = dot;
        candidates->count++;
    }
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status kith_engine_resolve(kith_replica *replica, kith_slice text, kith_dot *dot_out)
{
    const kith_directory *directory = &replica->directory;
    kith_id_pattern pattern;
    id_candidates candidates = {0};
    *dot_out = (kith_dot){0};
    KITH_ENSURE(kith_id_pattern_parse(text, &pattern) == KITH_OK,
                kith_fail(&replica->cx, KITH_E_SYNTAX,
                          "that is no id; ids look like 7m3kq9x2wd4tzc8h-37, 7m3k-37 or 37"));
    for (uint32_t i = 1; i < directory->author_count && candidates.count < 2; i++) {
        /* Without letters, a record of this device is meant and no other. */
        bool fits = pattern.letter_count == 0
                        ? i == directory->own
                        : kith_id_pattern_fits(&pattern, directory->authors[i].id);
        if (fits) {
            KITH_TRY(try_author(replica, i, pattern.number, &candidates));
        }
    }
    KITH_ENSURE(candidates.count > 0,
                kith_fail(&replica->cx, KITH_E_NOT_FOUND, "there is no record with that id"));
    KITH_ENSURE(candidates.count == 1,
                kith_fail(&replica->cx, KITH_E_AMBIGUOUS,
                          "several records have an id like that; give more letters of it"));
    *dot_out = candidates.found;
    return KITH_OK;
}
