#!/usr/bin/env python3
"""`kith add -` and `kith set -`: JSON Lines in, an answer a line, each when it is durable."""
import json
import os
import unittest

from kith import DONE, ID_FORM, NOT_FOUND, REFUSED, KithCase, jsonl, place_line

LINE_BYTES_MAX = 1 << 20  # proto/spec/limits.md: a JSON text


class Conversation:
    """A running `add -` or `set -`, asked line by line."""

    def __init__(self, test, command):
        self.process = test.kith.start("--json", command, "-")
        test.addCleanup(self.end)

    def ask(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        return self.process.wait(60)


class Stream(KithCase):
    def feed(self, lines, command="add", code=DONE):
        """The JSON answers to raw lines."""
        answer = self.kith.run("--json", command, "-", stdin=lines)
        self.assertEqual((answer.code, answer.err), (code, b""), answer)
        return answer.lines

    def test_each_line__is_answered_before_the_next_and_is_durable_then(self):
        talk = Conversation(self, "add")
        for number in range(1, 6):
            answer = talk.ask(jsonl(place_line(f"v{number}")))
            self.assertEqual((answer["line"], answer["status"]), (number, "KITH_OK"))
            self.assertRegex(answer["id"], ID_FORM)
            self.assertEqual(self.kith.fields(answer["id"])["name"], f"v{number}")
        self.assertEqual(talk.end(), DONE)

    def test_each_line_of_set__is_answered_before_the_next(self):
        record = self.kith.place()
        talk = Conversation(self, "set")
        for number in range(1, 6):
            answer = talk.ask(jsonl({"id": record, "fields": {"households": number}}))
            self.assertEqual(answer["id"], record)
            self.assertEqual(self.kith.fields(record)["households"], number)
        self.assertEqual(talk.end(), DONE)

    def test_text_answers__are_the_ids_in_order(self):
        lines = jsonl(*[place_line(f"v{n}") for n in range(50)])
        ids = self.kith.must("add", "-", stdin=lines).text.split()
        self.assertEqual([self.kith.fields(i)["name"] for i in ids[::10]],
                         [f"v{n}" for n in range(0, 50, 10)])
        self.assertEqual(len(set(ids)), 50)

    def test_a_wrong_line__is_answered_and_the_rest_goes_on(self):
        wrong = [b"{", b"[]", b"7", b"null", b'"text"', b"{}", b'{"kind":"place"}',
                 b'{"kind":"plac","fields":{"name":"x"}}', b'{"kind":7}',
                 b'{"kind":"place","fields":{"name":"x","type":"villag"}}',
                 b'{"kind":"place","fields":[]}', b'{"kind":"place","fields":{"name":{}}}',
                 b'{"kind":"place","id":"1","fields":{}}', b'{"id":"99","fields":{"name":"x"}}',
                 b'{"id":"umsning","fields":{"name":"x"}}', b'{"kind":"place","frob":1}',
                 b'{"records":[]}', b'{"records":{}}', b'{"records":[7]}',
                 b'{"kind":"place","fields":{"name":"a","name":"b","type":"village"}}',
                 b"[" * 100, b'{"kind":' * 100, b"NaN", b"{'kind':'place'}"]
        lines = b"".join(jsonl(place_line(f"v{n}")) + line + b"\n"
                         for n, line in enumerate(wrong)) + jsonl(place_line("last"))
        answers = self.feed(lines, code=REFUSED)
        self.assertEqual([a["line"] for a in answers], list(range(1, 2 * len(wrong) + 2)))
        for answer, line in zip(answers[1::2], wrong):
            self.assertNotEqual(answer["status"], "KITH_OK", line)
            self.assertTrue(answer["why"] or answer["problems"], line)
        self.assertEqual({a["status"] for a in answers[::2]}, {"KITH_OK"})
        self.assertEqual(len(self.kith.names()), len(wrong) + 1)

    def test_a_wrong_line__is_named_on_standard_error_in_text(self):
        lines = jsonl(place_line("a")) + b"{\n" + jsonl(place_line("b", type="villag")) + \
            jsonl(place_line("c"))
        answer = self.kith.run("add", "-", stdin=lines)
        self.assertEqual(answer.code, REFUSED)
        self.assertEqual(len(answer.text.split()), 2)
        complaints = answer.complaint.splitlines()
        self.assertTrue(complaints[0].startswith("kith: line 2: "), answer)
        self.assertTrue(complaints[1].startswith("kith: line 3: type "), answer)

    def test_a_wrong_line__changes_nothing_of_what_it_says(self):
        lines = jsonl({"records": [place_line("a"), place_line("b", type="villag")]})
        problems = self.feed(lines, code=REFUSED)[0]["problems"]
        self.assertEqual([(p["record"], p["field"]) for p in problems], [(1, "type")])
        self.assertEqual(self.kith.names(), [])

    def test_a_records_line__is_one_change_of_several_records_that_refer_to_each_other(self):
        family = {"records": [
            place_line("Umsning"),
            {"kind": "person", "fields": {"full_name": "Asha", "roles": ["migrant"],
                                          "sex": "female", "status": "unknown",
                                          "home_place": "@0"}}]}
        answer = self.feed(jsonl(family))[0]
        place, person = [r["id"] for r in answer["records"]]
        self.assertEqual(answer["id"], place)
        self.assertEqual(self.kith.fields(person)["home_place"], place)
        self.kith.must("undo")
        self.assertEqual(self.kith.names() + self.kith.names("person"), [])

    def test_a_records_line__is_kept_to_the_limits(self):
        whole = {"records": [place_line(f"v{n}") for n in range(1024)]}
        many = {"records": [place_line(f"v{n}") for n in range(1025)]}
        answers = self.feed(jsonl(many, whole), code=REFUSED)
        self.assertEqual([a["status"] for a in answers], ["KITH_E_LIMIT", "KITH_OK"])
        self.assertEqual(len(self.kith.names()), 1024)

    def test_set__changes_adds_removes_and_clears(self):
        record = self.kith.person(age_at=17)
        self.feed(jsonl({"id": record, "fields": {"age_at": None, "full_name": "Rina"},
                         "add": {"roles": ["survivor", "witness"], "phone": "9863012345"},
                         "remove": {"roles": "migrant"}}), "set")
        fields = self.kith.fields(record)
        self.assertNotIn("age_at", fields)
        self.assertEqual((fields["full_name"], fields["phone"]), ("Rina", ["9863012345"]))
        self.assertEqual(sorted(fields["roles"]), ["survivor", "witness"])

    def test_empty_lines__are_passed_over_and_counted(self):
        lines = b"\n  \n\r\n\t\n" + jsonl(place_line("a")) + b"\n" + jsonl(place_line("b"))
        self.assertEqual([a["line"] for a in self.feed(lines)], [5, 7])
        self.assertEqual(self.feed(b""), [])
        self.assertEqual(self.feed(b"\n\n"), [])

    def test_the_last_line__needs_no_end_and_lines_may_end_in_crlf(self):
        lines = jsonl(place_line("a")).replace(b"\n", b"\r\n") + jsonl(place_line("b"))[:-1]
        self.assertEqual(len(self.feed(lines)), 2)

    def test_a_byte_order_mark__is_no_fault(self):
        self.assertEqual(len(self.feed(b"\xef\xbb\xbf" + jsonl(place_line("a")))), 1)

    def test_a_line_of_3_mb__is_refused_and_the_rest_goes_on(self):
        lines = jsonl(place_line("a"), place_line("x" * 3_000_000), place_line("b"))
        answers = self.feed(lines, code=REFUSED)
        self.assertEqual([a["status"] for a in answers], ["KITH_OK", "KITH_E_LIMIT", "KITH_OK"])
        self.assertEqual(sorted(self.kith.names()), ["a", "b"])

    def test_a_value__is_kept_whole_up_to_the_limit_and_refused_beyond(self):
        answers = self.feed(jsonl(place_line("x" * 65536), place_line("x" * 65537),
                                  place_line("क" * 21845), place_line("क" * 21846)),
                            code=REFUSED)
        self.assertEqual([a["status"] == "KITH_OK" for a in answers], [True, False, True, False])
        self.assertEqual(sorted(len(n) for n in self.kith.names()), [21845, 65536])

    def test_nul_bytes__are_refused_and_the_rest_goes_on(self):
        line = jsonl(place_line("a"))
        lines = b"\0\n" + line.replace(b"a", b"a\0", 1) + line[:-1] + b"\0\n" + line + \
            line.replace(b'"a"', b'"a\\u0000b"') + line.replace(b'"a"', b'"a\0b"') + \
            b"\0" + line + line.replace(b'"a"', b'"b"')
        answers = self.feed(lines, code=REFUSED)
        self.assertEqual([a["status"] == "KITH_OK" for a in answers],
                         [False, False, False, True, False, False, False, True])
        self.assertEqual(sorted(self.kith.names()), ["a", "b"])

    def test_invalid_utf_8__is_refused_and_the_rest_goes_on(self):
        line = jsonl(place_line("a"))
        bad = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\xa4", b"\x80"]
        lines = b"".join(line.replace(b'"a"', b'"' + b + b'"') for b in bad) + line + \
            line.replace(b'"a"', b'"\\ud83d"') + line.replace(b'"a"', b'"\\ud83d\\ude00"')
        answers = self.feed(lines, code=REFUSED)
        self.assertEqual([a["status"] == "KITH_OK" for a in answers],
                         [False] * len(bad) + [True, False, True])
        self.assertEqual(sorted(self.kith.names()), ["a", "😀"])

    def test_control_characters__are_refused_but_newline_and_tab(self):
        names = ["a\tb", "a\nb", "a\u0001b", "a\u001bb", "a\u007fb", "a\u0085b"]
        answers = self.feed(jsonl(*[place_line("n", remarks=n) for n in names]), code=REFUSED)
        self.assertEqual([a["status"] == "KITH_OK" for a in answers],
                         [True, True, False, False, False, False])

    def test_a_closed_standard_output__loses_nothing_that_was_answered(self):
        lines = jsonl(*[place_line(f"v{n}") for n in range(2000)])
        reading, writing = os.pipe()
        os.close(reading)
        with self.kith.start("add", "-", stdout=writing) as process:
            os.close(writing)
            process.communicate(lines, 60)
        self.kith.must("check", "--rebuild")

    def test_without_a_replica__is_not_found(self):
        self.kith.environment["KITH_HOME"] = str(self.folder / "nowhere")
        answer = self.kith.run("add", "-", stdin=jsonl(place_line("a")))
        self.check_complaint(answer, NOT_FOUND, "kith init")


if __name__ == "__main__":
    unittest.main()
