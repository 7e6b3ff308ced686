/* SPDX-License-Identifier: Apache-2.0 */
#include "charters.h"

#include "base/limits.h"
#include "base/writer.h"
#include "space/invite.h"

enum { HEAD_BYTES = 86 };

const kith_last_segment charters_last_segments[2] = {
    {{'r', 'e', 's', 't', 'o', 'r', 'e', 'd'}, 7, {1, 2, 3, 4}},
    {{'f', 'i', 'r', 's', 't'}, UINT64_C(0x0102030405), {5, 6, 7, 8}},
};

void charters_seed(charters_device device, uint8_t seed[KITH_SEED_BYTES])
{
    memset(seed, 'a' + (int)device, KITH_SEED_BYTES);
}

kith_device_keys charters_keys(charters_device device)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    charters_seed(device, seed);
    kith_device_keys_derive(seed, &keys);
    return keys;
}

void charters_begin(charters_space *s, kith_context *cx)
{
    *s = (charters_space){.cx = cx};
    assert_ok(kith_crypto_init(cx));
    kith_charter_init(&s->charter, cx, NULL);
    kith_buf_init(&s->bytes, cx, CHARTERS_ENTRIES_MAX * KITH_ENTRY_BYTES_MAX);
}

void charters_end(charters_space *s)
{
    kith_buf_deinit(&s->bytes);
    kith_charter_deinit(&s->charter);
}

static kith_status draw(void *user, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(test_next(user) >> 56);
    }
    return KITH_OK;
}

void charters_context(kith_context *cx, test_random *random)
{
    kith_env env = KITH_ENV_INIT;
    env.user = random;
    env.random = draw;
    assert_ok(kith_context_init(cx, &env));
}

kith_slice charters_entry(const charters_space *s, uint32_t number)
{
    assert_in_range(number, 1, CHARTERS_ENTRIES_MAX);
    return kith_slice_make(s->bytes.data + s->ends[number - 1],
                           s->ends[number] - s->ends[number - 1]);
}

/* Has the charter take the entry that was just made, if it was. */
static kith_status take(charters_space *s, kith_status made)
{
    uint32_t count = s->charter.entry_count;
    KITH_TRY(made);
    assert_in_range(count, 0, CHARTERS_ENTRIES_MAX - 1);
    s->ends[count + 1] = s->bytes.length;
    return kith_charter_apply(&s->charter, charters_entry(s, count + 1));
}

kith_status charters_found(charters_space *s, charters_device by, kith_slice name)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(by, seed);
    return take(s, kith_charter_write_found(s->cx, seed, name, &s->bytes, s->keys[1]));
}

kith_status charters_invite(charters_space *s, charters_device by, kith_role role, uint32_t uses)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(by, seed);
    return take(s, kith_charter_write_invite(&s->charter, seed, s->keys[s->charter.epoch_count],
                                             role, KITH_EXPIRES_NEVER, uses, &s->bytes,
                                             s->secrets[s->charter.entry_count + 1]));
}

kith_status charters_admit(charters_space *s, charters_device device, uint32_t invite)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(device, seed);
    return take(s,
                kith_charter_write_admit(&s->charter, seed, invite, s->secrets[invite], &s->bytes));
}

kith_status charters_revoke(charters_space *s, charters_device by, charters_device device,
                            const kith_last_segment *last_segments, size_t count)
{
    uint8_t seed[KITH_SEED_BYTES];
    size_t epoch = s->charter.epoch_count;
    kith_device_keys keys = charters_keys(device);
    kith_revocation revocation = {.device = keys.sign,
                                  .last_segments = last_segments,
                                  .last_segment_count = count,
                                  .must_wipe = true};
    charters_seed(by, seed);
    return take(s, kith_charter_write_revoke(&s->charter, seed, s->keys[epoch], &revocation,
                                             &s->bytes, s->keys[epoch + 1]));
}

kith_status charters_rotate(charters_space *s, charters_device by)
{
    uint8_t seed[KITH_SEED_BYTES];
    size_t epoch = s->charter.epoch_count;
    charters_seed(by, seed);
    return take(s, kith_charter_write_rotate(&s->charter, seed, s->keys[epoch], &s->bytes,
                                             s->keys[epoch + 1]));
}

kith_status charters_withdraw(charters_space *s, charters_device by, uint32_t invite)
{
    uint8_t seed[KITH_SEED_BYTES];
    charters_seed(by, seed);
    return take(s, kith_charter_write_withdraw(&s->charter, seed, invite, &s->bytes));
}

kith_status charters_appoint(charters_space *s, charters_device by, charters_device device,
                             kith_role role)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys = charters_keys(device);
    charters_seed(by, seed);
    return take(s, kith_charter_write_appoint(&s->charter, seed, keys.sign, role, &s->bytes));
}

static kith_status play_next(charters_space *s)
{
    switch (s->charter.entry_count + 1) {
    case 1:
        return charters_found(s, ASHA, KITH_SLICE("Office at Nongriat, নংগ্রিয়াট"));
    case 2:
        return charters_invite(s, ASHA, KITH_ROLE_WORKER, 2);
    case 3:
        return charters_admit(s, BEN, 2);
    case 4:
        return charters_admit(s, CHITRA, 2);
    case 5:
        return charters_invite(s, ASHA, KITH_ROLE_SUPERVISOR, 2);
    case 6:
        return charters_appoint(s, ASHA, BEN, KITH_ROLE_ADMIN);
    case 7:
        return charters_revoke(s, BEN, CHITRA, charters_last_segments, 2);
    case 8:
        return charters_admit(s, DEVI, 5);
    case 9:
        return charters_rotate(s, ASHA);
    case 10:
        return charters_withdraw(s, BEN, 5);
    default:
        return charters_appoint(s, ASHA, BEN, KITH_ROLE_WORKER);
    }
}

kith_status charters_play(charters_space *s, uint32_t last)
{
    assert_in_range(last, 1, CHARTERS_STORY_ENTRIES);
    while (s->charter.entry_count < last) {
        KITH_TRY(play_next(s));
    }
    return KITH_OK;
}

static void add_number(kith_hasher *hasher, uint64_t number)
{
    kith_hash_add(hasher, kith_slice_make(&number, sizeof number));
}

static void add_member(kith_hasher *hasher, const kith_member *member)
{
    kith_hash_add(hasher, kith_slice_make(member->sign, sizeof member->sign));
    kith_hash_add(hasher, kith_slice_make(member->box, sizeof member->box));
    add_number(hasher, member->role);
    add_number(hasher, member->admitted);
    add_number(hasher, member->invite);
    add_number(hasher, member->revoked);
    add_number(hasher, member->must_wipe);
    add_number(hasher, member->last_segment_count);
    for (size_t i = 0; i < member->last_segment_count; i++) {
        const kith_last_segment *last = &member->last_segments[i];
        kith_hash_add(hasher, kith_slice_make(last->incarnation, sizeof last->incarnation));
        add_number(hasher, last->number);
        kith_hash_add(hasher, kith_slice_make(last->header, sizeof last->header));
    }
}

static void add_invite(kith_hasher *hasher, const kith_charter_invite *invite)
{
    add_number(hasher, invite->entry);
    add_number(hasher, invite->role);
    add_number(hasher, (uint64_t)invite->expires_ms);
    add_number(hasher, invite->uses_left);
    kith_hash_add(hasher, kith_slice_make(invite->sign, sizeof invite->sign));
    kith_hash_add(hasher, kith_slice_make(invite->box, sizeof invite->box));
}

void charters_digest(const kith_charter *charter, uint8_t digest[KITH_HASH_BYTES])
{
    kith_hasher hasher;
    kith_hash_begin(&hasher, "test charter");
    add_number(&hasher, charter->has_space);
    kith_hash_add(&hasher, kith_slice_make(charter->space.bytes, sizeof charter->space.bytes));
    kith_hash_add(&hasher, kith_slice_make(charter->head, sizeof charter->head));
    add_number(&hasher, charter->entry_count);
    for (size_t i = 0; i < charter->entry_count; i++) {
        kith_hash_add(&hasher, kith_slice_make(charter->hashes[i], sizeof charter->hashes[i]));
    }
    add_number(&hasher, charter->member_count);
    for (size_t i = 0; i < charter->member_count; i++) {
        add_member(&hasher, &charter->members[i]);
    }
    add_number(&hasher, charter->invite_count);
    for (size_t i = 0; i < charter->invite_count; i++) {
        add_invite(&hasher, &charter->invites[i]);
    }
    add_number(&hasher, charter->epoch_count);
    for (size_t i = 0; i < charter->epoch_count; i++) {
        const kith_charter_epoch *epoch = &charter->epochs[i];
        kith_hash_add(&hasher, kith_slice_make(epoch->commitment, sizeof epoch->commitment));
        kith_hash_add(&hasher, kith_slice_make(epoch->old_key, sizeof epoch->old_key));
    }
    kith_hash_add(&hasher, charter->sealed_name);
    kith_hash_end(&hasher, digest);
}

charters_draft charters_next(const charters_space *s, kith_entry_kind kind, charters_device issuer,
                             kith_slice body)
{
    charters_draft draft = {.version = 1,
                            .kind = (uint8_t)kind,
                            .space = s->charter.space,
                            .number = s->charter.entry_count + 1,
                            .issuer = issuer,
                            .body = body};
    memcpy(draft.previous, s->charter.head, sizeof draft.previous);
    return draft;
}

kith_slice charters_body(kith_slice entry)
{
    assert_true(entry.length >= KITH_ENTRY_FIXED_BYTES);
    return kith_slice_make(entry.data + HEAD_BYTES, entry.length - KITH_ENTRY_FIXED_BYTES);
}

void charters_sign(const charters_draft *draft, kith_buf *out)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t signature[KITH_SIGNATURE_BYTES];
    kith_device_keys keys = charters_keys(draft->issuer);
    charters_seed(draft->issuer, seed);
    kith_buf_clear(out);
    kith_write_u8(out, draft->version);
    kith_write_u8(out, draft->kind);
    kith_buf_append(out, draft->space.bytes, sizeof draft->space.bytes);
    for (int shift = 24; shift >= 0; shift -= 8) {
        kith_write_u8(out, (uint8_t)(draft->number >> shift));
    }
    kith_buf_append(out, draft->previous, sizeof draft->previous);
    kith_buf_append(out, keys.sign, sizeof keys.sign);
    kith_buf_append_slice(out, draft->body);
    kith_device_sign(seed, "kith charter", kith_buf_slice(out), signature);
    kith_buf_append(out, signature, sizeof signature);
    assert_ok(kith_buf_status(out));
}

void charters_bench_begin(charters_bench *bench, kith_context *cx)
{
    charters_begin(&bench->space, cx);
    assert_ok(charters_play(&bench->space, CHARTERS_STORY_ENTRIES));
    kith_charter_init(&bench->charter, cx, NULL);
    kith_buf_init(&bench->body, cx, 2 * KITH_ENTRY_BYTES_MAX);
    kith_buf_init(&bench->entry, cx, 2 * KITH_ENTRY_BYTES_MAX);
}

void charters_bench_end(charters_bench *bench)
{
    kith_buf_deinit(&bench->entry);
    kith_buf_deinit(&bench->body);
    kith_charter_deinit(&bench->charter);
    charters_end(&bench->space);
}

void charters_go_to(charters_bench *bench, uint32_t count)
{
    kith_charter_deinit(&bench->charter);
    kith_charter_init(&bench->charter, bench->space.cx, NULL);
    for (uint32_t number = 1; number <= count; number++) {
        assert_ok(kith_charter_apply(&bench->charter, charters_entry(&bench->space, number)));
    }
}

charters_draft charters_redraft(charters_bench *bench, uint32_t number)
{
    static const charters_device issuers[CHARTERS_STORY_ENTRIES + 1] = {
        ASHA, ASHA, ASHA, BEN, CHITRA, ASHA, ASHA, BEN, DEVI, ASHA, BEN, ASHA};
    kith_entry_head head;
    kith_slice entry = charters_entry(&bench->space, number);
    charters_go_to(bench, number - 1);
    assert_true(kith_entry_read_head(entry, &head));
    kith_buf_clear(&bench->body);
    kith_buf_append_slice(&bench->body, charters_body(entry));
    charters_draft draft = {.version = 1,
                            .kind = head.kind,
                            .space = head.space,
                            .issuer = issuers[number],
                            .body = kith_buf_slice(&bench->body)};
    charters_move(bench, &draft);
    return draft;
}

charters_draft charters_admission(charters_bench *bench, charters_device device, uint32_t invite)
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t signature[KITH_SIGNATURE_BYTES];
    kith_device_keys keys = charters_keys(device);
    kith_invite_seed(bench->space.secrets[invite], seed);
    kith_admission_sign(&bench->charter, seed, &keys, signature);
    kith_buf_clear(&bench->body);
    kith_buf_append(&bench->body, (uint8_t[]){0, 0, 0, (uint8_t)invite}, 4);
    kith_buf_append(&bench->body, keys.box, sizeof keys.box);
    kith_buf_append(&bench->body, signature, sizeof signature);
    charters_draft draft = {.version = 1,
                            .kind = KITH_ENTRY_ADMIT,
                            .space = bench->charter.space,
                            .issuer = device,
                            .body = kith_buf_slice(&bench->body)};
    charters_move(bench, &draft);
    return draft;
}

void charters_move(const charters_bench *bench, charters_draft *draft)
{
    draft->number = bench->charter.entry_count + 1;
    memcpy(draft->previous, bench->charter.head, sizeof draft->previous);
}

void charters_check(charters_bench *bench, const charters_draft *draft, kith_status expected,
                    const char *file, int line)
{
    charters_sign(draft, &bench->entry);
    test_assert_status(bench->space.cx,
                       kith_charter_judge(&bench->charter, kith_buf_slice(&bench->entry)), expected,
                       "what the charter says of the entry", file, line);
}
