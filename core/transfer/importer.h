/* What every import shares: rows in batches, keys that are known already, references to rows that
 * come later, faults, progress. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_IMPORTER_H
#define KITH_TRANSFER_IMPORTER_H

#include <kith/transfer.h>

#include "engine/edit.h"

/** A key met in this import: its hash and record. Sorted by hash. */
typedef struct kith_known_key {
    int64_t hash;
    kith_dot id;
} kith_known_key;

/** A reference to a key that has not been met. */
typedef struct kith_later_ref {
    kith_dot record;
    uint64_t line;
    kith_slice field; /* of the arena, as is key */
    kith_slice key;
} kith_later_ref;

typedef struct kith_importer {
    kith_replica *replica;
    const kith_import_options *options;
    kith_import_report *report;
    kith_edit *edit;
    const char *source;   /* stands before keys; "" for none */
    kith_known_key *keys; /* hash table, open addressing; id.author 0 marks a free place */
    size_t key_count;
    size_t key_capacity;
    bool has_origins;  /* the database has keys of earlier imports */
    kith_slice looked; /* the full key looked up last, and its hash */
    int64_t looked_hash;
    int64_t *hashes; /* of the keys given to the row's new records, by draft */
    size_t hash_capacity;
    kith_arena arena; /* for what lives until the end */
    kith_later_ref *later;
    size_t later_count;
    size_t later_capacity;
    size_t later_of_row; /* of them made by the row at hand */
    uint64_t line;       /* where the row at hand begins */
    uint64_t bytes_read;
    uint32_t rows_in_batch;
    kith_import_report batch_start; /* to go back to if the batch fails */
} kith_importer;

KITH_MUST_USE kith_status kith_importer_init(kith_importer *importer, kith_replica *replica,
                                             const kith_import_options *options,
                                             kith_import_report *report);
void kith_importer_deinit(kith_importer *importer);

/** Reads on; counts bytes and tells progress. */
KITH_MUST_USE kith_status kith_importer_read(kith_importer *importer, uint8_t *buffer,
                                             size_t capacity, size_t *length_out);

/** Begins a row: empties the edit. */
KITH_MUST_USE kith_status kith_importer_begin_row(kith_importer *importer, uint64_t line);

/** Looks a key up: among this import's, then among all records'. `dot_out` is zero if it is new. */
KITH_MUST_USE kith_status kith_importer_find_key(kith_importer *importer, kith_slice key,
                                                 kith_dot *dot_out);

/** The key of a row that has none: a hash of its content, and which of the rows with that content
 *  it is. Borrowed until the next call. */
KITH_MUST_USE kith_status kith_importer_content_key(kith_importer *importer, kith_slice content,
                                                    kith_slice *key_out);

/** Gives the draft of a new record its source and the key that was looked up last. */
KITH_MUST_USE kith_status kith_importer_set_key(kith_importer *importer, uint32_t record);

/** Ends a row: commits the edit, or reports its faults. KITH_OK also for a rejected row. */
KITH_MUST_USE kith_status kith_importer_end_row(kith_importer *importer);

/** Rejects the row at hand as a whole. */
void kith_importer_reject(kith_importer *importer, const char *field, const char *message);

/** Ends the import: resolves the references that were put off, makes all durable. */
KITH_MUST_USE kith_status kith_importer_finish(kith_importer *importer);

#endif
