#!/usr/bin/env python3
"""The manual page, the help and the shell completion speak of the same commands and options."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from kith import COMMAND, ROOT, Kith, KithCase

MANUAL = ROOT / "client-cli" / "kith.1"
COMPLETION = ROOT / "client-cli" / "kith.bash"

# Sets COMP_* as bash does, calls the function and prints what it offers.
ASK_BASH = r"""
compopt() { :; }
source "$1"
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
IFS=' ' read -r -a COMP_WORDS <<<"$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_kith
printf '%s\n' "${COMPREPLY[@]}"
"""


def help_of(*words):
    with tempfile.TemporaryDirectory() as folder:
        return Kith(Path(folder) / "none").must("help", *words).text


def commands():
    return re.findall(r"^  ([a-z]+) {2,}\S", help_of().split("Options:")[0], re.M)


def options_of(command):
    """The options that `kith help COMMAND` prints: --name, -i, and - for standard input."""
    return set(re.findall(r"(?:^|[\s\[|])(--?[a-z][a-z-]*)", help_of(command)))


def global_options():
    return set(re.findall(r"^  (--[a-z]+)", help_of().split("Options:")[1], re.M))


def sections():
    """The manual page's text of each command: a command may have several entries."""
    found = {}
    name = None
    for line in MANUAL.read_text("utf-8").splitlines():
        entry = re.match(r"\.It Ic ([a-z]+)", line)
        if line.startswith((".Sh", ".Ss")):
            name = None
        elif entry:
            name = entry.group(1)
        if name is not None:
            found[name] = found.get(name, "") + line + "\n"
    return found


def has_option(text, option):
    return re.search(r"\bFl " + re.escape(option[1:].replace("\\-", "-")) + r"(?![a-z-])",
                     text.replace("\\-", "-")) is not None


class Manual(unittest.TestCase):
    def test_the_manual__knows_every_command(self):
        self.assertGreater(len(commands()), 15)
        for command in commands():
            with self.subTest(command=command):
                self.assertIn(command, sections())

    def test_the_manual__knows_no_command_that_is_not_there(self):
        self.assertEqual(sorted(set(sections()) - set(commands())), [])

    def test_the_manual__knows_every_option(self):
        for command in commands():
            for option in sorted(options_of(command)):
                with self.subTest(command=command, option=option):
                    self.assertTrue(has_option(sections().get(command, ""), option))

    def test_the_manual__knows_the_options_of_every_command(self):
        text = MANUAL.read_text("utf-8")
        for option in global_options():
            with self.subTest(option=option):
                self.assertTrue(has_option(text, option))

    def test_the_manual__gives_every_exit_code(self):
        text = MANUAL.read_text("utf-8").split(".Sh EXIT STATUS")[1].split(".Sh")[0]
        self.assertEqual(re.findall(r"^\.It (\d)", text, re.M), list("0123456"))


class Completion(KithCase):
    def complete(self, line):
        environment = self.kith.environment | {
            "PATH": f"{os.path.dirname(os.path.abspath(COMMAND))}:{os.environ['PATH']}"}
        answer = subprocess.run(["bash", "-c", ASK_BASH, "bash", str(COMPLETION), line],
                                env=environment, capture_output=True, timeout=60, check=True)
        self.assertEqual(answer.stderr, b"")
        return answer.stdout.decode("utf-8").split()

    def test_completion__knows_every_command(self):
        self.assertEqual(sorted(self.complete("kith ")), sorted(commands()))
        self.assertEqual(self.complete("kith sch"), ["schema"])

    def test_completion__knows_every_option(self):
        for command in commands():
            options = {o for o in options_of(command) if o.startswith("--")}
            with self.subTest(command=command):
                self.assertLessEqual(options, set(self.complete(f"kith {command} --")))

    def test_completion__knows_the_options_in_front(self):
        self.assertLessEqual(global_options(), set(self.complete("kith --")))

    def test_completion__goes_on_behind_options_in_front(self):
        self.assertIn("person", self.complete("kith --json add per"))

    def test_completion__knows_kinds_fields_and_codes(self):
        self.assertEqual(self.complete("kith add perso"), ["person"])
        self.assertIn("full_name=", self.complete("kith add person full"))
        self.assertEqual(self.complete("kith add person sex=fem"), ["female"])
        record = self.kith.place()
        self.assertIn("name=", self.complete(f"kith set {record} nam"))

    def test_completion__knows_what_an_option_takes(self):
        self.assertEqual(self.complete("kith find x --kind pla"), ["place"])
        self.assertEqual(self.complete("kith list place --sort househ"), ["households"])
        self.assertEqual(self.complete("kith list place --where typ"), ["type="])
        self.assertEqual(self.complete("kith list place --where type=vil"), ["village"])
        self.assertEqual(self.complete("kith --home /nowhere list pla"), [])

    def test_completion__offers_only_what_may_stand_there(self):
        self.assertEqual(self.complete("kith export "), ["jsonl", "csv"])
        self.assertEqual(self.complete("kith export csv pla"), ["place"])
        self.assertEqual(self.complete("kith schema sh"), ["show"])
        self.assertEqual(self.complete("kith space "), ["create", "list", "use", "relay"])
        self.assertEqual(self.complete("kith device r"), ["revoke"])
        self.assertEqual(self.complete("kith invite w"), ["withdraw"])
        self.assertEqual(self.complete("kith key "), ["rotate"])
        self.assertEqual(self.complete("kith invite --role "),
                         ["reader", "worker", "supervisor", "admin"])
        self.assertEqual(self.complete("kith help sta"), ["status"])
        self.assertEqual(self.complete("kith add person roles+=mig"), ["migrant"])
        for line in ("kith show ", "kith status x", "kith frob ", "kith list place x",
                     "kith show -- -"):
            self.assertEqual(self.complete(line), [], line)

    def test_completion__without_a_replica_is_silent(self):
        self.kith.environment["KITH_HOME"] = "/nonexistent"
        self.assertEqual(self.complete("kith add per"), [])
        self.assertIn("add", self.complete("kith a"))


if __name__ == "__main__":
    unittest.main()
