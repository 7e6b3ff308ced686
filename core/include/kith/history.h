/* What happened: the changes of one record, or the latest of all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_HISTORY_H
#define KITH_HISTORY_H

#include <kith/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a change did to its record. */
enum { KITH_DID_CREATE = 0, KITH_DID_EDIT = 1, KITH_DID_REMOVE = 2, KITH_DID_KEEP = 3 };

/** What it did to a field. */
enum {
    KITH_FIELD_WAS_SET = 0,
    KITH_FIELD_WAS_CLEARED = 1,
    KITH_VALUE_ADDED = 2,
    KITH_VALUE_TAKEN = 3
};

typedef struct kith_history_op {
    const char *field;
    int32_t did;      /* KITH_FIELD_WAS_… or KITH_VALUE_… */
    const char *text; /* the value; "" if cleared */
} kith_history_op;

/** One change. */
typedef struct kith_history_entry {
    kith_id id; /* the change's own: its author and number */
    kith_id record;
    const char *kind; /* of the record; "" if not known here */
    kith_written written;
    int32_t did;         /* KITH_DID_… */
    uint32_t takes_back; /* 1 if it was made by undo */
    uint32_t op_count;
    const kith_history_op *ops;
} kith_history_entry;

typedef struct kith_history kith_history;

/** Reads history, the latest change first by corrected time.
 *
 *  @param id           of a record; zero for all records
 *  @param limit        most entries; 0 for all of a record, or the latest 50 of all
 *  @param history_out  free with kith_history_free(); NULL on failure
 *  @return KITH_OK; KITH_E_NOT_FOUND; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_history_get(kith_replica *replica, kith_id id,
                                                    uint32_t limit, kith_history **history_out);
KITH_API void kith_history_free(kith_history *history);
KITH_API size_t kith_history_count(const kith_history *history);
/** An entry by position; NULL past the end. Lives as long as the history. */
KITH_API const kith_history_entry *kith_history_entry_at(const kith_history *history, size_t index);

#ifdef __cplusplus
}
#endif

#endif
