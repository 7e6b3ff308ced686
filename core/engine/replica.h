/* The replica: where log, fold, schema and clock meet. The functions here bracket every read and
 * write; the other files of this folder each do one thing with an open replica.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_REPLICA_H
#define KITH_ENGINE_REPLICA_H

#include <kith/replica.h>

#include "engine/clock.h"
#include "engine/fold.h"
#include "log/log.h"
#include "schema/schema.h"
#include "space/invite.h"
#include "wire/frame.h"

/** What a replica knows of its space beside the charter and the keys (engine/space.h). */
typedef struct kith_space {
    bool exists;
    kith_space_id id;
    char name[KITH_SPACE_NAME_BYTES_MAX + 1]; /* "" until the first key is here */
    char relay[KITH_RELAY_URL_BYTES_MAX + 1];
    char token[KITH_TOKEN_BYTES_MAX + 1]; /* for founding at the relay; "" for none */
    bool has_pin;
    uint8_t pin[KITH_PIN_BYTES];
    bool is_joining; /* until the relay has admitted this device */
    uint32_t invite; /* by which it joins, while joining */
    uint8_t secret[KITH_INVITE_SECRET_BYTES];
    uint8_t relay_epoch[KITH_RELAY_EPOCH_BYTES]; /* zeros before the first sync */
    uint64_t cursor;                             /* position received last */
    uint64_t accepted;                           /* own segments that the relay has */
    uint32_t accepted_entries;                   /* of the charter that the relay has … */
    uint32_t firm_entries; /* … or had once: no other entry takes the place of one of these */
    int64_t synced_ms;
    uint64_t given;     /* own segments that stood in a bundle */
    uint64_t unoffered; /* times that something came by hand, or an own author ended, since the
                        relay was last offered all */
    kith_charter charter;
    bool has_charter; /* it has been read */
} kith_space;

/* Ids of changed records that a watcher is told one by one. */
enum { KITH_WATCH_IDS_MAX = 256 };

struct kith_replica {
    kith_context cx;
    char *path;
    kith_mark mark; /* its functions NULL for none */
    kith_store *store;
    kith_directory directory;
    kith_log log;
    kith_fold fold;
    kith_schema schema;
    kith_clock clock;
    kith_device_keys device_keys; /* this device's, derived when first asked for */
    bool has_device_keys;
    kith_space space;
    kith_keyring keys;
    bool is_syncing;           /* kith_sync_begin() was called */
    bool is_stale;             /* what is in memory must be read anew */
    bool is_touched;           /* the write at hand changed what is in memory */
    bool is_in_batch;          /* kith_batch_begin() was called */
    kith_status batch_failure; /* why the open batch cannot be kept; KITH_OK if it can */
    kith_buf text;             /* JSON handed to the caller until the next call */
    kith_watch_function watch;
    void *watch_user;
    kith_id changed[KITH_WATCH_IDS_MAX];
    size_t changed_count; /* above KITH_WATCH_IDS_MAX: too many to tell */
};

/** Opens or makes a replica; see kith_replica_open(). */
KITH_MUST_USE kith_status kith_engine_open(const char *path, const kith_open_options *options,
                                           kith_replica **replica_out, kith_error *error);
void kith_engine_close(kith_replica *replica);

/** Takes in what other processes wrote. */
KITH_MUST_USE kith_status kith_engine_refresh(kith_replica *replica);

/** Begins a read: memory and database show one moment until kith_engine_end_read(), whatever other
 *  processes write; in a batch, what the batch has come to. The watcher is told before. */
KITH_MUST_USE kith_status kith_engine_begin_read(kith_replica *replica);

/** The same with nothing pending, so that indexes can be used. */
KITH_MUST_USE kith_status kith_engine_begin_scan(kith_replica *replica);

/** Ends a read. Returns the status it is given. */
KITH_MUST_USE kith_status kith_engine_end_read(kith_replica *replica, kith_status status);

/** What a call of the library's user begins with: the same, and tells the watcher. */
KITH_MUST_USE kith_status kith_engine_notice(kith_replica *replica);

/** Begins a write: takes the database's write lock, unless a batch holds it, and refreshes. */
KITH_MUST_USE kith_status kith_engine_begin(kith_replica *replica);

/** Ends a write: with KITH_OK makes it durable (in a batch: keeps it for the batch's end), else
 *  takes it back. Returns the status, or why it could not be made durable. */
KITH_MUST_USE kith_status kith_engine_end(kith_replica *replica, kith_status status);

/** KITH_OK if the open batch can be kept, else why not. */
KITH_MUST_USE kith_status kith_engine_batch_status(kith_replica *replica);

/** Writes the pending part of the fold, so that indexes can be used. */
KITH_MUST_USE kith_status kith_engine_flush(kith_replica *replica);

/** Leaves the open transaction with nothing pending and nothing unwritten. */
KITH_MUST_USE kith_status kith_engine_write_out(kith_replica *replica);

/** Reads schema and corrections anew if records that carry them changed. */
KITH_MUST_USE kith_status kith_engine_reload_meaning(kith_replica *replica);

/** Stamps, logs and applies a commit. Between kith_engine_begin() and kith_engine_end(). The
 *  changes' ids and stamps are filled in here. */
KITH_MUST_USE kith_status kith_engine_append(kith_replica *replica, kith_commit *commit);

/** Applies a commit that is in the log. */
KITH_MUST_USE kith_status kith_engine_apply(kith_replica *replica, const kith_commit *commit);

/** Calls the watcher if records changed. No transaction may be open. */
void kith_engine_tell(kith_replica *replica);

/** Stores the clock in the open transaction. */
KITH_MUST_USE kith_status kith_engine_save_clock(kith_replica *replica);

/** Reads a record into the arena; marks_out may be NULL. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kith_engine_read(kith_replica *replica, kith_dot id, kith_arena *arena,
                                           kith_state *record_out, uint32_t *marks_out);

/** What a record is, without reading its state; both outs may be NULL. KITH_E_NOT_FOUND. */
KITH_MUST_USE kith_status kith_engine_peek(kith_replica *replica, kith_dot id, uint32_t *kind_out,
                                           uint32_t *marks_out);

/** Visits the ids of all records of a kind, written or not, in the order that all replicas share.
 */
typedef kith_status (*kith_dot_visitor)(void *user, kith_dot id);
KITH_MUST_USE kith_status kith_engine_scan_ids(kith_replica *replica, kith_slice kind,
                                               kith_dot_visitor visit, void *user);

/** An id as the database's, or 0/0 if its author was never met. */
kith_dot kith_engine_dot(const kith_replica *replica, kith_id id);
kith_id kith_engine_id(const kith_replica *replica, kith_dot dot);

/** The record of an id as the database's, or 0/0 if there is none. */
KITH_MUST_USE kith_status kith_engine_known(kith_replica *replica, kith_id id, kith_dot *dot_out);

/** The number a field or kind has here, given out now if it is new. */
KITH_MUST_USE kith_status kith_engine_name(kith_replica *replica, const char *name,
                                           uint32_t *ordinal_out);

#endif
