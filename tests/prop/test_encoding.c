/* What is written reads back: values, their texts, blocks of the log, bodies of segments, packed
 * states. Cases are random; the examples are in tests/unit. SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/limits.h"
#include "blocks.h"
#include "cases.h"
#include "fleet.h"
#include "scene.h"
#include "segments.h"
#include "value/date.h"
#include "value/number.h"

enum { CASES = 10000 };

/* What a case draws from and puts into memory with. */
typedef struct source {
    test_random random;
    kith_arena arena;
} source;

static source source_of(uint64_t seed)
{
    source s = {.random = test_random_of(seed)};
    kith_arena_init(&s.arena, test_context());
    return s;
}

static bool one_in(source *s, uint64_t count)
{
    return test_below(&s->random, count) == 0;
}

/* A number of any length, in either direction. */
static int64_t any_number(source *s)
{
    uint64_t size = test_next(&s->random) >> test_below(&s->random, 64);
    return (int64_t)(one_in(s, 2) ? ~size : size);
}

static int64_t between(source *s, int64_t first, int64_t last)
{
    return first + (int64_t)test_below(&s->random, (uint64_t)(last - first) + 1);
}

static kith_slice any_bytes(source *s, size_t length)
{
    uint8_t *bytes = kith_arena_allocate(&s->arena, length);
    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)test_next(&s->random);
    }
    return kith_slice_make(bytes, length);
}

/* Letters of the scripts that people write here, marks that compose, blanks, what lies beyond the
 * first plane. No control characters. */
static uint32_t any_character(source *s)
{
    switch (test_below(&s->random, 8)) {
    case 0:
        return (uint32_t)between(s, 0x0300, 0x036f); /* combining marks */
    case 1:
        return (uint32_t)between(s, 0x00c0, 0x017f); /* accented Latin */
    case 2:
        return (uint32_t)between(s, 0x0980, 0x09fe); /* Bengali and Assamese */
    case 3:
        return (uint32_t)between(s, 0x0900, 0x097f); /* Devanagari, some of which decomposes */
    case 4:
        return (uint32_t)between(s, 0x11100, 0x11147); /* Chakma */
    case 5:
        return one_in(s, 2) ? '\n' : '\t';
    default:
        return (uint32_t)between(s, ' ', '~');
    }
}

static size_t put_utf8(uint8_t *at, uint32_t character)
{
    if (character < 0x80) {
        at[0] = (uint8_t)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        at[i] = (uint8_t)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    at[0] = (uint8_t)(leads[length] | character);
    return length;
}

static kith_slice any_text(source *s, size_t characters)
{
    uint8_t *text = kith_arena_array(&s->arena, characters + 1, 4);
    assert_non_null(text);
    size_t length = 0;
    for (size_t i = 0; i < characters; i++) {
        length += put_utf8(text + length, any_character(s));
    }
    text[length++] = 'x'; /* so that there is something beside blanks */
    return kith_slice_make(text, length);
}

/* Texts and codes in the form that typing them gives. */
static kith_value any_typed(source *s, int32_t type, size_t characters)
{
    kith_value value;
    const char *why = NULL;
    assert_ok(kith_value_parse(type, any_text(s, characters), &s->arena, &value, &why));
    return value;
}

static kith_date_point any_point(source *s)
{
    static const int64_t firsts[] = {-354285, -970 * 12, -970}; /* of the year 1000 */
    static const int64_t lasts[] = {2932896, 8029 * 12 + 11, 8029};
    size_t precision = test_below(&s->random, 3);
    return (kith_date_point){(kith_date_precision)precision,
                             between(s, firsts[precision], lasts[precision])};
}

static kith_date any_date(source *s)
{
    kith_date date = {.first = any_point(s), .is_about = one_in(s, 2), .is_range = one_in(s, 2)};
    date.last = date.is_range ? any_point(s) : date.first;
    if (kith_date_first_day(&date) > kith_date_last_day(&date)) {
        kith_date_point point = date.first;
        date.first = date.last;
        date.last = point;
    }
    return date;
}

static kith_decimal any_decimal(source *s)
{
    kith_decimal decimal = {any_number(s), (uint8_t)test_below(&s->random, 19)};
    decimal.mantissa = decimal.mantissa == INT64_MIN ? INT64_MAX : decimal.mantissa;
    if (decimal.mantissa % 10 == 0) {
        decimal.scale = 0;
    }
    return decimal;
}

static kith_geo any_geo(source *s)
{
    return (kith_geo){(int32_t)between(s, -9000000, 9000000),
                      (int32_t)between(s, -18000000, 18000000)};
}

/* Bytes that a buffer holds, as a value's. */
static kith_value keep(source *s, int32_t type, kith_buf *bytes)
{
    kith_value value = {.type = (uint8_t)type};
    assert_ok(kith_buf_status(bytes));
    assert_ok(kith_arena_copy(&s->arena, kith_buf_slice(bytes), &value.bytes));
    kith_buf_deinit(bytes);
    return value;
}

static kith_value any_phone(source *s)
{
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 16);
    kith_buf_append_text(&bytes, one_in(s, 2) ? "+" : "");
    for (int64_t digits = between(s, 3, 15); digits > 0; digits--) {
        kith_write_u8(&bytes, (uint8_t)between(s, '0', '9'));
    }
    return keep(s, KITH_TYPE_PHONE, &bytes);
}

static kith_value any_ref(source *s)
{
    kith_author_id author;
    kith_value value;
    memcpy(author.bytes, any_bytes(s, sizeof author.bytes).data, sizeof author.bytes);
    uint64_t number = (test_next(&s->random) & KITH_NUMBER_MAX) >> test_below(&s->random, 40);
    number = number == 0 ? 1 : number;
    assert_ok(kith_value_of_id(kith_id_make(author, number), &s->arena, &value));
    return value;
}

static kith_value any_numbers(source *s, int32_t type)
{
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), 32);
    kith_date date = any_date(s);
    if (type == KITH_TYPE_INT) {
        kith_write_zigzag(&bytes, any_number(s));
    } else if (type == KITH_TYPE_DECIMAL) {
        kith_decimal_write(&bytes, any_decimal(s));
    } else if (type == KITH_TYPE_DATE) {
        kith_date_write(&bytes, &date);
    } else {
        kith_geo_write(&bytes, any_geo(s));
    }
    return keep(s, type, &bytes);
}

/* A canonical value of a type, known or not. */
static kith_value any_value(source *s, int32_t type)
{
    switch (type) {
    case KITH_TYPE_NONE:
        return (kith_value){0};
    case KITH_TYPE_TEXT:
        return any_typed(s, type, test_below(&s->random, one_in(s, 50) ? 4000 : 40));
    case KITH_TYPE_CODE:
        return any_typed(s, type, test_below(&s->random, 6));
    case KITH_TYPE_BOOL:
        return (kith_value){KITH_TYPE_BOOL, one_in(s, 2) ? KITH_SLICE("\x01") : KITH_SLICE("\x00")};
    case KITH_TYPE_PHONE:
        return any_phone(s);
    case KITH_TYPE_REF:
        return any_ref(s);
    case KITH_TYPE_BLOB:
        return (kith_value){KITH_TYPE_BLOB, any_bytes(s, 32)};
    case KITH_TYPE_INT:
    case KITH_TYPE_DECIMAL:
    case KITH_TYPE_DATE:
    case KITH_TYPE_GEO:
        return any_numbers(s, type);
    default:
        return (kith_value){(uint8_t)type, any_bytes(s, test_below(&s->random, 60))};
    }
}

/* Mostly types that are known; 0 is none. */
static int32_t any_type(source *s)
{
    return (int32_t)(one_in(s, 6) ? between(s, KITH_TYPE_BLOB + 1, KITH_TYPE_MAX)
                                  : between(s, KITH_TYPE_NONE, KITH_TYPE_BLOB));
}

/* Several one behind the other: each must end where it ends. */
static void check_values(uint64_t seed)
{
    source s = source_of(seed);
    kith_value values[4];
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), KITH_BLOCK_BYTES_MAX);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(values); i++) {
        values[i] = any_value(&s, any_type(&s));
        assert_true(kith_value_is_canonical(values[i]));
        kith_value_write(&bytes, values[i]);
    }
    assert_ok(kith_buf_status(&bytes));
    kith_reader reader = kith_reader_of(kith_buf_slice(&bytes));
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(values); i++) {
        assert_true(kith_value_equal(kith_value_read(&reader), values[i]));
    }
    assert_true(kith_reader_finished(&reader));
    kith_buf_deinit(&bytes);
    kith_arena_deinit(&s.arena);
}

static void test_values__read_as_they_were_written(void **state)
{
    (void)state;
    cases_run(CASES, check_values);
}

static void check_texts(uint64_t seed)
{
    source s = source_of(seed);
    kith_buf text;
    kith_buf_init(&text, test_context(), KITH_BLOCK_BYTES_MAX);
    for (int32_t type = KITH_TYPE_TEXT; type <= KITH_TYPE_BLOB; type++) {
        kith_value value = any_value(&s, type);
        kith_value back;
        const char *why = NULL;
        kith_buf_clear(&text);
        kith_value_format(value, &text);
        assert_ok(kith_buf_status(&text));
        if (kith_value_parse(type, kith_buf_slice(&text), &s.arena, &back, &why) != KITH_OK) {
            fail_msg("\"%s\" %s", test_text(&text), why);
        }
        assert_true(kith_value_equal(back, value));
    }
    kith_buf_deinit(&text);
    kith_arena_deinit(&s.arena);
}

static void test_values__read_as_they_are_shown(void **state)
{
    (void)state;
    cases_run(CASES, check_texts);
}

/* Commits of author 1 of blocks.h, as any program might make them. */

/* A change before `id`, or anybody else's. */
static kith_dot any_dot(source *s, kith_dot id)
{
    uint64_t number = (test_next(&s->random) & KITH_NUMBER_MAX) >> test_below(&s->random, 40);
    uint32_t author = 1 + (uint32_t)test_below(&s->random, BLOCKS_AUTHORS - 1);
    number = number == 0 ? 1 : number;
    if (author != id.author) {
        return (kith_dot){author, number};
    }
    return id.number == 1 ? (kith_dot){author + 1, number}
                          : (kith_dot){author, 1 + number % (id.number - 1)};
}

static const kith_dot *any_dots(source *s, kith_dot id, size_t *count_out)
{
    *count_out = one_in(s, 2) ? 0 : test_below(&s->random, one_in(s, 40) ? 300 : 4);
    kith_dot *dots = kith_arena_array(&s->arena, *count_out, sizeof *dots);
    assert_non_null(dots);
    for (size_t i = 0; i < *count_out; i++) {
        dots[i] = any_dot(s, id);
    }
    return dots;
}

static bool writes_there(const kith_change *change, const kith_op *op)
{
    bool is_element = op->action == KITH_ACTION_ADD || op->action == KITH_ACTION_REMOVE;
    for (size_t i = 0; i < change->op_count; i++) {
        const kith_op *other = &change->ops[i];
        bool is_other_element =
            other->action == KITH_ACTION_ADD || other->action == KITH_ACTION_REMOVE;
        if (other->field == op->field && is_element == is_other_element &&
            (!is_element || kith_value_equal(other->value, op->value))) {
            return true;
        }
    }
    return false;
}

static void add_any_ops(source *s, kith_change *change)
{
    size_t wanted = test_below(&s->random, one_in(s, 40) ? 60 : 6);
    kith_op *ops = kith_arena_array(&s->arena, wanted, sizeof *ops);
    assert_non_null(ops);
    change->ops = ops;
    for (size_t i = 0; i < wanted; i++) {
        kith_op op = {.field = 1 + (uint32_t)test_below(&s->random, BLOCKS_NAMES - 1),
                      .action = (uint8_t)test_below(&s->random, KITH_ACTION_REMOVE + 1)};
        int32_t type = any_type(s);
        if (op.action != KITH_ACTION_CLEAR) {
            op.value = any_value(s, type == KITH_TYPE_NONE ? KITH_TYPE_CODE : type);
        }
        op.replaces = any_dots(s, change->id, &op.replaces_count);
        if (!writes_there(change, &op)) {
            ops[change->op_count++] = op;
        }
    }
}

static kith_change any_change(source *s, kith_dot id, kith_stamp stamp)
{
    kith_change change = {.id = id, .stamp = stamp, .record = id};
    change.deed = (uint8_t)test_below(&s->random, KITH_DEED_KEEP + 1);
    if (change.deed == KITH_DEED_CREATE) {
        change.kind = 1 + (uint32_t)test_below(&s->random, BLOCKS_NAMES - 1);
    } else {
        change.record = any_dot(s, id);
    }
    if (change.deed == KITH_DEED_CREATE || change.deed == KITH_DEED_EDIT) {
        add_any_ops(s, &change);
        return change;
    }
    change.replaces = any_dots(s, id, &change.replaces_count);
    if (change.deed == KITH_DEED_REMOVE) {
        change.seen = any_dots(s, id, &change.seen_count);
    }
    return change;
}

/* Clocks from 1970 to 2076, and such as are out of their mind. */
static kith_stamp any_stamp(source *s)
{
    static const int64_t year_2077_ms = INT64_C(3376684800000);
    int64_t ms = one_in(s, 4) ? between(s, -KITH_TIME_MS_MAX, KITH_TIME_MS_MAX)
                              : between(s, 0, year_2077_ms);
    uint32_t counter = (uint32_t)test_next(&s->random) >> test_below(&s->random, 32);
    return (kith_stamp){ms, counter, (uint8_t)test_below(&s->random, KITH_TRUST_CONFIRMED + 1)};
}

static kith_commit any_commit(source *s, uint64_t first)
{
    kith_commit commit = {.first = {1, first}, .stamp = any_stamp(s)};
    commit.ahead_ms = one_in(s, 2) ? 0 : between(s, 1, 2 * KITH_TIME_MS_MAX);
    commit.undoes = first == 1 || one_in(s, 2) ? 0 : 1 + test_below(&s->random, first - 1);
    commit.change_count = 1 + test_below(&s->random, one_in(s, 40) ? 40 : 4);
    commit.changes = kith_arena_array(&s->arena, commit.change_count, sizeof *commit.changes);
    assert_non_null(commit.changes);
    for (size_t i = 0; i < commit.change_count; i++) {
        commit.changes[i] = any_change(s, (kith_dot){1, first + i}, commit.stamp);
    }
    return commit;
}

/* Commits one behind the other, near the first change or far from it. */
static void any_commits(source *s, kith_commit *commits, size_t count)
{
    uint64_t next =
        1 + (test_next(&s->random) & KITH_NUMBER_MAX >> 1) / (1 + test_below(&s->random, 9));
    next = one_in(s, 2) ? 1 + next % 10 : next;
    for (size_t i = 0; i < count; i++) {
        commits[i] = any_commit(s, next);
        next += commits[i].change_count;
    }
}

/* Reads the block's commits into the arena. */
static void read_commits(source *s, kith_slice bytes, kith_commit *commits, size_t count)
{
    kith_block block;
    assert_ok(blocks_open(bytes, &s->arena, &block));
    for (size_t i = 0; i < count; i++) {
        assert_ok(kith_block_next(&block, &s->arena, &commits[i]));
    }
}

static void check_commits(uint64_t seed)
{
    source s = source_of(seed);
    kith_commit commits[4];
    kith_commit back[KITH_ARRAY_LENGTH(commits)];
    size_t count = 1 + test_below(&s.random, KITH_ARRAY_LENGTH(commits));
    kith_buf bytes;
    kith_buf again;
    kith_buf_init(&bytes, test_context(), KITH_BLOCK_BYTES_MAX);
    kith_buf_init(&again, test_context(), KITH_BLOCK_BYTES_MAX);
    any_commits(&s, commits, count);
    blocks_write(commits, count, &bytes);
    blocks_assert(kith_buf_slice(&bytes), commits, count);
    read_commits(&s, kith_buf_slice(&bytes), back, count);
    blocks_write(back, count, &again);
    assert_true(kith_slice_equal(kith_buf_slice(&bytes), kith_buf_slice(&again)));
    kith_buf_deinit(&bytes);
    kith_buf_deinit(&again);
    kith_arena_deinit(&s.arena);
}

static void test_commits__read_as_they_were_written(void **state)
{
    (void)state;
    cases_run(CASES, check_commits);
}

static void check_bodies(uint64_t seed)
{
    source s = source_of(seed);
    kith_commit commits[12];
    size_t count = 1 + test_below(&s.random, KITH_ARRAY_LENGTH(commits));
    kith_buf bytes;
    kith_buf_init(&bytes, test_context(), KITH_SEGMENT_INFLATED_MAX);
    any_commits(&s, commits, count);
    segments_write(commits, count, &bytes);
    segments_assert(kith_buf_slice(&bytes), commits, count);
    kith_buf_deinit(&bytes);
    kith_arena_deinit(&s.arena);
}

static void test_bodies__read_as_they_were_written(void **state)
{
    (void)state;
    cases_run(CASES / 10, check_bodies);
}

/* Records of random histories, some of whose changes have arrived. */

static void check_record(fleet_history *fleet, const kith_state *record)
{
    kith_buf packed;
    kith_buf again;
    kith_state back;
    kith_buf_init(&packed, test_context(), KITH_RECORD_BYTES_MAX);
    kith_buf_init(&again, test_context(), KITH_RECORD_BYTES_MAX);
    kith_state_pack(record, &packed);
    assert_ok(kith_buf_status(&packed));
    assert_ok(
        kith_state_unpack(kith_buf_slice(&packed), &fleet->arena, record->id, record->kind, &back));
    assert_same_record(&back, record);
    kith_state_pack(&back, &again);
    assert_true(kith_slice_equal(kith_buf_slice(&packed), kith_buf_slice(&again)));
    kith_buf_deinit(&packed);
    kith_buf_deinit(&again);
}

static void check_records(uint64_t seed)
{
    fleet_history fleet;
    fleet_replica replica;
    uint64_t heads[FLEET_AUTHORS + 1];
    fleet_init(&fleet, seed, seed % 4 == 0 ? FLEET_WRONG_PLACES : FLEET_HONEST);
    fleet_replica_init(&fleet, &replica);
    for (uint32_t author = 0; author <= FLEET_AUTHORS; author++) {
        heads[author] = test_below(&fleet.random, fleet.heads[author] + 1);
    }
    fleet_replica_deliver(&fleet, &replica, heads, false);
    for (size_t i = 0; i < fleet.record_count; i++) {
        if (replica.has_record[i]) {
            check_record(&fleet, &replica.records[i]);
        }
    }
    fleet_deinit(&fleet);
}

static void test_records__unpack_as_they_were_packed(void **state)
{
    (void)state;
    cases_run(CASES, check_records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_values__read_as_they_were_written),
        property_test(test_values__read_as_they_are_shown),
        property_test(test_commits__read_as_they_were_written),
        property_test(test_bodies__read_as_they_were_written),
        property_test(test_records__unpack_as_they_were_packed),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
