"""The relay as the tests use it: a real process in a folder of its own; and a link to it that can be
slow, count bytes and break."""
import os
import re
import signal
import socket
import subprocess
import threading

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

    @property
    def url(self):
        scheme = "http" if "off" in self.options else "https"
        return f"{scheme}://127.0.0.1:{self.port}"


class Link:
    """A TCP proxy on loopback that counts bytes each way and breaks connections."""

    def __init__(self, port):
        self.target = port
        self.up = self.down = self.connections = 0
        self.ends = []
        self.cuts = []  # ("up" or "down", bytes of the connection), one a connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            cut = self.cuts.pop(0) if self.cuts else (None, 0)
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            self.ends += [client, server]
            for way, source, sink in (("up", client, server), ("down", server, client)):
                threading.Thread(target=self.carry, args=(way, source, sink, cut),
                                 daemon=True).start()

    def carry(self, way, source, sink, cut):
        carried = 0
        try:
            while piece := source.recv(1024):
                room = cut[1] - carried if cut[0] == way else len(piece)
                piece = piece[:max(room, 0)]
                sink.sendall(piece)
                carried += len(piece)
                setattr(self, way, getattr(self, way) + len(piece))
                if cut[0] == way and carried >= cut[1]:
                    break
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        for end in (source, sink):  # as a network that went: for both, at once
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        for end in [self.listener, *self.ends]:
            end.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"
