/* A space's charter for tests: a story in which each kind of entry happens, made by the writers of
 * core/space, and entries by hand, signed whatever they say. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_CHARTERS_H
#define KITH_TESTS_CHARTERS_H

#include "harness.h"
#include "space/charter.h"

/* Devices, by whose they are. */
typedef enum charters_device { ASHA, BEN, CHITRA, DEVI, ELA, CHARTERS_DEVICES } charters_device;

/** The seed and the keys of a device: each time the same. */
void charters_seed(charters_device device, uint8_t seed[KITH_SEED_BYTES]);
kith_device_keys charters_keys(charters_device device);

enum { CHARTERS_ENTRIES_MAX = 16, CHARTERS_EPOCHS_MAX = 6, CHARTERS_STORY_ENTRIES = 11 };

typedef struct charters_space {
    kith_context *cx;
    kith_charter charter;
    kith_buf bytes;                        /* of all entries, one behind the other */
    size_t ends[CHARTERS_ENTRIES_MAX + 1]; /* of each entry in those, by its number */
    uint8_t keys[CHARTERS_EPOCHS_MAX + 1][KITH_KEY_BYTES];               /* by epoch */
    uint8_t secrets[CHARTERS_ENTRIES_MAX + 1][KITH_INVITE_SECRET_BYTES]; /* by invite's entry */
} charters_space;

/** A space without entries. The crypto library is ready. */
void charters_begin(charters_space *s, kith_context *cx);
void charters_end(charters_space *s);

/** A context whose random bytes follow from the state that `random` points to. */
void charters_context(kith_context *cx, test_random *random);

/** An entry of the space by its number. */
kith_slice charters_entry(const charters_space *s, uint32_t number);

/* Each of these makes an entry and has the charter take it. */
KITH_MUST_USE kith_status charters_found(charters_space *s, charters_device by, kith_slice name);
KITH_MUST_USE kith_status charters_invite(charters_space *s, charters_device by, kith_role role,
                                          uint32_t uses);
KITH_MUST_USE kith_status charters_admit(charters_space *s, charters_device device,
                                         uint32_t invite);
KITH_MUST_USE kith_status charters_revoke(charters_space *s, charters_device by,
                                          charters_device device,
                                          const kith_last_segment *last_segments, size_t count);
KITH_MUST_USE kith_status charters_rotate(charters_space *s, charters_device by);
KITH_MUST_USE kith_status charters_withdraw(charters_space *s, charters_device by, uint32_t invite);
KITH_MUST_USE kith_status charters_appoint(charters_space *s, charters_device by,
                                           charters_device device, kith_role role);

/** The last segments that the story's revocation names. */
extern const kith_last_segment charters_last_segments[2];

/** What happens in the space from where it stands up to entry `last` of the story:
 *    1  Asha founds it             5  invites two supervisors     9  Asha rotates the key
 *    2  and invites two workers;   6  and makes Ben an admin;    10  Ben withdraws invite 5
 *    3  Ben joins,                 7  Ben revokes Chitra;        11  Asha makes Ben a worker
 *    4  Chitra joins; Asha         8  Devi joins by 5 */
KITH_MUST_USE kith_status charters_play(charters_space *s, uint32_t last);

/** A hash of all that a charter holds. */
void charters_digest(const kith_charter *charter, uint8_t digest[KITH_HASH_BYTES]);

/** An entry by hand. */
typedef struct charters_draft {
    uint8_t version;
    uint8_t kind;
    kith_space_id space;
    uint32_t number;
    uint8_t previous[KITH_HASH_BYTES];
    charters_device issuer;
    kith_slice body;
} charters_draft;

/** A draft that stands where the space's next entry stands. */
charters_draft charters_next(const charters_space *s, kith_entry_kind kind, charters_device issuer,
                             kith_slice body);

/** The body of an entry. */
kith_slice charters_body(kith_slice entry);

/** Puts the entry that a draft makes, signed by its issuer, into the place of what `out` holds. */
void charters_sign(const charters_draft *draft, kith_buf *out);

/** For trying one rule: an entry of the story is done over and held against the charter as it stood
 *  then. */
typedef struct charters_bench {
    charters_space space; /* in which the whole story has happened */
    kith_charter charter; /* as it was at some point of it */
    kith_buf body;        /* of the draft */
    kith_buf entry;       /* what was made of it */
} charters_bench;

void charters_bench_begin(charters_bench *bench, kith_context *cx);
void charters_bench_end(charters_bench *bench);

/** Goes to where the charter stood after so many entries. */
void charters_go_to(charters_bench *bench, uint32_t count);

/** Goes to where an entry of the story was made, and drafts it again. Its body is in `body`. */
charters_draft charters_redraft(charters_bench *bench, uint32_t number);

/** Drafts what a device would append that joins by an invite of the story. */
charters_draft charters_admission(charters_bench *bench, charters_device device, uint32_t invite);

/** Moves a draft to where the charter stands now. */
void charters_move(const charters_bench *bench, charters_draft *draft);

/** Fails the test unless the charter judges so what a draft makes. */
#define assert_judged(bench, draft, expected) \
    charters_check((bench), (draft), (expected), __FILE__, __LINE__)
void charters_check(charters_bench *bench, const charters_draft *draft, kith_status expected,
                    const char *file, int line);

#endif
