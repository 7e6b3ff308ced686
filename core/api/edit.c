/* The functions of kith/edit.h. SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"

kith_status kith_edit_begin(kith_replica *replica, kith_edit **edit_out)
{
    *edit_out = NULL;
    KITH_TRY(kith_engine_notice(replica));
    return kith_engine_edit_begin(replica, edit_out);
}

void kith_edit_free(kith_edit *edit)
{
    kith_engine_edit_free(edit);
}

void kith_edit_reset(kith_edit *edit)
{
    kith_engine_edit_reset(edit);
}

kith_status kith_edit_create(kith_edit *edit, kith_slice kind, uint32_t *record_out)
{
    return kith_draft_create(edit, kind, record_out);
}

kith_status kith_edit_open(kith_edit *edit, kith_id id, uint32_t *record_out)
{
    *record_out = 0;
    KITH_TRY(kith_engine_begin_read(edit->replica));
    kith_dot dot = kith_engine_dot(edit->replica, id);
    return kith_engine_end_read(edit->replica, kith_draft_open(edit, dot, record_out));
}

static bool refers(const kith_edit *edit, uint32_t record, kith_slice name)
{
    const kith_kind *kind = record < edit->draft_count ? kith_draft_kind(edit, record) : NULL;
    const kith_field *field = kind == NULL ? NULL : kith_kind_find_field(kind, name);
    return field != NULL && field->type == KITH_TYPE_REF;
}

/* Only what refers to a record has to be looked up. */
static kith_status draft_text(kith_edit *edit, uint32_t record, kith_slice field,
                              kith_draft_action action, bool settles, kith_slice text)
{
    if (!refers(edit, record, field)) {
        return kith_draft_text(edit, record, field, action, settles, text);
    }
    KITH_TRY(kith_engine_begin_read(edit->replica));
    return kith_engine_end_read(edit->replica,
                                kith_draft_text(edit, record, field, action, settles, text));
}

kith_status kith_edit_set(kith_edit *edit, uint32_t record, kith_slice field, kith_slice text)
{
    return draft_text(edit, record, field, KITH_DRAFT_SET, false, text);
}

kith_status kith_edit_add(kith_edit *edit, uint32_t record, kith_slice field, kith_slice text)
{
    return draft_text(edit, record, field, KITH_DRAFT_ADD, false, text);
}

kith_status kith_edit_take(kith_edit *edit, uint32_t record, kith_slice field, kith_slice text)
{
    return draft_text(edit, record, field, KITH_DRAFT_TAKE, false, text);
}

kith_status kith_edit_settle(kith_edit *edit, uint32_t record, kith_slice field, kith_slice text)
{
    return draft_text(edit, record, field, KITH_DRAFT_SET, true, text);
}

kith_status kith_edit_remove(kith_edit *edit, uint32_t record)
{
    return kith_draft_deed(edit, record, KITH_DEED_REMOVE);
}

kith_status kith_edit_keep(kith_edit *edit, uint32_t record)
{
    return kith_draft_deed(edit, record, KITH_DEED_KEEP);
}

kith_status kith_edit_json(kith_edit *edit, kith_slice json)
{
    KITH_TRY(kith_engine_begin_read(edit->replica));
    return kith_engine_end_read(edit->replica, kith_engine_edit_json(edit, json));
}

kith_status kith_edit_commit(kith_edit *edit)
{
    kith_status status = kith_engine_edit_commit(edit);
    kith_engine_tell(edit->replica);
    return status;
}

kith_status kith_edit_undo(kith_edit *edit)
{
    KITH_TRY(kith_engine_notice(edit->replica));
    kith_status status = kith_engine_edit_undo(edit);
    kith_engine_tell(edit->replica);
    return status;
}

uint32_t kith_edit_record_count(const kith_edit *edit)
{
    return (uint32_t)edit->draft_count;
}

kith_id kith_edit_record_id(const kith_edit *edit, uint32_t record)
{
    bool known = record < edit->draft_count && edit->drafts[record].id.author != 0;
    return known ? kith_engine_id(edit->replica, edit->drafts[record].id) : (kith_id){{0}};
}

uint32_t kith_edit_has_changed(const kith_edit *edit)
{
    return edit->has_changed;
}

size_t kith_edit_problem_count(const kith_edit *edit)
{
    return edit->problem_count;
}

const kith_problem *kith_edit_problem(const kith_edit *edit, size_t index)
{
    return index < edit->problem_count ? &edit->problems[index] : NULL;
}
