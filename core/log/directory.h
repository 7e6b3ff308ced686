/* The names and authors a replica has met, by ordinal. Ordinals are this replica's own: they keep
 * the stored state small and never travel. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_LOG_DIRECTORY_H
#define KITH_LOG_DIRECTORY_H

#include "base/arena.h"
#include "merge/known.h"
#include "store/store.h"

typedef struct kith_directory {
    kith_context *cx;
    kith_arena texts;
    kith_slice *names; /* by ordinal; 0 is none */
    size_t name_count;
    size_t name_capacity;
    uint32_t *names_sorted; /* ordinals in the order of texts */
    size_t names_sorted_capacity;
    kith_author *authors; /* by ordinal; 0 is nobody */
    kith_chain *chains;   /* of their segments; by ordinal */
    size_t author_count;
    size_t author_capacity;
    size_t chain_capacity;
    uint32_t *authors_sorted; /* ordinals in the order of ids */
    size_t authors_sorted_capacity;
    uint32_t own;        /* the author that this replica writes as; 0 before there is one */
    size_t stored_names; /* how many of each the database has */
    size_t stored_authors;
    kith_correction *corrections; /* of clocks; kept by engine/clock_records.c */
    size_t correction_count;
    size_t correction_capacity;
} kith_directory;

KITH_MUST_USE kith_status kith_directory_init(kith_directory *directory, kith_context *cx);
void kith_directory_deinit(kith_directory *directory);

/** Reads what the database has, in place of what was there. */
KITH_MUST_USE kith_status kith_directory_load(kith_directory *directory, kith_store *store);

/** Writes what is new since the last load or save. The store is in a transaction; if that is rolled
 *  back, load again. */
KITH_MUST_USE kith_status kith_directory_save(kith_directory *directory, kith_store *store);

/** Makes an author, new or met before, the one that the device writes as. Saves. */
KITH_MUST_USE kith_status kith_directory_set_own(kith_directory *directory, kith_store *store,
                                                 kith_author_id id);

/** The ordinal of a name, given out now if it is new. KITH_E_LIMIT past KITH_NAMES_MAX. */
KITH_MUST_USE kith_status kith_directory_name(kith_directory *directory, kith_slice text,
                                              uint32_t *ordinal_out);

/** The ordinal of a name, or 0 if it was never met. */
uint32_t kith_directory_find_name(const kith_directory *directory, kith_slice text);

/** The ordinal of an author, given out now if it is new. KITH_E_LIMIT past KITH_AUTHORS_MAX. */
KITH_MUST_USE kith_status kith_directory_author(kith_directory *directory, kith_author_id id,
                                                uint32_t *ordinal_out);

/** The ordinal of an author, or 0 if it was never met. */
uint32_t kith_directory_find_author(const kith_directory *directory, kith_author_id id);

/** Notes where an author's chain of segments stands, in memory and in the open transaction; the
 *  author is stored with it. */
KITH_MUST_USE kith_status kith_directory_set_chain(kith_directory *directory, kith_store *store,
                                                   uint32_t author, const kith_chain *chain);

/** How many own changes are in no segment. */
static inline uint64_t kith_directory_unsealed(const kith_directory *directory)
{
    uint64_t head = directory->authors[directory->own].head;
    uint64_t last = directory->chains[directory->own].last;
    return head > last ? head - last : 0;
}

/** The view that merging needs; good until the directory changes. */
static inline kith_known kith_directory_known(const kith_directory *directory)
{
    return (kith_known){directory->authors, directory->author_count, directory->corrections,
                        directory->correction_count};
}

#endif
