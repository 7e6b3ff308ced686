/* How members come, go and are given keys: each rule of proto/spec/charter.md by an entry that
 * breaks just it. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/writer.h"
#include "charters.h"

/* Where things stand in bodies. */
enum {
    REVOKE_FLAGS = 32,
    REVOKE_COUNT = 33,
    REVOKE_LAST = 34,
    LAST_BYTES = 54,
    REVOKE_REKEY = REVOKE_LAST + 2 * LAST_BYTES,
    REKEY_COUNT = KITH_HASH_BYTES + KITH_OLD_KEY_BYTES
};

static charters_bench bench;

static int begin(void **state)
{
    (void)state;
    charters_bench_begin(&bench, test_context());
    return 0;
}

static int end(void **state)
{
    (void)state;
    charters_bench_end(&bench);
    return 0;
}

static void test_invite__is_for_a_role_and_for_uses(void **state)
{
    (void)state;
    enum { ROLE = 0, USES = 7 };
    for (int role = 0; role < 256; role += role < 8 ? 1 : 31) {
        bool is_role = role >= KITH_ROLE_READER && role <= KITH_ROLE_ADMIN;
        charters_draft draft = charters_redraft(&bench, 5);
        bench.body.data[ROLE] = (uint8_t)role;
        assert_judged(&bench, &draft, is_role ? KITH_OK : KITH_E_DAMAGED);
    }
    charters_draft draft = charters_redraft(&bench, 5);
    memset(bench.body.data + USES, 0, 2);
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    memset(bench.body.data + USES, 0xff, 2);
    assert_judged(&bench, &draft, KITH_OK);
}

static void test_admission__is_by_an_invite_that_still_admits(void **state)
{
    (void)state;
    charters_go_to(&bench, 8);
    charters_draft draft = charters_admission(&bench, ELA, 5);
    assert_judged(&bench, &draft, KITH_OK);
    draft = charters_admission(&bench, ELA, 2); /* used up */
    assert_judged(&bench, &draft, KITH_E_DENIED);
    for (uint8_t number = 0; number <= 9; number++) { /* no invites, and not its own */
        draft = charters_admission(&bench, ELA, 5);
        bench.body.data[3] = number;
        assert_judged(&bench, &draft, number == 5 ? KITH_OK : KITH_E_DENIED);
    }
    charters_go_to(&bench, 10); /* withdrawn */
    draft = charters_admission(&bench, ELA, 5);
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_admission__is_of_a_device_that_never_was_a_member(void **state)
{
    (void)state;
    charters_go_to(&bench, 7);
    static const charters_device members[] = {ASHA, BEN, CHITRA};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(members); i++) {
        charters_draft draft = charters_admission(&bench, members[i], 5);
        assert_judged(&bench, &draft, KITH_E_DENIED);
    }
    charters_draft draft = charters_admission(&bench, DEVI, 5);
    assert_judged(&bench, &draft, KITH_OK);
}

static void test_admission__holds_the_invites_secret(void **state)
{
    (void)state;
    enum { BOX = 4, SIGNATURE = 36 };
    charters_go_to(&bench, 7);
    charters_draft draft = charters_admission(&bench, DEVI, 5);
    draft.issuer = ELA; /* another device with what Devi was given */
    assert_judged(&bench, &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, DEVI, 5);
    bench.body.data[BOX] ^= 1;
    assert_judged(&bench, &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, DEVI, 5);
    bench.body.data[SIGNATURE] ^= 1;
    assert_judged(&bench, &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, DEVI, 2);
    bench.body.data[3] = 5; /* by the secret of another invite */
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_admission__is_for_this_space(void **state)
{
    (void)state;
    charters_go_to(&bench, 7);
    kith_space_id id = bench.charter.space;
    bench.charter.space.bytes[0] ^= 1;
    charters_draft draft = charters_admission(&bench, DEVI, 5);
    bench.charter.space = id;
    draft.space = id;
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_revocation__has_known_flags(void **state)
{
    (void)state;
    for (int flags = 0; flags < 256; flags += flags < 4 ? 1 : 36) {
        charters_draft draft = charters_redraft(&bench, 7);
        bench.body.data[REVOKE_FLAGS] = (uint8_t)flags;
        assert_judged(&bench, &draft, flags <= 1 ? KITH_OK : KITH_E_DAMAGED);
    }
}

static void test_revocation__is_of_a_member(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 7);
    const kith_device_keys ela = charters_keys(ELA);
    memcpy(bench.body.data, ela.sign, sizeof ela.sign);
    assert_judged(&bench, &draft, KITH_E_DENIED);
    /* Once more, with keys for just those who remain. */
    draft = charters_redraft(&bench, 7);
    charters_go_to(&bench, 7);
    charters_move(&bench, &draft);
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_revocation__leaves_an_admin(void **state)
{
    (void)state;
    charters_space other;
    charters_begin(&other, test_context());
    assert_ok(charters_play(&other, 5));
    assert_status(charters_revoke(&other, ASHA, ASHA, NULL, 0), KITH_E_DENIED);
    assert_ok(charters_appoint(&other, ASHA, BEN, KITH_ROLE_ADMIN));
    assert_ok(charters_revoke(&other, ASHA, ASHA, NULL, 0));
    charters_end(&other);
}

/* The story's revocation with so many authors in the place of its two. */
static charters_draft with_authors(size_t count)
{
    charters_draft draft = charters_redraft(&bench, 7);
    kith_slice rekey =
        kith_slice_skip(charters_body(charters_entry(&bench.space, 7)), REVOKE_REKEY);
    bench.body.length = REVOKE_COUNT;
    kith_write_varint(&bench.body, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t last[LAST_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8)};
        kith_buf_append(&bench.body, last, sizeof last);
    }
    kith_buf_append_slice(&bench.body, rekey);
    draft.body = kith_buf_slice(&bench.body);
    return draft;
}

static void test_revocation__names_only_so_many_authors(void **state)
{
    (void)state;
    charters_draft draft = with_authors(0);
    assert_judged(&bench, &draft, KITH_OK);
    draft = with_authors(KITH_INCARNATIONS_MAX);
    assert_judged(&bench, &draft, KITH_OK);
    draft = with_authors(KITH_INCARNATIONS_MAX + 1);
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
}

static void test_revocation__names_no_author_twice(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 7);
    memcpy(bench.body.data + REVOKE_LAST + LAST_BYTES, bench.body.data + REVOKE_LAST,
           KITH_INCARNATION_BYTES);
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    bench.body.data[REVOKE_LAST + LAST_BYTES + KITH_INCARNATION_BYTES - 1] ^= 1;
    assert_judged(&bench, &draft, KITH_OK);
}

/* An entry that rekeys with so many keys in the place of those it has; where its rekey stands. */
static charters_draft with_keys(uint32_t number, size_t rekey, size_t count)
{
    charters_draft draft = charters_redraft(&bench, number);
    bench.body.length = rekey + REKEY_COUNT;
    kith_write_varint(&bench.body, count);
    for (size_t i = 0; i < count * KITH_SEALED_KEY_BYTES; i++) {
        kith_write_u8(&bench.body, (uint8_t)i);
    }
    draft.body = kith_buf_slice(&bench.body);
    return draft;
}

static void test_rekey__is_for_just_those_who_remain(void **state)
{
    (void)state;
    enum { REMAIN_AFTER_7 = 3, REMAIN_AT_9 = 4 };
    for (size_t count = 0; count < 8; count++) {
        charters_draft draft = with_keys(7, REVOKE_REKEY, count);
        assert_judged(&bench, &draft, count == REMAIN_AFTER_7 ? KITH_OK : KITH_E_DENIED);
        draft = with_keys(9, 0, count);
        assert_judged(&bench, &draft, count == REMAIN_AT_9 ? KITH_OK : KITH_E_DENIED);
    }
}

static void test_rekey__has_its_count_in_the_shortest_form(void **state)
{
    (void)state;
    charters_draft draft = with_keys(9, 0, 4);
    kith_buf_append(&bench.body, "", 1);
    memmove(bench.body.data + REKEY_COUNT + 2, bench.body.data + REKEY_COUNT + 1,
            4 * KITH_SEALED_KEY_BYTES);
    bench.body.data[REKEY_COUNT] = 0x84;
    bench.body.data[REKEY_COUNT + 1] = 0;
    draft.body = kith_buf_slice(&bench.body);
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
}

static void test_withdrawal__is_of_an_invite_that_admits(void **state)
{
    (void)state;
    for (uint8_t number = 0; number < 12; number++) {
        charters_draft draft = charters_redraft(&bench, 10);
        bench.body.data[3] = number; /* 2 is used up; the others are no invites */
        assert_judged(&bench, &draft, number == 5 ? KITH_OK : KITH_E_DENIED);
    }
    charters_draft draft = charters_redraft(&bench, 10);
    charters_go_to(&bench, 10);
    charters_move(&bench, &draft);
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static charters_draft appointment(charters_device device, uint8_t role)
{
    charters_draft draft = charters_redraft(&bench, 11);
    kith_device_keys keys = charters_keys(device);
    memcpy(bench.body.data, keys.sign, sizeof keys.sign);
    bench.body.data[KITH_KEY_BYTES] = role;
    return draft;
}

static void test_appointment__is_of_a_member_to_a_role(void **state)
{
    (void)state;
    for (int role = 0; role < 256; role += role < 8 ? 1 : 31) {
        bool is_role = role >= KITH_ROLE_READER && role <= KITH_ROLE_ADMIN;
        charters_draft draft = appointment(DEVI, (uint8_t)role);
        assert_judged(&bench, &draft, is_role ? KITH_OK : KITH_E_DAMAGED);
    }
    charters_draft draft = appointment(CHITRA, KITH_ROLE_WORKER); /* revoked */
    assert_judged(&bench, &draft, KITH_E_DENIED);
    draft = appointment(ELA, KITH_ROLE_WORKER);
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_appointment__leaves_an_admin(void **state)
{
    (void)state;
    charters_draft draft = appointment(ASHA, KITH_ROLE_SUPERVISOR);
    assert_judged(&bench, &draft, KITH_OK); /* there is Ben */
    assert_ok(kith_charter_apply(&bench.charter, charters_entry(&bench.space, 11)));
    for (uint8_t role = KITH_ROLE_READER; role <= KITH_ROLE_ADMIN; role++) {
        charters_move(&bench, &draft);
        bench.body.data[KITH_KEY_BYTES] = role;
        assert_judged(&bench, &draft, role == KITH_ROLE_ADMIN ? KITH_OK : KITH_E_DENIED);
    }
}

/* Puts members into the charter until so many are given each new key. */
static void fill(size_t count)
{
    size_t added = count - kith_rekey_count(&bench.charter, NULL);
    kith_member *members =
        kith_arena_array(&bench.charter.arena, bench.charter.member_count + added, sizeof *members);
    assert_non_null(members);
    memcpy(members, bench.charter.members, bench.charter.member_count * sizeof *members);
    for (size_t i = 0; i < added; i++) {
        kith_member *member = &members[bench.charter.member_count + i];
        member->role = KITH_ROLE_WORKER;
        kith_hash("test sign", kith_slice_make(&i, sizeof i), member->sign);
        kith_hash("test box", kith_slice_make(&i, sizeof i), member->box);
    }
    bench.charter.members = members;
    bench.charter.member_count += added;
    bench.charter.member_capacity = bench.charter.member_count;
}

static void test_space__has_room_for_so_many_members_and_invites(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 5);
    fill(KITH_MEMBERS_MAX - 1);
    assert_judged(&bench, &draft, KITH_OK);
    fill(KITH_MEMBERS_MAX);
    assert_judged(&bench, &draft, KITH_E_DENIED);
    charters_go_to(&bench, 7);
    draft = charters_admission(&bench, DEVI, 5);
    fill(KITH_MEMBERS_MAX - 1);
    assert_judged(&bench, &draft, KITH_OK);
    fill(KITH_MEMBERS_MAX);
    assert_judged(&bench, &draft, KITH_E_DENIED);
    bench.charter.invites[1].uses_left = 1; /* its last use makes room for who comes by it */
    assert_judged(&bench, &draft, KITH_OK);
}

static void test_space__can_revoke_when_it_is_full(void **state)
{
    (void)state;
    static kith_last_segment last[KITH_INCARNATIONS_MAX];
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t key[KITH_KEY_BYTES];
    kith_device_keys chitra = charters_keys(CHITRA);
    kith_revocation revocation = {
        .device = chitra.sign, .last_segments = last, .last_segment_count = KITH_INCARNATIONS_MAX};
    charters_go_to(&bench, 6);
    fill(KITH_MEMBERS_MAX);
    charters_seed(ASHA, seed);
    for (size_t i = 0; i < KITH_INCARNATIONS_MAX; i++) {
        last[i] = (kith_last_segment){.incarnation = {(uint8_t)i}, .number = KITH_NUMBER_MAX};
    }
    assert_ok(kith_charter_write_revoke(&bench.charter, seed, bench.space.keys[1], &revocation,
                                        &bench.entry, key));
    assert_ok(kith_charter_apply(&bench.charter, kith_buf_slice(&bench.entry)));
    assert_int_equal(kith_rekey_count(&bench.charter, NULL), KITH_MEMBERS_MAX - 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_invite__is_for_a_role_and_for_uses),
        TEST(test_admission__is_by_an_invite_that_still_admits),
        TEST(test_admission__is_of_a_device_that_never_was_a_member),
        TEST(test_admission__holds_the_invites_secret),
        TEST(test_admission__is_for_this_space),
        TEST(test_revocation__has_known_flags),
        TEST(test_revocation__is_of_a_member),
        TEST(test_revocation__leaves_an_admin),
        TEST(test_revocation__names_only_so_many_authors),
        TEST(test_revocation__names_no_author_twice),
        TEST(test_rekey__is_for_just_those_who_remain),
        TEST(test_rekey__has_its_count_in_the_shortest_form),
        TEST(test_withdrawal__is_of_an_invite_that_admits),
        TEST(test_appointment__is_of_a_member_to_a_role),
        TEST(test_appointment__leaves_an_admin),
        TEST(test_space__has_room_for_so_many_members_and_invites),
        TEST(test_space__can_revoke_when_it_is_full),
    };
    return cmocka_run_group_tests_name("space/charter_members", tests, NULL, NULL);
}
