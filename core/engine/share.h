/* Giving to others and taking from them: own changes become segments, others' segments become
 * changes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_SHARE_H
#define KITH_ENGINE_SHARE_H

#include "engine/space.h"
#include "segment/header.h"

/** Why a segment was set aside. Stored: never renumbered. */
typedef enum kith_aside {
    KITH_ASIDE_GAP = 1,        /* segments before it are missing */
    KITH_ASIDE_KEY = 2,        /* the key of its epoch is not here */
    KITH_ASIDE_DAMAGED = 3,    /* it does not decode */
    KITH_ASIDE_NEWER = 4,      /* a newer program is needed */
    KITH_ASIDE_FORKED = 5,     /* another stands under its number */
    KITH_ASIDE_DENIED = 6,     /* its device may not write, or no longer */
    KITH_ASIDE_UNPROVEN = 7,   /* applied; what its author says to have seen is not here yet */
    KITH_ASIDE_CONTRADICTS = 8 /* applied; its author was shown another history than this device */
} kith_aside;

/** What became of a segment. */
typedef struct kith_taken {
    uint64_t change_count; /* applied, with those that waited for it */
    uint32_t aside;        /* kith_aside; 0 if it was applied or is here already */
    bool is_own_newer;     /* this device was restored, and goes on as a new author */
    bool lacks_own;        /* this device was restored; own segments before this one tell how far */
    bool is_new;           /* it is in the log now and was not before */
    bool is_refused;       /* nothing shows that a member made it, or it is damaged: not kept */
} kith_taken;

/** Makes segments of all own changes that are in none. Durable when it returns.
 *
 *  @return KITH_OK; KITH_E_STATE without a space; KITH_E_DENIED if this device may not write */
KITH_MUST_USE kith_status kith_engine_seal(kith_replica *replica);

/** Takes a segment: applies it, or sets it aside. Its relay position becomes the cursor, unless it
 *  is 0. Durable when it returns KITH_OK, which it does whatever the segment is.
 *
 *  @return KITH_OK; storage statuses; KITH_E_MEMORY */
KITH_MUST_USE kith_status kith_engine_take_segment(kith_replica *replica, kith_slice bytes,
                                                   uint64_t position, kith_taken *taken_out);

/** The same for a segment that came by hand: whoever carried it may have changed it. None is kept
 *  whose device the charter does not know or whose body is not the one that its header names. The
 *  next sync offers the relay what came so. */
KITH_MUST_USE kith_status kith_engine_take_handed(kith_replica *replica, kith_slice bytes,
                                                  kith_taken *taken_out);

/** Tries again what was set aside for want of something: after keys came, or at a sync's end. */
KITH_MUST_USE kith_status kith_engine_retry_aside(kith_replica *replica, kith_taken *taken_out);

#endif
