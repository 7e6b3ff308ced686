/* The sync machine: bytes in, bytes out (proto/spec/sync.md). It has no sockets and no clock of its
 * own; core/net or a host's network stack carries what it says.
 *
 * A sync is a few requests, most often one. For each, a plan is made of what to ask and what to
 * push; the request's body is made as it is read, and the answer is acted on as it comes. What an
 * answer shows to be amiss becomes the plan of the next request:
 *
 *   broken transfer      ask how far the relay got, then go on from that byte
 *   wrong time           the same again with the relay's time
 *   joining              with the whole charter here, our own admission
 *   relay lost something tell it all heads, hear its own, push what it lacks
 *   device was restored  go on as a new author (engine/restore.h)
 *
 * A sync after something came by hand begins with such a telling of heads: what came so need not
 * come again, and what the relay lacks goes out.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SYNC_SYNC_H
#define KITH_SYNC_SYNC_H

#include <kith/sync.h>

#include "engine/share.h"
#include "engine/space.h"
#include "segment/seal.h"
#include "wire/frame.h"
#include "wire/request.h"

/* What is kept of a relay's reason. */
enum { KITH_SYNC_TEXT_SIZE = 200 };

/* How the next request differs from a plain one. */
typedef struct kith_sync_plan {
    bool is_wanted; /* there is to be one */
    bool is_probe;  /* ask how far the relay got; push nothing */
    bool is_survey; /* tell all heads and hear the relay's; push nothing but entries */
    bool is_refill; /* push what the relay lacks of any author */
} kith_sync_plan;

/* Where making the request stands. */
typedef enum kith_sync_step {
    KITH_STEP_REST,
    KITH_STEP_OWN,
    KITH_STEP_OTHERS,
    KITH_STEP_DONE
} kith_sync_step;

/* What the sync learns of the relay and the space. It stands here and not in the replica's memory
 * until it is stored: another process's writing makes the replica read its own anew. */
typedef struct kith_sync_facts {
    uint8_t relay_epoch[KITH_RELAY_EPOCH_BYTES];
    uint64_t cursor;
    uint64_t accepted;
    uint32_t accepted_entries;
    bool is_joining;
    bool has_founded; /* the token has served */
    int64_t synced_ms;
    uint64_t unoffered; /* as the space had it when the sync began … */
    bool has_offered;   /* … and the relay has been offered all of it */
} kith_sync_facts;

/* How far everything has got for good: it stands still while requests are made in vain. */
typedef struct kith_sync_mark {
    uint64_t cursor;
    uint64_t received_changes; /* a survey leaves the cursor where it is */
    uint64_t partial_bytes;    /* of a segment on its way here */
    uint64_t accepted;
    uint64_t accepted_entries;
    uint64_t staged_bytes; /* of a segment on its way there */
} kith_sync_mark;

/* One space's part of a sync. */
typedef struct kith_sync_part {
    kith_sync *sync;
    kith_replica *replica;
    kith_sync_facts facts;
    kith_sync_plan plan;         /* of the next request */
    kith_sync_mark mark;         /* when the request before was made */
    kith_sync_mark failure_mark; /* when a transfer last broke */
    bool was_admitted;           /* by this sync */
    bool has_conflict;           /* another admin was first */
    bool has_fork;               /* an author's history is told in two ways */
    kith_status failure;         /* as the relay says; KITH_OK for none */
    char failure_text[KITH_SYNC_TEXT_SIZE];
    kith_status status; /* why the space cannot be synced; its replica has the detail */
    kith_buf partial;   /* a segment on its way here, as far as it came */
    /* The request at hand: */
    kith_sync_plan request; /* not wanted: the space has no part in it */
    bool is_begun;          /* its ask has been written */
    bool is_held;           /* without own segments: there may be others under their numbers */
    kith_sync_step step;
    uint64_t next_own;    /* number of the next own segment to push */
    uint32_t next_author; /* of a refill, with the next segment of it */
    uint64_t next_number;
    kith_segment_head *relay_heads;
    size_t relay_head_count;
    bool has_own_head;
    kith_accepted_frame own_head; /* of our author, at the relay */
    bool has_staged;
    kith_staged_frame staged;
    /* The answer at hand: */
    kith_space_frame space;
    bool has_end;
} kith_sync_part;

struct kith_sync {
    kith_context *cx; /* of the first replica */
    kith_sync_part *parts;
    size_t part_count;
    kith_sync_progress progress;
    char url[KITH_RELAY_URL_BYTES_MAX + 16];
    char header[32 + KITH_AUTHORIZATION_SIZE];
    uint32_t requests_in_vain; /* in a row */
    uint32_t failures;         /* transfers that broke in a row, with nothing gained between */
    int64_t clock_offset_ms;   /* the relay's time less ours; 0 until it is needed */
    bool has_offset;
    /* The request at hand: */
    size_t written; /* parts that stand in it as a whole */
    kith_buf out;
    size_t out_taken;
    kith_buf segment; /* one on its way out */
    /* The answer at hand: */
    kith_frame_stream in;
    kith_sync_part *told; /* whose frames come; NULL before the first */
    bool has_relay;
    uint8_t relay_epoch[KITH_RELAY_EPOCH_BYTES];
    bool is_garbled;
    kith_status failure; /* of the request as a whole, as the relay says; KITH_OK for none */
    char failure_text[KITH_SYNC_TEXT_SIZE];
};

/** True if the spaces of two replicas are at one relay, so that a request can be about both. */
bool kith_sync_is_same_relay(const kith_replica *a, const kith_replica *b);

/** How many transfers broke in a row with nothing gained between: whether there is use in another
 *  try, and how long to wait before it. For a transport. */
uint32_t kith_sync_failures(const kith_sync *sync);

/** Ends the sync of one space for good; the others go on. Its replica has the detail. */
void kith_sync_fail_part(kith_sync_part *part, kith_status status);

/** Begins the next request: its first frames stand in sync->out. */
KITH_MUST_USE kith_status kith_sync_make_request(kith_sync *sync);

/** Fills sync->out again, until the request ends. */
KITH_MUST_USE kith_status kith_sync_fill(kith_sync *sync);

/** Acts on one frame of the answer. */
KITH_MUST_USE kith_status kith_sync_take_frame(kith_sync *sync, const kith_frame *frame);

/** Acts on the whole answer about a space: plans its next request, or ends its sync. */
KITH_MUST_USE kith_status kith_sync_conclude(kith_sync_part *part);

/** Keeps the segment that was coming in when the transfer broke. */
KITH_MUST_USE kith_status kith_sync_keep_partial(kith_sync *sync);

#endif
