#!/usr/bin/env python3
"""`kith add KIND -i`: the form, asked field by field, answered on standard input."""
import unittest

from kith import DONE, REFUSED, ROOT, KithCase

HINDI = ROOT / "proto" / "translations" / "hin.json"


class Ask(KithCase):
    def ask(self, *words, answers, code=DONE, **options):
        answer = self.kith.run("add", *words, stdin="\n".join(answers).encode("utf-8"), **options)
        self.assertEqual(answer.code, code, answer)
        return answer

    def added(self, kind):
        records = self.kith.list(kind)
        self.assertEqual(len(records), 1)
        return records[0]["fields"]

    def test_questions__go_to_standard_error_and_the_id_to_standard_output(self):
        answer = self.ask("place", "-i", answers=["Umsning", "village", "", "", ""])
        self.assertEqual(answer.text.strip(), self.kith.list("place")[0]["id"])
        self.assertIn("Name *:", answer.complaint)
        self.assertEqual(self.added("place"), {"name": "Umsning", "type": "village"})

    def test_a_number__picks_from_the_list_shown(self):
        self.ask("place", "-i", answers=["Umsning", "3", "", "", "1, 2"])
        fields = self.added("place")
        self.assertEqual(fields["type"], "block")
        self.assertEqual(len(fields["livelihoods"]), 2)

    def test_a_wrong_answer__is_explained_and_asked_again(self):
        answer = self.ask("place", "-i", answers=["Umsning", "villag", "99", "village"])
        self.assertEqual(answer.complaint.count("Kind of place *:"), 3, answer)
        self.assertIn("not in the list", answer.complaint)
        self.assertEqual(self.added("place")["type"], "village")

    def test_what_is_required_and_left_out__is_refused_in_the_end(self):
        answer = self.ask("place", "-i", answers=["", "village"], code=REFUSED)
        self.assertIn("name is required", answer.complaint)
        self.assertEqual(self.kith.list("place"), [])

    def test_what_is_required__is_asked_again(self):
        answer = self.ask("place", "-i", answers=["", "Umsning", "", "", "village"])
        self.assertEqual(answer.complaint.count("is required"), 3, answer)
        self.assertEqual(self.added("place"), {"name": "Umsning", "type": "village"})

    def test_what_a_word_gave__is_kept_by_an_empty_answer(self):
        answer = self.ask("place", "name=Umsning", "type=village", "-i", answers=[""] * 5)
        self.assertNotIn("*:", answer.complaint)
        self.assertEqual(self.added("place"), {"name": "Umsning", "type": "village"})

    def test_an_end_of_input__saves_what_was_answered_if_it_is_enough(self):
        self.ask("place", "-i", answers=["Umsning", "village"])
        self.assertEqual(self.added("place"), {"name": "Umsning", "type": "village"})

    def test_all__asks_for_every_field(self):
        short = self.ask("place", "-i", answers=["a", "village"] + [""] * 80).complaint
        whole = self.ask("place", "-i", "--all", answers=["b", "", "village"] + [""] * 80).complaint
        self.assertNotIn("Households", short)
        self.assertIn("Households", whole)

    def test_fields_given__are_kept_beside_what_is_asked(self):
        self.ask("place", "remarks=by the road", "-i", answers=["Umsning", "village"])
        self.assertEqual(self.added("place")["remarks"], "by the road")

    def test_with_json__standard_output_holds_one_object(self):
        answer = self.kith.run("--json", "add", "place", "-i", stdin=b"Umsning\nvillage\n")
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(list(answer.object), ["id"])

    def test_answers__may_hold_any_script_and_end_in_crlf(self):
        answer = self.kith.run("add", "place", "-i", stdin="উমস্নিং\r\nvillage\r\n".encode())
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(self.added("place")["name"], "উমস্নিং")

    def test_answers__that_are_no_text_do_not_get_in(self):
        for name in (b"\xff\xfe", b"a\x00b", b"a\x1bb"):
            answer = self.kith.run("add", "place", "-i", stdin=name + b"\nvillage\n")
            self.assertEqual(answer.code, REFUSED, answer)
        self.assertEqual(self.kith.list("place"), [])

    def test_an_unknown_kind__is_refused_without_questions(self):
        answer = self.ask("plac", "-i", answers=[], code=REFUSED)
        self.assertNotIn("*", answer.complaint)
        self.assertIn("kind", answer.complaint)

    @unittest.skipUnless(HINDI.exists(), "proto/translations/hin.json is not there yet")
    def test_questions__are_asked_in_hindi(self):
        answer = self.kith.run("--lang", "hin", "add", "place", "-i", stdin=b"Umsning\n1\n")
        self.assertEqual(answer.code, DONE, answer)
        self.assertRegex(answer.complaint, "[\u0900-\u097f]+ \\*:")
        self.assertEqual(self.added("place")["type"], "village")

    @unittest.skipUnless(HINDI.exists(), "proto/translations/hin.json is not there yet")
    def test_the_environment__chooses_the_language(self):
        for name, value in (("KITH_LANG", "hin"), ("LC_ALL", "hi_IN.UTF-8")):
            self.kith.environment[name] = value
            answer = self.kith.run("add", "place", "-i", stdin=b"Umsning\n1\n")
            del self.kith.environment[name]
            if name == "KITH_LANG":  # the other one counts only where that locale is installed
                self.assertRegex(answer.complaint, "[\u0900-\u097f]+ \\*:")
            self.assertEqual(answer.code, DONE, answer)


if __name__ == "__main__":
    unittest.main()
