/* Lists of records: the rows that every query answers with. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_LIST_H
#define KITH_ENGINE_LIST_H

#include <kith/query.h>

#include "engine/replica.h"

struct kith_list {
    kith_arena arena; /* holds all it points to */
    kith_list_row *rows;
    size_t row_count;
    size_t row_capacity;
};

KITH_MUST_USE kith_status kith_list_new(kith_replica *replica, kith_list **list_out);
void kith_engine_list_free(kith_list *list);

/** Adds a row for a record; `field` may be NULL. A record that is not there is left out. */
KITH_MUST_USE kith_status kith_list_add(kith_list *list, kith_replica *replica, kith_dot id,
                                        const char *field, const char *language);

/** A kind by name, as its number here: 0 if the schema knows it and no record here is of it.
 *  KITH_E_NOT_FOUND if neither. In a scan. */
KITH_MUST_USE kith_status kith_list_find_kind(kith_replica *replica, kith_slice name,
                                              uint32_t *kind_out);

KITH_MUST_USE kith_status kith_engine_list(kith_replica *replica, const kith_list_options *options,
                                           kith_list **list_out);
KITH_MUST_USE kith_status kith_engine_find(kith_replica *replica, kith_slice words, kith_slice kind,
                                           size_t limit, const char *language,
                                           kith_list **list_out);
KITH_MUST_USE kith_status kith_engine_list_references(kith_replica *replica, kith_dot id,
                                                      const char *language, kith_list **list_out);
KITH_MUST_USE kith_status kith_engine_list_conflicts(kith_replica *replica, const char *language,
                                                     kith_list **list_out);

#endif
