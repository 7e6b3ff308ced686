/* What a charter says after each entry of a story. The bytes are held against the specification by
 * proto/vectors/charter.json; refusals are in test_charter_rules.c and test_charter_members.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "space/charter.h"

#include <stdlib.h>

#include "base/limits.h"
#include "cases.h"
#include "charters.h"

static charters_space space;

static int begin(void **state)
{
    (void)state;
    charters_begin(&space, test_context());
    return 0;
}

static int end(void **state)
{
    charters_end(&space);
    return cases_tell_failed(state);
}

static void play(uint32_t last)
{
    assert_ok(charters_play(&space, last));
}

static const kith_member *member(charters_device device)
{
    kith_device_keys keys = charters_keys(device);
    return kith_charter_find(&space.charter, keys.sign);
}

static bool may(charters_device device, kith_role role)
{
    kith_device_keys keys = charters_keys(device);
    return kith_charter_may(&space.charter, keys.sign, role);
}

/* Fails unless the device may just what the role may; 0 for nothing. */
static void assert_role(charters_device device, int role)
{
    for (int asked = KITH_ROLE_READER; asked <= KITH_ROLE_ADMIN; asked++) {
        assert_int_equal(may(device, (kith_role)asked), asked <= role);
    }
}

static void test_charter__begins_with_its_founder(void **state)
{
    (void)state;
    uint8_t hash[KITH_HASH_BYTES];
    play(1);
    kith_hash("kith space", charters_entry(&space, 1), hash);
    assert_memory_equal(space.charter.space.bytes, hash, KITH_SPACE_ID_BYTES);
    kith_entry_hash(charters_entry(&space, 1), hash);
    assert_memory_equal(space.charter.head, hash, sizeof hash);
    assert_int_equal(space.charter.entry_count, 1);
    assert_int_equal(space.charter.epoch_count, 1);
    assert_role(ASHA, KITH_ROLE_ADMIN);
    assert_role(BEN, 0);
    const kith_member *asha = member(ASHA);
    kith_device_keys keys = charters_keys(ASHA);
    assert_memory_equal(asha->box, keys.box, sizeof keys.box);
    assert_int_equal(asha->admitted, 1);
    assert_int_equal(asha->invite, 0);
}

static void test_charter__admits_by_invites(void **state)
{
    (void)state;
    play(3);
    kith_device_keys keys = charters_keys(BEN);
    assert_role(BEN, KITH_ROLE_WORKER);
    assert_memory_equal(member(BEN)->box, keys.box, sizeof keys.box);
    assert_int_equal(member(BEN)->admitted, 3);
    assert_int_equal(member(BEN)->invite, 2);
    const kith_charter_invite *invite = kith_charter_find_invite(&space.charter, 2);
    assert_int_equal(invite->uses_left, 1);
    assert_int_equal(invite->role, KITH_ROLE_WORKER);
    assert_true(invite->expires_ms == KITH_EXPIRES_NEVER);
    play(4);
    assert_role(CHITRA, KITH_ROLE_WORKER);
    assert_int_equal(kith_charter_find_invite(&space.charter, 2)->uses_left, 0);
    assert_null(kith_charter_find_invite(&space.charter, 3));
    assert_null(kith_charter_find_invite(&space.charter, 0));
}

static void test_charter__appoints_revokes_and_withdraws(void **state)
{
    (void)state;
    play(6);
    assert_role(BEN, KITH_ROLE_ADMIN);
    play(7);
    assert_role(CHITRA, 0);
    assert_int_equal(member(CHITRA)->revoked, 7);
    assert_true(member(CHITRA)->must_wipe);
    assert_int_equal(space.charter.epoch_count, 2);
    play(CHARTERS_STORY_ENTRIES);
    assert_role(ASHA, KITH_ROLE_ADMIN);
    assert_role(BEN, KITH_ROLE_WORKER);
    assert_role(CHITRA, 0);
    assert_role(DEVI, KITH_ROLE_SUPERVISOR);
    assert_role(ELA, 0);
    assert_null(member(ELA));
    assert_int_equal(kith_charter_find_invite(&space.charter, 5)->uses_left, 0);
    assert_int_equal(space.charter.epoch_count, 3);
    assert_int_equal(space.charter.entry_count, CHARTERS_STORY_ENTRIES);
}

static bool counts(charters_device device, const kith_last_segment *segment, uint64_t number)
{
    kith_device_keys keys = charters_keys(device);
    return kith_charter_counts(&space.charter, keys.sign, segment->incarnation, number,
                               segment->header);
}

static void test_charter__counts_segments_of_those_who_may_write(void **state)
{
    (void)state;
    const kith_last_segment any = {.number = 0};
    play(1);
    assert_ok(charters_invite(&space, ASHA, KITH_ROLE_READER, 1));
    assert_ok(charters_admit(&space, BEN, 2));
    assert_true(counts(ASHA, &any, 1));
    assert_true(counts(ASHA, &any, KITH_NUMBER_MAX));
    assert_false(counts(BEN, &any, 1));
    assert_false(counts(CHITRA, &any, 1));
    assert_ok(charters_appoint(&space, ASHA, BEN, KITH_ROLE_WORKER));
    assert_true(counts(BEN, &any, 1));
}

static void test_charter__counts_of_a_revoked_device_what_its_revocation_leaves(void **state)
{
    (void)state;
    play(6);
    assert_true(counts(CHITRA, &charters_last_segments[0], 8));
    play(7);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(charters_last_segments); i++) {
        kith_last_segment last = charters_last_segments[i];
        assert_true(counts(CHITRA, &last, 1));
        assert_true(counts(CHITRA, &last, last.number));
        assert_false(counts(CHITRA, &last, last.number + 1));
        last.header[0] ^= 1;
        assert_true(counts(CHITRA, &last, last.number - 1));
        assert_false(counts(CHITRA, &last, last.number));
        last.incarnation[15] ^= 1;
        assert_false(counts(CHITRA, &last, 1));
    }
    assert_true(counts(BEN, &charters_last_segments[0], 8));
}

static bool gives_key_to(const uint8_t *revoked, size_t index, const uint8_t *box)
{
    const uint8_t *recipient = kith_rekey_box(&space.charter, revoked, index);
    return recipient != NULL && memcmp(recipient, box, KITH_KEY_BYTES) == 0;
}

/* Members in the order of their admission, then open invites. */
static void test_rekey__is_for_those_who_remain(void **state)
{
    (void)state;
    play(5);
    const kith_device_keys asha = charters_keys(ASHA);
    const kith_device_keys ben = charters_keys(BEN);
    const kith_device_keys chitra = charters_keys(CHITRA);
    const uint8_t *invite = kith_charter_find_invite(&space.charter, 5)->box;
    assert_int_equal(kith_rekey_count(&space.charter, NULL), 4);
    assert_true(gives_key_to(NULL, 0, asha.box));
    assert_true(gives_key_to(NULL, 1, ben.box));
    assert_true(gives_key_to(NULL, 2, chitra.box));
    assert_true(gives_key_to(NULL, 3, invite));
    assert_null(kith_rekey_box(&space.charter, NULL, 4));
    assert_int_equal(kith_rekey_count(&space.charter, ben.sign), 3);
    assert_true(gives_key_to(ben.sign, 0, asha.box));
    assert_true(gives_key_to(ben.sign, 1, chitra.box));
    assert_true(gives_key_to(ben.sign, 2, invite));
    assert_null(kith_rekey_box(&space.charter, ben.sign, 3));
    assert_ok(charters_invite(&space, ASHA, KITH_ROLE_READER, 1));
    assert_int_equal(kith_rekey_count(&space.charter, NULL), 5);
    assert_true(gives_key_to(NULL, 3, kith_charter_find_invite(&space.charter, 5)->box));
    assert_true(gives_key_to(NULL, 4, kith_charter_find_invite(&space.charter, 6)->box));
    assert_null(kith_rekey_box(&space.charter, NULL, 5));
}

static void test_entry__gives_its_keys_if_it_has_some(void **state)
{
    (void)state;
    kith_rekey rekey;
    play(CHARTERS_STORY_ENTRIES);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        kith_slice entry = charters_entry(&space, number);
        bool is_rekey = number == 7 || number == 9;
        bool is_invite = number == 2 || number == 5;
        assert_int_equal(kith_entry_read_rekey(entry, &rekey), is_rekey);
        assert_int_equal(rekey.count, !is_rekey ? 0 : number == 7 ? 3 : 4);
        assert_int_equal(kith_entry_invited_key(entry) != NULL, is_invite);
        kith_slice cut = kith_slice_make(entry.data, entry.length - 1);
        assert_false(kith_entry_read_rekey(cut, &rekey));
        assert_null(kith_entry_invited_key(cut));
    }
}

static void test_entry__tells_its_head_unjudged(void **state)
{
    (void)state;
    kith_entry_head head;
    uint8_t hash[KITH_HASH_BYTES];
    kith_device_keys ben = charters_keys(BEN);
    play(7);
    kith_slice entry = charters_entry(&space, 7);
    kith_entry_hash(charters_entry(&space, 6), hash);
    assert_true(kith_entry_read_head(entry, &head));
    assert_int_equal(head.kind, KITH_ENTRY_REVOKE);
    assert_int_equal(head.number, 7);
    assert_true(kith_space_id_equal(head.space, space.charter.space));
    assert_memory_equal(head.previous, hash, sizeof hash);
    assert_memory_equal(head.issuer, ben.sign, sizeof ben.sign);
    assert_true(kith_entry_read_head(kith_slice_head(entry, KITH_ENTRY_FIXED_BYTES), &head));
    assert_false(kith_entry_read_head(kith_slice_head(entry, KITH_ENTRY_FIXED_BYTES - 1), &head));
    assert_int_equal(head.number, 0);
}

/* Another device reads the same from the bytes alone. */
static void test_charter__reads_the_same_from_its_entries(void **state)
{
    (void)state;
    uint8_t made[KITH_HASH_BYTES];
    uint8_t read[KITH_HASH_BYTES];
    kith_charter charter;
    play(CHARTERS_STORY_ENTRIES);
    kith_charter_init(&charter, test_context(), &space.charter.space);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        assert_ok(kith_charter_judge(&charter, charters_entry(&space, number)));
        assert_ok(kith_charter_apply(&charter, charters_entry(&space, number)));
    }
    charters_digest(&space.charter, made);
    charters_digest(&charter, read);
    assert_memory_equal(read, made, sizeof made);
    kith_charter_deinit(&charter);
}

static void assert_refused(kith_charter *charter, kith_slice entry, kith_status expected)
{
    uint8_t before[KITH_HASH_BYTES];
    uint8_t after[KITH_HASH_BYTES];
    charters_digest(charter, before);
    assert_status(kith_charter_judge(charter, entry), expected);
    assert_status(kith_charter_apply(charter, entry), expected);
    charters_digest(charter, after);
    assert_memory_equal(after, before, sizeof before);
}

/* One bit of each byte, another one each time that this runs. */
static void test_charter__refuses_an_entry_with_any_bit_flipped(void **state)
{
    (void)state;
    kith_charter charter;
    test_random random = test_random_of(test_seed());
    play(CHARTERS_STORY_ENTRIES);
    kith_charter_init(&charter, test_context(), NULL);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        kith_slice entry = charters_entry(&space, number);
        uint8_t *bytes = space.bytes.data + space.ends[number - 1];
        uint8_t before[KITH_HASH_BYTES];
        uint8_t after[KITH_HASH_BYTES];
        charters_digest(&charter, before);
        for (size_t i = 0; i < entry.length; i++) {
            uint8_t bit = (uint8_t)(1u << test_below(&random, 8));
            cases_note("entry %u, byte %zu, bit %u", number, i, bit);
            kith_status expected = i == 0 && bit != 1 ? KITH_E_NEWER : KITH_E_DAMAGED;
            bytes[i] ^= bit;
            assert_status(kith_charter_apply(&charter, entry), expected);
            bytes[i] ^= bit;
        }
        charters_digest(&charter, after);
        assert_memory_equal(after, before, sizeof before);
        assert_ok(kith_charter_apply(&charter, entry));
    }
    cases_done();
    kith_charter_deinit(&charter);
}

static void test_charter__refuses_an_entry_cut_or_lengthened(void **state)
{
    (void)state;
    kith_charter charter;
    play(CHARTERS_STORY_ENTRIES);
    kith_charter_init(&charter, test_context(), NULL);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        kith_slice entry = charters_entry(&space, number);
        for (size_t length = 0; length < entry.length; length++) {
            assert_status(kith_charter_apply(&charter, kith_slice_head(entry, length)),
                          KITH_E_DAMAGED);
        }
        if (number < CHARTERS_STORY_ENTRIES) {
            assert_refused(&charter, kith_slice_make(entry.data, entry.length + 1), KITH_E_DAMAGED);
        }
        assert_ok(kith_charter_apply(&charter, entry));
    }
    kith_charter_deinit(&charter);
}

typedef struct short_heap {
    size_t left; /* allocations that still succeed */
} short_heap;

static void *reallocate(void *user, void *pointer, size_t size)
{
    short_heap *heap = user;
    if (size == 0) {
        free(pointer);
        return NULL;
    }
    if (heap->left == 0) {
        return NULL;
    }
    heap->left--;
    return realloc(pointer, size);
}

enum { CHUNK_BYTES = 65 * 1024 }; /* more than the arena would take by itself */

/* Uses up the arena but for so many bytes, and then there is no memory any more. */
static void leave(kith_charter *charter, short_heap *heap, size_t bytes)
{
    heap->left = 1;
    assert_non_null(kith_arena_allocate(&charter->arena, CHUNK_BYTES - bytes));
    heap->left = 0;
}

/* Wherever memory ends, the charter is as before and can go on. */
static void test_charter__is_as_before_when_memory_ends_within_an_entry(void **state)
{
    (void)state;
    short_heap heap = {0};
    kith_context cx;
    kith_charter charter;
    kith_env env = KITH_ENV_INIT;
    env.user = &heap;
    env.reallocate = reallocate;
    play(CHARTERS_STORY_ENTRIES);
    assert_ok(kith_context_init(&cx, &env));
    kith_charter_init(&charter, &cx, NULL);
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        kith_status status = KITH_E_MEMORY;
        for (size_t left = 0; status != KITH_OK; left += 64) {
            uint8_t before[KITH_HASH_BYTES];
            uint8_t after[KITH_HASH_BYTES];
            charters_digest(&charter, before);
            leave(&charter, &heap, left);
            status = kith_charter_apply(&charter, charters_entry(&space, number));
            charters_digest(&charter, after);
            assert_true(status == KITH_OK || status == KITH_E_MEMORY);
            assert_int_equal(memcmp(after, before, sizeof before) == 0, status != KITH_OK);
            /* The first entry needs every array, the revocation its last segments. */
            bool needs_memory = number == 1 || number == 7;
            assert_true(left > 0 || !needs_memory || status == KITH_E_MEMORY);
        }
    }
    kith_charter_deinit(&charter);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_charter__begins_with_its_founder),
        TEST(test_charter__admits_by_invites),
        TEST(test_charter__appoints_revokes_and_withdraws),
        TEST(test_charter__counts_segments_of_those_who_may_write),
        TEST(test_charter__counts_of_a_revoked_device_what_its_revocation_leaves),
        TEST(test_rekey__is_for_those_who_remain),
        TEST(test_entry__gives_its_keys_if_it_has_some),
        TEST(test_entry__tells_its_head_unjudged),
        TEST(test_charter__reads_the_same_from_its_entries),
        TEST(test_charter__refuses_an_entry_with_any_bit_flipped),
        TEST(test_charter__refuses_an_entry_cut_or_lengthened),
        TEST(test_charter__is_as_before_when_memory_ends_within_an_entry),
    };
    return cmocka_run_group_tests_name("space/charter", tests, NULL, NULL);
}
