/* A replica: one device's database of records and their history.
 *
 * Open one with kith_replica_open(), read and change it with the functions of the other headers,
 * close it with kith_replica_close(). A handle is used by one thread at a time; different handles,
 * also of one file and in several processes, are independent: a change made through one is seen by
 * the next call on the other.
 *
 * Caveats:
 *   - Do not copy, move or delete the file while it is open, and never without its -wal companion.
 *   - The file must not lie on a network disk.
 *   - Who may read a new file is decided by the process's umask; make it private.
 *   - Do not carry a handle over fork().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_REPLICA_H
#define KITH_REPLICA_H

#include <kith/base.h>
#include <kith/env.h>
#include <kith/schema.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kith_replica kith_replica;

/** Where a program keeps a few bytes that backups of the replica do not bring back: how far others
 *  have seen what this device wrote. A replica that was put back from a backup knows it by that,
 *  and uses no number again. Called on the replica's thread, and must not use it. */
typedef struct kith_mark {
    /** Reads the number that was kept for an author, sixteen letters; 0 if none was. */
    kith_status (*get)(void *user, const char *author, uint64_t *number_out);
    /** Keeps it. Durable when it returns. */
    kith_status (*set)(void *user, const char *author, uint64_t number);
    void *user;
} kith_mark;

/** How to open a replica. Start from KITH_OPEN_OPTIONS_INIT. */
typedef struct kith_open_options {
    uint32_t struct_size;    /* sizeof(kith_open_options) */
    uint32_t create;         /* 1 to make a new replica; the file must not exist */
    const kith_env *env;     /* NULL for the platform's; copied */
    const char *device_name; /* with create: what people call this device; at most 200 bytes */
    kith_replica *device_of; /* with create: a replica of the same device, for another space: its
                                keys become the new one's; used only in the call. NULL: new keys */
    const kith_mark *mark;   /* NULL for none; copied */
} kith_open_options;

#define KITH_OPEN_OPTIONS_INIT                               \
    {                                                        \
        sizeof(kith_open_options), 0, NULL, NULL, NULL, NULL \
    }

/** Opens or makes the replica at a path.
 *
 *  @param path         of the database file, UTF-8, NUL-terminated
 *  @param options      NULL to open with the platform's environment
 *  @param replica_out  close with kith_replica_close(); NULL on failure
 *  @param error        receives the detail of a failure; may be NULL
 *  @return KITH_OK; KITH_E_NOT_FOUND if there is none; KITH_E_EXISTS if `create` and there is one;
 *          KITH_E_NEWER if a newer Kith wrote it; KITH_E_DAMAGED; KITH_E_READ_ONLY; KITH_E_FULL;
 *          KITH_E_BUSY after ten seconds of another process writing; KITH_E_ARGUMENT; KITH_E_IO
 *  A new replica is durable when this returns. */
KITH_API KITH_MUST_USE kith_status kith_replica_open(const char *path,
                                                     const kith_open_options *options,
                                                     kith_replica **replica_out, kith_error *error);

/** Closes a replica; NULL is fine. Everything reported as saved is saved without it. */
KITH_API void kith_replica_close(kith_replica *replica);

/** The detail of the last failure on this handle; means something only right after one. Never
 *  NULL; lives as long as the replica. */
KITH_API const kith_error *kith_replica_error(const kith_replica *replica);

/** The schema as it stands; borrowed until the next call that may change it (see kith/schema.h).
 *
 *  @return never NULL */
KITH_API const kith_schema *kith_replica_schema(const kith_replica *replica);

/** Adds kinds, fields and code lists to the space's schema: a change like any other, that travels
 *  to the other members. What is there stays as it is.
 *
 *  @param name        of the extension; adding under a name again replaces its definition
 *  @param definition  JSON as proto/spec/schema.md describes it, at most 64 KiB
 *  @return KITH_OK; KITH_E_SYNTAX or KITH_E_REFUSED with the place and reason in the detail;
 *          KITH_E_LIMIT; storage statuses as for kith_edit_commit()
 *  Durable when it returns. */
KITH_API KITH_MUST_USE kith_status kith_schema_add(kith_replica *replica, kith_slice name,
                                                   kith_slice definition);

/** Writes the schema, or one kind of it, as JSON with labels in a language.
 *
 *  @param kind      a kind's name; empty for all
 *  @param language  ISO 639-3; NULL for English
 *  @param json_out  borrowed until the next call on this replica
 *  @return KITH_OK; KITH_E_NOT_FOUND if there is no such kind; KITH_E_MEMORY */
KITH_API KITH_MUST_USE kith_status kith_schema_json(kith_replica *replica, kith_slice kind,
                                                    const char *language, kith_slice *json_out);

/** Called after records changed, through this handle or, when the next call notices, another one.
 *  Runs on the caller's thread, with no lock held and no transaction open; may read and write.
 *
 *  @param ids    of the records that changed; borrowed for the call
 *  @param count  0 means: more than can be told, read anew what you show */
typedef void (*kith_watch_function)(void *user, const kith_id *ids, size_t count);

/** Sets the one function to call after changes; NULL for none. */
KITH_API void kith_replica_watch(kith_replica *replica, kith_watch_function function, void *user);

/** Begins a batch: edits committed until kith_batch_end() become durable together, which is much
 *  faster for many. Not nested. Another process cannot write meanwhile.
 *
 *  @return KITH_OK; KITH_E_STATE inside a batch; KITH_E_BUSY; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_batch_begin(kith_replica *replica);

/** Ends a batch. On failure nothing of the batch is kept. A call in it, also a read, that failed
 *  for want of memory or room or by an I/O error may have taken all of it back: then this answers
 *  so.
 *
 *  @return KITH_OK; KITH_E_STATE outside a batch; storage statuses
 *  All edits of the batch are durable when it returns KITH_OK. */
KITH_API KITH_MUST_USE kith_status kith_batch_end(kith_replica *replica);

/** Takes a batch back: nothing of it is kept. Fine outside a batch. */
KITH_API void kith_batch_cancel(kith_replica *replica);

/** Tells the replica a time known to be right, from a relay or a satellite. Changes made while the
 *  clock was wrong are shown with corrected times from now on, here and, as the correction is a
 *  change like any other, everywhere.
 *
 *  @param unix_ms  milliseconds since 1 January 1970 UTC
 *  @return KITH_OK; storage statuses. Durable when it returns. */
KITH_API KITH_MUST_USE kith_status kith_replica_learn_time(kith_replica *replica, int64_t unix_ms);

/** Figures about a replica. */
typedef struct kith_replica_status {
    uint32_t struct_size;     /* set by the caller */
    uint32_t author_count;    /* authors whose changes are here */
    uint64_t change_count;    /* changes in the log */
    uint64_t own_count;       /* of them made on this device */
    uint64_t record_count;    /* records, without removed ones */
    uint64_t removed_count;   /* removed records */
    uint64_t attention_count; /* records with conflicts, or removed here and changed there */
    uint64_t file_bytes;      /* of the database */
    kith_id device;           /* this device's own record */
} kith_replica_status;

/** Fills in the figures.
 *
 *  @return KITH_OK; KITH_E_ARGUMENT for an unknown struct_size; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_replica_read_status(kith_replica *replica,
                                                            kith_replica_status *status_out);

/** What kith_replica_check() found. */
typedef struct kith_check_report {
    uint32_t struct_size;     /* set by the caller */
    uint32_t rebuilt_differs; /* 1 if the state was not what the log says; it has been replaced */
    uint64_t change_count;    /* changes that were read and are sound */
    uint64_t record_count;
    uint8_t state_hash[32]; /* equal on all replicas that have the same changes */
} kith_check_report;

/** Called now and then during long work. It must not use the replica.
 *
 *  @param done   how much is done, of `total`; 0 of 0 while not known
 *  @return KITH_OK to go on; anything else stops, and the call answers KITH_E_STOPPED */
typedef kith_status (*kith_progress_function)(void *user, uint64_t done, uint64_t total);

/** Checks the file, reads the whole log and hashes the state. With `rebuild`, also folds the log
 *  anew beside the state, compares the two byte for byte, and puts the new one in place if they
 *  differ.
 *
 *  @param progress  may be NULL
 *  @return KITH_OK, also if the state had to be replaced; KITH_E_DAMAGED if the file or log is
 *          damaged; KITH_E_STOPPED; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_replica_check(kith_replica *replica, uint32_t rebuild,
                                                      kith_progress_function progress, void *user,
                                                      kith_check_report *report_out);

#ifdef __cplusplus
}
#endif

#endif
