/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/schema.h"

#include "base/limits.h"
#include "harness.h"
#include "heap.h"
#include "text/utf8.h"

static kith_schema schema;

static int open_schema(void **state)
{
    (void)state;
    assert_ok(kith_schema_init(&schema, test_context()));
    return 0;
}

static int close_schema(void **state)
{
    (void)state;
    kith_schema_deinit(&schema);
    return 0;
}

/* JSON is written here with ' for ", to be read more easily. */
static kith_slice json_of(const char *quoted)
{
    static char json[16 * 1024];
    size_t length = strlen(quoted);
    assert_true(length < sizeof json);
    for (size_t i = 0; i <= length; i++) {
        json[i] = quoted[i];
        if (quoted[i] == '\'') {
            json[i] = '"';
        }
    }
    return kith_slice_make(json, length);
}

static void extend(const char *definition)
{
    assert_ok(kith_schema_extend(&schema, json_of(definition), KITH_SCHEMA_STRICT));
}

static void extend_leniently(const char *definition)
{
    assert_ok(kith_schema_extend(&schema, json_of(definition), KITH_SCHEMA_LENIENT));
}

/* Adding the definition is refused with this message; taking it in leniently is not. */
static void assert_refused(const char *definition, const char *message)
{
    kith_schema strict;
    assert_ok(kith_schema_init(&strict, test_context()));
    kith_status status = kith_schema_extend(&strict, json_of(definition), KITH_SCHEMA_STRICT);
    assert_status(status, KITH_E_REFUSED);
    assert_string_equal(test_context()->error.message, message);
    kith_schema_deinit(&strict);
    extend_leniently(definition);
}

#define BOAT_OF(fields) "{'kinds': {'boat': {'label': 'Boat', 'fields': [" fields "]}}}"
#define NAME_FIELD "{'name': 'name', 'type': 'text'}"

static const kith_kind *kind_of(const char *name)
{
    const kith_kind *kind = kith_schema_find_kind(&schema, kith_slice_of(name));
    assert_non_null(kind);
    return kind;
}

static const kith_field *find(const char *kind, const char *field)
{
    return kith_kind_find_field(kind_of(kind), kith_slice_of(field));
}

static const kith_field *field_of(const char *kind, const char *name)
{
    const kith_field *field = find(kind, name);
    assert_non_null(field);
    return field;
}

static void test_schema_extend__takes_the_example_of_the_specification(void **state)
{
    (void)state;
    extend("{"
           "  'schema': 'boats', 'version': '1',"
           "  'kinds': {"
           "    'boat': {"
           "      'label': 'Boat', 'default_sensitivity': 'internal', 'title_fields': ['name'],"
           "      'fields': ["
           "        {'name': 'name', 'label': 'Name', 'type': 'text', 'required': true,"
           "         'quick': true},"
           "        {'name': 'use', 'label': 'Used for', 'type': 'multi-code',"
           "         'list': 'boat_use'},"
           "        {'name': 'owner', 'label': 'Owner', 'type': 'ref', 'to': ['person']}"
           "      ]"
           "    },"
           "    'person': {'fields': [{'name': 'church', 'label': 'Church', 'type': 'text'}]}"
           "  },"
           "  'code_lists': {"
           "    'boat_use': {'items': [{'code': 'fishing', 'label': 'Fishing'},"
           "                           {'code': 'ferry', 'label': 'Ferry'}]},"
           "    'work_type': {'items': [{'code': 'boat_crew', 'label': 'Boat crew'}]}"
           "  }"
           "}");
    const kith_kind *boat = kind_of("boat");
    assert_string_equal(boat->label, "Boat");
    assert_string_equal(boat->sensitivity, "internal");
    assert_string_equal(boat->title_fields[0], "name");
    assert_null(boat->title_fields[1]);
    assert_int_equal(field_of("boat", "name")->flags, KITH_FIELD_REQUIRED | KITH_FIELD_QUICK);
    assert_int_equal(field_of("boat", "use")->flags, KITH_FIELD_MULTI);
    assert_int_equal(field_of("boat", "use")->list->code_count, 2);
    assert_string_equal(field_of("boat", "owner")->targets[0], "person");
    assert_string_equal(field_of("person", "church")->label, "Church");
}

static void test_schema_extend__reads_every_member_of_a_field(void **state)
{
    (void)state;
    extend(BOAT_OF("{'name': 'crew', 'label': 'Crew', 'type': 'int', 'min': 1, 'max': 40,"
                   " 'default': '2', 'sensitivity': 'sealed', 'map': 'HTCDS:crew',"
                   " 'required': true, 'quick': true, 'pii': true, 'multiline': true,"
                   " 'exact': true, 'auto': true}"));
    const kith_field *crew = field_of("boat", "crew");
    assert_string_equal(crew->name, "crew");
    assert_string_equal(crew->label, "Crew");
    assert_int_equal(crew->type, KITH_TYPE_INT);
    assert_int_equal(crew->min, 1);
    assert_int_equal(crew->max, 40);
    assert_string_equal(crew->default_text, "2");
    assert_string_equal(crew->sensitivity, "sealed");
    assert_int_equal(crew->flags, KITH_FIELD_REQUIRED | KITH_FIELD_QUICK | KITH_FIELD_PII |
                                      KITH_FIELD_MULTILINE | KITH_FIELD_EXACT | KITH_FIELD_AUTO);
}

static void test_schema_extend__fills_in_what_is_left_out(void **state)
{
    (void)state;
    extend("{'kinds': {'boat': {'fields': [{'name': 'crew', 'type': 'int', 'pii': false}]}},"
           " 'code_lists': {'use': {'items': [{'code': 'ferry'}]}}}");
    const kith_kind *boat = kind_of("boat");
    assert_string_equal(boat->label, "boat");
    assert_string_equal(boat->sensitivity, "case_team");
    assert_int_equal(boat->flags, 0);
    assert_null(boat->description);
    assert_null(boat->title_fields[0]);
    const kith_field *crew = field_of("boat", "crew");
    assert_string_equal(crew->label, "crew");
    assert_int_equal(crew->flags, 0);
    assert_true(crew->min == INT64_MIN && crew->max == INT64_MAX);
    assert_null(crew->default_text);
    assert_null(crew->sensitivity);
    const kith_code_list *use = kith_schema_find_list(&schema, KITH_SLICE("use"));
    assert_string_equal(use->codes[0].label, "ferry");
}

static void test_schema_extend__gives_new_kinds_the_common_fields(void **state)
{
    (void)state;
    extend(BOAT_OF(NAME_FIELD ", {'name': 'source_key', 'label': 'Own', 'type': 'text'}"));
    for (size_t i = 0; i < kith_common_field_count; i++) {
        const kith_field *field = field_of("boat", kith_common_fields[i].name);
        assert_int_equal(field->type, kith_common_fields[i].type);
    }
    assert_string_equal(field_of("boat", "source_key")->label, "Own");
    assert_int_equal(kind_of("boat")->field_count, 1 + kith_common_field_count);
}

static void test_schema_extend__keeps_kinds_and_lists_in_order(void **state)
{
    (void)state;
    extend("{'kinds': {'zebra': {'fields': []}, 'ant': {'fields': []}, 'mule': {'fields': []}},"
           " 'code_lists': {'zz': {'items': []}, 'aa': {'items': []}}}");
    assert_int_equal(kith_schema_kind_count(&schema), kith_builtin_kind_count + 3);
    for (size_t i = 1; i < schema.kind_count; i++) {
        assert_true(strcmp(schema.kinds[i - 1]->name, schema.kinds[i]->name) < 0);
    }
    for (size_t i = 1; i < schema.list_count; i++) {
        assert_true(strcmp(schema.lists[i - 1]->name, schema.lists[i]->name) < 0);
    }
}

static void test_schema_extend__adds_fields_to_a_known_kind_behind_its_own(void **state)
{
    (void)state;
    const kith_kind *before = kind_of("person");
    extend("{'kinds': {'person': {'label': 'Renamed', 'hidden': true, 'fields': ["
           "  {'name': 'church', 'type': 'text'},"
           "  {'name': 'full_name', 'label': 'Renamed', 'type': 'text'}]}}}");
    const kith_kind *person = kind_of("person");
    assert_int_equal(person->field_count, before->field_count + 1);
    assert_string_equal(kith_kind_field(person, before->field_count)->name, "church");
    for (size_t i = 0; i < before->field_count; i++) {
        assert_memory_equal(&person->fields[i], &before->fields[i], sizeof(kith_field));
    }
    assert_string_equal(person->label, before->label);
    assert_int_equal(person->flags, before->flags);
}

static void test_schema_extend__adds_codes_to_a_known_list_behind_its_own(void **state)
{
    (void)state;
    const kith_code_list *before = kith_schema_find_list(&schema, KITH_SLICE("sex"));
    extend("{'code_lists': {'sex': {'source': 'us', 'items': ["
           "  {'code': 'female', 'label': 'Renamed'}, {'code': 'hijra', 'label': 'Hijra'},"
           "  {'code': 'hijra', 'label': 'Again'}]}}}");
    const kith_code_list *sex = kith_schema_find_list(&schema, KITH_SLICE("sex"));
    assert_int_equal(sex->code_count, before->code_count + 1);
    assert_string_equal(sex->codes[before->code_count].label, "Hijra");
    assert_memory_equal(sex->codes, before->codes, before->code_count * sizeof *sex->codes);
}

static void test_schema_extend__links_fields_of_old_kinds_to_a_list_that_grew(void **state)
{
    (void)state;
    extend("{'code_lists': {'sex': {'items': [{'code': 'hijra'}]}}}");
    const kith_code_list *sex = kith_schema_find_list(&schema, KITH_SLICE("sex"));
    assert_ptr_equal(field_of("person", "sex")->list, sex);
    extend("{'kinds': {'boat': {'fields': [{'name': 's', 'type': 'code', 'list': 'sex'}]}}}");
    extend("{'code_lists': {'sex': {'items': [{'code': 'third'}]}}}");
    for (size_t i = 0; i < schema.kind_count; i++) {
        for (size_t j = 0; j < schema.kinds[i]->field_count; j++) {
            const kith_code_list *list = schema.kinds[i]->fields[j].list;
            assert_true(list == NULL ||
                        list == kith_schema_find_list(&schema, kith_slice_of(list->name)));
        }
    }
}

static void test_schema_extend__leaves_other_schemas_as_they_are(void **state)
{
    (void)state;
    kith_schema other;
    assert_ok(kith_schema_init(&other, test_context()));
    extend("{'kinds': {'person': {'fields': [{'name': 'church', 'type': 'text'}]}},"
           " 'code_lists': {'sex': {'items': [{'code': 'hijra'}]}}}");
    const kith_kind *person = kith_schema_find_kind(&other, KITH_SLICE("person"));
    assert_null(kith_kind_find_field(person, KITH_SLICE("church")));
    kith_schema_deinit(&other);
}

static void test_schema_extend__takes_references_to_what_stands_further_down(void **state)
{
    (void)state;
    extend("{'kinds': {'boat': {'fields': [{'name': 'fleet', 'type': 'ref', 'to': ['fleet']}]},"
           " 'fleet': {'fields': [" NAME_FIELD "]}}}");
    assert_string_equal(field_of("boat", "fleet")->targets[0], "fleet");
}

static void test_schema_extend__takes_bounds_as_it_writes_them(void **state)
{
    (void)state;
    extend(BOAT_OF("{'name': 'n', 'type': 'int', 'min': '-9007199254740993',"
                   " 'max': 9223372036854775807}"));
    assert_true(field_of("boat", "n")->min == INT64_C(-9007199254740993));
    assert_true(field_of("boat", "n")->max == INT64_MAX);
}

static void test_schema_extend__refuses_what_is_no_definition(void **state)
{
    (void)state;
    assert_refused("[]", "the definition: is not an object");
    assert_refused("'boat'", "the definition: is not an object");
    assert_refused("{'kind': {}}", "kind: is not known here");
    assert_refused("{'kinds': []}", "kinds: is not an object");
    assert_refused("{'code_lists': null}", "code_lists: is not an object");
}

static void test_schema_extend__refuses_kinds_that_are_malformed(void **state)
{
    (void)state;
    assert_refused("{'kinds': {'my boat': {'fields': []}}}", "my boat: is no name for a kind");
    assert_refused("{'kinds': {'boat': []}}", "boat: is not an object");
    assert_refused("{'kinds': {'boat': {}}}", "boat.fields: is no list");
    assert_refused("{'kinds': {'boat': {'fields': {}}}}", "boat.fields: is no list");
    assert_refused("{'kinds': {'boat': {'fields': [], 'colour': 1}}}",
                   "boat.colour: is not known here");
    assert_refused("{'kinds': {'boat': {'fields': [], 'label': 1}}}", "boat.label: is not a text");
    assert_refused("{'kinds': {'boat': {'fields': [], 'description': {}}}}",
                   "boat.description: is not a text");
    assert_refused("{'kinds': {'boat': {'fields': [], 'hidden': 'yes'}}}",
                   "boat.hidden: is neither true nor false");
    assert_refused("{'kinds': {'boat': {'fields': [], 'title_fields': 'name'}}}",
                   "boat.title_fields: is not a list of names");
    assert_refused("{'kinds': {'boat': {'fields': [], 'title_fields': [1]}}}",
                   "boat.title_fields: holds something that is no name");
}

static void test_schema_extend__refuses_titles_of_fields_that_are_not_there(void **state)
{
    (void)state;
    assert_refused("{'kinds': {'boat': {'title_fields': ['name'], 'fields': []}}}",
                   "boat.name: is in the title but is no field");
}

static void test_schema_extend__refuses_classes_that_are_not_there(void **state)
{
    (void)state;
    assert_refused("{'kinds': {'boat': {'fields': [], 'default_sensitivity': 'secret'}}}",
                   "boat.default_sensitivity: is no class of those who may see it");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'sensitivity': 'Sealed'}"),
                   "boat.n.sensitivity: is no class of those who may see it");
}

static void test_schema_extend__refuses_fields_that_are_malformed(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("'name'"), "boat.fields: holds something that is not an object");
    assert_refused(BOAT_OF("{'type': 'text'}"), "boat.name: is missing");
    assert_refused(BOAT_OF("{'name': '', 'type': 'text'}"), "boat.name: is missing");
    assert_refused(BOAT_OF("{'name': 1, 'type': 'text'}"), "boat.1.name: is not a text");
    assert_refused(BOAT_OF("{'name': '2nd', 'type': 'text'}"), "boat.2nd: is no name for a field");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'colour': 1}"),
                   "boat.n.colour: is not known here");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'label': 1}"),
                   "boat.n.label: is not a text");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'default': 1}"),
                   "boat.n.default: is not a text");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'pii': 'true'}"),
                   "boat.n.pii: is neither true nor false");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'required': null}"),
                   "boat.n.required: is neither true nor false");
}

static void test_schema_extend__refuses_types_that_are_not_known(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("{'name': 'n'}"), "boat.n: has no known type");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'texts'}"), "boat.n: has no known type");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 1}"), "boat.n: has no known type");
}

static void test_schema_extend__refuses_codes_without_a_list(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("{'name': 'use', 'type': 'code'}"),
                   "boat.use: needs a code list that exists");
    assert_refused(BOAT_OF("{'name': 'use', 'type': 'multi-code', 'list': 'boat_use'}"),
                   "boat.use: needs a code list that exists");
    assert_refused(BOAT_OF("{'name': 'use', 'type': 'text', 'list': 'sex'}"),
                   "boat.use.list: has no place in a field of this type");
}

static void test_schema_extend__refuses_references_to_nowhere(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'ref'}"),
                   "boat.owner: needs the kinds it may point to");
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'ref', 'to': []}"),
                   "boat.owner: needs the kinds it may point to");
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'ref', 'to': 'person'}"),
                   "boat.owner.to: is not a list of names");
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'ref', 'to': ['my person']}"),
                   "boat.owner.to: holds something that is no name");
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'multi-ref', 'to': ['person', 'owner']}"),
                   "boat.owner: points to a kind that is not there");
    assert_refused(BOAT_OF("{'name': 'owner', 'type': 'text', 'to': ['person']}"),
                   "boat.owner.to: has no place in a field of this type");
}

static void test_schema_extend__refuses_bounds_that_are_no_numbers(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'int', 'min': 1.5}"),
                   "boat.n.min: is not a whole number");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'int', 'max': 9223372036854775808}"),
                   "boat.n.max: is not a whole number");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'int', 'max': true}"),
                   "boat.n.max: is not a whole number");
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'int', 'min': 2, 'max': 1}"),
                   "boat.n.min: is greater than max");
}

static void test_schema_extend__refuses_another_type_for_a_field_that_is_there(void **state)
{
    (void)state;
    assert_refused("{'kinds': {'person': {'fields': [{'name': 'full_name', 'type': 'int'}]}}}",
                   "person.full_name: is there already with another type");
    assert_refused("{'kinds': {'person': {'fields': ["
                   "{'name': 'full_name', 'type': 'multi-text'}]}}}",
                   "person.full_name: is there already with another type");
    assert_refused(BOAT_OF(NAME_FIELD ", {'name': 'name', 'type': 'date'}"),
                   "boat.name: is there already with another type");
}

static void test_schema_extend__refuses_code_lists_that_are_malformed(void **state)
{
    (void)state;
    assert_refused("{'code_lists': {'boat use': {'items': []}}}",
                   "boat use: is no name for a code list");
    assert_refused("{'code_lists': {'use': []}}", "use: is not an object");
    assert_refused("{'code_lists': {'use': {}}}", "use.items: is no list");
    assert_refused("{'code_lists': {'use': {'items': [], 'codes': []}}}",
                   "use.codes: is not known here");
    assert_refused("{'code_lists': {'use': {'items': ['ferry']}}}",
                   "use.items: holds something that is not an object");
    assert_refused("{'code_lists': {'use': {'items': [{}]}}}", "use.code: is missing");
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'ferry', 'label': 1}]}}}",
                   "use.ferry.label: is not a text");
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'ferry', 'name': 'x'}]}}}",
                   "use.ferry.name: is not known here");
}

/* A code is one word that reads as it stands: else it could not be entered. */
static void test_schema_extend__refuses_codes_that_nobody_could_enter(void **state)
{
    (void)state;
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'boat crew'}]}}}",
                   "use.boat crew: is no code");
    assert_refused("{'code_lists': {'use': {'items': [{'code': ' ferry'}]}}}",
                   "use. ferry: is no code");
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'boat\\tcrew'}]}}}",
                   "use.boat\tcrew: is no code");
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'e\xcc\x81'}]}}}",
                   "use.e\xcc\x81: is no code");
    assert_refused("{'code_lists': {'use': {'items': [{'code': "
                   "'a2345678901234567890123456789012345678901234567890123456789012345'}]}}}",
                   "use.a234567890123456789012345678901234567890123456789012345678901234"
                   ": is no code");
}

/* Labels are shown on terminals, and come from other devices. */
static void test_schema_extend__refuses_control_characters(void **state)
{
    (void)state;
    assert_refused(BOAT_OF("{'name': 'n', 'type': 'text', 'label': '\\u001b[31m'}"),
                   "boat.n.label: holds a control character");
    assert_refused("{'kinds': {'boat': {'label': 'b\\u0007', 'fields': []}}}",
                   "boat.label: holds a control character");
    assert_refused("{'code_lists': {'use': {'items': [{'code': 'x', 'label': '\\u009b1m'}]}}}",
                   "use.x.label: holds a control character");
    assert_refused("{'kinds': {'\\u001b[31m': {'fields': []}}}", "?: is no name for a kind");
    assert_refused("{'\\u001b[31m': {}}", "?: is not known here");
}

static void test_schema_extend__cuts_names_in_messages_between_characters(void **state)
{
    (void)state;
    /* Bytes 64 and 65 are one letter. */
    assert_refused("{'kinds': {"
                   "'a23456789012345678901234567890123456789012345678901234567890123é': {}}}",
                   "a23456789012345678901234567890123456789012345678901234567890123"
                   ": is no name for a kind");
}

static void test_schema_extend__refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "{'kinds': {}} x", "{'kinds': {}, 'kinds': {}}"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        kith_slice json = json_of(texts[i]);
        assert_status(kith_schema_extend(&schema, json, KITH_SCHEMA_STRICT), KITH_E_SYNTAX);
        assert_status(kith_schema_extend(&schema, json, KITH_SCHEMA_LENIENT), KITH_E_SYNTAX);
    }
}

static void test_schema_extend__passes_over_unknown_members_of_newer_programs(void **state)
{
    (void)state;
    extend_leniently("{'kinds': {'boat': {'colour': 1, 'fields': ["
                     "  {'name': 'n', 'type': 'text', 'colour': 1, 'list': 'sex'}]}},"
                     " 'code_lists': {'use': {'colour': 1, 'items': [{'code': 'c', 'x': 1}]}},"
                     " 'colours': {}}");
    assert_int_equal(field_of("boat", "n")->type, KITH_TYPE_TEXT);
    assert_int_equal(kith_schema_find_list(&schema, KITH_SLICE("use"))->code_count, 1);
}

static void test_schema_extend__leaves_out_parts_and_keeps_the_rest(void **state)
{
    (void)state;
    extend_leniently("{'kinds': {"
                     "  '2nd': {'fields': []},"
                     "  'bad': {'fields': 1},"
                     "  'boat': {'title_fields': ['lost'], 'fields': [" NAME_FIELD ","
                     "    {'name': 'span', 'type': 'duration'}, 1,"
                     "    {'name': 'use', 'type': 'code', 'list': 'use'},"
                     "    {'name': 'lost', 'type': 'code', 'list': 'lost'},"
                     "    {'name': 'owner', 'type': 'ref', 'to': ['of_tomorrow']}]},"
                     "  'person': {'fields': [{'name': 'full_name', 'type': 'int'},"
                     "                        {'name': 'church', 'type': 'text'}]}},"
                     " 'code_lists': {"
                     "  'lost': 1,"
                     "  'use': {'items': [{'code': 'two words'}, 1, {'code': 'ferry'}]}}}");
    assert_null(kith_schema_find_kind(&schema, KITH_SLICE("2nd")));
    assert_null(kith_schema_find_kind(&schema, KITH_SLICE("bad")));
    assert_int_equal(field_of("boat", "name")->type, KITH_TYPE_TEXT);
    assert_null(find("boat", "span"));
    assert_null(find("boat", "lost"));
    assert_int_equal(field_of("boat", "use")->list->code_count, 1);
    assert_string_equal(field_of("boat", "owner")->targets[0], "of_tomorrow");
    assert_int_equal(field_of("person", "full_name")->type, KITH_TYPE_TEXT);
    assert_int_equal(field_of("person", "church")->type, KITH_TYPE_TEXT);
}

static void test_schema_extend__is_not_kept_out_by_what_others_lack(void **state)
{
    (void)state;
    extend_leniently(BOAT_OF("{'name': 'owner', 'type': 'ref', 'to': ['of_tomorrow']}"));
    extend("{'kinds': {'boat': {'fields': [{'name': 'crew', 'type': 'int'}]}}}");
    assert_non_null(find("boat", "crew"));
}

static kith_status extend_with_little_memory(kith_context *cx, void *user)
{
    const kith_slice *definition = user;
    kith_schema scarce;
    kith_status status = kith_schema_init(&scarce, cx);
    if (status == KITH_OK) {
        status = kith_schema_extend(&scarce, *definition, KITH_SCHEMA_LENIENT);
    }
    kith_schema_deinit(&scarce);
    return status;
}

static void test_schema_extend__reports_lack_of_memory(void **state)
{
    (void)state;
    kith_slice definition =
        json_of("{'kinds': {'boat': {'fields': [{'name': 's', 'type': 'code', 'list': 'sex'},"
                "  {'name': 'owner', 'type': 'ref', 'to': ['person']}]}},"
                " 'code_lists': {'sex': {'items': [{'code': 'hijra'}, {'code': 'no code'}]}}}");
    heap_fail_each_allocation(extend_with_little_memory, &definition);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_schema, close_schema)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_schema_extend__takes_the_example_of_the_specification),
        TEST(test_schema_extend__reads_every_member_of_a_field),
        TEST(test_schema_extend__fills_in_what_is_left_out),
        TEST(test_schema_extend__gives_new_kinds_the_common_fields),
        TEST(test_schema_extend__keeps_kinds_and_lists_in_order),
        TEST(test_schema_extend__adds_fields_to_a_known_kind_behind_its_own),
        TEST(test_schema_extend__adds_codes_to_a_known_list_behind_its_own),
        TEST(test_schema_extend__links_fields_of_old_kinds_to_a_list_that_grew),
        TEST(test_schema_extend__leaves_other_schemas_as_they_are),
        TEST(test_schema_extend__takes_references_to_what_stands_further_down),
        TEST(test_schema_extend__takes_bounds_as_it_writes_them),
        TEST(test_schema_extend__refuses_what_is_no_definition),
        TEST(test_schema_extend__refuses_kinds_that_are_malformed),
        TEST(test_schema_extend__refuses_titles_of_fields_that_are_not_there),
        TEST(test_schema_extend__refuses_classes_that_are_not_there),
        TEST(test_schema_extend__refuses_fields_that_are_malformed),
        TEST(test_schema_extend__refuses_types_that_are_not_known),
        TEST(test_schema_extend__refuses_codes_without_a_list),
        TEST(test_schema_extend__refuses_references_to_nowhere),
        TEST(test_schema_extend__refuses_bounds_that_are_no_numbers),
        TEST(test_schema_extend__refuses_another_type_for_a_field_that_is_there),
        TEST(test_schema_extend__refuses_code_lists_that_are_malformed),
        TEST(test_schema_extend__refuses_codes_that_nobody_could_enter),
        TEST(test_schema_extend__refuses_control_characters),
        TEST(test_schema_extend__cuts_names_in_messages_between_characters),
        TEST(test_schema_extend__refuses_what_is_no_json),
        TEST(test_schema_extend__passes_over_unknown_members_of_newer_programs),
        TEST(test_schema_extend__leaves_out_parts_and_keeps_the_rest),
        TEST(test_schema_extend__is_not_kept_out_by_what_others_lack),
        TEST(test_schema_extend__reports_lack_of_memory),
    };
    return cmocka_run_group_tests_name("schema/load", tests, NULL, NULL);
}
