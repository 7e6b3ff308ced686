#!/usr/bin/env python3
"""What people and programs get wrong: each gives one clear error and the right exit code, and
nothing that is there changes."""
import json
import unittest

from kith import DONE, NOT_FOUND, REFUSED, USAGE, KithCase, jsonl, place_line

NOT_UTF_8 = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\xe0\xa4")
NUMBERS = """{"schema": "numbers", "kinds": {"number": {"label": "Number", "title_fields": ["n"],
    "fields": [{"name": "n", "label": "n", "type": "int"},
               {"name": "d", "label": "d", "type": "decimal"},
               {"name": "g", "label": "g", "type": "geo"},
               {"name": "b", "label": "b", "type": "bool"},
               {"name": "t", "label": "t", "type": "date"},
               {"name": "e", "label": "e", "type": "date", "exact": true},
               {"name": "p", "label": "p", "type": "phone"}]}}}"""


class Arguments(KithCase):
    def test_bytes_that_are_no_text__are_refused_wherever_they_stand(self):
        record = self.kith.place()
        for bad in NOT_UTF_8:
            for words in (["add", "place", "type=village", b"name=" + bad],
                          ["set", record, b"name=" + bad], ["show", bad], ["find", bad],
                          ["list", "place", "--where", b"name=" + bad]):
                with self.subTest(words=words):
                    answer = self.kith.run(*words)
                    self.assertEqual((answer.code, answer.out), (REFUSED, b""), answer)

    def test_names_that_are_no_text__are_refused(self):
        for bad in NOT_UTF_8:
            for words in (["add", b"place" + bad, "name=x"], ["list", bad], ["schema", "show", bad],
                          ["add", "place", "name=x", "type=village", bad + b"=x"]):
                with self.subTest(words=words):
                    answer = self.kith.run(*words)
                    self.assertIn(answer.code, (REFUSED, NOT_FOUND), answer)

    def test_an_error_about_no_text__is_still_json(self):
        for words in (["show", b"\xff"], ["list", b"\xff"], ["frob\udcff".encode("utf-8",
                      "surrogateescape")], [b"add", b"place", b"\xff=x"]):
            with self.subTest(words=words):
                answer = self.kith.run("--json", *words)
                self.assertNotEqual(answer.code, DONE)
                self.assertIn("status", answer.error)

    def test_control_characters__do_not_reach_the_terminal(self):
        lines = b'{"kind":"\\u001b]0;x\\u0007","fields":{"\\u001b[2J":"x"}}\n'
        for words in (["import", "jsonl", "-"], ["add", "-"]):
            answer = self.kith.run(*words, stdin=lines)
            self.assertEqual(answer.code, REFUSED)
            self.assertNotRegex(answer.complaint, "[\x00-\x09\x0b-\x1f\x7f]")

    def test_a_device_name_that_is_no_text_or_too_long__is_refused(self):
        for name in (b"\xff", b"x" * 201, b"a\x1bb", "क".encode() * 67, b"  "):
            answer = self.kith.run("--home", str(self.folder / "other"), "init", "--name", name)
            self.check_complaint(answer, REFUSED)

    def test_a_refused_init__stands_in_nobodys_way(self):
        other = str(self.folder / "other")
        self.assertEqual(self.kith.run("--home", other, "init", "--name", b"\xff").code, REFUSED)
        self.kith.must("--home", other, "init", "--name", "x" * 200)

    def test_unknown_names__come_with_a_suggestion(self):
        self.check_refusal(REFUSED, ["full_nam is", "give full_name"], "add", "person",
                           "full_nam=x")
        self.check_refusal(REFUSED, ["sex is", "female"], "add", "person", "sex=femal")
        self.check_refusal(NOT_FOUND, ["persn", "kith schema show"], "list", "persn")
        self.check_refusal(USAGE, ["lst", "kith help"], "lst", "person")

    def test_an_unknown_kind__is_named(self):
        self.check_refusal(REFUSED, ["persn", "kith schema show"], "add", "persn", "full_name=x")
        answer = self.kith.run("add", "-", stdin=jsonl({"kind": "persn", "fields": {}}))
        self.check_complaint(answer, REFUSED, "line 1: ", "persn")

    def test_thousands_of_words__are_taken_or_refused_whole(self):
        ids = self.kith.must("add", "-", stdin=jsonl(*[place_line(f"v{n}") for n in range(1025)]))
        ids = ids.text.split()
        self.check_refusal(REFUSED, [], "remove", *ids)
        self.kith.must("remove", *ids[:1024])
        self.assertEqual(len(self.kith.names()), 1)
        words = [f"remarks=v{n}" for n in range(5000)]
        record = self.kith.must("add", "place", "name=x", "type=village", *words).text.strip()
        self.assertEqual(self.kith.fields(record)["remarks"], "v4999")

    def test_too_many_options__are_a_wrong_call(self):
        self.kith.must("list", "place", *["--where", "type=village"] * 32)
        self.check_refusal(USAGE, ["32"], "list", "place", *["--where", "type=village"] * 33)
        self.check_refusal(USAGE, ["too many words"], "find", *["umsning"] * 500)

    def test_long_words__are_refused(self):
        long = "x" * 100_000
        self.check_refusal(REFUSED, ["name"], "add", "place", "type=village", "name=" + long)
        for words in (["show", long], ["list", long], ["add", long], ["--home", long, "status"],
                      ["add", "place", long + "=x"], ["import", "jsonl", long], [long],
                      ["set", "1", "name=@" + long], ["schema", "show", long]):
            answer = self.kith.run(*words)
            self.assertIn(answer.code, (REFUSED, USAGE, NOT_FOUND), answer)
            self.assertEqual(answer.out, b"")
        deep = str(self.folder) + "/d" * 3000
        self.check_complaint(self.kith.run("--home", deep, "init"), REFUSED)


class Files(KithCase):
    def add_from(self, content):
        path = self.kith.write("value", content)
        return ["add", "place", "name=x", "type=village", "remarks=@" + path]

    def test_a_file_that_is_no_text__is_refused(self):
        for bad in NOT_UTF_8 + (b"a\0b", b"\x7fELF\x02\x01\x01\0", b"a\x1b[31mb"):
            self.check_refusal(REFUSED, ["remarks"], *self.add_from(bad))

    def test_a_file_of_10_mb__is_refused_and_the_limit_is_named(self):
        self.check_refusal(REFUSED, ["remarks", "65536"], *self.add_from(b"x" * 10_000_000))
        self.check_refusal(REFUSED, ["remarks"], *self.add_from(b"x" * 65537))
        self.kith.must(*self.add_from(b"x" * 65536))

    def test_a_line_of_10_mb__is_refused(self):
        line = jsonl(place_line("x", remarks="y" * 10_000_000))
        self.check_complaint(self.kith.run("add", "-", stdin=line), REFUSED, "line 1: ")
        answer = self.kith.run("import", "jsonl", "-", stdin=line)
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertEqual(self.kith.names(), [])

    def test_an_empty_file__is_no_value(self):
        record = self.kith.must(*self.add_from(b"")).text.strip()
        self.assertNotIn("remarks", self.kith.fields(record))

    def test_a_file_that_cannot_be_read__is_named(self):
        add = ["add", "place", "name=x", "type=village"]
        self.check_refusal(NOT_FOUND, ["nowhere"], *add, "remarks=@nowhere")
        self.check_refusal(REFUSED, [str(self.folder)], *add, f"remarks=@{self.folder}")

    def test_an_at_sign_alone__is_no_file(self):
        self.check_refusal(NOT_FOUND, [], "add", "place", "name=x", "type=village", "remarks=@")


class Values(KithCase):
    def setUp(self):
        super().setUp()
        self.kith.must("schema", "add", self.kith.write("numbers.json", NUMBERS))

    def refuse_all(self, field, *texts):
        """On the command line and in JSON."""
        for text in texts:
            with self.subTest(field=field, text=text):
                self.check_refusal(REFUSED, [field], "add", "number", f"{field}={text}")
                answer = self.kith.run("--json", "add", "-", stdin=jsonl(
                    {"kind": "number", "fields": {field: text}}))
                self.assertEqual(answer.code, REFUSED, answer)
                self.assertEqual([p["field"] for p in answer.object["problems"]], [field], answer)

    def keep_all(self, field, texts):
        """Gives back what was given, as itself or in the form written behind it."""
        for text, kept in texts.items():
            with self.subTest(field=field, text=text):
                record = self.kith.add("number", **{field: text})
                self.assertEqual(self.kith.fields(record)[field], kept)

    def test_whole_numbers__are_kept_exactly_up_to_64_bits(self):
        self.keep_all("n", {"0": 0, "-0": 0, "-1": -1, "007": 7, "9007199254740992": 2**53,
                            "9007199254740993": str(2**53 + 1),
                            "9223372036854775807": str(2**63 - 1),
                            "-9223372036854775808": str(-2**63)})

    def test_whole_numbers__beyond_64_bits_or_not_whole_are_refused(self):
        self.refuse_all("n", "9223372036854775808", "-9223372036854775809", "1e308", "1e3", "1.5",
                        "1,000", "0x10", "NaN", "inf", "--1", "1 2", "99999999999999999999999999")

    def test_numbers_in_json__are_read_as_they_are_written(self):
        wrong = ("9223372036854775808", "1e308", "1.5", "1e400", "-1e-400", "1" * 64)
        lines = b"".join(b'{"kind":"number","fields":{"n":%s}}\n' % n.encode() for n in wrong)
        answer = self.kith.run("--json", "add", "-", stdin=lines)
        self.assertEqual([a["status"] == "KITH_OK" for a in answer.lines], [False] * len(wrong))
        line = b'{"kind":"number","fields":{"n":9007199254740993}}\n'
        record = self.kith.must("--json", "add", "-", stdin=line).object["id"]
        self.assertEqual(self.kith.fields(record)["n"], "9007199254740993")

    def test_a_number_past_2_to_53__survives_export_and_import(self):
        record = self.kith.add("number", n="9007199254740993", d="9007199254740993.5")
        self.assertIn("9007199254740993", self.kith.must("show", record).text)
        other = self.replica("other")
        other.must("schema", "add", self.kith.write("numbers.json", NUMBERS))
        other.must("import", "jsonl", "-", stdin=self.kith.must("export", "jsonl", "number").out)
        copy = other.list("number")[0]["fields"]
        self.assertEqual(copy["n"], "9007199254740993")
        self.assertEqual(str(copy["d"]), "9007199254740993.5")
        self.assertIn(b"9007199254740993", self.kith.must("export", "csv", "number").out)
        self.assertEqual(len(self.kith.list("number", "--where", "n=9007199254740993")), 1)
        self.assertEqual(self.kith.list("number", "--where", "n=9007199254740992"), [])

    def test_decimals__are_kept_as_written(self):
        for text in ("0.1", "-12.5", "0.000000000000000001", "123456789.987654321"):
            shown = self.kith.must("show", self.kith.add("number", d=text)).text
            self.assertIn(f"d: {text}\n", shown)
        self.refuse_all("d", "1e308", "0.0000000000000000001", "1.2.3", ".", "NaN", "1,5",
                        "99999999999999999999")

    def test_days_that_are_not_in_the_calendar__are_refused(self):
        self.refuse_all("t", "2023-02-30", "2023-02-29", "1900-02-29", "2023-04-31", "2023-13",
                        "2023-00", "2023-01-00", "2023-01-32", "0999-12-31", "10000-01-01",
                        "0000-01-01", "-2023-01-01", "2009-06..2009-01", "2009..", "..2009", "~",
                        "yesterday", "01/02/2003", "2023-01-01T00:00:00Z", "2023-02-28x", "20230228")
        self.keep_all("t", {"2024-02-29": "2024-02-29", "2000-02-29": "2000-02-29", "2009": "2009",
                            "2009-06": "2009-06", "~2009": "~2009", "1000-01-01": "1000-01-01",
                            "2009-01..2009-06": "2009-01..2009-06", "9999-12-31": "9999-12-31"})

    def test_a_date_that_deadlines_run_from__is_one_day(self):
        self.refuse_all("e", "2009", "2009-06", "~2009-06-01", "2009-06-01..2009-06-02")
        self.keep_all("e", {"2009-06-01": "2009-06-01"})

    def test_places_off_the_earth__are_refused(self):
        self.refuse_all("g", "90.00001,0", "-90.1,0", "0,180.1", "0,-181", "25.5", "25.5,", "a,b",
                        "NaN,NaN", "25.5,91.8,3", "1e1,2")
        self.keep_all("g", {"25.57880,91.89330": "25.57880,91.89330", "-90,180": "-90.00000,180.00000"})

    def test_other_values__are_checked_too(self):
        self.refuse_all("b", "maybe", "2", "oui")
        self.refuse_all("p", "12", "1234567890123456", "call me", "+", "++919863012345")
        self.keep_all("p", {"+91 (98630) 123.45": "+919863012345"})

    def test_a_json_value_of_the_wrong_type__is_refused(self):
        wrong = [{"n": []}, {"n": [1, 2]}, {"n": {}}, {"n": True}, {"t": 2009.5}, {"t": False},
                 {"g": [25.5, 91.8]}, {"b": 2}]
        lines = jsonl(*[{"kind": "number", "fields": fields} for fields in wrong[1:]])
        answers = self.kith.run("--json", "add", "-", stdin=lines).lines
        self.assertEqual([(a["status"], json.dumps(f)) for a, f in zip(answers, wrong[1:])
                          if a["status"] == "KITH_OK"], [])


if __name__ == "__main__":
    unittest.main()
