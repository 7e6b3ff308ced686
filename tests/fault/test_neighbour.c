/* Another process writes while a call is under way: it is a second handle here, that writes in the
 * callbacks of the first. What the first reads is of one moment, and it knows all names in it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include <kith/transfer.h>

#include "ground.h"
#include "tour.h"

/* More commits than there are between two calls of a progress function. */
enum { COMMITS = 1200 };

/* So many new names that tables of them have to grow. */
enum { NEW_FIELDS = 60 };

/* The other process. */
typedef struct neighbour {
    kith_replica *replica;
    kith_id place;
    unsigned edit_count;
} neighbour;

static void begin(ground *g, neighbour *n)
{
    ground_begin(g, 1);
    *n = (neighbour){.replica = ground_open_again(g), .place = g->place};
}

static void end(ground *g, neighbour *n)
{
    assert_true(n->edit_count > 0);
    kith_replica_close(n->replica);
    ground_end(g);
}

static void must(kith_replica *replica, kith_status status)
{
    if (status != KITH_OK) {
        fail_msg("%s (%s)", kith_status_name(status), kith_replica_error(replica)->message);
    }
}

static void set(neighbour *n, const char *field, const char *text)
{
    n->edit_count++;
    must(n->replica,
         tour_change(n->replica, n->place, (const tour_value[]){{field, text}, {NULL, NULL}}));
}

static kith_status write_meanwhile(void *user, uint64_t done, uint64_t total)
{
    neighbour *n = user;
    char number[16];
    (void)done;
    (void)total;
    (void)snprintf(number, sizeof number, "%u", n->edit_count);
    set(n, "population", number);
    return KITH_OK;
}

/* So many that their check has a progress to tell of, and so long that they make a pack. */
static void make_commits(ground *g)
{
    assert_ok(kith_batch_begin(g->replica));
    for (unsigned i = 1; i <= COMMITS; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%060u", i);
        assert_ok(ground_set(g, "remarks", text));
    }
    assert_ok(kith_batch_end(g->replica));
}

static void check_while_it_writes(uint32_t rebuild)
{
    ground g;
    neighbour n;
    kith_check_report report = {.struct_size = sizeof report};
    begin(&g, &n);
    make_commits(&g);
    must(g.replica, kith_replica_check(g.replica, rebuild, write_meanwhile, &n, &report));
    assert_int_equal(report.rebuilt_differs, 0);
    end(&g, &n);
}

static void test_a_check__finds_no_damage_in_what_comes_meanwhile(void **state)
{
    (void)state;
    check_while_it_writes(0);
}

static void test_a_rebuild__finds_no_difference_in_what_comes_meanwhile(void **state)
{
    (void)state;
    check_while_it_writes(1);
}

/* Writes into fields that did not exist, and sees to it that the record is stored with them. */
static void use_new_fields(neighbour *n)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    for (unsigned i = 0; i < NEW_FIELDS; i++) {
        char json[200];
        char field[16];
        (void)snprintf(field, sizeof field, "extra%u", i);
        (void)snprintf(json, sizeof json,
                       "{\"schema\":\"x\",\"version\":\"1\",\"kinds\":{\"place\":{\"fields\":["
                       "{\"name\":\"%s\",\"label\":\"Extra\",\"type\":\"text\"}]}}}",
                       field);
        must(n->replica, kith_schema_add(n->replica, kith_slice_of("x"), kith_slice_of(json)));
        set(n, field, "new");
    }
    must(n->replica, kith_replica_read_status(n->replica, &figures));
}

static kith_status use_new_fields_once(void *user, kith_slice bytes)
{
    neighbour *n = user;
    (void)bytes;
    if (n->edit_count == 0) {
        use_new_fields(n);
    }
    return KITH_OK;
}

/* A second place: the first one's line is out when the fields come. */
static kith_id add_place(neighbour *n)
{
    static const char json[] =
        "{\"kind\": \"place\", \"fields\": {\"name\": \"Umsning\", \"type\": \"village\"}}";
    kith_edit *edit = NULL;
    must(n->replica, kith_edit_begin(n->replica, &edit));
    must(n->replica, kith_edit_json(edit, kith_slice_of(json)));
    must(n->replica, kith_edit_commit(edit));
    kith_id id = kith_edit_record_id(edit, 0);
    kith_edit_free(edit);
    return id;
}

static void export_while_fields_come(kith_status (*export)(kith_replica *replica,
                                                           const kith_export_options *options,
                                                           uint64_t *count_out))
{
    ground g;
    neighbour n;
    uint64_t count = 0;
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    begin(&g, &n);
    n.place = add_place(&n);
    options.write = use_new_fields_once;
    options.user = &n;
    options.kind = kith_slice_of("place");
    must(g.replica, export(g.replica, &options, &count));
    assert_int_equal(count, 2);
    end(&g, &n);
}

static void test_an_export_as_json__knows_fields_that_come_meanwhile(void **state)
{
    (void)state;
    export_while_fields_come(kith_export_jsonl);
}

static void test_an_export_as_csv__keeps_its_columns(void **state)
{
    (void)state;
    export_while_fields_come(kith_export_csv);
}

/* The record that is referred to is of a kind that came after the edit was begun. */
static void test_an_edit__knows_kinds_that_came_since_it_was_begun(void **state)
{
    (void)state;
    static const char boats[] =
        "{\"schema\": \"boats\", \"version\": \"1\", \"kinds\": {\"boat\": {\"label\": \"Boat\","
        "\"default_sensitivity\": \"internal\", \"title_fields\": [\"name\"], \"fields\":"
        " [{\"name\": \"name\", \"label\": \"Name\", \"type\": \"text\"}]}}}";
    static const char boat[] = "{\"kind\": \"boat\", \"fields\": {\"name\": \"Umngot\"}}";
    ground g;
    neighbour n;
    kith_edit *edit = NULL;
    kith_edit *other = NULL;
    char id[KITH_ID_TEXT_SIZE];
    uint32_t record = 0;
    begin(&g, &n);
    must(g.replica, kith_edit_begin(g.replica, &edit));
    must(g.replica, kith_edit_open(edit, g.place, &record));
    must(n.replica, kith_schema_add(n.replica, kith_slice_of("boats"), kith_slice_of(boats)));
    must(n.replica, kith_edit_begin(n.replica, &other));
    must(n.replica, kith_edit_json(other, kith_slice_of(boat)));
    must(n.replica, kith_edit_commit(other));
    kith_id_format(kith_edit_record_id(other, 0), id);
    kith_edit_free(other);
    use_new_fields(&n);
    must(g.replica, kith_edit_set(edit, record, kith_slice_of("parent"), kith_slice_of(id)));
    assert_int_equal(kith_edit_problem_count(edit), 1);
    assert_string_equal(kith_edit_problem(edit, 0)->message, "points to a record of another kind");
    kith_edit_free(edit);
    end(&g, &n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_check__finds_no_damage_in_what_comes_meanwhile),
        cmocka_unit_test(test_a_rebuild__finds_no_difference_in_what_comes_meanwhile),
        cmocka_unit_test(test_an_export_as_json__knows_fields_that_come_meanwhile),
        cmocka_unit_test(test_an_export_as_csv__keeps_its_columns),
        cmocka_unit_test(test_an_edit__knows_kinds_that_came_since_it_was_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
