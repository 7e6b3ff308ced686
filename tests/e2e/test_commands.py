#!/usr/bin/env python3
"""Each command as DESIGN §8 promises it: what it does, as text and as JSON, and its exit code."""
import os
import resource
import signal
import stat
import unittest
from pathlib import Path

from kith import ID_FORM, NOT_FOUND, REFUSED, USAGE, Kith, KithCase, jsonl, place_line


class Init(KithCase):
    def test_init__makes_a_replica_that_only_its_owner_may_look_into(self):
        home = self.folder / "a" / "b"
        Kith(self.folder / "other").must("--home", str(home), "init")
        self.assertEqual(stat.S_IMODE(home.stat().st_mode), 0o700)

    def test_init__makes_the_database_private_in_a_folder_that_is_not(self):
        home = self.folder / "open"
        home.mkdir(mode=0o755)
        Kith(home).init().place()
        for file in home.iterdir():
            self.assertEqual(stat.S_IMODE(file.stat().st_mode) & 0o077, 0, file)

    def test_init__answers_home_and_device_as_json(self):
        home = self.folder / "other"
        answer = Kith(home).json("init", "--name", "आशा's phone")
        self.assertEqual(answer["home"], str(home))
        self.assertRegex(answer["device"], ID_FORM)
        self.assertEqual(Kith(home).fields(answer["device"])["name"], "आशा's phone")

    def test_init__refuses_a_second_time_and_keeps_what_is_there(self):
        record = self.kith.place()
        self.check_refusal(REFUSED, ["already"], "init")
        self.assertEqual(self.kith.fields(record)["name"], "Umsning")

    def test_without_a_replica__commands_say_how_to_make_one(self):
        nowhere = Kith(self.folder / "nowhere")
        for words in (["status"], ["list", "place"], ["add", "place", "name=x"], ["check"]):
            self.check_complaint(nowhere.run(*words), NOT_FOUND, "kith init")
            self.assertEqual(nowhere.run("--json", *words).error["status"], "KITH_E_NOT_FOUND")
        self.assertFalse(nowhere.home.exists())


class Add(KithCase):
    def test_add__prints_the_id_and_nothing_else(self):
        answer = self.kith.must("add", "place", "name=Umsning", "type=village")
        self.assertRegex(answer.text, ID_FORM.pattern + "\n$")
        self.assertEqual(self.kith.fields(answer.text.strip()),
                         {"name": "Umsning", "type": "village"})

    def test_add__answers_one_json_object(self):
        answer = self.kith.json("add", "place", "name=Umsning", "type=village")
        self.assertEqual(list(answer), ["id"])
        self.assertEqual(self.kith.names(), ["Umsning"])

    def test_add__reads_a_field_from_a_file(self):
        text = "पहली पंक्ति\nsecond line\n" * 20
        path = self.kith.write("story.txt", text)
        record = self.kith.place(remarks="@" + path)
        self.assertEqual(self.kith.fields(record)["remarks"].strip(), text.strip())

    def test_add__takes_several_values_of_a_set(self):
        record = self.kith.add("person", full_name="Reena", sex="female", status="unknown",
                               **{"roles+": "missing", "phone": "98630 12345"})
        self.kith.must("set", record, "roles+=migrant", "phone+=+91 98630-12346")
        fields = self.kith.fields(record)
        self.assertEqual(sorted(fields["roles"]), ["migrant", "missing"])
        self.assertEqual(sorted(fields["phone"]), ["+919863012346", "9863012345"])

    def test_add__names_all_that_is_wrong_at_once(self):
        words = ["add", "person", "full_name=x", "sex=femal", "age_at=300", "nmae=y"]
        self.check_refusal(REFUSED, ["sex", "age_at", "nmae", "roles", "status"], *words)
        fields = {p["field"] for p in self.kith.run("--json", *words).error["problems"]}
        self.assertEqual(fields, {"sex", "age_at", "nmae", "roles", "status"})

    def test_add__refuses_a_reference_to_a_record_of_another_kind(self):
        place = self.kith.place()
        self.check_refusal(REFUSED, ["home_place"], "add", "visit", "place=1", "purpose=mapping",
                           "result=done", "home_place=" + place)
        self.check_refusal(REFUSED, ["place"], "add", "visit", "place=1", "purpose=mapping",
                           "result=done")

    def test_add__fills_in_what_has_a_default(self):
        place = self.kith.place()
        visit = self.kith.add("visit", place=place, purpose="mapping", result="done")
        self.assertRegex(self.kith.fields(visit)["date"], r"^20\d\d-\d\d-\d\d$")


class Set(KithCase):
    def setUp(self):
        super().setUp()
        self.record = self.kith.person(phone="9863012345")

    def test_set__is_silent_and_changes_the_field(self):
        self.assertEqual(self.kith.must("set", self.record, "full_name=Rina").out, b"")
        self.assertEqual(self.kith.must("--json", "set", self.record, "age_at=17").out, b"")
        fields = self.kith.fields(self.record)
        self.assertEqual((fields["full_name"], fields["age_at"]), ("Rina", 17))

    def test_set__clears_with_an_empty_value(self):
        self.kith.must("set", self.record, "age_at=17")
        self.kith.must("set", self.record, "age_at=")
        self.assertNotIn("age_at", self.kith.fields(self.record))

    def test_set__refuses_to_clear_what_is_required(self):
        self.check_refusal(REFUSED, ["full_name"], "set", self.record, "full_name=")

    def test_set__adds_to_and_takes_from_a_set(self):
        self.kith.must("set", self.record, "roles+=survivor", "roles-=migrant")
        self.assertEqual(self.kith.fields(self.record)["roles"], ["survivor"])
        self.kith.must("set", self.record, "roles=victim;witness")
        self.assertEqual(sorted(self.kith.fields(self.record)["roles"]), ["victim", "witness"])

    def test_set__writes_all_fields_or_none(self):
        self.check_refusal(REFUSED, ["age_at"], "set", self.record, "full_name=Rina", "age_at=x")

    def test_set__that_changes_nothing_writes_nothing(self):
        before = self.kith.json("status")["changes"]
        self.kith.must("set", self.record, "full_name=Reena Lyngdoh", "roles+=migrant")
        self.assertEqual(self.kith.json("status")["changes"], before)

    def test_set__refuses_plus_on_a_field_of_one_value(self):
        self.check_refusal(REFUSED, ["full_name"], "set", self.record, "full_name+=x")


class Ids(KithCase):
    def test_an_id__may_be_shortened_from_the_end_or_to_its_number(self):
        record = self.kith.place()
        author, number = record.split("-")
        for short in (number, f"{author[:4]}-{number}", f"{author[:1]}-{number}", record,
                      record.upper()):
            self.assertEqual(self.kith.show(short)["id"], record)
        self.kith.must("set", number, "name=Nongpoh")
        self.assertEqual(self.kith.names(), ["Nongpoh"])

    def test_an_id__that_fits_records_of_two_devices_is_refused(self):
        letter = self.kith.json("status")["device"][0]
        others = (self.replica(f"other{n}") for n in range(2000))
        other = next(o for o in others if o.json("status")["device"][0] == letter)
        self.kith.place("a")
        other.place("b")
        self.kith.must("space", "create", "Hills")
        other.must("join", self.kith.must("invite").text.strip())
        card = str(self.folder / "card")
        for giver, taker in ((self.kith, other), (other, self.kith)):
            giver.must("bundle", "export", card)
            taker.must("bundle", "import", card)
        self.check_refusal(REFUSED, ["several"], "show", letter + "-2")

    def test_an_id__that_is_unknown_is_not_found(self):
        for words in (["show", "99"], ["show", "zzzzzzzzzzzzzzzz-2"], ["set", "99", "name=x"],
                      ["remove", "99"], ["log", "99"], ["settle", "99", "name=x"]):
            self.check_refusal(NOT_FOUND, ["there is no record with that id"], *words)

    def test_an_id__that_is_none_is_refused_and_told_how_they_look(self):
        for text in ("umsning", "0", "-", "2-", "7m3k-", "7m3k-0", "7m3k-99999999999999999999",
                     "uuuu-2", "", " "):
            self.check_refusal(REFUSED, ["7m3k-37"], "show", text)


class Remove(KithCase):
    def test_remove__takes_a_record_off_the_lists_but_not_out_of_history(self):
        record = self.kith.place()
        self.assertEqual(self.kith.must("remove", record).out, b"")
        self.assertEqual(self.kith.list("place"), [])
        self.assertEqual(self.kith.names("place", "--removed"), ["Umsning"])
        self.assertEqual([e["did"] for e in self.kith.must("--json", "log", record).lines],
                         ["remove", "create"])
        self.assertEqual(self.kith.json("status")["removed"], 1)

    def test_remove__takes_all_records_or_none(self):
        first, second = self.kith.place("a"), self.kith.place("b")
        self.check_refusal(NOT_FOUND, [], "remove", first, "99")
        self.kith.must("remove", first, second)
        self.assertEqual(self.kith.list("place"), [])

    def test_settle__brings_a_removed_record_back(self):
        record = self.kith.place()
        self.kith.must("remove", record)
        self.kith.must("settle", record)
        self.assertEqual(self.kith.names(), ["Umsning"])


class Undo(KithCase):
    def test_undo__takes_changes_back_one_by_one(self):
        record = self.kith.place("first")
        self.kith.must("set", record, "name=second")
        self.kith.must("remove", record)
        self.assertIn(record, self.kith.must("undo").text)
        self.assertEqual(self.kith.names(), ["second"])
        self.assertEqual(self.kith.json("undo"), {"records": [{"id": record}]})
        self.assertEqual(self.kith.names(), ["first"])
        self.kith.must("undo")
        self.assertEqual(self.kith.names(), [])
        self.check_refusal(NOT_FOUND, ["nothing to take back"], "undo")

    def test_undo__takes_a_change_of_several_records_back_whole(self):
        line = {"records": [{"kind": "place", "fields": {"name": n, "type": "village"}}
                            for n in "abc"]}
        self.kith.must("add", "-", stdin=jsonl(line))
        self.assertEqual(len(self.kith.json("undo")["records"]), 3)
        self.assertEqual(self.kith.names(), [])


class Show(KithCase):
    def test_show__tells_labels_values_and_what_points_to_it(self):
        place = self.kith.place()
        self.kith.person(home_place=place)
        text = self.kith.must("show", place).text
        for part in ("Umsning", place, "Kind of place: Village", "<- person", "Reena Lyngdoh"):
            self.assertIn(part, text)

    def test_show__answers_the_promised_object(self):
        record = self.kith.person(age_at=17, birth="2009-03..2009-06", identity_protected="no")
        shown = self.kith.show(record)
        self.assertLessEqual({"id", "kind", "space", "fields", "conflicts", "created", "updated"},
                             set(shown))
        self.assertEqual((shown["id"], shown["kind"], shown["conflicts"]), (record, "person", {}))
        self.assertEqual(shown["fields"]["roles"], ["migrant"])
        self.assertEqual(shown["fields"]["age_at"], 17)
        self.assertIs(shown["fields"]["identity_protected"], False)
        self.assertRegex(shown["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


class List(KithCase):
    def setUp(self):
        super().setUp()
        lines = [{"kind": "place", "fields": {"name": name, "type": kind, "households": number}}
                 for name, kind, number in (("b", "village", 10), ("a", "town", 9),
                                            ("c", "village", 100))]
        self.kith.must("add", "-", stdin=jsonl(*lines))

    def test_list__filters_by_values_that_all_must_hold(self):
        self.assertEqual(sorted(self.kith.names("place", "--where", "type=village")), ["b", "c"])
        self.assertEqual(self.kith.names("place", "--where", "type=village",
                                         "--where", "households=10"), ["b"])
        self.assertEqual(self.kith.names("place", "--where", "type="), [])
        self.assertEqual(len(self.kith.names("place", "--where", "lat_lon=")), 3)

    def test_list__sorts_numbers_as_numbers_and_texts_as_texts(self):
        self.assertEqual(self.kith.names("place", "--sort", "households"), ["a", "b", "c"])
        self.assertEqual(self.kith.names("place", "--sort", "households", "--desc"),
                         ["c", "b", "a"])
        self.assertEqual(self.kith.names("place", "--sort", "name"), ["a", "b", "c"])

    def test_list__sorts_decimals_and_texts_of_any_length(self):
        path = self.kith.write("d.json", """{"schema": "d", "kinds": {"d": {"label": "d",
            "title_fields": ["d"], "fields": [{"name": "d", "label": "d", "type": "decimal"}]}}}""")
        self.kith.must("schema", "add", path)
        for text in ("2.5", "-3", "100", "-0.5", "0.001"):
            self.kith.add("d", d=text)
        self.assertEqual([float(r["fields"]["d"]) for r in self.kith.list("d", "--sort", "d")],
                         [-3, -0.5, 0.001, 2.5, 100])
        self.kith.place("क" * 1000)
        self.assertEqual(self.kith.names("place", "--sort", "name")[:3], ["a", "b", "c"])

    def test_list__shows_the_last_changed_first_and_at_most_as_many_as_asked(self):
        self.kith.must("set", "2", "households=11")
        self.assertEqual(self.kith.names("place", "--limit", "1"), ["b"])

    def test_list__tells_what_changed_since(self):
        self.assertEqual(len(self.kith.names("place", "--changed-since", "1d")), 3)
        self.assertEqual(len(self.kith.names("place", "--changed-since", "2020-01-01")), 3)
        self.assertEqual(self.kith.names("place", "--changed-since", "9000-01-01"), [])
        self.check_refusal(USAGE, ["--changed-since"], "list", "place", "--changed-since", "soon")

    def test_list__of_an_unknown_kind_field_or_code_says_so(self):
        self.check_refusal(NOT_FOUND, ["plac", "kith schema show"], "list", "plac")
        self.check_refusal(REFUSED, ["nmae"], "list", "place", "--where", "nmae=x")
        self.check_refusal(REFUSED, ["nmae"], "list", "place", "--sort", "nmae")
        self.check_refusal(REFUSED, ["villag"], "list", "place", "--where", "type=villag")

    def test_list__prints_a_line_a_record(self):
        text = self.kith.must("list", "place", "--sort", "name").text
        self.assertEqual([line.split()[-1] for line in text.splitlines()], ["a", "b", "c"])


class Find(KithCase):
    def test_find__is_tolerant_of_spelling_case_and_word_order(self):
        record = self.kith.person("Reena Lyngdoh")
        for words in (["reena"], ["LYNGDOH", "Reena"], ["rina", "lingdo"], ["lyng"]):
            found = self.kith.must("--json", "find", *words).lines
            self.assertEqual([r["id"] for r in found], [record], words)
        self.assertEqual(self.kith.must("find", "zanzibar").out, b"")

    def test_find__searches_one_kind_and_gives_at_most_as_many_as_asked(self):
        for name in ("Nongpoh", "Nongstoin", "Nongthymmai"):
            self.kith.place(name)
        self.kith.person("Nong Lyngdoh")
        self.assertEqual(len(self.kith.must("--json", "find", "nong").lines), 4)
        self.assertEqual(len(self.kith.must("--json", "find", "nong", "--kind", "place").lines), 3)
        self.assertEqual(len(self.kith.must("--json", "find", "nong", "--limit", "2").lines), 2)
        self.check_refusal(NOT_FOUND, ["plac"], "find", "nong", "--kind", "plac")

    def test_find__forgets_removed_records_and_old_values(self):
        record = self.kith.place("Nongpoh")
        self.kith.must("set", record, "name=Umsning")
        self.assertEqual(self.kith.must("find", "nongpoh").out, b"")
        self.kith.must("remove", record)
        self.assertEqual(self.kith.must("find", "umsning").out, b"")


class Log(KithCase):
    def test_log__tells_who_did_what_latest_first(self):
        record = self.kith.place("first")
        self.kith.must("set", record, "name=second", "households=5")
        self.kith.must("set", record, "households=")
        entries = self.kith.must("--json", "log", record).lines
        self.assertEqual([e["did"] for e in entries], ["edit", "edit", "create"])
        self.assertEqual(entries[0]["ops"], [{"field": "households", "did": "clear"}])
        self.assertEqual({o["field"]: o["value"] for o in entries[1]["ops"]},
                         {"name": "second", "households": "5"})
        self.assertEqual({e["device"] for e in entries}, {"home"})
        self.assertIn("households cleared", self.kith.must("log", record).text)

    def test_log__of_everything_is_limited(self):
        for name in "abc":
            self.kith.place(name)
        entries = self.kith.must("--json", "log", "--limit", "2").lines
        self.assertEqual([e["ops"][0]["value"] for e in entries], ["c", "b"])
        self.check_refusal(USAGE, ["--limit"], "log", "--limit", "0")


class Schema(KithCase):
    def test_schema_show__lists_kinds_and_their_fields(self):
        self.assertIn("person", self.kith.must("schema", "show").text)
        self.assertIn("full_name *", self.kith.must("schema", "show", "person").text)
        self.assertIn("kinds", self.kith.json("schema", "show"))
        self.kith.json("schema", "show", "person")
        self.check_refusal(NOT_FOUND, ["plac"], "schema", "show", "plac")

    def test_schema_add__makes_new_kinds_usable(self):
        path = self.kith.write("boats.json", """{"schema": "boats", "kinds": {"boat": {
            "label": "Boat", "title_fields": ["name"], "fields": [
            {"name": "name", "label": "Name", "type": "text", "required": true}]}}}""")
        self.kith.must("schema", "add", path)
        record = self.kith.add("boat", name="Meghna")
        self.assertEqual(self.kith.show(record)["title"], "Meghna")

    def test_schema_add__refuses_what_is_no_definition(self):
        for text in ("{", "[]", '{"schema": "x"', '{"schema": "x", "kinds": []}',
                     '{"schema": "x", "kinds": {"p": {"fields": [{"name": "n"}]}}}',
                     '{"schema": "x", "kinds": {"person": {"fields": [{"name": "full_name", '
                     '"label": "n", "type": "int"}]}}}'):
            path = self.kith.write("faulty.json", text)
            self.check_refusal(REFUSED, [], "schema", "add", path, "--name", "x")
        self.check_refusal(NOT_FOUND, ["nowhere.json"], "schema", "add", "nowhere.json")


class Transfer(KithCase):
    def test_export_and_import__carry_records_to_another_replica(self):
        place = self.kith.place("नोंगपोह")
        self.kith.person(home_place=place, age_at=17)
        path = str(self.folder / "all.jsonl")
        self.assertEqual(self.kith.must("export", "jsonl", "--output", path).out, b"")
        other = self.replica("other")
        counts = other.json("import", "jsonl", path)
        self.assertEqual((counts["added"], counts["rejected"]), (2, 0))
        person = other.list("person")[0]
        self.assertEqual(person["fields"]["age_at"], 17)
        self.assertEqual(other.fields(person["fields"]["home_place"])["name"], "नोंगपोह")

    def test_export__that_comes_home_adds_nothing(self):
        self.kith.place()
        lines = self.kith.must("export", "jsonl").out
        counts = self.kith.json("import", "jsonl", "-", stdin=lines)
        self.assertEqual((counts["added"], counts["rejected"]), (0, 0))

    def test_export__writes_one_kind_and_no_removed_records(self):
        self.kith.place("a")
        self.kith.must("remove", self.kith.place("b"))
        self.kith.person()
        lines = self.kith.must("export", "jsonl", "place").lines
        self.assertEqual([line["fields"]["name"] for line in lines], ["a"])
        self.assertIn(b"Reena", self.kith.must("export", "csv", "person").out)
        self.check_refusal(NOT_FOUND, ["kith schema show"], "export", "csv", "plac")

    def test_export__that_fails_leaves_the_file_from_before(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        self.kith.must("add", "-", stdin=jsonl(*[place_line(f"v{n}") for n in range(1500)]))
        path = self.kith.write("out.jsonl", "from before")
        answer = self.kith.run("export", "jsonl", "--output", path, preexec_fn=limit)
        self.check_complaint(answer, REFUSED, path)
        self.assertEqual(Path(path).read_text(), "from before")
        self.assertEqual([p.name for p in self.folder.glob("out*")], ["out.jsonl"])

    def test_export__replaces_the_file_from_before_and_is_private(self):
        self.kith.place()
        path = self.kith.write("out.jsonl", "from before\n" * 1000)
        self.kith.must("export", "jsonl", "--output", path)
        self.assertEqual(Path(path).read_text().count("\n"), 1)
        self.assertEqual(stat.S_IMODE(Path(path).stat().st_mode), 0o600)

    def test_export__goes_through_a_link_to_where_it_points(self):
        self.kith.place()
        target = Path(self.kith.write("target", ""))
        link = self.folder / "link"
        link.symlink_to(target)
        self.kith.must("export", "jsonl", "--output", str(link))
        self.assertTrue(link.is_symlink())
        self.assertIn("Umsning", target.read_text())

    def test_import_and_export__say_when_a_file_cannot_be_opened(self):
        self.check_refusal(NOT_FOUND, ["nowhere"], "import", "jsonl", "nowhere")
        self.check_refusal(REFUSED, ["irectory"], "import", "jsonl", str(self.folder))
        self.check_refusal(REFUSED, ["irectory"], "export", "jsonl", "--output", str(self.folder))


class Upkeep(KithCase):
    def test_status__counts_what_is_here(self):
        self.kith.place()
        status = self.kith.json("status")
        self.assertEqual((status["records"], status["own_changes"], status["devices"]), (2, 2, 1))
        self.assertIn("2 records", self.kith.must("status").text)

    def test_check__gives_the_same_state_from_the_log(self):
        self.kith.must("set", self.kith.place(), "name=b")
        plain = self.kith.json("check")
        rebuilt = self.kith.json("check", "--rebuild")
        self.assertEqual(plain["state"], rebuilt["state"])
        self.assertEqual((rebuilt["rebuilt"], rebuilt["repaired"]), (True, False))
        self.assertIn(plain["state"], self.kith.must("check", "--rebuild").text)

    def test_conflicts__are_none_on_a_device_alone(self):
        record = self.kith.place()
        self.assertEqual(self.kith.must("conflicts").out, b"")
        self.assertEqual(self.kith.must("--json", "conflicts").out, b"")
        self.check_refusal(REFUSED, ["no conflict"], "settle", record, "name=x")
        self.check_refusal(REFUSED, ["not removed"], "settle", record)


class Output(KithCase):
    def test_json__may_stand_before_and_behind_the_command(self):
        self.assertEqual(self.kith.must("--json", "status").object,
                         self.kith.must("status", "--json").object)

    def test_options__may_stand_anywhere(self):
        self.kith.place()
        home = str(self.kith.home)
        self.kith.environment["KITH_HOME"] = "/nowhere"
        for words in (["list", "--limit", "1", "--home", home, "place"],
                      ["--home=" + home, "list", "place", "--limit=1"],
                      ["list", "place", "--home", home, "--limit", "1"]):
            self.assertIn("Umsning", self.kith.must(*words).text)

    def test_two_hyphens__end_the_options(self):
        record = self.kith.place("--json")
        self.assertEqual(self.kith.must("find", "--", "--json").text.split()[0][4:], record[16:])

    def test_quiet__leaves_the_answer(self):
        self.assertRegex(self.kith.must("--quiet", "add", "place", "name=x", "type=town").text,
                         ID_FORM)
        self.assertEqual(self.kith.must("--quiet", "import", "jsonl", "-").out, b"")

    def test_home__goes_before_the_environment(self):
        other = self.replica("other")
        other.place("there")
        lines = self.kith.must("--home", str(other.home), "--json", "list", "place").lines
        self.assertEqual(len(lines), 1)

    def test_output__has_no_colours_off_a_terminal(self):
        self.kith.place()
        for words in (["show", "2"], ["list", "place"], ["log"], ["schema", "show", "place"]):
            self.assertNotIn(b"\x1b", self.kith.must(*words).out)

    def test_output__that_cannot_be_written_is_a_failure(self):
        self.kith.place()
        for words in (["list", "place"], ["schema", "show", "person"], ["export", "jsonl"],
                      ["--json", "list", "place"], ["--json", "status"]):
            with open("/dev/full", "wb") as full:
                answer = self.kith.run(*words, stdout=full)
            self.assertEqual(answer.code, REFUSED, answer)
            self.assertIn("space", answer.complaint)
            if words[0] == "--json":
                self.assertIn("status", answer.error)

    def test_output__that_was_closed_is_a_failure_and_no_file_takes_its_place(self):
        self.kith.place()
        path = self.folder / "out"
        for words in (["status"], ["export", "jsonl"]):
            answer = self.kith.run(*words, preexec_fn=lambda: os.close(1))
            self.check_complaint(answer, REFUSED, "standard output")
        self.kith.run("--json", "import", "jsonl", "/nowhere", preexec_fn=lambda: os.close(2))
        self.kith.must("export", "jsonl", "--output", str(path), preexec_fn=lambda: os.close(1))
        self.assertEqual(len(path.read_bytes().splitlines()), 1)

    def test_space__knows_the_local_one_only(self):
        self.kith.must("--space", "local", "status")
        self.check_refusal(NOT_FOUND, ["elsewhere"], "--space", "elsewhere", "status")


class Usage(KithCase):
    CALLS = ([], ["frobnicate"], ["--frob", "status"], ["status", "x"], ["add"], ["add", "-i"],
             ["add", "place", "--frob"], ["add", "place", "name"], ["add", "place", "=x"],
             ["add", "-", "x"], ["set"], ["set", "1"], ["set", "1", "name"], ["remove"],
             ["undo", "1"], ["show"], ["show", "1", "2"], ["list"], ["list", "place", "person"],
             ["list", "place", "--limit"], ["list", "place", "--limit", "x"],
             ["list", "place", "--where", "name"], ["find"], ["find", "--kind"],
             ["find", "x", "--limit", "-1"], ["log", "1", "2"], ["conflicts", "x"], ["settle"],
             ["schema"], ["schema", "frob"], ["schema", "add"], ["import"], ["import", "jsonl"],
             ["import", "xml", "x"], ["import", "csv", "x"],
             ["import", "jsonl", "x", "--mapping", "y"], ["export"], ["export", "xml"],
             ["export", "csv"], ["check", "--frob"], ["--lang", "xx", "status"],
             ["--home"], ["init", "x"], ["init", "--name"], ["init", "--frob"])

    def test_a_wrong_call__exits_with_2_and_says_how_it_is_right(self):
        for words in self.CALLS:
            with self.subTest(words=words):
                answer = self.kith.run(*words)
                self.assertEqual((answer.code, answer.out), (USAGE, b""), answer)
                self.assertIn("usage: kith", answer.complaint, answer)

    def test_a_wrong_call__is_one_json_object_on_standard_error(self):
        for words in self.CALLS:
            with self.subTest(words=words):
                answer = self.kith.run("--json", *words)
                self.assertEqual((answer.code, answer.out), (USAGE, b""), answer)
                self.assertEqual(answer.error["status"], "KITH_E_ARGUMENT", answer)

    def test_json__counts_wherever_it_stands_in_a_wrong_call(self):
        for words in (["status", "--frob", "--json"], ["frobnicate", "--json"],
                      ["status", "x", "--json"]):
            self.assertEqual(self.kith.run(*words).error["status"], "KITH_E_ARGUMENT", words)

    def test_help_and_version__are_json_if_asked(self):
        self.assertEqual(list(self.kith.json("--version")), ["version"])
        self.assertEqual(self.kith.json("help", "add")["command"], "add")
        self.assertEqual(self.kith.json("add", "--help"), self.kith.json("help", "add"))
        self.assertGreater(len(self.kith.must("--json", "help").lines), 15)

    def test_help_and_version__are_answers(self):
        for words in (["help"], ["--help"], ["--version"], ["help", "add"]):
            self.assertNotEqual(self.kith.must(*words).out, b"")
        self.assertEqual(self.kith.run("help", "frob").code, NOT_FOUND)


if __name__ == "__main__":
    unittest.main()
