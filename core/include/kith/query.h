/* Finding records: lists by kind and field, full-text search, who points to a record, what needs a
 * person's decision.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_QUERY_H
#define KITH_QUERY_H

#include <kith/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A field that must hold a value, in its text form; empty text: must hold nothing. */
typedef struct kith_where {
    kith_slice field;
    kith_slice text;
} kith_where;

/** What to list. Start from KITH_LIST_OPTIONS_INIT. */
typedef struct kith_list_options {
    uint32_t struct_size;
    uint32_t limit;          /* most rows; 0 for all */
    kith_slice kind;         /* a kind's name */
    const kith_where *where; /* all must hold */
    size_t where_count;
    kith_slice sort;          /* a field's name; empty: last changed first */
    int64_t changed_since_ms; /* only records changed then or later; INT64_MIN for all */
    uint32_t descending;      /* with sort: 1 for the greatest first */
    uint32_t with_removed;    /* 1 to list removed records too */
    const char *language;     /* for titles; NULL for English */
} kith_list_options;

#define KITH_LIST_OPTIONS_INIT                                                             \
    {                                                                                      \
        sizeof(kith_list_options), 0, {NULL, 0}, NULL, 0, {NULL, 0}, INT64_MIN, 0, 0, NULL \
    }

/** One record in a list. */
typedef struct kith_list_row {
    kith_id id;
    const char *kind;
    const char *title;
    const char *field;     /* in a list of references: the field that points; else "" */
    int64_t changed_ms;    /* corrected */
    int32_t changed_trust; /* KITH_TIME_… */
    uint32_t is_removed;
    uint32_t is_revived;
    uint32_t in_conflict;
} kith_list_row;

/** Records as they stood when they were listed. */
typedef struct kith_list kith_list;

/** Frees a list; NULL is fine. Before the replica is closed. */
KITH_API void kith_list_free(kith_list *list);
KITH_API size_t kith_list_count(const kith_list *list);
/** A row by position; NULL past the end. Lives as long as the list. */
KITH_API const kith_list_row *kith_list_row_at(const kith_list *list, size_t index);

/** Lists the records of a kind.
 *
 *  @param list_out  free with kith_list_free(); NULL on failure
 *  @return KITH_OK; KITH_E_NOT_FOUND if the schema has no such kind and no record is of it;
 *          KITH_E_ARGUMENT if a field is not of the kind or a text is no value of it, with the
 *          detail; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_list_records(kith_replica *replica,
                                                     const kith_list_options *options,
                                                     kith_list **list_out);

/** Finds records by words in names, places and notes, whatever their case, accents and script;
 * words of names also by sound, and the beginnings of words. The best first.
 *
 *  @param words  what a person typed, UTF-8; all words must be found
 *  @param kind   only this kind; empty for all
 *  @param limit  most rows, up to 1,000; 0 for 20
 *  @return KITH_OK; KITH_E_NOT_FOUND for an unknown kind; KITH_E_ARGUMENT if there is no word to
 *          look for; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_find_records(kith_replica *replica, kith_slice words,
                                                     kith_slice kind, uint32_t limit,
                                                     const char *language, kith_list **list_out);

/** Lists the records that point to one.
 *
 *  @return KITH_OK; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_list_references(kith_replica *replica, kith_id id,
                                                        const char *language, kith_list **list_out);

/** Lists the records that need a decision: fields in conflict, removed here and changed there.
 *
 *  @return KITH_OK; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_list_conflicts(kith_replica *replica, const char *language,
                                                       kith_list **list_out);

#ifdef __cplusplus
}
#endif

#endif
