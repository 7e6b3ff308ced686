#!/usr/bin/env python3
"""On a terminal: colours, the progress bar, questions; and an interrupt while work is going on."""
import errno
import os
import pty
import signal
import subprocess
import unittest

from kith import DONE, REFUSED, Answer, KithCase, assert_sound, jsonl, place_line

CLEAR_LINE = b"\r\x1b[K"
PIPE_BYTES = 1 << 16  # what a pipe holds: more is written only as it is read


class TerminalCase(KithCase):
    def talk(self, *words, typed=b"", **pipes):
        """Runs on a terminal of its own, with what somebody types at it; streams may be given
        elsewhere. Returns what the terminal shows."""
        ours, theirs = pty.openpty()
        process = self.kith.start(*words, **({"stdin": theirs, "stdout": theirs, "stderr": theirs} |
                                             pipes))
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError as end:  # nobody holds the other end any more
            self.assertEqual(end.errno, errno.EIO)
        os.close(ours)
        out, err = process.communicate(timeout=60)
        answer = Answer(words, process.returncode, out or b"", (err or b"") + shown)
        assert_sound(answer)
        return answer


class Terminal(TerminalCase):
    def test_a_terminal__gets_colours_unless_they_are_not_wanted(self):
        record = self.kith.place()
        self.assertIn(b"\x1b[1mUmsning\x1b[0m", self.talk("show", record).err)
        self.assertNotIn(b"\x1b", self.talk("--json", "show", record).err)
        self.kith.environment["NO_COLOR"] = "1"
        self.assertNotIn(b"\x1b", self.talk("show", record).err)

    def test_escapes_in_labels__do_not_reach_the_terminal(self):
        path = self.kith.write("boats.json", r"""{"schema": "boats", "kinds": {"boat": {
            "label": "\u001b[1m\u001b[2J\u009b2J", "title_fields": ["name"], "fields": [
            {"name": "name", "label": "Name\u0007", "type": "text"}]}}}""")
        if self.kith.run("schema", "add", path).code != DONE:
            return  # refused: all the better
        for words in (["schema", "show"], ["schema", "show", "boat"],
                      ["--json", "schema", "show", "boat"]):
            shown = self.kith.must(*words).out
            self.assertNotRegex(shown, rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")

    def test_a_value_of_several_lines__stands_behind_its_field(self):
        record = self.kith.place(remarks="one\nKind of place: Town")
        lines = self.kith.must("show", record).text.splitlines()
        self.assertIn("      Kind of place: Town", lines)
        self.assertIn("  Kind of place: Village", lines)

    def test_a_title_of_several_lines__stands_on_one(self):
        self.kith.place("one\ntwo")
        self.assertEqual(len(self.kith.must("list", "place").text.splitlines()), 1)

    def test_questions__can_be_answered_at_a_terminal(self):
        answer = self.talk("add", "place", "-i", typed=b"Umsning\n1\n\n\n\n", stdout=subprocess.PIPE)
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(answer.text.strip(), self.kith.list("place")[0]["id"])
        self.assertIn(b"Name *: ", answer.err)

    def test_an_end_of_input__ends_the_questions(self):
        answer = self.talk("add", "place", "-i", typed=b"Umsning\n\x04")
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertIn(b"\r\nkith: add: type is required", answer.err)


class Progress(TerminalCase):
    def setUp(self):
        super().setUp()
        self.path = self.kith.write("lines", jsonl(*[place_line(f"v{n}") for n in range(3000)]))

    def test_an_import__shows_how_far_it_is_and_leaves_nothing_behind(self):
        shown = self.talk("import", "jsonl", self.path).err
        self.assertIn(b"importing [#", shown)
        self.assertRegex(shown.rpartition(CLEAR_LINE)[2], rb"^3000 rows: 3000 records added")

    def test_a_rejected_row__begins_a_line_of_its_own(self):
        with open(self.path, "ab") as file:
            file.write(jsonl(place_line("x", type="villag")) * 2)
        shown = self.talk("import", "jsonl", self.path).err
        self.assertRegex(shown, rb"(^|\n|\r\x1b\[K)kith: [^\r]*:3001: ")

    def test_a_bar__is_for_people_only(self):
        for words in (["--quiet", "import", "jsonl", self.path], ["--json", "check"]):
            self.assertNotIn(b"[#", self.talk(*words).err)
        self.assertEqual(self.kith.run("check").err, b"")

    def test_a_bar__does_not_run_through_an_export_on_the_same_terminal(self):
        self.kith.must("import", "jsonl", self.path)
        self.assertNotIn(b"exporting", self.talk("export", "jsonl").err)
        self.assertIn(b"exporting [#", self.talk("export", "jsonl", stdout=subprocess.DEVNULL).err)


class Interrupt(KithCase):
    def interrupt(self, *words, lines):
        """Interrupts a process that has begun to read its input and waits for more."""
        process = self.kith.start(*words)
        process.stdin.write(lines + b" " * PIPE_BYTES * 2)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        with process:
            out, err = process.stdout.read(), process.stderr.read()
        return Answer(words, process.returncode, out, err)

    def test_an_import__stops_and_counts_what_stays(self):
        lines = jsonl(*[place_line(f"v{n}") for n in range(2000)])
        answer = self.interrupt("--json", "import", "jsonl", "-", lines=lines)
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertEqual(answer.error["status"], "KITH_E_STOPPED", answer)
        self.assertEqual(answer.object["added"], len(self.kith.list("place")), answer)
        self.kith.must("check", "--rebuild")
        self.assertEqual(self.kith.json("import", "jsonl", "-", stdin=lines)["rejected"], 0)
        self.assertEqual(len(self.kith.list("place")), 2000)

    def test_an_export__stops_and_leaves_no_part_of_a_file(self):
        self.kith.must("add", "-", stdin=jsonl(*[place_line(f"v{n}") for n in range(1000)]))
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        process = self.kith.start("--json", "export", "jsonl", "--output", str(pipe))
        with open(pipe, "rb", buffering=0) as reader, process:
            reader.read(1)  # it is at work, and cannot get far while nobody reads on
            process.send_signal(signal.SIGINT)
            while reader.read(PIPE_BYTES):
                pass
            error = process.stderr.read()
        self.assertEqual(process.returncode, REFUSED, error)
        self.assertIn(b"KITH_E_STOPPED", error)
        self.assertEqual({file.name for file in self.folder.iterdir()}, {"home", "pipe"})

    def test_a_stream__keeps_what_it_answered(self):
        answer = self.interrupt("add", "-", lines=jsonl(*[place_line(f"v{n}") for n in range(50)]))
        self.assertEqual(answer.code, -signal.SIGINT, answer)
        self.assertEqual(len(answer.text.split()), 50)
        self.assertEqual(len(self.kith.list("place")), 50)
        self.kith.must("check", "--rebuild")


if __name__ == "__main__":
    unittest.main()
