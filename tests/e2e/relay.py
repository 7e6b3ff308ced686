"""The relay as the tests use it: a real process in a folder of its own; and the network to it."""
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from proxy import Proxy  # noqa: E402, F401

COMMAND = os.environ.get("KITHD_COMMAND", "kithd")


class Relay:
    def __init__(self, folder, *options):
        self.folder, self.options, self.port = folder, options, 0
        made = subprocess.run([COMMAND, "init", "--data", str(folder)], check=True,
                              capture_output=True, text=True).stdout
        self.token = re.search(r"^token (\S+)$", made, re.M)[1]
        self.pin = re.search(r"^pin (\S+)$", made, re.M)[1]
        self.process = None

    def start(self):
        """Listens on the port it had before, so that devices find it again."""
        self.log = open(self.folder.parent / "relay.log", "ab")
        self.process = subprocess.Popen(
            [COMMAND, "--data", str(self.folder), "--listen", f"127.0.0.1:{self.port}",
             *self.options], stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready = self.process.stdout.readline()
        self.port = int(re.match(r"listening on 127\.0\.0\.1:(\d+)", ready)[1])
        return self

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        self.log.close()
        if number == signal.SIGTERM:
            assert code == 0, code

    def check(self):
        return subprocess.run([COMMAND, "check", "--data", str(self.folder)], check=True,
                              capture_output=True, text=True).stdout

    def new_token(self):
        """A registration token serves once."""
        made = subprocess.run([COMMAND, "token", "--data", str(self.folder)], check=True,
                              capture_output=True, text=True).stdout
        return re.match(r"token (\S+)$", made.strip())[1]

    @property
    def url(self):
        scheme = "http" if "off" in self.options else "https"
        return f"{scheme}://127.0.0.1:{self.port}"
