/* What every import shares: rows in batches, keys that are known already, references to rows that
 * come later, faults, progress. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_IMPORTER_H
#define KITH_TRANSFER_IMPORTER_H

#include <kith/transfer.h>

#include "engine/edit.h"
#include "transfer/keys.h"

/** Said of a row that contradicts an earlier one. */
#define KITH_IMPORT_DIFFERS "says something else than an earlier row with the same key"

/** One key of a record, with its source in front. */
typedef struct kith_row_key {
    const char *source;
    kith_slice text;
    int64_t hash;
    kith_dot id; /* of the record that has it; 0/0 for none */
} kith_row_key;

/** The keys of one record; one at least. */
typedef struct kith_row_keys {
    kith_row_key *items;
    size_t count;
} kith_row_keys;

/** A key that a draft of the row at hand will have when it is committed. */
typedef struct kith_claim {
    int64_t hash;
    uint32_t draft;
    const kith_said *said; /* what the row says of the record; NULL if nobody will compare */
} kith_claim;

/** What the row at hand says of a known record's field, to stand when the row is taken in. */
typedef struct kith_import_mark {
    uint32_t *place;
    uint32_t fingerprint;
} kith_import_mark;

/** A reference to a key that has not been met. */
typedef struct kith_later_ref {
    kith_dot record; /* while its row is at hand: 0 and the draft */
    bool completes;  /* the record was here before */
    uint64_t line;
    kith_slice field; /* of the arena, as is key */
    kith_slice key;   /* with its source */
} kith_later_ref;

/** What the row at hand comes to, beside its edit, in whose arena the lists are. */
typedef struct kith_row_work {
    uint64_t line;        /* where the row begins */
    uint64_t known_count; /* records that it names and that are here */
    size_t later_count;   /* references that it put off: the last ones */
    kith_claim *claims;
    size_t claim_count;
    size_t claim_capacity;
    kith_import_mark *marks;
    size_t mark_count;
    size_t mark_capacity;
    kith_reject *left_out; /* told if the row is taken in */
    size_t left_out_count;
    size_t left_out_capacity;
} kith_row_work;

typedef struct kith_importer {
    kith_replica *replica;
    const kith_import_options *options;
    kith_import_report *report;
    kith_edit *edit;
    const char *source; /* stands before the keys that references name; "" for none */
    kith_keys keys;     /* of records */
    kith_keys said;     /* what rows said of records that have keys, by record */
    bool has_origins;   /* the database has keys of earlier imports */
    kith_arena arena;   /* for what lives until the end */
    kith_later_ref *later;
    size_t later_count;
    size_t later_capacity;
    kith_row_work row;
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

/** Looks keys up: among those of this import, then among all records'.
 *
 *  @param keys     their texts are given, and become what is stored; hashes and ids are filled in
 *  @param id_out   the record that has the first of them that is known; 0/0 for none
 *  @param why_out  on KITH_E_REFUSED what is wrong with a key, static */
KITH_MUST_USE kith_status kith_importer_find(kith_importer *importer, const kith_row_keys *keys,
                                             kith_dot *id_out, const char **why_out);

/** Gives a draft those of the keys that no record has.
 *
 *  @param said  what the row says of a new record, to be compared with what later rows say; lives
 *               until the row's end; NULL for none */
KITH_MUST_USE kith_status kith_importer_set_keys(kith_importer *importer, uint32_t record,
                                                 const kith_row_keys *keys, const kith_said *said);

/** Gives a known record those of the keys that no record has; one that another record has is left
 *  out. A removed record is left alone.
 *
 *  @param kind  of the record, for messages */
KITH_MUST_USE kith_status kith_importer_complete_keys(kith_importer *importer, const char *kind,
                                                      const kith_row_keys *keys, kith_dot id);

/** What earlier rows of this import said of a known record. Lives until the import's end. */
KITH_MUST_USE kith_status kith_importer_said(kith_importer *importer, kith_dot id,
                                             size_t field_count, kith_said **said_out);

/** Room for what a row says of a new record. NULL with the detail set. */
KITH_MUST_USE kith_said *kith_said_new(kith_arena *arena, size_t field_count);

/** Adds to what was said, if the row is taken in. */
KITH_MUST_USE kith_status kith_importer_say(kith_importer *importer, uint32_t *place,
                                            uint32_t fingerprint);

/** The key of a row that has none: a hash of its content, and which of the rows with that content
 *  it is. `source` stands before it; "" for none. The text lives until the row's end. */
KITH_MUST_USE kith_status kith_importer_content_key(kith_importer *importer, const char *source,
                                                    kith_slice content, kith_slice *key_out);

/** Leaves a value out of the row if that is taken in. The texts live until the row's end. */
KITH_MUST_USE kith_status kith_importer_leave_out(kith_importer *importer, const char *kind,
                                                  const char *field, const char *message,
                                                  const char *accepted);

/** Ends a row: commits the edit and reports what was left out, or reports its faults. KITH_OK also
 *  for a rejected row. */
KITH_MUST_USE kith_status kith_importer_end_row(kith_importer *importer);

/** Rejects the row at hand. `kind` and `field` may be "", as in kith_reject. */
void kith_importer_reject(kith_importer *importer, const char *kind, const char *field,
                          const char *message, const char *accepted);

/** Ends the import: resolves the references that were put off, makes all durable. */
KITH_MUST_USE kith_status kith_importer_finish(kith_importer *importer);

#endif
