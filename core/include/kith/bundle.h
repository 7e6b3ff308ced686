/* Bundles: carrying records from device to device in a file, without a network.
 *
 * A bundle holds what a relay would be sent: sealed, signed segments and the charters of their
 * spaces. It may be taken in any number of times and in any order with others. What it holds of
 * spaces that the device is not a member of is kept unread, and is in the bundles that the device
 * writes from then on.
 *
 * A device in several spaces has a replica for each: all of them write one bundle together, and
 * take one in together, so that each finds what is its own. The first of them keeps what is of
 * others, and has the detail of a failure.
 *
 * Streams are callbacks, so that a file, a document picker or a radio can stand behind them. They
 * run on the caller's thread and must not use the replica. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BUNDLE_H
#define KITH_BUNDLE_H

#include <kith/sync.h>
#include <kith/transfer.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How to write a bundle. Start from KITH_BUNDLE_EXPORT_OPTIONS_INIT. */
typedef struct kith_bundle_export_options {
    uint32_t struct_size;
    kith_write_function write;
    kith_progress_function progress; /* bytes written; may be NULL */
    void *user;                      /* for both */
    kith_slice key; /* of the device that it is for, as kith_space_device has it: what that said in
                       its last bundle to have is left out; empty for anybody */
    uint32_t goes_on; /* 1: if this device was put back from a backup, do not hold its new changes
                         back for what others have seen of it; nobody has that any more */
} kith_bundle_export_options;

#define KITH_BUNDLE_EXPORT_OPTIONS_INIT                                    \
    {                                                                      \
        sizeof(kith_bundle_export_options), NULL, NULL, NULL, {NULL, 0}, 0 \
    }

/** What a bundle was made of. */
typedef struct kith_bundle_written {
    uint32_t struct_size;    /* set by the caller */
    uint32_t space_count;    /* the own ones and those carried unread */
    uint64_t entry_count;    /* of charters */
    uint64_t segment_count;  /* written … */
    uint64_t carried_count;  /* … of them, of other spaces */
    uint64_t left_out_count; /* segments that the device has */
    uint64_t held_count;     /* own changes that are not in it: this device was put back from a
                                backup, and what others have seen of it is to come back first */
    uint64_t byte_count;
    uint32_t is_device_known; /* 0 if a device was named that has given no bundle yet: nothing was
                                 left out */
} kith_bundle_written;

/** Writes a bundle of all that is here. What was recorded on this device is sealed first, and from
 *  then on travels as these bytes; a device that has not joined yet, or was taken out, writes only
 *  what it has of others.
 *
 *  @param replicas     of one device, with different spaces; 1 … KITH_SYNC_SPACES_MAX
 *  @param written_out  filled in also on failure; may be NULL
 *  @return KITH_OK; KITH_E_ARGUMENT; KITH_E_STATE if there is nothing to carry, or a batch is open;
 *          KITH_E_NOT_FOUND if no device of the spaces has that key; KITH_E_STOPPED; what `write`
 *          answered; storage statuses. A bundle is whole only with KITH_OK. */
KITH_API KITH_MUST_USE kith_status kith_bundle_export(kith_replica *const *replicas, size_t count,
                                                      const kith_bundle_export_options *options,
                                                      kith_bundle_written *written_out);

/** How to take a bundle in. Start from KITH_BUNDLE_IMPORT_OPTIONS_INIT. */
typedef struct kith_bundle_import_options {
    uint32_t struct_size;
    kith_read_function read;
    kith_progress_function progress; /* bytes read; may be NULL */
    uint64_t total_bytes;            /* of the input, for progress; 0 if not known */
    void *user;                      /* for both */
} kith_bundle_import_options;

#define KITH_BUNDLE_IMPORT_OPTIONS_INIT                         \
    {                                                           \
        sizeof(kith_bundle_import_options), NULL, NULL, 0, NULL \
    }

/** What came of a bundle. */
typedef struct kith_bundle_taken {
    uint32_t struct_size;   /* set by the caller */
    uint32_t space_count;   /* parts read */
    uint32_t own_count;     /* … of them, of the replicas' spaces */
    uint64_t segment_count; /* read */
    uint64_t new_count;     /* of them, new here and in the log now */
    uint64_t change_count;  /* applied, with those that had waited */
    uint64_t entry_count;   /* of the charter that are new here */
    uint64_t carried_count; /* segments and entries that are kept unread for other spaces, new */
    uint64_t refused_count; /* segments that no member made, or that do not verify */
    uint64_t waiting_count; /* segments here that wait for others or could not be read, in all */
    uint32_t is_damaged;    /* 1 if the file is … */
    uint64_t damaged_at;    /* … and where that shows first: an offset in bytes */
    uint32_t was_restored;  /* 1 if this device had been put back from a backup, or copied: it goes
                               on  as a new author */
} kith_bundle_taken;

/** Takes a bundle in, each part durably as it comes.
 *
 *  @param replicas   as for kith_bundle_export()
 *  @param taken_out  filled in also on failure, for what is durable; may be NULL
 *  @return KITH_OK, also if all was here already or is of other spaces; KITH_E_SYNTAX if it is no
 *          bundle; KITH_E_NEWER; KITH_E_STATE in a batch; KITH_E_STOPPED; what `read` answered;
 *          storage statuses. After the following, all the rest was taken: KITH_E_DAMAGED if the
 *          file is cut off or damaged; KITH_E_FORKED if it has another membership of the space than
 *          this device; KITH_E_BUSY if the membership was changed in two places and will be settled
 *          by the next sync, or by a bundle back; KITH_E_DENIED if the invite by which this device
 *          joins admits nobody any more; KITH_E_LIMIT if this device carries as much for others as
 *          it may */
KITH_API KITH_MUST_USE kith_status kith_bundle_import(kith_replica *const *replicas, size_t count,
                                                      const kith_bundle_import_options *options,
                                                      kith_bundle_taken *taken_out);

/** What a replica carries unread for other spaces. */
typedef struct kith_bundle_carried {
    uint32_t struct_size; /* set by the caller */
    uint32_t space_count;
    uint64_t segment_count;
    uint64_t byte_count; /* charters included */
} kith_bundle_carried;

/** Reads it. KITH_OK; KITH_E_ARGUMENT; storage statuses. */
KITH_API KITH_MUST_USE kith_status kith_bundle_read_carried(kith_replica *replica,
                                                            kith_bundle_carried *carried_out);

/** Takes in what any of the replicas carried of a space before another of them joined it. A sync,
 * an export and an import do so by themselves for the replicas that they are given.
 *
 *  @param replicas  as for kith_bundle_export()
 *  @return KITH_OK; KITH_E_ARGUMENT; KITH_E_STATE in a batch; storage statuses. Durable when it
 *          returns. */
KITH_API KITH_MUST_USE kith_status kith_bundle_adopt_carried(kith_replica *const *replicas,
                                                             size_t count);

/** Forgets it: to be called when it has reached those whom it is for, or the room is needed.
 *  Durable when it returns. KITH_OK; KITH_E_STATE in a batch; storage statuses. */
KITH_API KITH_MUST_USE kith_status kith_bundle_forget_carried(kith_replica *replica);

#ifdef __cplusplus
}
#endif

#endif
