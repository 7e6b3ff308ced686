/* SPDX-License-Identifier: Apache-2.0 */
#include "space/charter.h"

#include "space/charter_judge.h"

void kith_charter_init(kith_charter *charter, kith_context *cx, const kith_space_id *space)
{
    *charter = (kith_charter){.cx = cx};
    kith_arena_init(&charter->arena, cx);
    charter->has_space = space != NULL;
    if (space != NULL) {
        charter->space = *space;
    }
}

void kith_charter_deinit(kith_charter *charter)
{
    kith_arena_deinit(&charter->arena);
    *charter = (kith_charter){0};
}

const kith_member *kith_charter_find(const kith_charter *charter,
                                     const uint8_t sign[KITH_KEY_BYTES])
{
    for (size_t i = 0; i < charter->member_count; i++) {
        if (memcmp(charter->members[i].sign, sign, KITH_KEY_BYTES) == 0) {
            return &charter->members[i];
        }
    }
    return NULL;
}

bool kith_charter_may(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                      kith_role role)
{
    const kith_member *member = kith_charter_find(charter, sign);
    return member != NULL && member->revoked == 0 && member->role >= role;
}

bool kith_charter_counts(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                         const uint8_t incarnation[KITH_INCARNATION_BYTES], uint64_t number,
                         const uint8_t header[KITH_HASH_BYTES])
{
    const kith_member *member = kith_charter_find(charter, sign);
    if (member == NULL || member->role < KITH_ROLE_WORKER) {
        return false;
    }
    for (size_t i = 0; i < member->last_segment_count; i++) {
        const kith_last_segment *last = &member->last_segments[i];
        if (memcmp(last->incarnation, incarnation, KITH_INCARNATION_BYTES) == 0) {
            bool is_last = number == last->number;
            return number < last->number ||
                   (is_last && memcmp(header, last->header, KITH_HASH_BYTES) == 0);
        }
    }
    return member->revoked == 0;
}

const kith_charter_invite *kith_charter_find_invite(const kith_charter *charter, uint32_t entry)
{
    for (size_t i = 0; i < charter->invite_count; i++) {
        if (charter->invites[i].entry == entry) {
            return &charter->invites[i];
        }
    }
    return NULL;
}

static bool remains(const kith_member *member, const uint8_t *revoked)
{
    return member->revoked == 0 &&
           (revoked == NULL || memcmp(member->sign, revoked, KITH_KEY_BYTES) != 0);
}

size_t kith_rekey_count(const kith_charter *charter, const uint8_t *revoked)
{
    size_t count = 0;
    for (size_t i = 0; i < charter->member_count; i++) {
        count += remains(&charter->members[i], revoked);
    }
    for (size_t i = 0; i < charter->invite_count; i++) {
        count += charter->invites[i].uses_left > 0;
    }
    return count;
}

const uint8_t *kith_rekey_box(const kith_charter *charter, const uint8_t *revoked, size_t index)
{
    for (size_t i = 0; i < charter->member_count; i++) {
        if (remains(&charter->members[i], revoked) && index-- == 0) {
            return charter->members[i].box;
        }
    }
    for (size_t i = 0; i < charter->invite_count; i++) {
        if (charter->invites[i].uses_left > 0 && index-- == 0) {
            return charter->invites[i].box;
        }
    }
    return NULL;
}

kith_status kith_charter_judge(const kith_charter *charter, kith_slice entry)
{
    kith_verdict v;
    return kith_entry_judge(charter, entry, &v);
}

static kith_status add_member(kith_charter *charter, const kith_member *member)
{
    kith_member *members = kith_arena_grow(&charter->arena, charter->members, charter->member_count,
                                           &charter->member_capacity, sizeof *members);
    KITH_ENSURE(members != NULL, KITH_E_MEMORY);
    members[charter->member_count++] = *member;
    charter->members = members;
    return KITH_OK;
}

static kith_status add_invite(kith_charter *charter, const kith_charter_invite *invite)
{
    kith_charter_invite *invites =
        kith_arena_grow(&charter->arena, charter->invites, charter->invite_count,
                        &charter->invite_capacity, sizeof *invites);
    KITH_ENSURE(invites != NULL, KITH_E_MEMORY);
    invites[charter->invite_count++] = *invite;
    charter->invites = invites;
    return KITH_OK;
}

static kith_status revoke(kith_charter *charter, const kith_verdict *v)
{
    kith_member *member = &charter->members[v->target];
    kith_last_segment *last =
        kith_arena_array(&charter->arena, v->last_segment_count, sizeof *last);
    KITH_ENSURE(last != NULL, KITH_E_MEMORY);
    kith_verdict_last_segments(v, last);
    member->last_segments = last;
    member->last_segment_count = v->last_segment_count;
    member->revoked = v->head.number;
    member->must_wipe = v->must_wipe;
    return KITH_OK;
}

/* Room for what every entry may add, so that nothing of one can fail half-way. */
static kith_status make_room(kith_charter *charter)
{
    uint8_t(*hashes)[KITH_HASH_BYTES] =
        kith_arena_grow(&charter->arena, charter->hashes, charter->entry_count,
                        &charter->hash_capacity, sizeof *hashes);
    KITH_ENSURE(hashes != NULL, KITH_E_MEMORY);
    charter->hashes = hashes;
    kith_charter_epoch *epochs =
        kith_arena_grow(&charter->arena, charter->epochs, charter->epoch_count,
                        &charter->epoch_capacity, sizeof *epochs);
    KITH_ENSURE(epochs != NULL, KITH_E_MEMORY);
    charter->epochs = epochs;
    return KITH_OK;
}

static kith_status found(kith_charter *charter, const kith_verdict *v)
{
    kith_slice name;
    KITH_TRY(kith_arena_copy(&charter->arena, v->sealed_name, &name));
    KITH_TRY(add_member(charter, &v->member));
    charter->sealed_name = name;
    return KITH_OK;
}

static kith_status take_body(kith_charter *charter, const kith_verdict *v)
{
    switch (v->head.kind) {
    case KITH_ENTRY_FOUND:
        return found(charter, v);
    case KITH_ENTRY_INVITE:
        return add_invite(charter, &v->invite);
    case KITH_ENTRY_ADMIT:
        KITH_TRY(add_member(charter, &v->member));
        charter->invites[v->target].uses_left--;
        return KITH_OK;
    case KITH_ENTRY_REVOKE:
        return revoke(charter, v);
    case KITH_ENTRY_WITHDRAW:
        charter->invites[v->target].uses_left = 0;
        return KITH_OK;
    case KITH_ENTRY_APPOINT:
        charter->members[v->target].role = v->role;
        return KITH_OK;
    default:
        return KITH_OK;
    }
}

kith_status kith_charter_apply(kith_charter *charter, kith_slice entry)
{
    kith_verdict v;
    KITH_TRY(kith_entry_judge(charter, entry, &v));
    KITH_TRY(make_room(charter));
    KITH_TRY(take_body(charter, &v));
    if (v.begins_epoch) {
        charter->epochs[charter->epoch_count++] = v.epoch;
    }
    charter->space = v.head.space;
    charter->has_space = true;
    memcpy(charter->hashes[charter->entry_count], v.hash, KITH_HASH_BYTES);
    memcpy(charter->head, v.hash, KITH_HASH_BYTES);
    charter->entry_count++;
    return KITH_OK;
}
