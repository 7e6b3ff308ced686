/* Mappings: what is refused before the first row, and what a row comes to by one. test_csv.c has
 * how rows are cut. SPDX-License-Identifier: Apache-2.0 */
#include "transfer/mapping.h"

#include <stdio.h>

#include "imports.h"

/* A mapping with one record, a place, whose fields are given: {"name": "{A}", …} with ' for ". */
static const char *place_mapping(const char *members)
{
    static char text[2048];
    (void)snprintf(text, sizeof text,
                   "{'source':'s','records':[{'kind':'place','key':'{A}','fields':{"
                   "'name':'{A}','type':'village',%s}}]}",
                   members);
    for (char *quote = strchr(text, '\''); quote != NULL; quote = strchr(quote, '\'')) {
        *quote = '"';
    }
    return text;
}

/* Fails unless a mapping over columns A, B and C is refused, with the words in the detail. */
static void assert_mapping_refused(test_device *device, const char *json, kith_status expected,
                                   const char *words)
{
    test_import import = {.text = KITH_SLICE("A,B,C\n1,2,3\n"), .mapping = kith_slice_of(json)};
    kith_status status = run_csv(device, &import);
    const char *message = kith_replica_error(device->replica)->message;
    if (status != expected || strstr(message, words) == NULL) {
        print_error("%s\nis %s (%s), not %s with \"%s\"\n", json, kith_status_name(status),
                    status == KITH_OK ? "" : message, kith_status_name(expected), words);
        fail();
    }
    assert_report(&import, 0, 0, 0, 0);
}

#define RECORD(members) "{\"source\":\"s\",\"records\":[{" members "}]}"
#define FIELD(name, value) \
    RECORD("\"kind\":\"place\",\"fields\":{\"name\":\"{A}\",\"" name "\":" value "}")

static void test_mapping__says_where_its_form_is_wrong(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"[]", "object"},
        {"{}", "source"},
        {"{\"source\":\"\",\"records\":[]}", "source"},
        {"{\"source\":7,\"records\":[]}", "source"},
        {"{\"source\":\"s\"}", "records"},
        {"{\"source\":\"s\",\"records\":[]}", "records"},
        {"{\"source\":\"s\",\"records\":{}}", "records"},
        {"{\"source\":\"s\",\"record\":[]}", "record"},
        {"{\"source\":\"s\",\"records\":[7]}", "object"},
        {"{\"source\":\"s\",\"separator\":\";;\",\"records\":[]}", "separator"},
        {"{\"source\":\"s\",\"separator\":\"\\\"\",\"records\":[]}", "separator"},
        {"{\"source\":\"s\",\"columns\":\"A\",\"records\":[]}", "columns"},
        {"{\"source\":\"s\",\"columns\":[7],\"records\":[]}", "columns"},
        {"{\"source\":\"s\",\"empty\":\"NA\",\"records\":[]}", "empty"},
        {"{\"source\":\"s\",\"empty_in\":[],\"records\":[]}", "empty_in"},
        {"{\"source\":\"s\",\"empty_in\":{\"A\":\"x\"},\"records\":[]}", "empty_in"},
        {RECORD("\"fields\":{}"), "kind"},
        {RECORD("\"kind\":7,\"fields\":{}"), "kind"},
        {RECORD("\"kind\":\"place\""), "place: needs \"fields\""},
        {RECORD("\"name\":\"town\",\"kind\":\"place\",\"fields\":[]"), "town: needs \"fields\""},
        {RECORD("\"kind\":\"place\",\"keys\":\"{A}\",\"fields\":{}"), "keys"},
        {RECORD("\"kind\":\"place\",\"key\":7,\"fields\":{}"), "place: \"key\""},
        {RECORD("\"kind\":\"place\",\"also\":{\"t\":\"{A}\"},\"fields\":{}"), "place: \"also\""},
        {RECORD("\"kind\":\"place\",\"key\":\"{A}\",\"also\":[],\"fields\":{}"), "place: \"also\""},
        {RECORD("\"kind\":\"place\",\"for_each\":\"A\",\"fields\":{}"), "place: \"for_each\""},
        {RECORD("\"kind\":\"place\",\"key\":\"{A}\",\"for_each\":[\"B\"],\"fields\":{}"),
         "place: \"key\" needs {@column}"},
        {RECORD("\"kind\":\"place\",\"fields\":{}},{\"kind\":\"place\",\"fields\":{}"),
         "place: has the name"},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_mapping_refused(*state, cases[i].json, KITH_E_REFUSED, cases[i].words);
    }
    assert_mapping_refused(*state, "", KITH_E_SYNTAX, "");
    assert_mapping_refused(*state, "{\"source\":", KITH_E_SYNTAX, "");
}

static void test_mapping__says_which_field_is_wrong(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {FIELD("remarks", "7"), "place.remarks: is not an object"},
        {FIELD("remarks", "{}"), "place.remarks: needs \"from\""},
        {FIELD("remarks", "{\"from\":7}"), "place.remarks: \"from\""},
        {FIELD("remarks", "{\"from\":\"{A}\",\"form\":\"x\"}"), "place.remarks: \"form\""},
        {FIELD("remarks", "\"{A\""), "place.remarks: has a {"},
        {FIELD("remarks", "\"[{A}\""), "place.remarks: has a ["},
        {FIELD("remarks", "\"{A}]\""), "place.remarks: has brackets"},
        {FIELD("remarks", "\"[{A}[{B}]]\""), "place.remarks: has brackets"},
        {FIELD("remarks", "\"[x]{A}\""), "place.remarks: has no column inside"},
        {FIELD("type", "{\"from\":\"{A}\",\"codes\":[]}"), "place.type: \"codes\""},
        {FIELD("type", "{\"from\":\"{A}\",\"codes\":{\"a\":7}}"), "place.type: \"codes\""},
        {FIELD("type", "{\"from\":\"{A}\",\"below\":{}}"), "place.type: \"below\""},
        {FIELD("type", "{\"from\":\"{A}\",\"below\":[[1]]}"), "place.type: \"below\""},
        {FIELD("type", "{\"from\":\"{A}\",\"below\":[[1,\"town\",\"x\"]]}"),
         "place.type: \"below\""},
        {FIELD("type", "{\"from\":\"{A}\",\"below\":[[1.5,\"town\"]]}"), "place.type: \"below\""},
        {FIELD("expiry", "{\"from\":\"{A}\",\"date\":\"%q\"}"), "place.expiry: \"date\""},
        {FIELD("expiry", "{\"from\":\"{A}\",\"date\":7}"), "place.expiry: \"date\""},
        {FIELD("parent", "{\"ref\":\"state\"}"), "place.parent: \"ref\" names no earlier"},
        {FIELD("parent", "{\"ref\":\"place\"}"), "place.parent: \"ref\" names no earlier"},
        {FIELD("parent", "{\"ref\":[]}"), "place.parent: \"ref\""},
        {FIELD("parent", "{\"ref\":7}"), "place.parent: \"ref\""},
        {FIELD("parent", "{\"ref\":\"state\",\"from\":\"{A}\"}"), "place.parent: \"ref\" stands"},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_mapping_refused(*state, cases[i].json, KITH_E_REFUSED, cases[i].words);
    }
}

static void test_mapping__must_fit_the_schema(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {RECORD("\"name\":\"p\",\"kind\":\"palace\",\"fields\":{}"), "p: its kind"},
        {FIELD("full_name", "\"{A}\""), "place.full_name: is no field"},
        {FIELD("type", "\"palace\""), "place.type: palace"},
        {FIELD("type", "{\"from\":\"{A}\",\"codes\":{\"a\":\"palace\"}}"), "place.type: palace"},
        {FIELD("type", "{\"from\":\"{A}\",\"below\":[[1,\"palace\"]]}"), "place.type: palace"},
        {FIELD("type", "{\"from\":\"{A}\",\"codes\":{\"a\":\"town\"},\"else\":\"palace\"}"),
         "place.type: palace"},
        {FIELD("livelihoods", "\"forest; whaling\""), "place.livelihoods: whaling"},
        {"{\"source\":\"s\",\"records\":[{\"kind\":\"person\",\"fields\":{}},{\"kind\":\"place\","
         "\"fields\":{\"parent\":{\"ref\":\"person\"}}}]}",
         "place.parent: may not refer"},
        {"{\"source\":\"s\",\"records\":[{\"kind\":\"person\",\"fields\":{}},{\"kind\":\"place\","
         "\"fields\":{\"name\":{\"ref\":\"person\"}}}]}",
         "place.name: does not refer"},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_mapping_refused(*state, cases[i].json, KITH_E_REFUSED, cases[i].words);
    }
}

static void test_mapping__must_fit_the_columns_of_the_file(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {FIELD("remarks", "\"{D}\""), "place.remarks: the file has no column {D}"},
        {FIELD("remarks", "\"{A|D}\""), "place.remarks: the file has no column {D}"},
        {FIELD("remarks", "\"{@value}\""), "place.remarks: the file has no column {@value}"},
        {FIELD("remarks", "{\"from\":\"{A}\",\"when\":\"{D}\"}"), "place.remarks: the file has no"},
        {FIELD("remarks", "{\"from\":\"{A}\",\"codes\":{\"a\":\"b\"},\"else\":\"{D}\"}"),
         "place.remarks: the file has no column {D}"},
        {RECORD("\"kind\":\"place\",\"key\":\"{D}\",\"fields\":{}"), "place: the file has no"},
        {RECORD("\"kind\":\"place\",\"when\":\"{D}\",\"fields\":{}"), "place: the file has no"},
        {RECORD("\"kind\":\"place\",\"for_each\":[\"D\"],\"fields\":{}"), "place: the file has no"},
        {"{\"source\":\"s\",\"empty_in\":{\"D\":[\"x\"]},\"records\":[{\"kind\":\"place\","
         "\"fields\":"
         "{}}]}",
         "the file has no column {D}"},
    };
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(cases); i++) {
        assert_mapping_refused(*state, cases[i].json, KITH_E_REFUSED, cases[i].words);
    }
}

/* Imports one row into places: `fields` beside the name and type; gives back what is in one. */
static const char *map_row(test_device *device, const char *fields, const char *row,
                           const char *field)
{
    static unsigned number;
    char text[512];
    (void)snprintf(text, sizeof text, "A,B,C\nrow %u,%s\n", ++number, row);
    test_import import = import_csv(device, place_mapping(fields), text);
    if (import.report.added_count != 1) {
        fail_msg("%s %s: %s", fields, row, import.rejects);
    }
    return field_of(device, (unsigned)device_status(device).own_count, field);
}

static void test_template__puts_cells_into_text(void **state)
{
    test_device *asha = *state;
    assert_string_equal(map_row(asha, "'remarks':'near {B}, {C}'", "x,y", "remarks"), "near x, y");
    assert_string_equal(map_row(asha, "'remarks':'{B}{C}'", "x,", "remarks"), "x");
    assert_string_equal(map_row(asha, "'remarks':'always this'", ",", "remarks"), "always this");
    assert_string_equal(map_row(asha, "'remarks':'{B}'", "  two words  ,", "remarks"), "two words");
}

static void test_template__says_nothing_around_nothing(void **state)
{
    test_device *asha = *state;
    assert_string_equal(map_row(asha, "'remarks':'near {B}, {C}'", ",", "remarks"), "");
    assert_string_equal(map_row(asha, "'remarks':'near {B}[, {C}]'", "x,", "remarks"), "near x");
    assert_string_equal(map_row(asha, "'remarks':'near {B}[, {C}]'", "x,y", "remarks"),
                        "near x, y");
    assert_string_equal(map_row(asha, "'remarks':'[{B}: ]{C}'", ",y", "remarks"), "y");
    assert_string_equal(map_row(asha, "'remarks':'[{B}, {C}]!{C}'", "x,", "remarks"), "x, !");
}

static void test_template__takes_the_first_column_that_holds_something(void **state)
{
    test_device *asha = *state;
    assert_string_equal(map_row(asha, "'remarks':'{B|C}'", "x,y", "remarks"), "x");
    assert_string_equal(map_row(asha, "'remarks':'{B|C}'", ",y", "remarks"), "y");
    assert_string_equal(map_row(asha, "'remarks':'{B|C}'", ",", "remarks"), "");
}

static void test_field__is_set_when_there_is_a_reason(void **state)
{
    test_device *asha = *state;
    static const char fields[] = "'remarks':{'from':'{B}','when':'{C}'}";
    assert_string_equal(map_row(asha, fields, "x,y", "remarks"), "x");
    assert_string_equal(map_row(asha, fields, "x,", "remarks"), "");
}

static void test_field__translates_codes(void **state)
{
    test_device *asha = *state;
    static const char fields[] = "'network':{'from':'{B}','codes':{'Y':'yes','N':'no'},'else':"
                                 "'unknown'}";
    assert_string_equal(map_row(asha, fields, "Y,", "network"), "yes");
    assert_string_equal(map_row(asha, fields, " N ,", "network"), "no");
    assert_string_equal(map_row(asha, fields, "y,", "network"), "unknown");
    static const char kept[] = "'remarks':{'from':'{B}','codes':{'NA':''},'else':'{B} ({C})'}";
    assert_string_equal(map_row(asha, kept, "NA,y", "remarks"), "");
    assert_string_equal(map_row(asha, kept, "x,y", "remarks"), "x (y)");
}

static void test_field__refuses_a_code_that_the_mapping_does_not_name(void **state)
{
    test_device *asha = *state;
    const char *mapping = place_mapping("'network':{'from':'{B}','codes':{'Y':'yes'}}");
    test_import import = import_csv(asha, mapping, "A,B,C\n1,N,\n2,,\n3,Y,\n");
    assert_report(&import, 3, 2, 0, 1);
    assert_rejected(&import, "2 place.network", "codes");
}

static void test_field__sorts_numbers_by_bounds(void **state)
{
    test_device *asha = *state;
    static const char fields[] = "'risk_level':{'from':'{B}','below':[[10,'low'],[100,'medium']],"
                                 "'else':'high'}";
    assert_string_equal(map_row(asha, fields, "-5,", "risk_level"), "low");
    assert_string_equal(map_row(asha, fields, "9,", "risk_level"), "low");
    assert_string_equal(map_row(asha, fields, "10,", "risk_level"), "medium");
    assert_string_equal(map_row(asha, fields, "100,", "risk_level"), "high");
    assert_string_equal(map_row(asha, fields, "many,", "risk_level"), "high");
}

static void test_field__reads_dates_of_another_form(void **state)
{
    test_device *asha = *state;
    static const char fields[] = "'expiry':{'from':'{B}','date':'%d-%b-%y'}";
    assert_string_equal(map_row(asha, fields, "3-Feb-09,", "expiry"), "2009-02-03");
    assert_string_equal(map_row(asha, fields, "14-mar-99,", "expiry"), "1999-03-14");
    assert_string_equal(map_row(asha, fields, ",", "expiry"), "");
    test_import import = import_csv(asha, place_mapping(fields), "A,B,C\nx,2009-02-03,\n");
    assert_report(&import, 1, 0, 0, 1);
    assert_rejected(&import, "2 place.expiry", "");
}

static const char towns[] =
    "{\"source\":\"s\",\"empty\":[\"NA\"],\"empty_in\":{\"District\":[\"Total\"]},\"records\":["
    "{\"name\":\"state\",\"kind\":\"place\",\"key\":\"{State}\",\"fields\":{\"name\":\"{State}\","
    "\"type\":\"state\"}},"
    "{\"name\":\"district\",\"kind\":\"place\",\"when\":\"{District}\",\"key\":\"{State}/"
    "{District}\","
    "\"fields\":{\"name\":\"{District}\",\"type\":\"district\",\"parent\":{\"ref\":\"state\"},"
    "\"lgd_code\":\"{Code}\"}},"
    "{\"kind\":\"figure\",\"key\":\"{State}/{District}/"
    "{@column}\",\"for_each\":[\"2021\",\"2022\"],"
    "\"fields\":{\"measure\":\"missing\",\"count\":\"{@value}\",\"period\":\"{@column}\",\"place\":"
    "{\"ref\":[\"district\",\"state\"]}}}]}";

/* The title of a record that a field of another refers to. */
static const char *target_title(test_device *device, unsigned number, const char *field)
{
    char id_text[KITH_ID_TEXT_SIZE];
    kith_id id;
    (void)snprintf(id_text, sizeof id_text, "%s", field_of(device, number, field));
    must(device, kith_id_resolve(device->replica, kith_slice_of(id_text), &id));
    return device_text(device, id, "name");
}

static void test_row__makes_records_that_refer_to_each_other(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, towns,
                                    "State,District,Code,2021,2022\n"
                                    "Meghalaya,Ri Bhoi,7,11,12\n");
    assert_report(&import, 1, 4, 0, 0);
    assert_string_equal(target_title(asha, 3, "parent"), "Meghalaya");
    assert_string_equal(field_of(asha, 4, "count"), "11");
    assert_string_equal(field_of(asha, 4, "period"), "2021");
    assert_string_equal(target_title(asha, 5, "place"), "Ri Bhoi");
    assert_string_equal(field_of(asha, 3, "source_name"), "s");
    assert_string_equal(field_of(asha, 3, "source_key"), "s:district/Meghalaya/Ri Bhoi");
}

static void test_row__makes_a_record_of_several_rows_once(void **state)
{
    test_device *asha = *state;
    static const char text[] = "State,District,Code,2021,2022\n"
                               "Meghalaya,Ri Bhoi,7,11,12\n"
                               "Meghalaya,Garo Hills,8,21,22\n"
                               "Meghalaya,Total,,32,34\n";
    test_import import = import_csv(asha, towns, text);
    assert_report(&import, 3, 1 + 2 + 6, 2, 0);
    assert_int_equal(import.report.left_out_count, 0);
    import = import_csv(asha, towns, text);
    assert_report(&import, 3, 0, 3 + 2 + 6, 0);
}

static void test_row__leaves_out_what_holds_nothing(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, towns,
                                    "State,District,Code,2021,2022\n"
                                    "Meghalaya,Total,,NA,34\n");
    assert_report(&import, 1, 2, 0, 0);
    /* "Total" is no district: the figure is the state's. */
    assert_string_equal(target_title(asha, 3, "place"), "Meghalaya");
    assert_string_equal(field_of(asha, 3, "period"), "2022");
}

static void test_row__completes_a_record_that_is_here(void **state)
{
    test_device *asha = *state;
    test_import import =
        import_csv(asha, towns, "State,District,Code,2021,2022\nMeghalaya,Ri Bhoi,,,\n");
    assert_report(&import, 1, 2, 0, 0);
    kith_id id;
    must(asha, kith_id_resolve(asha->replica, kith_slice_of("3"), &id));
    device_set(asha, id, "name=Ri-Bhoi");
    import = import_csv(asha, towns, "State,District,Code,2021,2022\nMeghalaya,Ri Bhoi,7,,\n");
    assert_report(&import, 1, 0, 2, 0);
    assert_int_equal(import.report.completed_count, 1);
    assert_field(asha, id, "lgd_code", "7");
    assert_field(asha, id, "name", "Ri-Bhoi");
    import = import_csv(asha, towns, "State,District,Code,2021,2022\nMeghalaya,Ri Bhoi,9,,\n");
    assert_int_equal(import.report.completed_count, 0);
    assert_field(asha, id, "lgd_code", "7");
}

static void test_row__lists_what_contradicts_an_earlier_row(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, towns,
                                    "State,District,Code,2021,2022\n"
                                    "Meghalaya,Ri Bhoi,7,,\n"
                                    "Meghalaya,Ri Bhoi,8,,\n");
    assert_report(&import, 2, 2, 2, 0);
    assert_int_equal(import.report.left_out_count, 1);
    assert_rejected(&import, "3 place.lgd_code", "earlier row");
    assert_string_equal(field_of(asha, 3, "lgd_code"), "7");
}

static void test_row__is_taken_whole_or_not_at_all(void **state)
{
    test_device *asha = *state;
    uint64_t change_count = device_status(asha).change_count;
    test_import import = import_csv(asha, towns,
                                    "State,District,Code,2021,2022\n"
                                    "Meghalaya,Ri Bhoi,7,eleven,12\n");
    assert_report(&import, 1, 0, 0, 1);
    assert_rejected(&import, "2 figure.count", "whole number");
    assert_int_equal(device_status(asha).change_count, change_count);
    /* What a rejected row would have made is not taken for known. */
    import = import_csv(asha, towns,
                        "State,District,Code,2021,2022\n"
                        "Meghalaya,Ri Bhoi,7,eleven,12\n"
                        "Meghalaya,Ri Bhoi,7,11,12\n");
    assert_report(&import, 2, 4, 0, 1);
}

static void test_row__needs_a_key_where_the_mapping_has_one(void **state)
{
    test_device *asha = *state;
    test_import import = import_csv(asha, towns,
                                    "State,District,Code,2021,2022\n"
                                    ",Ri Bhoi,7,11,12\n");
    assert_report(&import, 1, 0, 0, 1);
    assert_rejected(&import, "2 place.", "key");
}

static void test_row__without_a_key_is_its_own(void **state)
{
    test_device *asha = *state;
    static const char mapping[] = RECORD("\"kind\":\"place\",\"fields\":{\"name\":\"{A}\",\"type\":"
                                         "\"village\"}");
    static const char text[] = "A,B\nx,1\nx,2\nx,1\n";
    test_import import = import_csv(asha, mapping, text);
    assert_report(&import, 3, 3, 0, 0);
    import = import_csv(asha, mapping, text);
    assert_report(&import, 3, 0, 3, 0);
}

static void test_row__knows_a_record_by_keys_of_several_sources(void **state)
{
    test_device *asha = *state;
    static const char first[] =
        RECORD("\"kind\":\"place\",\"key\":\"{A}\",\"also\":{\"census\":"
               "\"{B}\"},\"fields\":{\"name\":\"{C}\",\"type\":\"village\"}");
    static const char second[] = "{\"source\":\"census\",\"records\":[{\"kind\":\"place\",\"key\":"
                                 "\"{B}\",\"fields\":{\"name\":\"{C}\",\"type\":\"village\","
                                 "\"census_code\":\"{B}\"}}]}";
    (void)import_csv(asha, first, "A,B,C\n1,c-1,Nongriat\n2,,Shella\n");
    test_import import = import_csv(asha, second, "A,B,C\n,c-1,NONGRIAT\n,c-3,Mawlynnong\n");
    assert_report(&import, 2, 1, 1, 0);
    assert_string_equal(field_of(asha, 2, "census_code"), "c-1");
    assert_string_equal(field_of(asha, 2, "name"), "Nongriat");
    import = import_csv(asha, first, "A,B,C\n2,c-2,Shella\n");
    assert_report(&import, 1, 0, 1, 0);
    import = import_csv(asha, second, "A,B,C\n,c-2,Shella\n");
    assert_report(&import, 1, 0, 1, 0);
}

static void test_row__may_take_keys_in_any_case(void **state)
{
    test_device *asha = *state;
    static const char mapping[] = RECORD("\"kind\":\"place\",\"key\":\"{A}\",\"ignore_case\":true,"
                                         "\"fields\":{\"name\":\"{A}\",\"type\":\"village\"}");
    test_import import = import_csv(asha, mapping, "A\nNONGRIAT\nNongriat\n");
    assert_report(&import, 2, 1, 1, 0);
}

static void test_row__refers_by_key_up_and_down_the_file(void **state)
{
    test_device *asha = *state;
    static const char mapping[] = RECORD("\"kind\":\"place\",\"key\":\"{A}\",\"fields\":{\"name\":"
                                         "\"{A}\",\"type\":\"village\",\"parent\":\"place/{B}\"}");
    test_import import = import_csv(asha, mapping, "A,B\na,b\nb,c\nc,\nd,nowhere\n");
    assert_report(&import, 4, 4, 0, 0);
    assert_string_equal(target_title(asha, 2, "parent"), "b");
    assert_string_equal(target_title(asha, 3, "parent"), "c");
    assert_string_equal(field_of(asha, 4, "parent"), "");
    assert_int_equal(import.report.left_out_count, 1);
    assert_rejected(&import, "5 place.parent", "names no record");
}

static void test_mapping__may_name_the_columns_itself(void **state)
{
    test_device *asha = *state;
    static const char mapping[] =
        "{\"source\":\"s\",\"separator\":\"\\t\",\"columns\":[\"A\",\"B\"],"
        "\"records\":[{\"kind\":\"place\",\"fields\":{\"name\":\"{B}\","
        "\"type\":\"{A}\"}}]}";
    test_import import = import_csv(asha, mapping, "village\tNongriat, by the river\n");
    assert_report(&import, 1, 1, 0, 0);
    assert_string_equal(field_of(asha, 2, "name"), "Nongriat, by the river");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        device_test(test_mapping__says_where_its_form_is_wrong),
        device_test(test_mapping__says_which_field_is_wrong),
        device_test(test_mapping__must_fit_the_schema),
        device_test(test_mapping__must_fit_the_columns_of_the_file),
        device_test(test_template__puts_cells_into_text),
        device_test(test_template__says_nothing_around_nothing),
        device_test(test_template__takes_the_first_column_that_holds_something),
        device_test(test_field__is_set_when_there_is_a_reason),
        device_test(test_field__translates_codes),
        device_test(test_field__refuses_a_code_that_the_mapping_does_not_name),
        device_test(test_field__sorts_numbers_by_bounds),
        device_test(test_field__reads_dates_of_another_form),
        device_test(test_row__makes_records_that_refer_to_each_other),
        device_test(test_row__makes_a_record_of_several_rows_once),
        device_test(test_row__leaves_out_what_holds_nothing),
        device_test(test_row__completes_a_record_that_is_here),
        device_test(test_row__lists_what_contradicts_an_earlier_row),
        device_test(test_row__is_taken_whole_or_not_at_all),
        device_test(test_row__needs_a_key_where_the_mapping_has_one),
        device_test(test_row__without_a_key_is_its_own),
        device_test(test_row__knows_a_record_by_keys_of_several_sources),
        device_test(test_row__may_take_keys_in_any_case),
        device_test(test_row__refers_by_key_up_and_down_the_file),
        device_test(test_mapping__may_name_the_columns_itself),
    };
    return cmocka_run_group_tests_name("transfer/mapping", tests, NULL, NULL);
}
