/* An edit being built: drafts of changes to records, and what is wrong with them.
 *   edit.c        drafts and problems
 *   edit_value.c  texts to values, against the schema
 *   edit_json.c   JSON to drafts
 *   commit.c      drafts to a commit
 *   undo.c        a commit to the drafts that take it back
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_EDIT_H
#define KITH_ENGINE_EDIT_H

#include <kith/edit.h>

#include "codec/json.h"
#include "engine/replica.h"

/** What a draft does to one field. */
typedef enum kith_draft_action {
    KITH_DRAFT_SET,     /* one value; none clears */
    KITH_DRAFT_REPLACE, /* a set as a whole */
    KITH_DRAFT_ADD,     /* values into a set */
    KITH_DRAFT_TAKE     /* values out of a set */
} kith_draft_action;

typedef struct kith_draft_op {
    kith_slice field; /* of the arena */
    kith_draft_action action;
    bool settles;     /* the field must be in conflict */
    bool is_deferred; /* a reference whose target is not here yet: set later */
    kith_value *values;
    size_t value_count;
} kith_draft_op;

typedef struct kith_draft {
    bool is_new;
    kith_slice kind; /* of the arena; empty while unknown */
    kith_dot id;     /* of an existing record; of a new one once committed */
    kith_deed deed;
    kith_draft_op *ops;
    size_t op_count;
    size_t op_capacity;
} kith_draft;

struct kith_edit {
    kith_replica *replica;
    kith_arena arena;
    kith_draft *drafts;
    size_t draft_count;
    size_t draft_capacity;
    kith_problem *problems;
    size_t problem_count;
    size_t problem_capacity;
    /* What a reference means that is no whole id of a record here but the key of a row: the record,
     * or none (0/0) to leave the field out for now. NULL outside imports. */
    kith_status (*find_ref)(void *user, uint32_t record, kith_slice field, kith_slice text,
                            kith_dot *dot_out);
    void *find_ref_user;
    uint64_t undoes; /* the commit that this edit takes back; 0 for none */
    bool has_changed;
};

KITH_MUST_USE kith_status kith_engine_edit_begin(kith_replica *replica, kith_edit **edit_out);
void kith_engine_edit_free(kith_edit *edit);
void kith_engine_edit_reset(kith_edit *edit);

/* Drafts. */
KITH_MUST_USE kith_status kith_draft_create(kith_edit *edit, kith_slice kind, uint32_t *record_out);
KITH_MUST_USE kith_status kith_draft_open(kith_edit *edit, kith_dot id, uint32_t *record_out);
KITH_MUST_USE kith_status kith_draft_deed(kith_edit *edit, uint32_t record, kith_deed deed);

/** Adds an operation to a draft: several on one field are all done, in order. */
KITH_MUST_USE kith_status kith_draft_add_op(kith_edit *edit, uint32_t record,
                                            const kith_draft_op *op);

/** Reads a text against the schema into an operation of the draft; faults become problems.
 *  `action` SET means REPLACE for fields that hold sets. */
KITH_MUST_USE kith_status kith_draft_text(kith_edit *edit, uint32_t record, kith_slice field,
                                          kith_draft_action action, bool settles, kith_slice text);

/** The same for several texts, one a value. */
KITH_MUST_USE kith_status kith_draft_texts(kith_edit *edit, uint32_t record, kith_slice field,
                                           kith_draft_action action, const kith_slice *texts,
                                           size_t text_count);

/** Fills in defaults of a new record and notes required fields that are missing or cleared. */
KITH_MUST_USE kith_status kith_draft_complete(kith_edit *edit, uint32_t record);

/** The kind of a draft, or NULL if the schema does not know it. */
const kith_kind *kith_draft_kind(const kith_edit *edit, uint32_t record);

KITH_MUST_USE kith_status kith_engine_edit_json(kith_edit *edit, kith_slice json);
/** Sets the fields that an object names, in one draft. */
KITH_MUST_USE kith_status kith_engine_edit_fields(kith_edit *edit, uint32_t record,
                                                  const kith_json *fields);
KITH_MUST_USE kith_status kith_engine_edit_commit(kith_edit *edit);
KITH_MUST_USE kith_status kith_engine_edit_undo(kith_edit *edit);

/** Adds a problem; the texts are copied. */
KITH_MUST_USE kith_status kith_edit_note(kith_edit *edit, uint32_t record, kith_slice field,
                                         const char *message, const char *accepted);

/** Notes that a required field would be left empty, unless something else is wrong with it. */
KITH_MUST_USE kith_status kith_edit_note_required(kith_edit *edit, uint32_t record,
                                                  const kith_field *field);

/** A record by whole or abbreviated id. KITH_E_NOT_FOUND, KITH_E_AMBIGUOUS, KITH_E_SYNTAX. */
KITH_MUST_USE kith_status kith_engine_resolve(kith_replica *replica, kith_slice text,
                                              kith_dot *dot_out);

#endif
