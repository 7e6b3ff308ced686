/* Changing records: build an edit, commit it, read what was wrong with it.
 *
 * An edit is atomic over all records it touches. It gathers every fault before it is refused, so
 * that a person sees all of them at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_EDIT_H
#define KITH_EDIT_H

#include <kith/replica.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An edit being built. Belongs to its replica, ends before it, is used on the same thread. */
typedef struct kith_edit kith_edit;

/** Something wrong with an edit. Lives until the edit changes or is freed. */
typedef struct kith_problem {
    uint32_t record;      /* which record of the edit */
    const char *field;    /* the field's name; "" for the record as a whole */
    const char *message;  /* what is wrong, such as "is not in the calendar"; English, one line */
    const char *accepted; /* what would be accepted, or "" */
} kith_problem;

/** Begins an edit.
 *
 *  @param edit_out  free with kith_edit_free(); NULL on failure
 *  @return KITH_OK; KITH_E_MEMORY; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_edit_begin(kith_replica *replica, kith_edit **edit_out);

/** Frees an edit; NULL is fine. What was committed stays. */
KITH_API void kith_edit_free(kith_edit *edit);

/** Empties an edit for the next use; cheaper than a new one. */
KITH_API void kith_edit_reset(kith_edit *edit);

/** Adds a new record to the edit.
 *
 *  Other records of the edit refer to it as "@0", "@1" …, by its number.
 *
 *  @param record_out  its number in the edit
 *  @return KITH_OK, also for an unknown kind, which is a problem; KITH_E_LIMIT past 1,024 records;
 *          KITH_E_MEMORY */
KITH_API KITH_MUST_USE kith_status kith_edit_create(kith_edit *edit, kith_slice kind,
                                                    uint32_t *record_out);

/** Takes an existing record into the edit; a second time gives the same number.
 *
 *  @return KITH_OK; KITH_E_NOT_FOUND; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_edit_open(kith_edit *edit, kith_id id,
                                                  uint32_t *record_out);

/** Sets a field to a value in its text form (see kith/schema.h); empty text clears it. Of a field
 *  that holds a set, the whole set: values with ';' between them, or ',' for codes, references and
 *  phone numbers. References may be abbreviated ids, or "@n".
 *
 *  @return KITH_OK, also for a bad value, which is a problem; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_edit_set(kith_edit *edit, uint32_t record, kith_slice field,
                                                 kith_slice text);

/** Adds a value to a field that holds a set. Statuses as kith_edit_set(). */
KITH_API KITH_MUST_USE kith_status kith_edit_add(kith_edit *edit, uint32_t record, kith_slice field,
                                                 kith_slice text);

/** Takes a value out of a field that holds a set. Statuses as kith_edit_set(). */
KITH_API KITH_MUST_USE kith_status kith_edit_take(kith_edit *edit, uint32_t record,
                                                  kith_slice field, kith_slice text);

/** Removes a record. A change to it that somebody makes without knowing of the removal brings it
 *  back, and it is listed among the conflicts. */
KITH_API KITH_MUST_USE kith_status kith_edit_remove(kith_edit *edit, uint32_t record);

/** Takes removals of a record back. */
KITH_API KITH_MUST_USE kith_status kith_edit_keep(kith_edit *edit, uint32_t record);

/** Settles a conflict: as kith_edit_set(), but a problem if the field is in no conflict. */
KITH_API KITH_MUST_USE kith_status kith_edit_settle(kith_edit *edit, uint32_t record,
                                                    kith_slice field, kith_slice text);

/** Adds what a JSON object says:
 *    {"kind": "person", "fields": {"full_name": "…", "roles": ["migrant"], …}}  a new record
 *    {"id": "…", "fields": {…}, "add": {field: value or list}, "remove": {…}}   an edit
 *    {"records": [ … several of the above … ]}
 *  Values are texts in their text form, numbers, booleans, null to clear, lists for sets. "@n" may
 *  name a record further down the list.
 *
 *  @param json  one object of at most 1 MiB; borrowed for the call
 *  @return KITH_OK, also for faults of content, which are problems; KITH_E_SYNTAX if it is no JSON
 *          or not of this form; KITH_E_LIMIT; KITH_E_NOT_FOUND for an unknown id; storage
 *          statuses */
KITH_API KITH_MUST_USE kith_status kith_edit_json(kith_edit *edit, kith_slice json);

/** Commits the edit. Writes that change nothing are left out.
 *
 *  @return KITH_OK; KITH_E_REFUSED if there are problems: read them with kith_edit_problem();
 *          KITH_E_LIMIT if it is too large; KITH_E_BUSY after ten seconds of another process
 *          writing; KITH_E_FULL, KITH_E_READ_ONLY, KITH_E_IO, KITH_E_MEMORY, KITH_E_DAMAGED.
 *          KITH_E_STATE if it was committed already. Nothing is changed unless it is KITH_OK; after
 *          other statuses than that last one it can be tried again.
 *  Durable when it returns KITH_OK; inside a batch, when kith_batch_end() does. */
KITH_API KITH_MUST_USE kith_status kith_edit_commit(kith_edit *edit);

/** How many records the edit touches, and the id of one: after the commit for new ones, else
 *  zero. */
KITH_API uint32_t kith_edit_record_count(const kith_edit *edit);
KITH_API kith_id kith_edit_record_id(const kith_edit *edit, uint32_t record);

/** 1 if the last commit wrote anything. */
KITH_API uint32_t kith_edit_has_changed(const kith_edit *edit);

/** How many problems there are; all are known after kith_edit_commit(). */
KITH_API size_t kith_edit_problem_count(const kith_edit *edit);

/** A problem by position; NULL past the end. */
KITH_API const kith_problem *kith_edit_problem(const kith_edit *edit, size_t index);

/** Takes back the last edit of this device that is not taken back yet: one more edit, that writes
 *  the values from before.
 *
 *  @param edit  an empty edit; afterwards tells which records changed
 *  @return KITH_OK; KITH_E_NOT_FOUND if there is nothing to take back; KITH_E_REFUSED if something
 *          it wrote was overwritten since, with problems; statuses as kith_edit_commit()
 *  Durable when it returns KITH_OK. */
KITH_API KITH_MUST_USE kith_status kith_edit_undo(kith_edit *edit);

#ifdef __cplusplus
}
#endif

#endif
