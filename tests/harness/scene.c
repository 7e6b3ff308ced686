/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

static const int64_t START_MS = INT64_C(1795507200000); /* 24 November 2026 */
static const int64_t MINUTE_MS = 60000;

const kith_slice scene_names[SCENE_NAMES] = {
    {NULL, 0},
    {(const uint8_t *)"person", 6},
    {(const uint8_t *)"name", 4},
    {(const uint8_t *)"note", 4},
    {(const uint8_t *)"aliases", 7},
};

void scene_init(scene *s)
{
    *s = (scene){.now = {START_MS, 0, KITH_TRUST_CLAIMED}};
    kith_arena_init(&s->arena, test_context());
    for (uint32_t author = 1; author < SCENE_AUTHORS; author++) {
        s->authors[author].id = (kith_author_id){{(uint8_t)(0xf0 - author)}};
    }
    kith_state_init(&s->record, &s->arena, by(ASHA, 1));
}

void scene_deinit(scene *s)
{
    kith_arena_deinit(&s->arena);
}

void scene_set_clock(scene *s, int64_t ms, uint32_t counter)
{
    s->now.ms = ms;
    s->now.counter = counter;
}

kith_known scene_known(const scene *s)
{
    return (kith_known){s->authors, SCENE_AUTHORS, s->corrections, s->correction_count};
}

/* The dots live in the block that names them, so the scene keeps its own. */
static scene_dots keep_dots(scene *s, scene_dots dots)
{
    kith_dot *items = kith_arena_array(&s->arena, dots.count, sizeof *items);
    assert_non_null(items);
    for (size_t i = 0; i < dots.count; i++) {
        items[i] = dots.items[i];
    }
    return (scene_dots){items, dots.count};
}

void scene_apply(scene *s, kith_change change)
{
    kith_known known = scene_known(s);
    change.stamp = s->now;
    s->now.ms += MINUTE_MS;
    assert_false(kith_known_has(&known, change.id));
    assert_ok(kith_state_apply(&s->record, &change, &known));
    s->authors[change.id.author].head = change.id.number;
    assert_true(s->change_count < SCENE_CHANGES_MAX);
    s->changes[s->change_count++] = change;
}

void scene_create(scene *s)
{
    kith_dot id = s->record.id;
    scene_apply(s, (kith_change){.id = id, .record = id, .kind = PERSON});
}

static void edit(scene *s, kith_dot id, kith_op op, scene_dots replaces)
{
    scene_dots kept = keep_dots(s, replaces);
    kith_op *ops = kith_arena_array(&s->arena, 1, sizeof *ops);
    assert_non_null(ops);
    *ops = op;
    ops->replaces = kept.items;
    ops->replaces_count = kept.count;
    scene_apply(
        s,
        (kith_change){
            .id = id, .record = s->record.id, .deed = KITH_DEED_EDIT, .ops = ops, .op_count = 1});
}

static kith_value text_value(const char *text)
{
    return kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of(text));
}

void scene_set(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces)
{
    kith_op op = {.field = field, .action = KITH_ACTION_SET, .value = text_value(text)};
    edit(s, id, op, replaces);
}

void scene_clear(scene *s, kith_dot id, uint32_t field, scene_dots replaces)
{
    edit(s, id, (kith_op){.field = field, .action = KITH_ACTION_CLEAR}, replaces);
}

void scene_add(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces)
{
    kith_op op = {.field = field, .action = KITH_ACTION_ADD, .value = text_value(text)};
    edit(s, id, op, replaces);
}

void scene_take(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces)
{
    kith_op op = {.field = field, .action = KITH_ACTION_REMOVE, .value = text_value(text)};
    edit(s, id, op, replaces);
}

void scene_remove(scene *s, kith_dot id, scene_dots seen, scene_dots replaces)
{
    scene_dots kept_seen = keep_dots(s, seen);
    scene_dots kept = keep_dots(s, replaces);
    scene_apply(s, (kith_change){.id = id,
                                 .record = s->record.id,
                                 .deed = KITH_DEED_REMOVE,
                                 .seen = kept_seen.items,
                                 .seen_count = kept_seen.count,
                                 .replaces = kept.items,
                                 .replaces_count = kept.count});
}

void scene_keep(scene *s, kith_dot id, scene_dots replaces)
{
    scene_dots kept = keep_dots(s, replaces);
    scene_apply(s, (kith_change){.id = id,
                                 .record = s->record.id,
                                 .deed = KITH_DEED_KEEP,
                                 .replaces = kept.items,
                                 .replaces_count = kept.count});
}

static char shown[512];

static void show(kith_value value)
{
    kith_buf text;
    kith_buf_init(&text, test_context(), sizeof shown - 1);
    kith_buf_append_text(&text, shown);
    kith_buf_append_text(&text, shown[0] == '\0' ? "" : "|");
    kith_value_format(value, &text);
    kith_buf_append_text(&text, value.type == KITH_TYPE_NONE ? "-" : "");
    assert_ok(kith_buf_status(&text));
    memcpy(shown, text.data, text.length);
    shown[text.length] = '\0';
    kith_buf_deinit(&text);
}

const char *scene_heads(const scene *s, uint32_t field)
{
    const kith_cell *cell = kith_state_find_element(&s->record, field, (kith_value){0});
    shown[0] = '\0';
    for (size_t i = 0; cell != NULL && i < cell->head_count; i++) {
        show(cell->heads[i].value);
    }
    return shown;
}

const char *scene_elements(const scene *s, uint32_t field)
{
    shown[0] = '\0';
    for (size_t i = 0; i < s->record.cell_count; i++) {
        const kith_cell *cell = &s->record.cells[i];
        if (cell->field == field && cell->element.type != KITH_TYPE_NONE && cell->head_count > 0) {
            show(cell->element);
        }
    }
    return shown;
}

static void assert_same_dot(kith_dot dot, kith_dot expected)
{
    assert_int_equal(dot.author, expected.author);
    assert_int_equal(dot.number, expected.number);
}

static void assert_same_stamp(kith_stamp stamp, kith_stamp expected)
{
    assert_true(stamp.ms == expected.ms);
    assert_int_equal(stamp.counter, expected.counter);
    assert_int_equal(stamp.trust, expected.trust);
}

static void assert_same_dots(const kith_dots *dots, const kith_dots *expected)
{
    assert_int_equal(dots->count, expected->count);
    for (size_t i = 0; i < dots->count; i++) {
        assert_same_dot(dots->items[i], expected->items[i]);
    }
}

static void assert_same_cell(const kith_cell *cell, const kith_cell *expected)
{
    assert_int_equal(cell->field, expected->field);
    assert_true(kith_value_equal(cell->element, expected->element));
    assert_int_equal(cell->head_count, expected->head_count);
    for (size_t i = 0; i < cell->head_count; i++) {
        assert_same_dot(cell->heads[i].id, expected->heads[i].id);
        assert_same_stamp(cell->heads[i].stamp, expected->heads[i].stamp);
        assert_true(kith_value_equal(cell->heads[i].value, expected->heads[i].value));
    }
    assert_same_dots(&cell->missing, &expected->missing);
}

void assert_same_record(const kith_state *record, const kith_state *expected)
{
    assert_same_dot(record->id, expected->id);
    assert_int_equal(record->kind, expected->kind);
    assert_same_stamp(record->created, expected->created);
    assert_same_stamp(record->changed, expected->changed);
    assert_same_dot(record->changed_by, expected->changed_by);
    assert_same_dots(&record->changes, &expected->changes);
    assert_int_equal(record->cell_count, expected->cell_count);
    for (size_t i = 0; i < record->cell_count; i++) {
        assert_same_cell(&record->cells[i], &expected->cells[i]);
    }
    assert_int_equal(record->removal_count, expected->removal_count);
    for (size_t i = 0; i < record->removal_count; i++) {
        assert_same_dot(record->removals[i].id, expected->removals[i].id);
        assert_same_stamp(record->removals[i].stamp, expected->removals[i].stamp);
        assert_same_dots(&record->removals[i].seen, &expected->removals[i].seen);
    }
    assert_same_dots(&record->missing_removals, &expected->missing_removals);
}
