/* Reading records, lists, history, figures, the schema. SPDX-License-Identifier: Apache-2.0 */
#include "tour.h"

/* Looks at each thing a record tells, so that all of it is made. */
static void look_at_record(const kith_record *record, kith_id id)
{
    assert_true(kith_id_equal(kith_record_id(record), id));
    assert_string_equal(kith_record_kind(record), "person");
    assert_string_equal(kith_record_title(record), "Banri Lyngdoh");
    assert_true(kith_record_created(record)->unix_ms <= kith_record_updated(record)->unix_ms);
    assert_int_equal(kith_record_is_removed(record), 0);
    assert_int_equal(kith_record_is_revived(record), 0);
    assert_true(kith_record_field_count(record) > 3);
    assert_non_null(kith_record_field_at(record, 0));
    assert_null(kith_record_field_at(record, kith_record_field_count(record)));
    const kith_record_field *birth = kith_record_find_field(record, kith_slice_of("birth"));
    assert_non_null(birth);
    assert_string_equal(birth->texts[0], "~2009");
}

static kith_status read_record(tour *t)
{
    kith_record *record = NULL;
    kith_slice json;
    KITH_TRY(kith_record_get(t->a, t->person, "hin", &record));
    look_at_record(record, t->person);
    kith_status status = kith_record_json(record, &json);
    kith_record_free(record);
    return status;
}

static kith_status resolve_id(tour *t)
{
    kith_id id;
    kith_id parsed;
    char text[KITH_ID_TEXT_SIZE];
    kith_id_format(t->person, text);
    KITH_TRY(kith_id_resolve(t->a, kith_slice_of(text), &id));
    assert_true(kith_id_equal(id, t->person) && !kith_id_is_zero(id));
    assert_ok(kith_id_parse(kith_slice_of(text), &parsed));
    assert_true(kith_id_equal(parsed, t->person));
    return KITH_OK;
}

static kith_status list_places(tour *t)
{
    kith_list *list = NULL;
    const kith_where where = {kith_slice_of("type"), kith_slice_of("village")};
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    options.where = &where;
    options.where_count = 1;
    options.sort = kith_slice_of("name");
    options.with_removed = 1;
    KITH_TRY(kith_list_records(t->a, &options, &list));
    assert_true(kith_list_count(list) >= TOUR_PLACES);
    assert_non_null(kith_list_row_at(list, 0));
    kith_list_free(list);
    return KITH_OK;
}

static kith_status find(tour *t)
{
    kith_list *list = NULL;
    KITH_TRY(
        kith_find_records(t->a, kith_slice_of("lingdo"), kith_slice_of("person"), 0, NULL, &list));
    assert_int_equal(kith_list_count(list), 2);
    kith_list_free(list);
    return KITH_OK;
}

static kith_status list_references(tour *t)
{
    kith_list *list = NULL;
    KITH_TRY(kith_list_references(t->a, t->person, NULL, &list));
    assert_int_equal(kith_list_count(list), 1);
    assert_string_equal(kith_list_row_at(list, 0)->field, "guardian");
    kith_list_free(list);
    return KITH_OK;
}

static kith_status list_conflicts(tour *t)
{
    kith_list *list = NULL;
    KITH_TRY(kith_list_conflicts(t->a, NULL, &list));
    assert_int_equal(kith_list_count(list), 0);
    kith_list_free(list);
    return KITH_OK;
}

static kith_status read_history(tour *t)
{
    kith_history *history = NULL;
    const kith_id all = {{0}};
    KITH_TRY(kith_history_get(t->a, t->places[0], 0, &history));
    assert_true(kith_history_count(history) >= 2);
    assert_non_null(kith_history_entry_at(history, 0));
    kith_history_free(history);
    KITH_TRY(kith_history_get(t->a, all, 5, &history));
    assert_int_equal(kith_history_count(history), 5);
    kith_history_free(history);
    return KITH_OK;
}

static kith_status read_status(tour *t)
{
    kith_replica_status figures = {.struct_size = sizeof figures};
    KITH_TRY(kith_replica_read_status(t->a, &figures));
    assert_int_equal(figures.author_count, 2);
    assert_int_equal(figures.removed_count, 1);
    assert_int_equal(figures.attention_count, 0);
    return KITH_OK;
}

/* The schema is there whatever fails; only its JSON has to be made. */
static kith_status read_schema(tour *t)
{
    char accepted[200];
    kith_slice json;
    const kith_schema *schema = kith_replica_schema(t->a);
    const kith_kind *boat = kith_schema_find_kind(schema, kith_slice_of("boat"));
    const kith_code_list *uses = kith_schema_find_list(schema, kith_slice_of("use"));
    assert_non_null(boat);
    assert_non_null(uses);
    const kith_field *use = kith_kind_find_field(boat, kith_slice_of("use"));
    const kith_code *ferry = kith_list_find_code(uses, kith_slice_of("ferry"));
    assert_ptr_equal(kith_kind_field(boat, 1), use);
    assert_ptr_equal(kith_list_code(uses, 0), ferry);
    assert_non_null(kith_schema_kind(schema, kith_schema_kind_count(schema) - 1));
    assert_string_equal(kith_field_type_name(use), "multi-code");
    kith_field_accepted(use, accepted, sizeof accepted);
    assert_non_null(strstr(accepted, "ferry"));
    assert_non_null(kith_language(0));
    assert_string_equal(kith_kind_label(schema, boat, "hin"), "Boat");
    assert_string_equal(kith_field_label(schema, boat, use, "hin"), "Used for");
    assert_string_equal(kith_code_label(schema, uses, ferry, "hin"), "Ferry");
    return kith_schema_json(t->a, kith_slice_of("boat"), "hin", &json);
}

static kith_status go_on(void *user, uint64_t done, uint64_t total)
{
    (void)user;
    (void)done;
    (void)total;
    return KITH_OK;
}

static kith_status check(tour *t)
{
    kith_check_report report = {.struct_size = sizeof report};
    assert_true(strlen(kith_version()) > 0);
    assert_string_equal(kith_status_name(KITH_E_IO), "KITH_E_IO");
    return kith_replica_check(t->a, 0, go_on, NULL, &report);
}

static kith_status rebuild(tour *t)
{
    kith_check_report report = {.struct_size = sizeof report};
    KITH_TRY(kith_replica_check(t->a, 1, go_on, NULL, &report));
    assert_int_equal(report.rebuilt_differs, 0);
    return KITH_OK;
}

const tour_step tour_read_steps[] = {{"read a record", read_record, true},
                                     {"resolve an id", resolve_id, true},
                                     {"list places", list_places, true},
                                     {"find a person", find, true},
                                     {"list references", list_references, true},
                                     {"list conflicts", list_conflicts, true},
                                     {"read history", read_history, true},
                                     {"read the figures", read_status, true},
                                     {"read the schema", read_schema, true},
                                     {"check", check, true},
                                     {"rebuild", rebuild, true},
                                     {NULL, NULL, false}};
