#!/usr/bin/env python3
"""kithd as a service: waiting for news, slow and broken clients, TLS, starting and stopping, the
operator's commands."""
import hashlib
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from kith import DAMAGED, DONE, NOT_FOUND, REFUSED, USAGE
from kithd_case import KithdCase
from relay import COMMAND
from wire import (ADMIN, E_DENIED, E_SYNTAX, ENTRY, PROBES, SEGMENT, TOKEN, Charter, Device,
                  ask, frame)


class TestWaiting(KithdCase):
    def waiting(self, device, space, cursor, seconds=20):
        """Begins to wait; gives the list that the answer will be in."""
        found = []
        thread = threading.Thread(
            target=lambda: found.append((device.wait(space, cursor, seconds), time.monotonic())))
        thread.start()
        self.addCleanup(thread.join)
        self.until(self.metrics, lambda figures: figures["kithd_waiting"] >= 1)
        return found

    def test_a_segment_is_news(self):
        found = self.waiting(self.founder, self.space, 0)
        pushed = time.monotonic()
        self.push(self.author.write())
        self.until(lambda: found, len)
        self.assertEqual(found[0][0].code, 200)
        self.assertLess(found[0][1] - pushed, 1)
        self.assertEqual(self.metrics()["kithd_waiting"], 0)

    def test_an_entry_of_the_charter_is_news(self):
        found = self.waiting(self.founder, self.space, 0)
        self.take(self.founder.invite(self.charter, Device(self.relay).keys))
        self.until(lambda: found, len)
        self.assertEqual(found[0][0].code, 200)

    def test_what_is_there_already_is_news_at_once(self):
        self.push(self.author.write())
        begun = time.monotonic()
        self.assertEqual(self.founder.wait(self.space, 0).code, 200)
        self.assertLess(time.monotonic() - begun, 1)

    def test_without_news_the_wait_ends(self):
        begun = time.monotonic()
        self.assertEqual(self.founder.wait(self.space, 0, 1).code, 204)
        self.assertGreater(time.monotonic() - begun, 0.9)
        self.assertEqual(self.founder.wait(self.space, 0, 0).code, 204)

    def test_news_of_other_spaces_wake_nobody(self):
        found = self.waiting(self.founder, self.space, 0, 2)
        other, charter = Device(self.relay), Charter()
        entry = other.found(charter)
        token = self.admin("token").split()[1].encode()
        other.post(ask(charter.space), frame(TOKEN, token), frame(ENTRY, entry))
        time.sleep(0.3)
        self.assertEqual(found, [])
        self.until(lambda: found, len)
        self.assertEqual(found[0][0].code, 204)

    def test_only_members_wait(self):
        for device, space in ((Device(self.relay), self.space), (self.founder, os.urandom(16))):
            answer = device.wait(space, 0, 5)
            self.assertEqual((answer.code, answer.failure), (403, E_DENIED))

    def test_a_wait_that_names_nothing_is_refused(self):
        space = self.space.hex()
        for query in ("", "?", "?seconds=1", f"?{space}", f"?{space}=x", f"?{space}=-1",
                      f"?{space[:-1]}=0", f"?{space}0=0", f"?{space.upper()}=0", "?other=1",
                      f"?{space}=18446744073709551616", f"?{space}=0&seconds=x",
                      "?" + "&".join(f"{os.urandom(16).hex()}=0" for _ in range(17))):
            answer = self.founder.request("GET", f"/v1/wait{query}")
            self.assertEqual((answer.code, answer.failure), (400, E_SYNTAX), query)

    def test_who_goes_away_is_forgotten(self):
        target = f"/v1/wait?{self.space.hex()}=0"
        link = self.raw(f"GET {target} HTTP/1.1\r\nHost: relay\r\n"
                        f"Authorization: {self.founder.authorization('GET', target)}\r\n\r\n")
        self.until(self.metrics, lambda figures: figures["kithd_waiting"] == 1)
        link.close()
        self.push(self.author.write())
        self.until(self.metrics, lambda figures: figures["kithd_waiting"] == 0)
        self.check_is_well()

    def test_many_wait_and_all_are_woken(self):
        target = f"/v1/wait?{self.space.hex()}=0&seconds=60"
        devices = [Device(self.relay) for _ in range(5)]
        inviter = Device(self.relay)
        self.take(self.founder.invite(self.charter, inviter.keys, uses=len(devices)))
        for device in devices:
            self.take(device.admit(self.charter, 2, inviter), device)
        links = [self.raw(f"GET {target} HTTP/1.1\r\nHost: relay\r\nAuthorization: "
                          f"{device.authorization('GET', target)}\r\n\r\n")
                 for device in devices for _ in range(40)]
        self.until(self.metrics, lambda figures: figures["kithd_waiting"] == len(links))
        self.push(self.author.write())
        for link in links:
            self.assertIn(b" 200 ", link.recv(100))


class TestSlowness(KithdCase):
    options = ("--tls", "off", "--timeout", "1")

    def check_is_cut(self, link, within_s=4, dribble=b""):
        """The relay ends the connection, whatever is still dribbled into it."""
        end = time.monotonic() + within_s
        link.settimeout(0.1)
        while time.monotonic() < end:
            try:
                if dribble:
                    link.sendall(dribble)
                if link.recv(4096) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
        self.fail("the connection is still there")

    def start_of_a_sync(self, length):
        return (f"POST /v1/sync HTTP/1.1\r\nHost: relay\r\nContent-Length: {length}\r\n"
                f"Authorization: {self.founder.authorization('POST', '/v1/sync')}\r\n\r\n")

    def test_who_says_nothing_is_cut(self):
        self.check_is_cut(self.raw(""))

    def test_who_never_ends_a_header_is_cut(self):
        self.check_is_cut(self.raw("POST /v1/sy"), dribble=b"n")
        self.check_is_cut(self.raw("POST /v1/sync HTTP/1.1\r\n"), dribble=b"A")

    def test_who_never_ends_a_body_is_cut_and_what_came_is_kept(self):
        segment = self.author.write(os.urandom(4000))
        body = ask(self.space, author=self.author) + frame(SEGMENT, segment)
        link = self.raw(self.start_of_a_sync(len(body)))
        link.sendall(body[:1000])
        self.check_is_cut(link, within_s=45, dribble=b"")
        answer = self.until(
            lambda: self.founder.post(ask(self.space, author=self.author, flags=PROBES)),
            lambda found: found.staged)
        self.assertLess(answer.staged[0].offset, 1000)

    def test_who_dribbles_a_body_is_cut(self):
        self.check_is_cut(self.raw(self.start_of_a_sync(100_000)), dribble=b"x")

    def test_others_do_not_wait_for_the_slow(self):
        links = [self.raw(self.start_of_a_sync(1000)) for _ in range(100)]
        begun = time.monotonic()
        self.push(self.author.write())
        self.assertLess(time.monotonic() - begun, 1)
        self.assertEqual(len(links), 100)

    def test_who_does_not_take_its_answer_holds_nobody_up(self):
        self.push(*[self.author.write(os.urandom(60_000)) for _ in range(100)])
        body = ask(self.space)
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", self.relay.port))
        self.addCleanup(link.close)
        link.sendall(self.start_of_a_sync(len(body)).encode() + body)
        self.assertEqual(len(self.pull()), 100)
        self.until(self.metrics, lambda figures: figures["kithd_connections"] <= 1, 15)

    def test_a_wait_is_not_slow(self):
        self.assertEqual(self.founder.wait(self.space, 0, 3).code, 204)


class TestStrangeRequests(KithdCase):
    def test_what_is_no_http_ends_the_connection(self):
        for text in ("\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "POST /v1/sync HTTP/9.9\r\n\r\n",
                     "GET /healthz HTTP/1.1\r\n" + "A: b\r\n" * 4000 + "\r\n",
                     "GET /" + "a" * 70_000 + " HTTP/1.1\r\n\r\n",
                     "POST /v1/sync HTTP/1.1\r\nHost: r\r\nContent-Length: -1\r\n\r\n",
                     "POST /v1/sync HTTP/1.1\r\nHost: r\r\nContent-Length: 9999999999999999999999"
                     "\r\n\r\n"):
            link = self.raw("")
            try:
                link.sendall(text.encode())
                link.shutdown(socket.SHUT_WR)
                while link.recv(65536):
                    pass
            except OSError:
                pass
            self.check_is_well()

    def test_a_body_in_chunks_is_taken(self):
        body = ask(self.space, author=self.author) + frame(SEGMENT, self.author.write())
        link = self.founder.connect()
        link.request("POST", "/v1/sync", iter([body[:50], body[50:51], body[51:]]),
                     {"Authorization": self.founder.authorization("POST", "/v1/sync")},
                     encode_chunked=True)
        self.assertEqual(link.getresponse().status, 200)
        link.close()
        self.assertEqual(len(self.pull()), 1)

    def test_a_body_where_none_belongs_is_passed_over(self):
        link = self.founder.connect()
        link.request("GET", "/healthz", b"x" * 100_000)
        self.assertEqual(link.getresponse().read(), b"ok\n")
        link.close()


def public_key_of(certificate):
    """The SubjectPublicKeyInfo in a certificate's DER (RFC 5280, 4.1)."""
    def read(data):
        length, at = data[1], 2
        if length > 127:
            at += length & 127
            length = int.from_bytes(data[2:at], "big")
        return data[at:at + length], data[at + length:], data[:at + length]

    fields = read(read(certificate)[0])[0]
    for _ in range(6):  # version, serial number, algorithm, issuer, validity, subject
        fields = read(fields)[1]
    return read(fields)[2]


class TestTls(KithdCase):
    options = ()

    def certificate(self):
        link = self.raw("")
        found = link.getpeercert(binary_form=True)
        link.close()
        return found

    def test_the_pin_is_of_the_key_that_it_speaks_with(self):
        pin = hashlib.sha256(public_key_of(self.certificate())).hexdigest()
        self.assertEqual(pin, self.relay.pin)
        self.relay.stop()
        process = subprocess.Popen([COMMAND, "--data", str(self.relay.folder), "--listen",
                                    "127.0.0.1:0"], stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.DEVNULL)
        ready = process.stdout.readline()
        process.terminate()
        process.communicate()
        self.assertRegex(ready, rf"^listening on 127\.0\.0\.1:\d+ pin {pin}\n$")

    def test_requests_and_waits_work_over_it(self):
        self.push(self.author.write(os.urandom(60_000)))
        self.assertEqual(len(self.pull()), 1)
        self.assertEqual(self.founder.wait(self.space, 0).code, 200)
        self.assertEqual(self.founder.wait(self.space, 1, 1).code, 204)

    def test_the_key_is_the_relays_alone(self):
        for name in ("tls.key", "relay.db", "marker"):
            self.assertEqual((self.relay.folder / name).stat().st_mode & 0o077, 0, name)

    def test_plain_words_to_it_harm_nothing(self):
        link = socket.create_connection(("127.0.0.1", self.relay.port), timeout=10)
        link.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        self.assertNotIn(b"ok", link.recv(100))
        link.close()
        self.check_is_well()

    def test_a_certificate_of_ones_own_is_used(self):
        folder = self.relay.folder
        self.relay.stop()
        for name in ("tls.crt", "tls.key"):
            (folder / name).rename(self.folder / name)
        pair = f"{self.folder}/tls.crt,{self.folder}/tls.key"
        self.relay.options = ("--tls", pair)
        self.relay.start()
        self.assertEqual(hashlib.sha256(public_key_of(self.certificate())).hexdigest(),
                         self.relay.pin)

    def test_too_many_requests_from_one_address_wait(self):
        link = self.founder.connect()
        codes = []
        while 429 not in codes and len(codes) < 3000:
            link.request("POST", "/v1/sync", b"")
            answer = link.getresponse()
            answer.read()
            codes.append(answer.status)
        self.assertEqual(set(codes), {401, 429})
        link.close()


class TestStopping(KithdCase):
    def stop_time(self):
        begun = time.monotonic()
        self.relay.stop()
        return time.monotonic() - begun

    def test_idle_connections_do_not_hold_it_up(self):
        link = self.founder.connect()
        link.request("GET", "/healthz")
        link.getresponse().read()
        self.assertLess(self.stop_time(), 2)
        link.close()

    def test_those_who_wait_are_answered(self):
        target = f"/v1/wait?{self.space.hex()}=0"
        link = self.raw(f"GET {target} HTTP/1.1\r\nHost: relay\r\n"
                        f"Authorization: {self.founder.authorization('GET', target)}\r\n\r\n")
        self.until(self.metrics, lambda figures: figures["kithd_waiting"] == 1)
        self.assertLess(self.stop_time(), 2)
        self.assertIn(b" 204 ", link.recv(100))

    def test_a_request_under_way_may_end(self):
        body = ask(self.space, author=self.author) + frame(SEGMENT, self.author.write())
        link = self.raw(f"POST /v1/sync HTTP/1.1\r\nHost: relay\r\nContent-Length: {len(body)}\r\n"
                        f"Authorization: {self.founder.authorization('POST', '/v1/sync')}\r\n\r\n")
        link.sendall(body[:100])
        time.sleep(0.2)
        self.relay.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        link.sendall(body[100:])
        self.assertIn(b" 200 ", link.recv(100))
        self.assertEqual(self.relay.process.wait(5), 0)
        self.relay.log.close()
        self.relay.process.stdout.close()
        self.relay.start()
        self.assertEqual(len(self.pull()), 1)

    def test_what_came_of_a_request_that_never_ends_is_kept(self):
        segment = self.author.write(os.urandom(9000))
        body = ask(self.space, author=self.author) + frame(SEGMENT, segment)
        link = self.raw(f"POST /v1/sync HTTP/1.1\r\nHost: relay\r\nContent-Length: {len(body)}\r\n"
                        f"Authorization: {self.founder.authorization('POST', '/v1/sync')}\r\n\r\n")
        link.sendall(body[:5000])
        time.sleep(0.2)
        self.assertLess(self.stop_time(), 13)
        self.relay.start()
        probe = self.founder.post(ask(self.space, author=self.author, flags=PROBES))
        self.assertGreater(probe.staged[0].offset, 4000)


class TestCommands(KithdCase):
    def test_init_does_not_touch_what_is_there(self):
        self.assertIn("there already", self.admin("init", code=REFUSED))
        self.assertEqual(len(self.founder.post(ask(self.space)).spaces), 1)

    def test_spaces_and_devices_are_listed(self):
        device = self.member(ADMIN)
        self.push(self.author.write(bytes(1000)))
        listed = self.admin("space", "list").split()
        self.assertEqual(listed, [self.space.hex(), "segments", "1", "bytes", "1235", "quota", "0",
                                  "entries", "3", "held", "0", "held-bytes", "0"])
        self.take(self.founder.revoke(self.charter, device))
        self.assertEqual(self.admin("device", "list", self.space.hex()).splitlines(),
                         [f"{self.founder.keys.sign.hex()} admin admitted by entry 1; "
                          "bytes 1235 quota 0 held 0 held-bytes 0",
                          f"{device.keys.sign.hex()} admin admitted by entry 3, revoked; "
                          "bytes 0 quota 0 held 0 held-bytes 0"])

    def test_a_quota_is_shown_and_set(self):
        self.admin("quota", self.space.hex(), "123456")
        self.assertIn("quota 123456", self.admin("quota", self.space.hex()))
        for wrong in ("", "x", "-1", "1x", "99999999999999999999"):
            self.assertIn("bytes", self.admin("quota", self.space.hex(), wrong, code=REFUSED))
        self.assertIn("quota 123456", self.admin("quota", self.space.hex()))
        device = self.founder.keys.sign.hex()
        self.assertEqual(self.admin("quota", self.space.hex(), device, "77"),
                         f"{device} bytes 0 quota 77\n")
        self.assertIn("quota 77 ", self.admin("device", "list", self.space.hex()))
        self.admin("quota", self.space.hex(), device, "x", code=REFUSED)
        self.assertIn("quota 77\n", self.admin("quota", self.space.hex(), device))

    def test_what_is_not_there_is_not_found(self):
        for words in (("quota", "0" * 32), ("device", "list", "0" * 32), ("quota", "field"),
                      ("device", "list", "x")):
            self.admin(*words, code=NOT_FOUND)
        for name in ("check", "token"):
            done = subprocess.run([COMMAND, name, "--data", str(self.folder / "nowhere")],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, NOT_FOUND, done.stderr)

    def test_wrong_words_are_told(self):
        for words in (("sing",), ("space",), ("space", "lists"), ("device", "list"), ("backup",),
                      ("--listen", "8443"), ("--listen", "host:x"), ("--listen", "1.2.3.4:65536"),
                      ("--tls", "maybe"), ("--quota", "0"), ("--device-quota", "much"),
                      ("quota", "0" * 32, "1", "2"), ("--threads", "many"), ("--other",),
                      ("--timeout", "0"), ("--config",), ("--open=perhaps",)):
            message = self.admin(*words, code=USAGE)
            self.assertRegex(message, r"^kithd: [^\n]+\n$", words)
        self.admin("--listen", "example.org:80", code=REFUSED)

    def test_a_backup_is_made_while_it_runs_and_overwrites_nothing(self):
        self.push(self.author.write())
        backup = self.folder / "backup.db"
        self.admin("backup", str(backup))
        self.assertIn("there already", self.admin("backup", str(backup), code=REFUSED))
        folder = self.folder / "other"
        folder.mkdir()
        backup.rename(folder / "relay.db")
        done = subprocess.run([COMMAND, "check", "--data", str(folder)], capture_output=True,
                              text=True, check=True)
        self.assertIn("1 segments", done.stdout)

    def test_damage_is_found(self):
        self.push(*[self.author.write(os.urandom(20_000)) for _ in range(3)])
        self.relay.stop()
        file = self.relay.folder / "relay.db"
        content = bytearray(file.read_bytes())
        at = content.find(self.author.segments[1][300:400])
        content[at] ^= 1
        file.write_bytes(content)
        self.admin("check", code=DAMAGED)

    def test_a_file_of_options_is_read(self):
        self.relay.stop()
        config = self.folder / "kithd.conf"
        config.write_text(f"# the relay\ndata = {self.relay.folder}\n\nlisten=127.0.0.1:1\n"
                          "tls = off\n  open = yes  \n")
        process = subprocess.Popen([COMMAND, "--config", str(config), "--listen", "127.0.0.1:0"],
                                   stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        self.relay.port = int(re.match(r"listening on 127\.0\.0\.1:(\d+)\n$",
                                       process.stdout.readline())[1])
        stranger, charter = Device(self.relay), Charter()
        entry = stranger.found(charter)
        self.assertEqual(stranger.post(ask(charter.space), frame(ENTRY, entry)).refused, [])
        process.terminate()
        process.communicate()
        for text, part in (("data", ":1: a line is"), ("\ncolour = red", ":2: there is no option"),
                           ("tls = perhaps", ":1: tls takes"), ("a" * 3000, "too long")):
            config.write_text(text)
            done = subprocess.run([COMMAND, "--config", str(config)], capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, USAGE)
            self.assertIn(part, done.stderr)

    def test_help_and_version_are_for_standard_output(self):
        for word, part in (("--help", "kithd init"), ("--version", "kithd ")):
            done = subprocess.run([COMMAND, word], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            self.assertIn(part, done.stdout)


class TestOpen(KithdCase):
    options = ("--tls", "off", "--open")

    def test_an_open_relay_takes_any_space(self):
        stranger, charter = Device(self.relay), Charter()
        entry = stranger.found(charter)
        answer = stranger.post(ask(charter.space), frame(ENTRY, entry))
        self.assertEqual((answer.refused, answer.spaces[0].count), ([], 1))


if __name__ == "__main__":
    unittest.main()
