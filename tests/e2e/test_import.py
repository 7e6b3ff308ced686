#!/usr/bin/env python3
"""Lists that others publish, brought in by the mappings of proto/import; and what is said of files
and mappings that are faulty."""
import json
import unittest

from import_sources import GROUPS, IOM, IOM_NUMBERS, SAMPLES, SHARED_DATA
from kith import DONE, MAPPINGS, REFUSED, KithCase, jsonl, read_json

LOOKS = 3  # rows of each list whose records are looked at
PLACES = {"source": "list", "records": [
    {"name": "place", "kind": "place", "key": "{code}",
     "fields": {"name": "{name}", "type": "village", "remarks": "{remarks}"}}]}


def place_mapping(**members):
    """The mapping of a list of places, with other members of its one record."""
    return PLACES | {"records": [PLACES["records"][0] | members]}


class ImportCase(KithCase):
    def mapping(self, mapping):
        return self.kith.write("mapping.json", mapping if isinstance(mapping, str)
                               else json.dumps(mapping))

    def csv(self, content, mapping, *options, kith=None):
        """Imports, whatever comes of it."""
        content = content if isinstance(content, bytes) else content.encode("utf-8")
        return (kith or self.kith).run(*options, "import", "csv", "-", "--mapping",
                                       self.mapping(mapping), stdin=content)

    def csv_counts(self, content, mapping):
        """What the import reports, and the line and field of each thing that was not taken in."""
        answer = self.csv(content, mapping, "--json")
        left = [read_json(line) for line in answer.err.splitlines()]
        self.assertEqual(answer.code, REFUSED if left else DONE, answer)
        return answer.object, [(item["line"], item["field"]) for item in left]

    def places(self):
        """The fields of all places by name."""
        return {record["fields"]["name"]: record["fields"] for record in self.kith.list("place")}


class Lists(ImportCase):
    """Each list of a group, one after the other, into one replica: it comes in as a whole, and
    again without a change."""

    def check_import(self, source, content, rows, expected):
        """Imports a list; `expected` is what should be new of it."""
        mapping = str(MAPPINGS / f"{source.mapping}.json")
        rejected, left_out = source.rejected(rows), source.left_out(rows)
        answer = self.kith.run("--json", "import", "csv", "-", "--mapping", mapping, stdin=content)
        counts = answer.object
        self.assertEqual((counts["rows"], counts["added"]), (len(rows), expected), answer)
        self.assertEqual((counts["rejected"], counts["left_out"]), (len(rejected), len(left_out)))
        faults = [read_json(line) for line in answer.err.splitlines()]
        whole = [fault["line"] for fault in faults if fault["line"] in rejected]
        self.assertEqual(sorted(whole), sorted(rejected), answer)
        self.assertEqual(sorted((fault["line"], fault["field"]) for fault in faults
                                if fault["line"] not in rejected), sorted(left_out), answer)
        self.assertEqual(answer.code, REFUSED if faults else DONE)
        return counts

    def lies_in(self, fields, parent_field, parent_key):
        parent = fields.get(parent_field)
        return (parent is None) == (parent_key is None) and (
            parent is None or parent_key in self.kith.fields(parent)["source_key"])

    def check_record(self, source, row):
        """A row's record holds what the row says and lies where it says."""
        kind, key, expected, parent_field, parent_key = source.look(row)
        where = f"source_key={key}" if key else f"name={expected['name']}"
        found = [record["fields"] for record in self.kith.list(kind, "--where", where)]
        if key:
            self.assertEqual(len(found), 1, where)
            self.assertEqual({name: found[0].get(name) for name in expected}, expected, where)
        self.assertTrue(any(self.lies_in(fields, parent_field, parent_key) for fields in found),
                        f"{where} lies elsewhere: {found}")

    def check_source(self, source, path, known):
        content = source.content(path)
        rows = source.rows(content)
        rejected = set(source.rejected(rows))
        taken = [row for line, row in rows if line not in rejected]
        labels = {label for row in taken for label in source.records(row)}
        self.check_import(source, content, rows, len(labels - known))
        again = self.check_import(source, content, rows, 0)
        self.assertEqual(again["completed"], 0)
        known |= labels
        # A row about which the list contradicts itself says nothing for certain.
        doubtful = rejected | {line for line, _ in source.left_out(rows)}
        sure = [row for line, row in rows if line not in doubtful]
        for row in sure[::max(1, len(sure) // LOOKS)][:LOOKS]:
            self.check_record(source, row)

    def check_group(self, name, path_of):
        known = set()
        for source in GROUPS[name]:
            path = path_of(source)
            if path is not None:
                with self.subTest(list=path.name):
                    self.check_source(source, path, known)
        self.kith.must("--quiet", "check", "--rebuild")


def sample_test(name):
    return lambda self: self.check_group(
        name, lambda source: source.sample and SAMPLES / source.sample)


def shared_test(name):
    return unittest.skipUnless(SHARED_DATA.is_dir(), "needs the shared data")(
        lambda self: self.check_group(name, lambda source: SHARED_DATA / source.shared))


for group in GROUPS:
    setattr(Lists, f"test_samples_of_{group}__come_in_once", sample_test(group))
    setattr(Lists, f"test_all_{group}__come_in_whole_and_once", shared_test(group))


class Figures(ImportCase):
    def test_figures_of_incidents__add_up_to_the_list(self):
        content = IOM.content(SAMPLES / IOM.sample)
        rows = [row for _, row in IOM.rows(content)]
        self.kith.must("--quiet", "import", "csv", "-", "--mapping",
                       str(MAPPINGS / "iom-missing-migrants.json"), stdin=content)
        for name in IOM_NUMBERS:
            figures = self.kith.list("figure", "--where", f"measure={name}")
            self.assertEqual(sum(figure["fields"]["count"] for figure in figures),
                             sum(int(row[name] or 0) for row in rows), name)

    def test_every_mapping__has_a_list_that_it_is_tested_with(self):
        tested = {source.mapping for group in GROUPS.values() for source in group}
        self.assertEqual(tested, {path.stem for path in MAPPINGS.glob("*.json")})


class Keys(ImportCase):
    def test_a_second_list__adds_what_a_record_never_had(self):
        self.csv("code,name,remarks\n7,Nongriat,\n", PLACES)
        counts, _ = self.csv_counts("code,name,remarks\n7,Another name,by the root bridge\n",
                                    PLACES)
        self.assertEqual((counts["added"], counts["known"], counts["completed"]), (0, 1, 1))
        self.assertEqual(self.places()["Nongriat"]["remarks"], "by the root bridge")

    def test_a_second_list__does_not_bring_back_what_was_cleared(self):
        content = "code,name,remarks\n7,Nongriat,by the root bridge\n"
        self.csv(content, PLACES)
        self.kith.must("set", self.kith.list("place")[0]["id"], "remarks=")
        counts, _ = self.csv_counts(content, PLACES)
        self.assertEqual(counts["completed"], 0)
        self.assertNotIn("remarks", self.places()["Nongriat"])

    def test_a_second_list__leaves_a_removed_record_alone(self):
        self.csv("code,name,remarks\n7,Nongriat,\n", PLACES)
        self.kith.must("remove", self.kith.list("place")[0]["id"])
        counts, left = self.csv_counts("code,name,remarks\n7,Nongriat,more\n", PLACES)
        self.assertEqual((counts["added"], counts["completed"], left), (0, 0, []))
        self.assertEqual(self.kith.names(), [])

    def test_rows_that_contradict_each_other__are_listed_and_the_first_counts(self):
        content = "code,name,remarks\n7,Nongriat,\n7,Nongriat,\n7,Tyrna,\n8,Laitkynsew,\n"
        for added in (2, 0):
            counts, left = self.csv_counts(content, PLACES)
            self.assertEqual((counts["added"], counts["left_out"], left),
                             (added, 1, [(4, "name")]))
        self.assertEqual(sorted(self.places()), ["Laitkynsew", "Nongriat"])

    def test_a_rejected_row__says_nothing_of_other_records(self):
        mapping = {"source": "s", "records": [
            PLACES["records"][0],
            {"kind": "figure", "key": "{code}", "fields": {
                "measure": "people", "period": "2011", "count": "{count}"}}]}
        self.csv("code,name,remarks,count\n7,Nongriat,,1\n", mapping)
        counts, left = self.csv_counts(
            "code,name,remarks,count\n7,Nongriat,bad,1\n8,X,,many\n7,Nongriat,good,1\n", mapping)
        self.assertEqual((counts["rejected"], left), (1, [(3, "count"), (4, "remarks")]))
        self.assertEqual(self.places()["Nongriat"]["remarks"], "bad")

    def test_a_record__is_known_by_each_of_its_keys(self):
        mapping = place_mapping(also={"census": "{census}"})
        self.csv("code,census,name,remarks\n7,,Nongriat,\n,901,Tyrna,\n", mapping)
        counts, left = self.csv_counts(
            "code,census,name,remarks\n7,900,Nongriat,\n,900,Nongriat,a\n8,901,Tyrna,b\n", mapping)
        self.assertEqual((counts["added"], counts["completed"], left), (0, 2, []))
        places = self.places()
        self.assertEqual(places["Nongriat"]["source_key"], ["census:place/900", "list:place/7"])
        self.assertEqual(places["Tyrna"]["source_name"], "census")

    def test_a_key_of_another_record__is_left_out(self):
        mapping = place_mapping(also={"census": "{census}"})
        content = "code,census,name,remarks\n7,900,Nongriat,\n8,901,Tyrna,\n7,901,Nongriat,\n"
        self.assertEqual(self.csv_counts(content, mapping)[1], [(4, "source_key")])

    def test_an_empty_key__is_a_fault(self):
        counts, left = self.csv_counts("code,name,remarks\n,Nongriat,\n", PLACES)
        self.assertEqual((counts["rejected"], left), (1, [(2, "")]))

    def test_keys__are_compared_as_they_are_stored(self):
        for code in ("Nongpu\u0308", "Nongp\u00fc"):
            self.csv(f"code,name,remarks\n{code},x,\n", PLACES)
        self.assertEqual(len(self.kith.list("place")), 1)
        self.csv("code,name,remarks\nNONGP\u00dc,y,\n", PLACES)
        self.assertEqual(len(self.kith.list("place")), 2)

    def test_ignore_case__makes_capitals_and_small_letters_one_key(self):
        mapping = place_mapping(ignore_case=True)
        self.csv_counts("code,name,remarks\nNongp\u00fc,x,\nNONGP\u00dc,x,\n", mapping)
        self.assertEqual(len(self.kith.list("place")), 1)

    def test_a_row_without_a_key__is_known_by_its_cells(self):
        mapping = place_mapping()
        del mapping["records"][0]["key"]
        content = "code,name,remarks\na,bc,\nab,c,\nab,c,\n"
        for added in (3, 0):
            self.assertEqual(self.csv_counts(content, mapping)[0]["added"], added)

    def test_a_reference__names_a_record_above_below_or_of_an_earlier_list(self):
        mapping = place_mapping(fields={"name": "{name}", "type": "village",
                                        "parent": "place/{remarks}"})
        counts, left = self.csv_counts("code,name,remarks\n1,a,2\n2,b,\n3,c,2\n4,d,9\n", mapping)
        self.assertEqual((counts["added"], counts["left_out"], left), (4, 1, [(5, "parent")]))
        counts, left = self.csv_counts("code,name,remarks\n9,e,1\n4,d,9\n", mapping)
        self.assertEqual((counts["added"], counts["completed"], left), (1, 1, []))
        places = self.places()
        ids = {record["fields"]["name"]: record["id"] for record in self.kith.list("place")}
        self.assertEqual({name: places[name].get("parent") for name in "abcde"},
                         {"a": ids["b"], "b": None, "c": ids["b"], "d": ids["e"], "e": ids["a"]})

    def test_numbers_as_keys__are_no_ids(self):
        lines = jsonl({"kind": "place", "key": "2", "fields": {"name": "a", "type": "village"}},
                      {"kind": "place", "key": "3", "fields": {"name": "b", "type": "village",
                                                               "parent": "2"}})
        self.kith.place("of this device, and its second record")
        self.kith.must("import", "jsonl", "-", stdin=lines)
        places = {record["fields"]["name"]: record for record in self.kith.list("place")}
        self.assertEqual(places["b"]["fields"]["parent"], places["a"]["id"])

    def test_a_line_with_the_key_of_another__is_listed(self):
        lines = jsonl({"kind": "place", "key": "1", "fields": {"name": "a", "type": "village"}},
                      {"kind": "place", "key": "1", "fields": {"name": "b", "type": "village"}})
        for added in (1, 0):
            answer = self.kith.run("--json", "import", "jsonl", "-", stdin=lines)
            self.assertEqual((answer.object["added"], answer.object["rejected"]), (added, 1))
            self.assertEqual(answer.error["line"], 2)

    def test_an_export__meets_the_list_that_its_records_came_from(self):
        self.csv("code,name,remarks\n7,Nongriat,\n8,Tyrna,\n", PLACES)
        lines = self.kith.must("export", "jsonl").out
        for lists_first in (False, True):
            other = self.replica(f"other-{lists_first}")
            if lists_first:
                self.csv("code,name,remarks\n7,Nongriat,\n", PLACES, kith=other)
            for _ in range(2):
                other.must("import", "jsonl", "-", stdin=lines)
                self.csv("code,name,remarks\n8,Tyrna,\n", PLACES, kith=other)
            self.assertEqual(sorted(other.names()), ["Nongriat", "Tyrna"])


class Files(ImportCase):
    """CSV as people and programs write it, well and badly."""

    def check_left(self, content, *expected, mapping=PLACES):
        """What is not taken in, as (line, field); everything else is."""
        _, left = self.csv_counts(content, mapping)
        self.assertEqual(left, list(expected))

    def test_rows_with_other_than_the_columns_cells__are_listed(self):
        answer = self.csv("code,name,remarks\n1,a,\n2,b\n3,c,d,e\n4,f,\n", PLACES)
        self.assertEqual(answer.code, REFUSED)
        self.assertEqual(answer.complaint,
                         "kith: -:3: the row has 2 cells; give 3, one for each column\n"
                         "kith: -:4: the row has 4 cells; give 3, one for each column\n")
        self.assertEqual(sorted(self.places()), ["a", "f"])

    def test_empty_cells_behind_the_last_column_and_rows_without_text__are_passed_over(self):
        content = "\n \ncode,name,remarks,,\n1,a,,,\n,,,,\n\n2,b,x,,\n  ,\t,,,\n"
        self.assertEqual(self.csv_counts(content, PLACES)[0]["rows"], 2)

    def test_misplaced_quotation_marks__cost_one_row(self):
        self.check_left('code,name,remarks\n1,a"b,\n2,"c"d,\n3,e,\n4,"f,g\n', (2, ""), (3, ""),
                        (5, ""))
        self.assertEqual(sorted(self.places()), ["e"])

    def test_cells_in_quotation_marks__hold_commas_quotes_and_lines(self):
        self.check_left('code,name,remarks\n1,"a, ""b""","x\r\ny\n\nz"\n2,c,\n3,,\n', (7, "name"))
        self.assertEqual(self.places()['a, "b"']["remarks"], "x\ny\n\nz")

    def test_a_row_that_is_no_text__is_listed(self):
        self.check_left(b"code,name,remarks\n1,\xff,\n2,a\0b,\n3,c\x1bd,\n4,e,\n", (2, ""),
                        (3, "name"), (4, "name"))

    def test_a_header_that_is_no_text__ends_the_import(self):
        for content in ("code,n\u00e4me,remarks\n1,a,\n".encode("latin-1"),
                        "code,name,remarks\n1,a,\n".encode("utf-16")):
            answer = self.csv(content, PLACES)
            self.assertEqual(answer.complaint,
                             "kith: -:1: the row is not UTF-8; give CSV in UTF-8\n")
            self.assertEqual(answer.code, REFUSED)

    def test_files_as_other_programs_write_them__are_read(self):
        lines = ["code,name,remarks", "1,a,", '2,"b ",x']
        for number, content in enumerate((
                "\ufeff" + "\r\n".join(lines) + "\r\n", "\n".join(lines), "\r".join(lines),
                " code , name,remarks \n 1 , a ,\n2, b,x")):
            with self.subTest(content=content):
                other = self.replica(f"other-{number}")
                answer = self.csv(content, PLACES, kith=other)
                self.assertEqual((answer.code, answer.err), (DONE, b""), answer)
                self.assertEqual(sorted(other.names()), ["a", "b"])

    def test_another_separator__is_named_by_the_mapping(self):
        self.check_left("code;name;remarks\n1;a,b;\n", mapping=PLACES | {"separator": ";"})
        self.check_left("code\tname\tremarks\n2\tc\t\n\td\t\n", (3, ""),
                        mapping=PLACES | {"separator": "\t"})
        self.assertEqual(sorted(self.places()), ["a,b", "c"])

    def test_a_file_without_rows__brings_nothing(self):
        for content in ("", "\n", "code,name,remarks", "\ufeff"):
            self.assertEqual(self.csv_counts(content, PLACES), (
                {"rows": 0, "added": 0, "known": 0, "completed": 0, "rejected": 0, "left_out": 0},
                []))

    def test_what_is_too_large__is_listed_and_the_rest_comes_in(self):
        long, wide = "x" * 65537, "," * 1024
        self.check_left(f"code,name,remarks\n1,a,{long}\n2,b,\n3{wide}\n"
                        f"4,c,{'x' * 1_100_000}\n5,d,\n", (2, "remarks"), (4, ""), (5, ""))
        self.assertEqual(sorted(self.places()), ["b", "d"])

    def test_an_open_quotation_mark__does_not_swallow_more_than_a_megabyte(self):
        rows = "".join(f"{n},place {n},\n" for n in range(100_000))
        counts, left = self.csv_counts('code,name,remarks\nx,"open,\n' + rows, PLACES)
        self.assertEqual(left, [(2, "")])
        self.assertGreater(counts["added"], 20_000)

    def test_a_faulty_value__is_named_with_what_would_be_taken(self):
        mapping = place_mapping(fields={
            "name": "{name}", "type": {"from": "{remarks}", "codes": {"v": "village"}},
            "lat_lon": "{code}"})
        answer = self.csv("code,name,remarks\n91,a,v\n\"25.5,91.8\",b,x\n\"25.5,91.8\",c,v\n",
                          mapping)
        self.assertRegex(answer.complaint,
                         r"^kith: -:2: place: lat_lon .+; give .+\n"
                         r"kith: -:3: place: type is not named in the mapping's codes\n$")
        self.assertEqual(sorted(self.places()), ["c"])


class Mappings(ImportCase):
    """A faulty mapping is one clear error before the first row, and nothing comes in."""

    def check_refused(self, mapping, *parts):
        path = self.mapping(mapping)
        rows = self.kith.write("list.csv", "code,name,remarks\n1,a,\n2,b,\n")
        words = ["import", "csv", rows, "--mapping", path]
        self.check_refusal(REFUSED, [f"kith: {path}: ", *parts], *words)
        self.assertEqual(len(self.kith.run(*words).complaint.splitlines()), 1)

    def check_field(self, field, *parts):
        with self.subTest(field=field):
            self.check_refused(place_mapping(fields={
                "name": "{name}", "type": "village", "remarks": field}), *parts)

    def test_a_mapping_that_is_no_mapping__is_refused(self):
        self.check_refused("{", "JSON")
        for mapping in ([], {}, {"source": "s"}, {"source": "s", "records": []},
                        {"source": "", "records": PLACES["records"]},
                        {"source": "s", "records": {"a": 1}}, {"source": "s", "records": ["a"]},
                        {"source": "s", "records": [{"fields": {}}]},
                        {"source": "s", "records": [{"kind": "place"}]}):
            with self.subTest(mapping=mapping):
                self.check_refused(mapping)

    def test_members_that_are_unknown_or_of_another_type__are_named(self):
        for member, value in (("frob", 1), ("source", 5), ("separator", ", "), ("separator", "\""),
                              ("columns", "a,b"), ("columns", [1]), ("empty", "NA"),
                              ("empty_in", ["NA"]), ("empty_in", {"code": "NA"})):
            with self.subTest(member=member, value=value):
                self.check_refused(PLACES | {member: value}, member)
        for member, value in (("frob", 1), ("kind", 1), ("key", ["{code}"]), ("when", 1),
                              ("source", ""), ("also", ["{code}"]), ("also", {"s": 1}),
                              ("ignore_case", "yes"), ("for_each", "name"), ("fields", [])):
            with self.subTest(member=member, value=value):
                self.check_refused(place_mapping(**{member: value}), "place: ", member)

    def test_a_name_that_would_not_be_clear_in_keys__is_refused(self):
        for name in ("a/b", "a:b", "a b", "1", 1):
            self.check_refused(place_mapping(name=name), f"{name}: ", "name")

    def test_a_faulty_template__is_named_by_record_and_field(self):
        for template in ("{name", "a [{name}", "a] {name}", "[a [{name}]]", "[a] {name}"):
            self.check_field(template, "place.remarks: ")
            self.check_field({"from": template}, "place.remarks: ")
            self.check_field({"from": "{name}", "codes": {}, "else": template}, "place.remarks: ")

    def test_a_column_that_the_file_lacks__is_named(self):
        self.check_field("{name}{nmae}", "place.remarks: ", "{nmae}")
        self.check_field("{name|nmae}", "place.remarks: ", "{nmae}")
        self.check_field("{@value}", "{@value}")
        self.check_field({"from": "{name}", "when": "{nmae}"}, "{nmae}")
        for members in ({"key": "{nmae}"}, {"when": "{nmae}"}, {"also": {"s": "{nmae}"}},
                        {"for_each": ["nmae"], "key": "{@column}"}):
            self.check_refused(place_mapping(**members), "place: ", "{nmae}")
        self.check_refused(PLACES | {"empty_in": {"nmae": ["x"]}}, "{nmae}")

    def test_what_the_schema_does_not_know__is_named(self):
        self.check_refused(place_mapping(kind="plce"), "place: ", "kith schema show")
        self.check_refused(place_mapping(fields={"nmae": "{name}"}), "place.nmae: ",
                           "kith schema show place")
        self.check_refused(place_mapping(fields={"name": "{name}", "type": "vilage"}),
                           "place.type: ", "vilage", "place_type")
        for translation in ({"codes": {"a": "vilage"}}, {"below": [[1, "vilage"]]},
                            {"codes": {"a": "village"}, "else": "vilage"}):
            self.check_refused(place_mapping(fields={
                "name": "{name}", "type": {"from": "{code}"} | translation}), "vilage")
        self.check_refused(place_mapping(fields={"livelihoods": "forest; jum"}), "jum")

    def test_a_faulty_field__is_named(self):
        for field in (5, [], {}, {"from": 5}, {"from": "{name}", "frob": 1}, {"codes": {}},
                      {"from": "{name}", "codes": ["a"]}, {"from": "{name}", "codes": {"a": 1}},
                      {"from": "{name}", "below": {"a": 1}},
                      {"from": "{name}", "below": [["a", 1]]},
                      {"from": "{name}", "below": [[1.5, "a"]]},
                      {"from": "{name}", "below": [[1, "a", "b"]]},
                      {"from": "{name}", "date": "%d %H"}, {"from": "{name}", "date": "%d %Y"},
                      {"from": "{name}", "date": "%m"}, {"from": "{name}", "date": "%"}):
            self.check_field(field, "place.remarks: ")

    def test_a_reference__names_earlier_records_of_a_kind_that_fits(self):
        person = {"kind": "person", "key": "{code}", "fields": {
            "full_name": "{name}", "roles": "migrant", "sex": "unknown", "status": "unknown",
            "home_place": {"ref": "place"}, "guardian": {"ref": "place"}}}
        self.check_refused({"source": "s", "records": [person, PLACES["records"][0]]},
                           "person.home_place: ", "ref")
        self.check_refused({"source": "s", "records": [PLACES["records"][0], person]},
                           "person.guardian: ")
        self.check_refused({"source": "s", "records": PLACES["records"] * 2}, "place: ", "name")
        for ref in ("nobody", [], [1], ["place", 1], {"place": 1}):
            self.check_field({"ref": ref}, "place.remarks: ")
        self.check_field({"ref": "place", "from": "{name}"}, "place.remarks: ", "ref")

    def test_records_for_each_column__need_keys_that_tell_them_apart(self):
        self.check_refused(place_mapping(for_each=["name", "remarks"]), "place: ", "{@column}")


class Language(ImportCase):
    """What the members of a mapping do."""

    def setUp(self):
        super().setUp()
        self.turn = 0

    def fields(self, field, *cells):
        """What a field comes to in each row of one cell."""
        self.turn += 1
        names = [f"{self.turn}-{number}" for number in range(len(cells))]
        self.csv("code,cell,other\n" + "".join(
            f"{name},{cell},o\n" for name, cell in zip(names, cells)), place_mapping(
                fields={"name": "{code}", "type": "village", "remarks": field}))
        places = self.places()
        return [places.get(name, {}).get("remarks") for name in names]

    def test_codes_come_before_bounds_and_both_before_the_rest(self):
        field = {"from": "{cell}", "codes": {"": "none", "9": "nine"},
                 "below": [[5, "few"], [50, "some"]], "else": "{cell} ({other})"}
        self.assertEqual(self.fields(field, "", "9", "4", "5", "50", "-1", "x"),
                         ["none", "nine", "few", "some", "50 (o)", "few", "x (o)"])

    def test_an_empty_cell__needs_no_code(self):
        self.assertEqual(self.fields({"from": "{cell}", "codes": {"a": "b"}}, "", "a"), [None, "b"])

    def test_brackets__leave_out_what_says_nothing(self):
        self.assertEqual(self.fields("is {cell}", "a", ""), ["is a", None])
        self.assertEqual(self.fields("by {other}[, {cell}][ at {cell}]", "b", ""),
                         ["by o, b at b", "by o"])

    def test_the_first_column_that_is_not_empty__is_taken(self):
        self.assertEqual(self.fields("{cell|other}", "a", ""), ["a", "o"])

    def test_a_field_or_record__is_left_out_when_a_cell_is_empty(self):
        self.assertEqual(self.fields({"from": "{other}", "when": "{cell}"}, "a", ""), ["o", None])
        mapping = place_mapping(when="{remarks}")
        self.csv("code,name,remarks\n1,a,\n2,b,x\n", mapping)
        self.assertNotIn("a", self.places())
        self.assertIn("b", self.places())

    def test_dates__are_read_to_the_day_the_month_or_the_year(self):
        cells = {"%d-%b-%y": ("9-Jul-19", "2019-07-09"), "%m/%d/%Y": ("2/29/2016", "2016-02-29"),
                 "%B %Y": ("july 1999", "1999-07"), "%Y": ("2011", "2011")}
        for form, (cell, date) in cells.items():
            self.assertEqual(self.fields({"from": "{cell}", "date": form}, cell), [date])

    def test_cells_that_mean_nothing__are_empty(self):
        mapping = PLACES | {"empty": ["NA"], "empty_in": {"remarks": ["none"]}}
        counts, left = self.csv_counts(
            "code,name,remarks\n1,none, NA \n2,a,none\n3,NA,x\n", mapping)
        self.assertEqual((counts["added"], left), (2, [(4, "name")]))
        self.assertEqual([fields.get("remarks") for fields in self.places().values()], [None, None])

    def test_a_file_without_a_header__gets_its_columns_from_the_mapping(self):
        mapping = PLACES | {"columns": ["code", "name", "remarks"]}
        self.csv_counts("1,a,\n2,b,\n", mapping)
        self.assertEqual(sorted(self.places()), ["a", "b"])


if __name__ == "__main__":
    unittest.main()
