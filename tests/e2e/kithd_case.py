"""What the tests of kithd share: a relay with one space, its founder, and who joins."""
import re
import socket
import ssl
import subprocess
import time

from kith import KithCase
from relay import COMMAND, Relay
from wire import ENTRY, SEGMENT, TOKEN, WORKER, Author, Charter, Device, ask, frame


class KithdCase(KithCase):
    options = ("--tls", "off")

    def setUp(self):
        super().setUp()
        self.relay = Relay(self.folder / "relay", *self.options).start()
        self.addCleanup(self.end_relay)
        self.founder, self.charter = Device(self.relay), Charter()
        self.entries = [self.founder.found(self.charter)]
        self.space = self.charter.space
        self.author = Author(self.founder, self.space)
        answer = self.founder.post(ask(self.space), frame(TOKEN, self.relay.token.encode()),
                                   frame(ENTRY, self.entries[0]))
        self.assertEqual((answer.refused, answer.failure), ([], None))

    def end_relay(self):
        if self.relay.process.poll() is None:
            self.relay.stop()

    def take(self, entry, by=None):
        """Has the relay take the charter's next entry."""
        answer = (by or self.founder).post(ask(self.space), frame(ENTRY, entry))
        self.assertEqual(answer.refused, [])
        self.entries.append(entry)

    def reread(self):
        """The charter as the relay has it: without an entry that it refused."""
        self.charter = Charter()
        for entry in self.entries:
            self.charter.read(entry)

    def member(self, role=WORKER):
        inviter, device = Device(self.relay), Device(self.relay)
        self.take(self.founder.invite(self.charter, inviter.keys, role))
        self.take(device.admit(self.charter, len(self.charter.hashes), inviter), device)
        return device

    def push(self, *segments, device=None, author=None):
        return (device or self.founder).post(ask(self.space, cursor=1 << 40,
                                                 author=author or self.author),
                                             *[frame(SEGMENT, s) for s in segments])

    def pull(self):
        return self.founder.post(ask(self.space)).given

    def admin(self, *words, code=0):
        """A command of kithd's on the relay's folder."""
        done = subprocess.run([COMMAND, "--data", str(self.relay.folder), *words],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def raw(self, text, timeout=20):
        """A connection that has said so much."""
        link = socket.create_connection(("127.0.0.1", self.relay.port), timeout=timeout)
        if "off" not in self.options:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            link = context.wrap_socket(link)
        self.addCleanup(link.close)
        link.sendall(text.encode())
        return link

    def get(self, target):
        link = self.founder.connect()
        link.request("GET", target)
        answer = link.getresponse()
        result = answer.status, answer.read().decode()
        link.close()
        return result

    def metrics(self):
        code, text = self.get("/metrics")
        self.assertEqual(code, 200)
        return {name: float(value) for name, value in
                re.findall(r"^(\w+) (\S+)$", text, re.M)}

    def check_is_well(self):
        self.assertEqual(self.get("/healthz"), (200, "ok\n"))

    def until(self, look, is_there, seconds=10):
        """What `look` finds when it is there, at last."""
        end = time.monotonic() + seconds
        while not is_there(found := look()) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertTrue(is_there(found))
        return found

    @staticmethod
    def now_ms():
        return int(time.time() * 1000)
