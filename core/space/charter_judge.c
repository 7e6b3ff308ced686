/* SPDX-License-Identifier: Apache-2.0 */
#include "space/charter_judge.h"

#include <assert.h>

#include "base/limits.h"
#include "base/reader.h"

enum {
    VERSION = 1,
    AROUND_NAME_BYTES = 40, /* nonce and tag of a sealed name */
    LAST_BYTES = KITH_INCARNATION_BYTES + 6 + KITH_HASH_BYTES,
    WIPE = 1,
    COUNT_BYTES_MAX = 2, /* a varint up to 16383 */
    REVOKE_BYTES_MAX = KITH_ENTRY_FIXED_BYTES + KITH_KEY_BYTES + 1 + COUNT_BYTES_MAX +
                       (int)KITH_INCARNATIONS_MAX * LAST_BYTES + KITH_HASH_BYTES +
                       KITH_OLD_KEY_BYTES + COUNT_BYTES_MAX +
                       (int)KITH_MEMBERS_MAX * KITH_SEALED_KEY_BYTES
};

static_assert(REVOKE_BYTES_MAX <= KITH_ENTRY_BYTES_MAX, "the fullest space can revoke a device");

static const char signed_purpose[] = "kith charter";
static const char admit_purpose[] = "kith admit";

void kith_entry_hash(kith_slice entry, uint8_t hash[KITH_HASH_BYTES])
{
    kith_hash("kith entry", entry, hash);
}

static uint64_t read_number(kith_reader *reader, size_t length)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        number = number << 8 | kith_read_u8(reader);
    }
    return number;
}

bool kith_entry_read_head(kith_slice entry, kith_entry_head *head_out)
{
    *head_out = (kith_entry_head){0};
    if (entry.length < KITH_ENTRY_FIXED_BYTES) {
        return false;
    }
    kith_reader reader = kith_reader_of(kith_slice_skip(entry, 1));
    head_out->kind = kith_read_u8(&reader);
    kith_read_into(&reader, head_out->space.bytes, sizeof head_out->space.bytes);
    head_out->number = (uint32_t)read_number(&reader, 4);
    kith_read_into(&reader, head_out->previous, sizeof head_out->previous);
    kith_read_into(&reader, head_out->issuer, sizeof head_out->issuer);
    return true;
}

static kith_slice body_of(kith_slice entry)
{
    return kith_slice_make(entry.data + KITH_ENTRY_HEAD_BYTES,
                           entry.length - KITH_ENTRY_FIXED_BYTES);
}

static kith_status damaged(const kith_charter *charter, const char *what)
{
    return kith_fail(charter->cx, KITH_E_DAMAGED, "a charter's entry is damaged: %s", what);
}

static kith_status denied(const kith_charter *charter, const char *why)
{
    return kith_fail(charter->cx, KITH_E_DENIED, "a charter's entry does not hold: %s", why);
}

static kith_status need_admin(const kith_charter *charter, const kith_verdict *v)
{
    KITH_ENSURE(kith_charter_may(charter, v->head.issuer, KITH_ROLE_ADMIN),
                denied(charter, "its issuer is no admin"));
    return KITH_OK;
}

static bool is_role(uint64_t role)
{
    return role >= KITH_ROLE_READER && role <= KITH_ROLE_ADMIN;
}

/* Members and open invites are given each new key, and all of them must fit one entry: else nobody
 * could be revoked any more. */
static kith_status need_room(const kith_charter *charter, size_t added)
{
    KITH_ENSURE(kith_rekey_count(charter, NULL) + added <= KITH_MEMBERS_MAX,
                denied(charter, "the space has as many members and invites as it can have"));
    return KITH_OK;
}

static kith_status judge_found(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    v->member = (kith_member){.role = KITH_ROLE_ADMIN, .admitted = 1};
    memcpy(v->member.sign, v->head.issuer, KITH_KEY_BYTES);
    kith_read_into(reader, v->member.box, KITH_KEY_BYTES);
    kith_read_into(reader, v->epoch.commitment, KITH_HASH_BYTES);
    v->sealed_name = kith_read_slice(reader);
    v->begins_epoch = true;
    bool is_name = v->sealed_name.length >= AROUND_NAME_BYTES &&
                   v->sealed_name.length <= AROUND_NAME_BYTES + KITH_SPACE_NAME_BYTES_MAX;
    KITH_ENSURE(kith_reader_finished(reader) && is_name, damaged(charter, "what it founds"));
    return KITH_OK;
}

static kith_status judge_invite(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    KITH_TRY(need_admin(charter, v));
    v->invite.entry = v->head.number;
    v->invite.role = kith_read_u8(reader);
    v->invite.expires_ms = (int64_t)read_number(reader, 6);
    v->invite.uses_left = (uint32_t)read_number(reader, 2);
    kith_read_into(reader, v->invite.sign, KITH_KEY_BYTES);
    kith_read_into(reader, v->invite.box, KITH_KEY_BYTES);
    (void)kith_read_bytes(reader, KITH_SEALED_KEY_BYTES);
    KITH_ENSURE(kith_reader_finished(reader) && is_role(v->invite.role) && v->invite.uses_left > 0,
                damaged(charter, "its invite"));
    return need_room(charter, 1);
}

/* What an invite's key signs when it admits a device. */
static void admission(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                      const uint8_t box[KITH_KEY_BYTES],
                      uint8_t message[KITH_SPACE_ID_BYTES + 2 * KITH_KEY_BYTES])
{
    memcpy(message, charter->space.bytes, KITH_SPACE_ID_BYTES);
    memcpy(message + KITH_SPACE_ID_BYTES, sign, KITH_KEY_BYTES);
    memcpy(message + KITH_SPACE_ID_BYTES + KITH_KEY_BYTES, box, KITH_KEY_BYTES);
}

void kith_admission_sign(const kith_charter *charter, const uint8_t invite_seed[KITH_SEED_BYTES],
                         const kith_device_keys *keys, uint8_t signature[KITH_SIGNATURE_BYTES])
{
    uint8_t message[KITH_SPACE_ID_BYTES + 2 * KITH_KEY_BYTES];
    admission(charter, keys->sign, keys->box, message);
    kith_device_sign(invite_seed, admit_purpose, kith_slice_make(message, sizeof message),
                     signature);
}

static kith_status judge_admit(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    uint8_t message[KITH_SPACE_ID_BYTES + 2 * KITH_KEY_BYTES];
    uint8_t signature[KITH_SIGNATURE_BYTES] = {0};
    uint32_t entry = (uint32_t)read_number(reader, 4);
    v->member = (kith_member){.admitted = v->head.number, .invite = entry};
    memcpy(v->member.sign, v->head.issuer, KITH_KEY_BYTES);
    kith_read_into(reader, v->member.box, KITH_KEY_BYTES);
    kith_read_into(reader, signature, sizeof signature);
    KITH_ENSURE(kith_reader_finished(reader), damaged(charter, "its admission"));
    const kith_charter_invite *invite = kith_charter_find_invite(charter, entry);
    KITH_ENSURE(invite != NULL, denied(charter, "there is no such invite"));
    KITH_ENSURE(invite->uses_left > 0, denied(charter, "the invite is used up or withdrawn"));
    KITH_ENSURE(kith_charter_find(charter, v->head.issuer) == NULL,
                denied(charter, "the device is or was a member"));
    /* By the last use of an invite, the device takes its place. */
    KITH_TRY(need_room(charter, invite->uses_left > 1));
    admission(charter, v->member.sign, v->member.box, message);
    KITH_ENSURE(kith_signature_is_good(invite->sign, admit_purpose,
                                       kith_slice_make(message, sizeof message), signature),
                denied(charter, "it does not hold the invite's secret"));
    v->member.role = invite->role;
    v->target = (size_t)(invite - charter->invites);
    return KITH_OK;
}

static kith_rekey read_rekey(kith_reader *reader)
{
    kith_rekey rekey;
    rekey.commitment = kith_read_bytes(reader, KITH_HASH_BYTES).data;
    rekey.old_key = kith_read_bytes(reader, KITH_OLD_KEY_BYTES).data;
    rekey.count = kith_read_count(reader, KITH_SEALED_KEY_BYTES);
    rekey.keys = kith_read_bytes(reader, rekey.count * KITH_SEALED_KEY_BYTES).data;
    return rekey;
}

static kith_status judge_rekey(const kith_charter *charter, kith_reader *reader,
                               const uint8_t *revoked, kith_verdict *v)
{
    kith_rekey rekey = read_rekey(reader);
    KITH_ENSURE(kith_reader_finished(reader), damaged(charter, "its keys"));
    KITH_ENSURE(rekey.count == kith_rekey_count(charter, revoked),
                denied(charter, "it does not give the new key to just those who remain"));
    v->begins_epoch = true;
    memcpy(v->epoch.commitment, rekey.commitment, KITH_HASH_BYTES);
    memcpy(v->epoch.old_key, rekey.old_key, KITH_OLD_KEY_BYTES);
    return KITH_OK;
}

/* The member that an entry is about, who must be one now. */
static kith_status find_target(const kith_charter *charter, const uint8_t sign[KITH_KEY_BYTES],
                               kith_verdict *v)
{
    const kith_member *member = kith_charter_find(charter, sign);
    KITH_ENSURE(member != NULL && member->revoked == 0,
                denied(charter, "it is about a device that is no member"));
    v->target = (size_t)(member - charter->members);
    return KITH_OK;
}

/* A space without an admin could never change again. */
static kith_status need_other_admin(const kith_charter *charter, size_t target)
{
    for (size_t i = 0; i < charter->member_count; i++) {
        const kith_member *member = &charter->members[i];
        if (i != target && member->revoked == 0 && member->role == KITH_ROLE_ADMIN) {
            return KITH_OK;
        }
    }
    return denied(charter, "it would leave no admin");
}

/* The authors that a revocation names, as they stand in it. */
static kith_slice read_last_segments(kith_reader *reader, size_t *count_out)
{
    *count_out = kith_read_count(reader, LAST_BYTES);
    return kith_read_bytes(reader, *count_out * LAST_BYTES);
}

/* An author named twice would end at one segment for some readers and at another for others. */
static bool are_different(kith_slice last_segments, size_t count)
{
    const uint8_t *authors = last_segments.data;
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (memcmp(authors + i * LAST_BYTES, authors + j * LAST_BYTES,
                       KITH_INCARNATION_BYTES) == 0) {
                return false;
            }
        }
    }
    return true;
}

static kith_status judge_revoke(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    uint8_t device[KITH_KEY_BYTES] = {0};
    KITH_TRY(need_admin(charter, v));
    kith_read_into(reader, device, sizeof device);
    uint8_t flags = kith_read_u8(reader);
    v->must_wipe = flags == WIPE;
    v->last_segments = read_last_segments(reader, &v->last_segment_count);
    KITH_ENSURE(!reader->failed && flags <= WIPE &&
                    v->last_segment_count <= KITH_INCARNATIONS_MAX &&
                    are_different(v->last_segments, v->last_segment_count),
                damaged(charter, "its revocation"));
    KITH_TRY(find_target(charter, device, v));
    KITH_TRY(need_other_admin(charter, v->target));
    return judge_rekey(charter, reader, device, v);
}

static kith_status judge_withdraw(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    KITH_TRY(need_admin(charter, v));
    uint32_t entry = (uint32_t)read_number(reader, 4);
    KITH_ENSURE(kith_reader_finished(reader), damaged(charter, "what it withdraws"));
    const kith_charter_invite *invite = kith_charter_find_invite(charter, entry);
    KITH_ENSURE(invite != NULL && invite->uses_left > 0,
                denied(charter, "there is no such invite to withdraw"));
    v->target = (size_t)(invite - charter->invites);
    return KITH_OK;
}

static kith_status judge_appoint(const kith_charter *charter, kith_reader *reader, kith_verdict *v)
{
    uint8_t device[KITH_KEY_BYTES] = {0};
    KITH_TRY(need_admin(charter, v));
    kith_read_into(reader, device, sizeof device);
    v->role = kith_read_u8(reader);
    KITH_ENSURE(kith_reader_finished(reader) && is_role(v->role),
                damaged(charter, "its appointment"));
    KITH_TRY(find_target(charter, device, v));
    return v->role == KITH_ROLE_ADMIN ? KITH_OK : need_other_admin(charter, v->target);
}

static kith_status judge_body(const kith_charter *charter, kith_slice entry, kith_verdict *v)
{
    kith_reader reader = kith_reader_of(body_of(entry));
    bool is_first = v->head.number == 1;
    KITH_ENSURE(is_first == (v->head.kind == KITH_ENTRY_FOUND),
                denied(charter, "only the first entry founds a space"));
    switch (v->head.kind) {
    case KITH_ENTRY_FOUND:
        return judge_found(charter, &reader, v);
    case KITH_ENTRY_INVITE:
        return judge_invite(charter, &reader, v);
    case KITH_ENTRY_ADMIT:
        return judge_admit(charter, &reader, v);
    case KITH_ENTRY_REVOKE:
        return judge_revoke(charter, &reader, v);
    case KITH_ENTRY_ROTATE:
        KITH_TRY(need_admin(charter, v));
        return judge_rekey(charter, &reader, NULL, v);
    case KITH_ENTRY_WITHDRAW:
        return judge_withdraw(charter, &reader, v);
    case KITH_ENTRY_APPOINT:
        return judge_appoint(charter, &reader, v);
    default:
        return kith_fail(charter->cx, KITH_E_NEWER, "a charter's entry is of a later kind");
    }
}

static bool is_here(const kith_charter *charter, const kith_verdict *v)
{
    uint32_t number = v->head.number;
    return number > 0 && number <= charter->entry_count &&
           memcmp(charter->hashes[number - 1], v->hash, KITH_HASH_BYTES) == 0;
}

/* Where an entry that is new stands in the chain. */
static kith_status judge_place(const kith_charter *charter, const kith_verdict *v)
{
    uint32_t number = v->head.number;
    KITH_ENSURE(number > 0, damaged(charter, "its number"));
    KITH_ENSURE(number > charter->entry_count,
                kith_fail(charter->cx, KITH_E_FORKED, "the charter has another entry %u", number));
    KITH_ENSURE(number == charter->entry_count + 1,
                kith_fail(charter->cx, KITH_E_GAP, "entries before %u are missing", number));
    KITH_ENSURE(
        number <= KITH_ENTRIES_MAX,
        kith_fail(charter->cx, KITH_E_LIMIT, "a charter has at most %u entries", KITH_ENTRIES_MAX));
    KITH_ENSURE(memcmp(charter->head, v->head.previous, KITH_HASH_BYTES) == 0,
                kith_fail(charter->cx, KITH_E_FORKED, "entry %u follows another one", number));
    return KITH_OK;
}

/* Whose space it is of: the founding entry makes the id. */
static kith_status judge_space(const kith_charter *charter, kith_slice entry, kith_verdict *v)
{
    static const kith_space_id none;
    uint8_t hash[KITH_HASH_BYTES];
    if (v->head.number > 1) {
        KITH_ENSURE(kith_space_id_equal(v->head.space, charter->space),
                    denied(charter, "it is of another space"));
        return KITH_OK;
    }
    KITH_ENSURE(kith_space_id_equal(v->head.space, none), damaged(charter, "its space"));
    kith_hash("kith space", entry, hash);
    memcpy(v->head.space.bytes, hash, KITH_SPACE_ID_BYTES);
    KITH_ENSURE(!charter->has_space || kith_space_id_equal(v->head.space, charter->space),
                denied(charter, "it founds another space"));
    return KITH_OK;
}

kith_status kith_entry_judge(const kith_charter *charter, kith_slice entry, kith_verdict *v)
{
    uint8_t version = entry.length == 0 ? 0 : entry.data[0];
    *v = (kith_verdict){.role = 0};
    KITH_ENSURE(version <= VERSION,
                kith_fail(charter->cx, KITH_E_NEWER, "a charter's entry is of a later version"));
    KITH_ENSURE(version == VERSION, damaged(charter, "its version"));
    KITH_ENSURE(entry.length <= KITH_ENTRY_BYTES_MAX && kith_entry_read_head(entry, &v->head),
                damaged(charter, "its size"));
    kith_entry_hash(entry, v->hash);
    KITH_ENSURE(!is_here(charter, v),
                kith_fail(charter->cx, KITH_E_EXISTS, "the charter has the entry already"));
    /* Before its place: only what was signed proves a fork. */
    size_t signed_bytes = entry.length - KITH_SIGNATURE_BYTES;
    KITH_ENSURE(kith_signature_is_good(v->head.issuer, signed_purpose,
                                       kith_slice_head(entry, signed_bytes),
                                       entry.data + signed_bytes),
                damaged(charter, "its signature"));
    KITH_TRY(judge_place(charter, v));
    KITH_TRY(judge_space(charter, entry, v));
    return judge_body(charter, entry, v);
}

void kith_verdict_last_segments(const kith_verdict *verdict, kith_last_segment *items)
{
    kith_reader reader = kith_reader_of(verdict->last_segments);
    for (size_t i = 0; i < verdict->last_segment_count; i++) {
        kith_read_into(&reader, items[i].incarnation, sizeof items[i].incarnation);
        items[i].number = read_number(&reader, 6);
        kith_read_into(&reader, items[i].header, sizeof items[i].header);
    }
}

bool kith_entry_read_rekey(kith_slice entry, kith_rekey *rekey_out)
{
    kith_entry_head head;
    *rekey_out = (kith_rekey){0};
    if (!kith_entry_read_head(entry, &head)) {
        return false;
    }
    kith_reader reader = kith_reader_of(body_of(entry));
    if (head.kind == KITH_ENTRY_REVOKE) {
        size_t count = 0;
        (void)kith_read_bytes(&reader, KITH_KEY_BYTES + 1);
        (void)read_last_segments(&reader, &count);
    } else if (head.kind != KITH_ENTRY_ROTATE) {
        return false;
    }
    *rekey_out = read_rekey(&reader);
    return kith_reader_finished(&reader);
}

const uint8_t *kith_entry_invited_key(kith_slice entry)
{
    enum { BEFORE = 1 + 6 + 2 + 2 * KITH_KEY_BYTES };
    kith_entry_head head;
    bool is_invite = kith_entry_read_head(entry, &head) && head.kind == KITH_ENTRY_INVITE &&
                     body_of(entry).length == BEFORE + KITH_SEALED_KEY_BYTES;
    return is_invite ? body_of(entry).data + BEFORE : NULL;
}
