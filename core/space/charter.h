/* A space's charter: who its members are, by which invites they came, which epochs its key has had
 * (proto/spec/charter.md).
 *
 * A chain of signed entries is read in order into a kith_charter, which then answers who may do
 * what; a new entry is made against a charter that has been read to its end. Pure: no clock, no
 * storage. Keys of epochs are not here (space/keys.h): the relay reads charters too.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_CHARTER_H
#define KITH_SPACE_CHARTER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "crypto/box.h"
#include "crypto/hash.h"

/* Stored and sent: never renumbered. */
typedef enum kith_role {
    KITH_ROLE_READER = 1,
    KITH_ROLE_WORKER = 2,
    KITH_ROLE_SUPERVISOR = 3,
    KITH_ROLE_ADMIN = 4
} kith_role;

typedef enum kith_entry_kind {
    KITH_ENTRY_FOUND = 1,
    KITH_ENTRY_INVITE = 2,
    KITH_ENTRY_ADMIT = 3,
    KITH_ENTRY_REVOKE = 4,
    KITH_ENTRY_ROTATE = 5,
    KITH_ENTRY_WITHDRAW = 6,
    KITH_ENTRY_APPOINT = 7
} kith_entry_kind;

enum {
    KITH_SEALED_KEY_BYTES = 84,   /* an epoch and its key, sealed to a box */
    KITH_OLD_KEY_BYTES = 72,      /* the key before, sealed under the new one */
    KITH_ENTRY_HEAD_BYTES = 86,   /* of every entry: what stands before its body … */
    KITH_ENTRY_FIXED_BYTES = 150, /* … and all but that */
    KITH_INVITE_SECRET_BYTES = 16
};

/* An invite that never expires. */
#define KITH_EXPIRES_NEVER INT64_C(0xffffffffffff)

/** The last segment of one of a revoked device's authors that counts. */
typedef struct kith_last_segment {
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    uint64_t number;
    uint8_t header[KITH_HASH_BYTES];
} kith_last_segment;

typedef struct kith_member {
    uint8_t sign[KITH_KEY_BYTES];
    uint8_t box[KITH_KEY_BYTES];
    uint8_t role;      /* kith_role */
    uint32_t admitted; /* number of the entry that admitted it */
    uint32_t invite;   /* number of its invite's entry; 0 for the founder */
    uint32_t revoked;  /* number of the entry that revoked it; 0 for a member */
    bool must_wipe;
    const kith_last_segment *last_segments; /* of a revoked one */
    size_t last_segment_count;
} kith_member;

typedef struct kith_charter_invite {
    uint32_t entry; /* number of its entry */
    uint8_t role;
    int64_t expires_ms; /* or KITH_EXPIRES_NEVER */
    uint32_t uses_left; /* 0 if used up or withdrawn */
    uint8_t sign[KITH_KEY_BYTES];
    uint8_t box[KITH_KEY_BYTES];
} kith_charter_invite;

typedef struct kith_charter_epoch {
    uint8_t commitment[KITH_HASH_BYTES];
    uint8_t old_key[KITH_OLD_KEY_BYTES]; /* zeros for epoch 1 */
} kith_charter_epoch;

typedef struct kith_charter {
    kith_context *cx;
    kith_arena arena; /* holds everything below */
    bool has_space;   /* it is known which space it must be */
    kith_space_id space;
    uint32_t entry_count;
    uint8_t head[KITH_HASH_BYTES];      /* hash of the last entry */
    uint8_t (*hashes)[KITH_HASH_BYTES]; /* of all entries */
    size_t hash_capacity;
    kith_member *members; /* in the order of admission, revoked ones too */
    size_t member_count;
    size_t member_capacity;
    kith_charter_invite *invites;
    size_t invite_count;
    size_t invite_capacity;
    kith_charter_epoch *epochs; /* the first is epoch 1 */
    size_t epoch_count;
    size_t epoch_capacity;
    kith_slice sealed_name;
} kith_charter;

/** A charter without entries. `space` is the id that the founding entry must have; NULL takes any.
 */
void kith_charter_init(kith_charter *charter, kith_context *cx, const kith_space_id *space);
void kith_charter_deinit(kith_charter *charter);

/** Takes the next entry.
 *
 *  @return KITH_OK; KITH_E_DAMAGED if it is no entry, or not signed by its issuer; KITH_E_GAP if
 *          entries before it are missing; KITH_E_FORKED if the charter has another entry under its
 *          number or it follows another one; KITH_E_EXISTS if it is there already;
 *          KITH_E_DENIED if its issuer may not make it, or it breaks a rule; KITH_E_NEWER;
 *          KITH_E_LIMIT; KITH_E_MEMORY. The charter is as before on failure. */
KITH_MUST_USE kith_status kith_charter_apply(kith_charter *charter, kith_slice entry);

/** What kith_charter_apply() would answer, without taking the entry. */
KITH_MUST_USE kith_status kith_charter_judge(const kith_charter *charter, kith_slice entry);

/** A device's membership, also a revoked one; NULL if it never was a member. Borrowed until the
 *  next entry. */
const kith_member *kith_charter_find(const kith_charter *charter,
                                     const uint8_t sign[KITH_KEY_BYTES]);

/** True if the device is a member and may do what the role may. */
bool kith_charter_may(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                      kith_role role);

/** True if a segment counts: its author's device is a member that may write, or was one and the
 *  segment is not past what its revocation left. `header` is the hash of its header. */
bool kith_charter_counts(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                         const uint8_t incarnation[KITH_INCARNATION_BYTES], uint64_t number,
                         const uint8_t header[KITH_HASH_BYTES]);

/** An invite by the number of its entry; NULL if there is none. */
const kith_charter_invite *kith_charter_find_invite(const kith_charter *charter, uint32_t entry);

/** The next epoch, as a revocation or rotation begins it. */
typedef struct kith_rekey {
    const uint8_t *commitment;
    const uint8_t *old_key;
    size_t count;
    const uint8_t *keys; /* count × KITH_SEALED_KEY_BYTES */
} kith_rekey;

/** The rekey of an entry that kith_charter_judge() takes; false if it has none. */
bool kith_entry_read_rekey(kith_slice entry, kith_rekey *rekey_out);

/** The key that an invite's entry seals to it; NULL if the entry is none. */
const uint8_t *kith_entry_invited_key(kith_slice entry);

/** What an invite's key signs to admit a device; for making admissions. */
void kith_admission_sign(const kith_charter *charter, const uint8_t invite_seed[KITH_SEED_BYTES],
                         const kith_device_keys *keys, uint8_t signature[KITH_SIGNATURE_BYTES]);

/** How many keys a rekey has that leaves `revoked` out (NULL: nobody), and whose each is: the box
 *  of recipient `index`. */
size_t kith_rekey_count(const kith_charter *charter, const uint8_t *revoked);
const uint8_t *kith_rekey_box(const kith_charter *charter, const uint8_t *revoked, size_t index);

/** What an entry is, without judging it: its kind, number, issuer. False if it is too short. */
typedef struct kith_entry_head {
    kith_space_id space;
    uint8_t kind;
    uint32_t number;
    uint8_t previous[KITH_HASH_BYTES];
    uint8_t issuer[KITH_KEY_BYTES];
} kith_entry_head;
bool kith_entry_read_head(kith_slice entry, kith_entry_head *head_out);
void kith_entry_hash(kith_slice entry, uint8_t hash[KITH_HASH_BYTES]);

/* Making entries. Each appends one whole entry to `out`, made against the charter as it stands,
 * which is not changed: apply the entry when it has been accepted. `seed` is the issuing device's.
 * All answer KITH_OK; KITH_E_DENIED if the charter would refuse it; KITH_E_IO without random bytes;
 * KITH_E_LIMIT; KITH_E_MEMORY. On failure nothing is appended and secrets given out are zeros. */

/** The entry that founds a space. `key_out` receives the key of epoch 1. */
KITH_MUST_USE kith_status kith_charter_write_found(kith_context *cx,
                                                   const uint8_t seed[KITH_SEED_BYTES],
                                                   kith_slice name, kith_buf *out,
                                                   uint8_t key_out[KITH_KEY_BYTES]);

/** An invite. `secret_out` receives what the invited device needs; `key` is the current epoch's. */
KITH_MUST_USE kith_status kith_charter_write_invite(const kith_charter *charter,
                                                    const uint8_t seed[KITH_SEED_BYTES],
                                                    const uint8_t key[KITH_KEY_BYTES],
                                                    kith_role role, int64_t expires_ms,
                                                    uint32_t uses, kith_buf *out,
                                                    uint8_t secret_out[KITH_INVITE_SECRET_BYTES]);

/** A device's own admission by an invite. */
KITH_MUST_USE kith_status kith_charter_write_admit(const kith_charter *charter,
                                                   const uint8_t seed[KITH_SEED_BYTES],
                                                   uint32_t invite,
                                                   const uint8_t secret[KITH_INVITE_SECRET_BYTES],
                                                   kith_buf *out);

/** A revocation. `key` is the current epoch's; `key_out` receives the next one's. */
typedef struct kith_revocation {
    const uint8_t *device; /* its signing key */
    const kith_last_segment *last_segments;
    size_t last_segment_count;
    bool must_wipe;
} kith_revocation;
KITH_MUST_USE kith_status kith_charter_write_revoke(const kith_charter *charter,
                                                    const uint8_t seed[KITH_SEED_BYTES],
                                                    const uint8_t key[KITH_KEY_BYTES],
                                                    const kith_revocation *revocation,
                                                    kith_buf *out, uint8_t key_out[KITH_KEY_BYTES]);

KITH_MUST_USE kith_status kith_charter_write_rotate(const kith_charter *charter,
                                                    const uint8_t seed[KITH_SEED_BYTES],
                                                    const uint8_t key[KITH_KEY_BYTES],
                                                    kith_buf *out, uint8_t key_out[KITH_KEY_BYTES]);

KITH_MUST_USE kith_status kith_charter_write_withdraw(const kith_charter *charter,
                                                      const uint8_t seed[KITH_SEED_BYTES],
                                                      uint32_t invite, kith_buf *out);

KITH_MUST_USE kith_status kith_charter_write_appoint(const kith_charter *charter,
                                                     const uint8_t seed[KITH_SEED_BYTES],
                                                     const uint8_t device[KITH_KEY_BYTES],
                                                     kith_role role, kith_buf *out);

#endif
