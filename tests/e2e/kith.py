"""The kith command as the tests use it: a real process a call, in a folder of its own."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MAPPINGS = ROOT / "proto" / "import"
COMMAND = os.environ.get("KITH_COMMAND", "kith")
# More data than the tree carries, where it lies beside the checkout or the environment says.
SHARED_DATA = Path(os.environ.get("KITH_SHARED_DATA", ROOT.parent / "shared" / "data"))

DONE, REFUSED, USAGE, NOT_FOUND, NETWORK, DAMAGED, LOCKED = range(7)
ID_FORM = re.compile(r"[0-9a-hjkmnp-tv-z]{16}-[1-9][0-9]*")

# What a sanitizer says when it finds a fault; its exit code could pass for one of ours.
SANITIZER_MARKS = (b"AddressSanitizer", b"LeakSanitizer", b"runtime error:", b"UndefinedBehavior")
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
             "LLVM_PROFILE_FILE")
TIMEOUT_S = 120


def unique_members(pairs):
    """An object whose names come once each; Python itself would let the last one win."""
    members = dict(pairs)
    assert len(members) == len(pairs), f"a name comes twice: {pairs}"
    return members


def read_json(line):
    return json.loads(line.decode("utf-8"), object_pairs_hook=unique_members)


class Answer:
    """How a process ended and what it said."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.out, self.err = words, code, out, err

    def __str__(self):
        words = [word if isinstance(word, bytes) else str(word).encode() for word in self.words]
        return (f"kith {b' '.join(words)[:400]!r} ended with {self.code}\n"
                f"stdout: {self.out[:1500]!r}\nstderr: {self.err[:1500]!r}")

    @property
    def text(self):
        return self.out.decode("utf-8")

    @property
    def complaint(self):
        return self.err.decode("utf-8")

    @property
    def lines(self):
        """Standard output as JSON Lines."""
        assert self.out == b"" or self.out.endswith(b"\n"), f"the last line has no end: {self}"
        return [read_json(line) for line in self.out.split(b"\n")[:-1]]

    @property
    def object(self):
        """Standard output as one JSON object on one line."""
        lines = self.lines
        assert len(lines) == 1 and isinstance(lines[0], dict), f"not one object: {self}"
        return lines[0]

    @property
    def error(self):
        """Standard error as one JSON object on one line."""
        assert self.err.count(b"\n") == 1, f"not one error: {self}"
        return read_json(self.err)


def assert_sound(answer):
    """No process may crash or trip a sanitizer, whatever it was given."""
    assert answer.code >= 0, f"killed by signal {-answer.code}: {answer}"
    assert not any(mark in answer.err for mark in SANITIZER_MARKS), f"sanitizer: {answer}"
    assert 0 <= answer.code <= LOCKED, f"no exit code of ours: {answer}"


class Kith:
    """A replica's folder and the command that works on it."""

    def __init__(self, home, **environment):
        self.home = Path(home)
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment |= {"HOME": str(self.home.parent), "KITH_HOME": str(self.home),
                             "LANG": "C.UTF-8"}
        self.environment |= environment

    def start(self, *words, **options):
        """The process itself, for tests that talk to it or end it."""
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return subprocess.Popen([COMMAND, *words], env=self.environment,
                                cwd=self.home.parent, **(pipes | options))

    def run(self, *words, stdin=b"", timeout=TIMEOUT_S, **options):
        """Runs to the end, whatever the exit code."""
        with self.start(*words, **options) as process:
            try:
                out, err = process.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        answer = Answer(words, process.returncode, out or b"", err or b"")
        assert_sound(answer)
        return answer

    def must(self, *words, **options):
        """Runs what has to work, in silence on standard error."""
        answer = self.run(*words, **options)
        assert answer.code == DONE and answer.err == b"", str(answer)
        return answer

    def json(self, *words, **options):
        """The one object that a command answers."""
        return self.must("--json", *words, **options).object

    def init(self, name="test"):
        self.must("init", "--name", name)
        return self

    def add(self, kind, **fields):
        """The id of a new record."""
        return self.must("add", kind, *[f"{n}={v}" for n, v in fields.items()]).text.strip()

    def place(self, name="Umsning", **fields):
        return self.add("place", **({"name": name, "type": "village"} | fields))

    def person(self, name="Reena Lyngdoh", **fields):
        return self.add("person", **({"full_name": name, "roles": "migrant", "sex": "female",
                                      "status": "unknown"} | fields))

    def show(self, record):
        return self.json("show", record)

    def fields(self, record):
        return self.show(record)["fields"]

    def list(self, kind, *options):
        return self.must("--json", "list", kind, *options).lines

    def names(self, kind="place", *options):
        return [record["fields"].get("name") for record in self.list(kind, *options)]

    def state(self):
        """The hash over all records: equal on replicas that hold the same."""
        return self.json("check")["state"]

    def write(self, name, content):
        """A file beside the replica's folder."""
        path = self.home.parent / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(path)


class KithCase(unittest.TestCase):
    """A test with a folder of its own and a replica in it."""

    longMessage = True

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="kith-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.kith = self.replica("home")

    def replica(self, name):
        return Kith(self.folder / name).init(name)

    def check_complaint(self, answer, code, *parts):
        """One clear refusal: the exit code, nothing on standard output, every line of the text on
        standard error ours, and the parts in it."""
        self.assertEqual(answer.code, code, answer)
        self.assertEqual(answer.out, b"", answer)
        self.assertNotEqual(answer.err, b"", answer)
        lines = answer.complaint.splitlines()
        usage = lines.index(next(l for l in lines if l.startswith("usage:"))) \
            if code == USAGE and any(l.startswith("usage:") for l in lines) else len(lines)
        for line in lines[:usage]:
            self.assertRegex(line, r"^kith: .*: .+", answer)
        for part in parts:
            self.assertIn(part, answer.complaint, answer)

    def check_refusal(self, code, parts, *words, **options):
        """Refused alike as text and as JSON; nothing of the data changes."""
        before = self.kith.state()
        self.check_complaint(self.kith.run(*words, **options), code, *parts)
        answer = self.kith.run("--json", *words, **options)
        self.assertEqual((answer.code, answer.out), (code, b""), answer)
        error = answer.error
        self.assertTrue(error["status"].startswith("KITH_E_"), answer)
        self.assertIn("what", error, answer)
        self.assertIn("why", error, answer)
        self.assertEqual(self.kith.state(), before, answer)


def jsonl(*objects):
    """Objects as JSON Lines."""
    return b"".join(json.dumps(o, ensure_ascii=False).encode("utf-8") + b"\n" for o in objects)


def place_line(name, **fields):
    return {"kind": "place", "fields": {"name": name, "type": "village"} | fields}
