#!/usr/bin/env python3
"""tools/gen/labels.py: what is packed, and which faults of a translation fail the build."""
import json
import re
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "gen" / "labels.py"

NAME = {"name": "name", "label": "Name", "type": "text"}
SCHEMA = {
    "kinds": {
        "person": {"label": "Person", "common_fields": True,
                   "fields": [NAME, {"name": "where", "label": "Where now", "type": "text"}]},
        "place": {"label": "Place",
                  "fields": [NAME, {"name": "where", "label": "On map", "type": "geo"}]},
    },
    "common_fields": [{"name": "source", "label": "Source", "type": "text"}],
}
CODES = {"code_lists": {"sex": {"items": [{"code": "female", "label": "Female"},
                                          {"code": "male", "label": "Male"}]},
                        "age": {"items": [{"code": "unknown", "label": "Not known"}]}}}


class Labels(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.proto = Path(folder.name)
        for part, document in (("schema", SCHEMA), ("codes", CODES)):
            (self.proto / part).mkdir()
            (self.proto / part / "all.json").write_text(json.dumps(document), encoding="utf-8")
        (self.proto / "translations").mkdir()

    def generate(self, text, language="hin"):
        (self.proto / "translations" / f"{language}.json").write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, SCRIPT, self.proto, self.proto / "out.c"],
                              capture_output=True, text=True, check=False)

    def translate(self, kinds=(), fields=(), codes=(), language="hin"):
        return self.generate(json.dumps({"about": "", "kinds": dict(kinds), "fields": dict(fields),
                                         "codes": dict(codes)}), language)

    def assert_packed(self, *texts, name):
        source = (self.proto / "out.c").read_text(encoding="utf-8")
        packed = re.search(rf"packed_{name}\[\] = {{(.*?)}};", source, re.S)[1]
        unpacked = zlib.decompress(bytes(int(byte) for byte in packed.split(",")[:-1]))
        self.assertEqual(unpacked.decode("utf-8"), "".join(text + "\0" for text in texts))

    def assert_refused(self, answer, *words):
        self.assertEqual(answer.returncode, 1, answer)
        for word in words:
            self.assertIn(word, answer.stderr)

    def test_texts__stand_in_the_order_of_the_keys_and_are_empty_where_there_is_none(self):
        self.translate(kinds={"place": "ঠাই", "person": "মানুহ"}, language="asm")
        answer = self.translate(kinds={"place": "जगह"}, codes={"sex.male": "पुरुष"})
        self.assertEqual(answer.returncode, 0, answer)
        self.assert_packed("code:sex.male", "kind:person", "kind:place", name="keys")
        self.assert_packed("", "মানুহ", "ঠাই", name="asm")
        self.assert_packed("पुरुष", "", "जगह", name="hin")

    def test_no_translations__leave_english_alone(self):
        answer = subprocess.run([sys.executable, SCRIPT, self.proto, self.proto / "out.c"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 0, answer)
        self.assert_packed(name="keys")

    def test_labels_of_what_does_not_exist__are_refused(self):
        self.assert_refused(self.translate(kinds={"boat": "नाव"}), "kind:boat")
        self.assert_refused(self.translate(fields={"place.source": "क"}), "field:place.source")
        self.assert_refused(self.translate(fields={"*.hull": "क"}), "field:*.hull")
        self.assert_refused(self.translate(codes={"sex.unknown": "क"}), "code:sex.unknown")

    def test_common_fields__have_labels_in_the_kinds_that_have_them(self):
        self.assertEqual(self.translate(fields={"person.source": "कहाँ से"}).returncode, 0)

    def test_a_label_of_every_kind__must_mean_the_same_in_each(self):
        self.assertEqual(self.translate(fields={"*.name": "नाम"}).returncode, 0)
        self.assert_refused(self.translate(fields={"*.where": "कहाँ"}), "Where now", "On map")
        own = self.translate(fields={"*.where": "कहाँ", "place.where": "नक्शे पर"})
        self.assertEqual(own.returncode, 0, own)

    def test_labels_that_are_no_text_or_hold_blanks_to_spare__are_refused(self):
        for label in ("", " ", "घर ", " घर", "घर  पर", "घर\nपर", "घर\tपर", 7, None, ["घर"]):
            self.assert_refused(self.translate(kinds={"place": label}), "hin.json: kind:place")

    def test_control_characters__are_refused_and_joiners_are_not(self):
        for character in ("\x00", "\x1b", "\x7f", "\u009b", "\u200b", "\u202e", "\ue000"):
            self.assert_refused(self.translate(kinds={"place": f"घर{character}पर"}), "control")
        self.assertEqual(self.translate(kinds={"place": "गर्\u200dयो"}).returncode, 0)

    def test_labels_outside_normalisation_form_c__are_refused(self):
        self.assert_refused(self.translate(kinds={"place": "\u095bमीन"}), "Form C")
        self.assertEqual(self.translate(kinds={"place": "ज\u093cमीन"}).returncode, 0)

    def test_letters_of_a_neighbouring_language__are_refused(self):
        self.assert_refused(self.translate(kinds={"place": "ঘর"}, language="asm"), "letter")
        self.assert_refused(self.translate(kinds={"place": "ঘৰ"}, language="ben"), "letter")

    def test_codes_of_one_list__must_differ(self):
        same = self.translate(codes={"sex.female": "पता नहीं", "sex.male": "पता नहीं"})
        self.assert_refused(same, "sex.female", "sex.male")
        apart = self.translate(codes={"sex.female": "पता नहीं", "age.unknown": "पता नहीं"})
        self.assertEqual(apart.returncode, 0, apart)

    def test_keys_that_stand_twice__are_refused(self):
        twice = '{"about": "", "kinds": {"place": "क", "place": "ख"}, "fields": {}, "codes": {}}'
        self.assert_refused(self.generate(twice), "place")

    def test_other_members__are_refused(self):
        self.assert_refused(self.generate('{"kinds": {}, "fields": {}, "codes": {}}'), "about")
        self.assert_refused(self.generate('{"about": "", "kinds": {}, "fields": {}, "codes": {},'
                                          ' "words": {}}'), "no others")

    def test_files_that_are_not_called_after_a_language__are_refused(self):
        for name in ("eng", "hi", "hindi", "HIN"):
            answer = self.translate(language=name)
            (self.proto / "translations" / f"{name}.json").unlink()
            self.assert_refused(answer, f"{name}.json")


if __name__ == "__main__":
    unittest.main()
