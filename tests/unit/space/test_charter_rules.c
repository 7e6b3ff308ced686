/* What every entry must be, whatever it does, and who may make it: each rule of
 * proto/spec/charter.md by an entry that breaks just it. What the kinds of entries may say is in
 * test_charter_members.c. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/writer.h"
#include "charters.h"

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

/* Without this, no refusal below would mean anything. */
static void test_entries__hold_when_nothing_is_changed(void **state)
{
    (void)state;
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        charters_draft draft = charters_redraft(&bench, number);
        assert_judged(&bench, &draft, KITH_OK);
        assert_true(
            kith_slice_equal(kith_buf_slice(&bench.entry), charters_entry(&bench.space, number)));
    }
}

static void test_entry__has_a_known_version(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 6);
    draft.version = 0;
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    draft.version = 2;
    assert_judged(&bench, &draft, KITH_E_NEWER);
    kith_slice first_byte = kith_slice_head(kith_buf_slice(&bench.entry), 1);
    assert_status(kith_charter_judge(&bench.charter, first_byte), KITH_E_NEWER);
}

static void test_entry__has_a_known_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < 256; kind += kind == 0 ? KITH_ENTRY_APPOINT + 1 : 31) {
        charters_draft draft = charters_redraft(&bench, 6);
        draft.kind = (uint8_t)kind;
        assert_judged(&bench, &draft, KITH_E_NEWER);
    }
}

static void test_entry__has_a_largest_size(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 9);
    kith_buf_clear(&bench.body);
    assert_non_null(
        kith_buf_extend(&bench.body, KITH_ENTRY_BYTES_MAX - KITH_ENTRY_FIXED_BYTES + 1));
    memset(bench.body.data, 0, bench.body.length);
    draft.kind = KITH_ENTRY_APPOINT + 1; /* all that is wrong with it is its size */
    draft.body = kith_buf_slice(&bench.body);
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    bench.body.length--;
    draft.body = kith_buf_slice(&bench.body);
    assert_judged(&bench, &draft, KITH_E_NEWER);
}

static void test_entry__is_signed_by_its_issuer(void **state)
{
    (void)state;
    enum { ISSUER = 54 };
    charters_draft draft = charters_redraft(&bench, 7);
    kith_device_keys ben = charters_keys(BEN);
    draft.issuer = CHITRA;
    charters_sign(&draft, &bench.entry);
    memcpy(bench.entry.data + ISSUER, ben.sign, sizeof ben.sign);
    assert_status(kith_charter_judge(&bench.charter, kith_buf_slice(&bench.entry)), KITH_E_DAMAGED);
}

static void test_entry__is_signed_for_charters(void **state)
{
    (void)state;
    uint8_t seed[KITH_SEED_BYTES];
    charters_draft draft = charters_redraft(&bench, 7);
    charters_sign(&draft, &bench.entry);
    size_t signed_bytes = bench.entry.length - KITH_SIGNATURE_BYTES;
    charters_seed(BEN, seed);
    kith_device_sign(seed, "kith segment", kith_slice_make(bench.entry.data, signed_bytes),
                     bench.entry.data + signed_bytes);
    assert_status(kith_charter_judge(&bench.charter, kith_buf_slice(&bench.entry)), KITH_E_DAMAGED);
}

static void test_entry__is_the_next_one(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 6);
    draft.number = 0;
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    draft.number = 7;
    assert_judged(&bench, &draft, KITH_E_GAP);
    draft.number = UINT32_MAX;
    assert_judged(&bench, &draft, KITH_E_GAP);
    draft.number = 5;
    assert_judged(&bench, &draft, KITH_E_FORKED);
}

static void test_entry__names_the_one_before(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 6);
    draft.previous[31] ^= 1;
    assert_judged(&bench, &draft, KITH_E_FORKED);
}

static void test_entry__is_taken_once(void **state)
{
    (void)state;
    charters_go_to(&bench, CHARTERS_STORY_ENTRIES);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        assert_status(kith_charter_apply(&bench.charter, charters_entry(&bench.space, number)),
                      KITH_E_EXISTS);
    }
}

/* A byte that went wrong on the way is nobody's second word. */
static void test_entry__proves_no_fork_without_its_signature(void **state)
{
    (void)state;
    charters_go_to(&bench, CHARTERS_STORY_ENTRIES);
    kith_buf_append_slice(&bench.entry, charters_entry(&bench.space, 4));
    bench.entry.data[100] ^= 1;
    assert_status(kith_charter_judge(&bench.charter, kith_buf_slice(&bench.entry)), KITH_E_DAMAGED);
}

static void test_entry__is_of_the_space(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 6);
    draft.space.bytes[15] ^= 1;
    assert_judged(&bench, &draft, KITH_E_DENIED);
    memset(draft.space.bytes, 0, sizeof draft.space.bytes);
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

static void test_charter__has_a_last_entry(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 11);
    draft.number = KITH_ENTRIES_MAX;
    bench.charter.entry_count = KITH_ENTRIES_MAX - 1;
    assert_judged(&bench, &draft, KITH_OK);
    draft.number = KITH_ENTRIES_MAX + 1;
    bench.charter.entry_count = KITH_ENTRIES_MAX;
    assert_judged(&bench, &draft, KITH_E_LIMIT);
    bench.charter.entry_count = 10;
}

/* Cut anywhere or longer by a byte, and signed so. */
static void test_bodies__have_just_their_parts(void **state)
{
    (void)state;
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        charters_draft draft = charters_redraft(&bench, number);
        size_t length = bench.body.length;
        for (size_t cut = 0; cut < length; cut++) {
            draft.body.length = cut;
            assert_judged(&bench, &draft, KITH_E_DAMAGED);
        }
        kith_write_u8(&bench.body, 0);
        draft.body = kith_buf_slice(&bench.body);
        assert_judged(&bench, &draft, KITH_E_DAMAGED);
    }
}

static void test_founding__stands_first_and_only_there(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 2);
    draft.kind = KITH_ENTRY_FOUND;
    draft.body = charters_body(charters_entry(&bench.space, 1));
    assert_judged(&bench, &draft, KITH_E_DENIED);
    for (uint8_t kind = KITH_ENTRY_INVITE; kind <= KITH_ENTRY_APPOINT; kind++) {
        draft = charters_redraft(&bench, 1);
        draft.kind = kind;
        assert_judged(&bench, &draft, KITH_E_DENIED);
    }
}

static void test_founding__has_zeros_for_what_is_not_yet(void **state)
{
    (void)state;
    charters_draft draft = charters_redraft(&bench, 1);
    draft.space.bytes[0] = 1;
    assert_judged(&bench, &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 1);
    draft.previous[0] = 1;
    assert_judged(&bench, &draft, KITH_E_FORKED);
}

static void test_founding__is_of_the_space_that_was_asked_for(void **state)
{
    (void)state;
    kith_space_id id = bench.space.charter.space;
    kith_charter_deinit(&bench.charter);
    kith_charter_init(&bench.charter, test_context(), &id);
    assert_ok(kith_charter_judge(&bench.charter, charters_entry(&bench.space, 1)));
    id.bytes[15] ^= 1;
    kith_charter_deinit(&bench.charter);
    kith_charter_init(&bench.charter, test_context(), &id);
    assert_status(kith_charter_judge(&bench.charter, charters_entry(&bench.space, 1)),
                  KITH_E_DENIED);
}

static void test_founding__has_a_sealed_name_of_a_possible_size(void **state)
{
    (void)state;
    static const struct {
        size_t length;
        kith_status status;
    } cases[] = {{0, KITH_E_DAMAGED},
                 {39, KITH_E_DAMAGED},
                 {40, KITH_OK},
                 {240, KITH_OK},
                 {241, KITH_E_DAMAGED}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        charters_draft draft = charters_redraft(&bench, 1);
        bench.body.length = KITH_KEY_BYTES + KITH_HASH_BYTES;
        kith_write_varint(&bench.body, cases[i].length);
        for (size_t j = 0; j < cases[i].length; j++) {
            kith_write_u8(&bench.body, (uint8_t)j);
        }
        draft.body = kith_buf_slice(&bench.body);
        assert_judged(&bench, &draft, cases[i].status);
    }
}

/* By a worker, a supervisor, one who was revoked, one who never was a member. */
static void test_entries_of_admins__are_made_by_nobody_else(void **state)
{
    (void)state;
    static const struct {
        uint32_t number;
        charters_device issuer;
    } cases[] = {
        {2, BEN},    {5, BEN},  {5, ELA},    {6, BEN},  {6, CHITRA},  {6, ELA},
        {7, CHITRA}, {7, DEVI}, {9, CHITRA}, {9, DEVI}, {9, ELA},     {10, CHITRA},
        {10, DEVI},  {10, ELA}, {11, DEVI},  {11, ELA}, {11, CHITRA},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        charters_draft draft = charters_redraft(&bench, cases[i].number);
        draft.issuer = cases[i].issuer;
        assert_judged(&bench, &draft, KITH_E_DENIED);
    }
}

static void test_entries_of_admins__are_not_made_by_one_who_was_admin(void **state)
{
    (void)state;
    charters_space other;
    charters_begin(&other, test_context());
    assert_ok(charters_play(&other, 6));
    assert_ok(charters_revoke(&other, BEN, ASHA, NULL, 0));
    assert_status(charters_invite(&other, ASHA, KITH_ROLE_WORKER, 1), KITH_E_DENIED);
    assert_ok(charters_invite(&other, BEN, KITH_ROLE_WORKER, 1));
    charters_end(&other);
    charters_go_to(&bench, CHARTERS_STORY_ENTRIES);
    charters_draft draft =
        charters_next(&bench.space, KITH_ENTRY_APPOINT, BEN,
                      charters_body(charters_entry(&bench.space, CHARTERS_STORY_ENTRIES)));
    assert_judged(&bench, &draft, KITH_E_DENIED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_entries__hold_when_nothing_is_changed),
        TEST(test_entry__has_a_known_version),
        TEST(test_entry__has_a_known_kind),
        TEST(test_entry__has_a_largest_size),
        TEST(test_entry__is_signed_by_its_issuer),
        TEST(test_entry__is_signed_for_charters),
        TEST(test_entry__is_the_next_one),
        TEST(test_entry__names_the_one_before),
        TEST(test_entry__is_taken_once),
        TEST(test_entry__proves_no_fork_without_its_signature),
        TEST(test_entry__is_of_the_space),
        TEST(test_charter__has_a_last_entry),
        TEST(test_bodies__have_just_their_parts),
        TEST(test_founding__stands_first_and_only_there),
        TEST(test_founding__has_zeros_for_what_is_not_yet),
        TEST(test_founding__is_of_the_space_that_was_asked_for),
        TEST(test_founding__has_a_sealed_name_of_a_possible_size),
        TEST(test_entries_of_admins__are_made_by_nobody_else),
        TEST(test_entries_of_admins__are_not_made_by_one_who_was_admin),
    };
    return cmocka_run_group_tests_name("space/charter_rules", tests, NULL, NULL);
}
