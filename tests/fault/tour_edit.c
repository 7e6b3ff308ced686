/* Changing records of A and B, one commit at a time. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "exchange.h"
#include "tour.h"

/* The last value of a list of them. */
#define END        \
    {              \
        NULL, NULL \
    }

/* A text that fills the log quickly and the search index not at all. */
static const char *long_text(char *text, size_t size, char mark)
{
    memset(text, mark, size - 1);
    text[size - 1] = '\0';
    return text;
}

static kith_status create(kith_edit *edit, const char *kind, const tour_value *values)
{
    uint32_t record = 0;
    KITH_TRY(kith_edit_create(edit, kith_slice_of(kind), &record));
    return tour_set(edit, record, values);
}

static kith_status put_places(kith_edit *edit)
{
    for (unsigned i = 0; i < TOUR_PLACES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "Nongriat %u", i + 1);
        KITH_TRY(
            create(edit, "place", (const tour_value[]){{"name", name}, {"type", "village"}, END}));
    }
    return KITH_OK;
}

static kith_status add_places(tour *t)
{
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = put_places(edit);
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    for (uint32_t i = 0; status == KITH_OK && i < kith_edit_record_count(edit); i++) {
        t->places[i] = kith_edit_record_id(edit, i);
    }
    assert_true(status != KITH_OK || kith_edit_has_changed(edit));
    kith_edit_free(edit);
    return status;
}

/* A household's story in one atomic change. */
static kith_status add_family(tour *t)
{
    static const char json[] =
        "{\"records\": ["
        "{\"kind\": \"person\", \"fields\": {\"full_name\": \"Banri Lyngdoh\", \"sex\": \"female\","
        " \"roles\": [\"migrant\"], \"status\": \"unknown\", \"birth\": \"~2009\","
        " \"phone\": [\"+91 98630 12345\"]}},"
        "{\"kind\": \"person\", \"fields\": {\"full_name\": \"Bina Lyngdoh\", \"sex\": \"female\","
        " \"roles\": [\"family\"], \"status\": \"at_home\", \"guardian\": \"@0\"}},"
        "{\"kind\": \"visit\", \"fields\": {\"place\": \"3\", \"purpose\": [\"mapping\"],"
        " \"result\": \"done\", \"people_met\": [\"@1\"]}}]}";
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = kith_edit_json(edit, kith_slice_of(json));
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        const kith_problem *problem = kith_edit_problem(edit, i);
        print_error("%s %s\n", problem->field, problem->message);
    }
    t->person = kith_edit_record_id(edit, 0);
    kith_edit_free(edit);
    return status;
}

static kith_status put_livelihoods(kith_edit *edit, kith_id id)
{
    uint32_t record = 0;
    uint32_t again = 1;
    kith_slice field = kith_slice_of("livelihoods");
    KITH_TRY(kith_edit_open(edit, id, &record));
    KITH_TRY(kith_edit_open(edit, id, &again));
    assert_int_equal(record, again);
    KITH_TRY(kith_edit_add(edit, record, field, kith_slice_of("jhum")));
    KITH_TRY(kith_edit_add(edit, record, field, kith_slice_of("forest")));
    KITH_TRY(kith_edit_take(edit, record, field, kith_slice_of("jhum")));
    return kith_edit_commit(edit);
}

static kith_status change_set(tour *t)
{
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = put_livelihoods(edit, t->places[0]);
    kith_edit_free(edit);
    return status;
}

static kith_status put_nonsense(kith_edit *edit)
{
    kith_edit_reset(edit);
    KITH_TRY(
        create(edit, "place", (const tour_value[]){{"name", "x"}, {"households", "many"}, END}));
    kith_status status = kith_edit_commit(edit);
    KITH_ENSURE(status == KITH_E_REFUSED, status);
    /* What was typed wrong, and the type that is missing. */
    assert_int_equal(kith_edit_problem_count(edit), 2);
    assert_string_equal(kith_edit_problem(edit, 0)->field, "households");
    assert_null(kith_edit_problem(edit, 2));
    return KITH_OK;
}

static kith_status refuse(tour *t)
{
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = put_nonsense(edit);
    kith_edit_free(edit);
    return status;
}

static kith_status do_deed(kith_replica *replica, kith_id id,
                           kith_status (*deed)(kith_edit *edit, uint32_t record))
{
    kith_edit *edit = NULL;
    uint32_t record = 0;
    KITH_TRY(kith_edit_begin(replica, &edit));
    kith_status status = kith_edit_open(edit, id, &record);
    if (status == KITH_OK) {
        status = deed(edit, record);
    }
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    kith_edit_free(edit);
    return status;
}

static kith_status remove_place(tour *t)
{
    return do_deed(t->a, t->places[1], kith_edit_remove);
}

static kith_status keep_place(tour *t)
{
    return do_deed(t->a, t->places[1], kith_edit_keep);
}

static kith_status remove_other_place(tour *t)
{
    return do_deed(t->a, t->places[2], kith_edit_remove);
}

static kith_status mistake(tour *t)
{
    return tour_change(t->a, t->places[3], (const tour_value[]){{"households", "4000"}, END});
}

static kith_status write_long_text(tour *t)
{
    char text[40000];
    const char *value = long_text(text, sizeof text, '=');
    return tour_change(t->a, t->places[9], (const tour_value[]){{"remarks", value}, END});
}

/* One edit after the other, each a row of the log's tail, until that is packed. */
static kith_status fill_log(tour *t)
{
    static const char *const fields[] = {"remarks", "lgd_code", "census_code"};
    char text[28000];
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(fields) * TOUR_PLACES; i++) {
        const char *field = fields[i / TOUR_PLACES];
        const char *value = long_text(text, sizeof text, (char)('!' + i % 12));
        KITH_TRY(tour_change(t->a, t->places[i % TOUR_PLACES],
                             (const tour_value[]){{field, value}, END}));
    }
    return KITH_OK;
}

static void count_call(void *user, const kith_id *ids, size_t count)
{
    tour *t = user;
    t->told_count += count == 0 || !kith_id_is_zero(ids[0]);
}

static kith_status watch(tour *t)
{
    uint64_t before = t->told_count;
    kith_replica_watch(t->a, count_call, t);
    kith_status status =
        tour_change(t->a, t->places[4], (const tour_value[]){{"network", "yes"}, END});
    kith_replica_watch(t->a, NULL, NULL);
    assert_true(status != KITH_OK || t->told_count > before);
    return status;
}

static kith_status undo(tour *t)
{
    kith_edit *edit = NULL;
    char text[16];
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = kith_edit_undo(edit);
    kith_edit_free(edit);
    KITH_TRY(status);
    /* It is done: what cannot be read now must not make it be done twice. */
    if (tour_read(t->a, t->places[3], "households", text, sizeof text) == KITH_OK) {
        assert_string_equal(text, "");
    }
    return KITH_OK;
}

static kith_status add_schema(tour *t)
{
    static const char json[] =
        "{\"schema\": \"boats\", \"version\": \"1\", \"kinds\": {\"boat\": {\"label\": \"Boat\","
        "\"default_sensitivity\": \"internal\", \"title_fields\": [\"name\"], \"fields\": ["
        "{\"name\": \"name\", \"label\": \"Name\", \"type\": \"text\", \"required\": true},"
        "{\"name\": \"use\", \"label\": \"Used for\", \"type\": \"multi-code\", \"list\": "
        "\"use\"}]}},"
        "\"code_lists\": {\"use\": {\"items\": [{\"code\": \"ferry\", \"label\": \"Ferry\"}]}}}";
    return kith_schema_add(t->a, kith_slice_of("boats"), kith_slice_of(json));
}

static kith_status add_boat(tour *t)
{
    kith_edit *edit = NULL;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status =
        create(edit, "boat", (const tour_value[]){{"name", "Umngot"}, {"use", "ferry"}, END});
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    kith_edit_free(edit);
    return status;
}

static kith_status learn_time(tour *t)
{
    int64_t wall_ms = t->outside.env.wall_ms(t->outside.env.user);
    return kith_replica_learn_time(t->a, wall_ms + 3600000);
}

static kith_status exchange(tour *t)
{
    uint64_t received = 0;
    uint64_t sent = 0;
    return exchange_changes(t->a, t->b, &received, &sent);
}

static kith_status change_at_a(tour *t)
{
    return tour_change(t->a, t->places[5], (const tour_value[]){{"households", "44"}, END});
}

static kith_status change_at_b(tour *t)
{
    t->detail = kith_replica_error(t->b);
    return tour_change(t->b, t->places[5], (const tour_value[]){{"households", "45"}, END});
}

static kith_status settle(tour *t)
{
    kith_edit *edit = NULL;
    uint32_t record = 0;
    KITH_TRY(kith_edit_begin(t->a, &edit));
    kith_status status = kith_edit_open(edit, t->places[5], &record);
    if (status == KITH_OK) {
        status = kith_edit_settle(edit, record, kith_slice_of("households"), kith_slice_of("46"));
    }
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    assert_true(status != KITH_OK || kith_edit_has_changed(edit));
    kith_edit_free(edit);
    return status;
}

const tour_step tour_place_steps[] = {{"add places", add_places, false}, {NULL, NULL, false}};

const tour_step tour_log_steps[] = {{"fill the log", fill_log, false}, {NULL, NULL, false}};

const tour_step tour_edit_steps[] = {{"add a family", add_family, false},
                                     {"change a set", change_set, false},
                                     {"refuse nonsense", refuse, true},
                                     {"remove a place", remove_place, false},
                                     {"keep it", keep_place, false},
                                     {"remove another", remove_other_place, false},
                                     {"be told of a change", watch, false},
                                     {"make a mistake", mistake, false},
                                     {"take it back", undo, false},
                                     {"write a long text", write_long_text, false},
                                     {"add a schema", add_schema, false},
                                     {"add a boat", add_boat, false},
                                     {"learn the time", learn_time, false},
                                     {"bring B up to date", exchange, false},
                                     {"change at A", change_at_a, false},
                                     {"change the same at B", change_at_b, false},
                                     {"exchange the two", exchange, false},
                                     {"settle the conflict", settle, false},
                                     {NULL, NULL, false}};
