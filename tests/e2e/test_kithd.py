#!/usr/bin/env python3
"""kithd as whoever reaches its port meets it: a real process, spoken to by the words of proto/spec
(wire.py), also by those who mean it no good."""
import json
import os
import signal
import time
import unittest

from kithd_case import KithdCase
from wire import (ASK, E_DAMAGED, E_DENIED, E_FORKED, E_GAP, E_HELD, E_LIMIT, E_PULL, E_QUOTA,
                  E_SYNTAX, E_TIME, ENTRY, FAILURE, GIVEN_ENTRY, HEADS, NO_MEMBER, PARTIAL,
                  PROBES, READER, RELAY, REST, REVOKED, SEGMENT, TOKEN, UNKNOWN, WANTS_HEADS,
                  WITH_HEADS, Author, Charter, Device, ask, frame, varint)


class TestRequests(KithdCase):
    def check_refused(self, answer, code, status):
        """A refusal has frames, too: the relay's and why."""
        self.assertEqual((answer.code, answer.failure), (code, status))
        self.assertEqual([kind for kind, _ in answer.frames], [RELAY, FAILURE])

    def test_a_request_that_is_not_signed_is_refused(self):
        link = self.founder.connect()
        for header in ({}, {"Authorization": "Kith1 AAAA"}, {"Authorization": "Basic QQ=="}):
            link.request("POST", "/v1/sync", b"", header)
            answer = link.getresponse()
            self.assertEqual((answer.status, answer.read()[0]), (401, RELAY))
        link.close()

    def test_a_signature_is_for_one_method_and_target(self):
        for method, target in (("GET", "/v1/sync"), ("POST", "/v1/sync?"), ("POST", "/v1/wait")):
            link = self.founder.connect()
            link.request("POST", "/v1/sync", b"",
                         {"Authorization": self.founder.authorization(method, target)})
            self.assertEqual(link.getresponse().status, 401)
            link.close()

    def test_a_wrong_clock_is_told_the_time(self):
        for time_ms in (0, self.now_ms() - 301_000, self.now_ms() + 301_000, (1 << 48) - 1):
            answer = self.founder.post(ask(self.space), time_ms=time_ms)
            self.check_refused(answer, 401, E_TIME)
            self.assertLess(abs(answer.relay[1] - self.now_ms()), 2000)
            self.assertEqual(self.founder.post(ask(self.space), time_ms=answer.relay[1]).code, 200)

    def test_a_clock_within_five_minutes_is_right(self):
        for off in (-290_000, 290_000):
            answer = self.founder.post(ask(self.space), time_ms=self.now_ms() + off)
            self.assertEqual(answer.code, 200)

    def test_a_request_counts_once(self):
        proof = {"time_ms": self.now_ms(), "nonce": os.urandom(12)}
        self.assertEqual(self.founder.post(ask(self.space), **proof).code, 200)
        self.check_refused(self.founder.post(ask(self.space), **proof), 401, E_DENIED)
        self.assertEqual(Device(self.relay).post(ask(self.space), **proof).code, 200)

    def test_there_is_nothing_elsewhere(self):
        for target in ("/", "/v1", "/v1/sync/", "/v1/other", "/../relay.db", "/%2e%2e/marker"):
            link = self.founder.connect()
            link.request("GET", target)
            self.assertEqual(link.getresponse().status, 404, target)
            link.close()

    def test_too_many_requests_of_a_device_wait_their_turn(self):
        greedy = Device(self.relay)
        link = greedy.connect()
        codes = []
        for _ in range(200):
            link.request("POST", "/v1/sync", b"",
                         {"Authorization": greedy.authorization("POST", "/v1/sync")})
            answer = link.getresponse()
            answer.read()
            codes.append(answer.status)
            if answer.status == 429:
                self.assertGreater(int(answer.headers["Retry-After"]), 0)
                break
        self.assertEqual(set(codes), {200, 429})
        self.assertEqual(self.founder.post(ask(self.space)).code, 200)  # others do not wait


class TestFrames(KithdCase):
    def check_ends_with(self, status, *frames):
        answer = self.founder.post(*frames)
        self.assertEqual((answer.code, answer.failure), (200, status))
        self.assertEqual(answer.frames[-1][0], FAILURE)
        return answer

    def test_an_empty_request_learns_the_relays_epoch(self):
        answer = self.founder.post()
        self.assertEqual([kind for kind, _ in answer.frames], [RELAY])
        self.assertNotEqual(answer.relay[0], bytes(16))

    def test_what_is_no_frame_ends_the_request(self):
        good = ask(self.space)
        for name, wrong, status in (
                ("unknown type", frame(9, b""), E_SYNTAX),
                ("a type of answers", frame(RELAY, bytes(23)), E_SYNTAX),
                ("short ask", frame(ASK, self.space), E_SYNTAX),
                ("bytes left over", good[:1] + varint(len(good) - 1) + good[2:] + b"x", E_SYNTAX),
                ("longer form of a length", bytes([TOKEN, 0x81, 0x00, 0x00]), E_SYNTAX),
                ("beyond any length", bytes([SEGMENT, 0xff, 0xff, 0xff, 0x7f]), E_LIMIT),
                ("long token", frame(TOKEN, bytes(65)), E_LIMIT),
                ("the same space twice", good, E_LIMIT),
                ("half a frame", frame(SEGMENT, bytes(500))[:200], E_SYNTAX),
                ("a type alone", bytes([SEGMENT]), E_SYNTAX)):
            with self.subTest(name):
                answer = self.check_ends_with(status, good, wrong)
                self.assertEqual(len(answer.spaces), 1)  # what was asked before is answered

    def test_a_frame_belongs_to_a_space(self):
        for kind in (ENTRY, SEGMENT, REST, TOKEN):
            with self.subTest(kind):
                self.check_ends_with(E_SYNTAX, frame(kind, bytes(300)))

    def test_what_was_accepted_before_a_fault_stays(self):
        segment = self.author.write()
        answer = self.check_ends_with(E_SYNTAX, ask(self.space), frame(SEGMENT, segment),
                                      frame(9, b""))
        self.assertEqual([a.number for a in answer.accepted], [1])
        self.assertEqual(self.pull()[0].bytes, segment)

    def test_random_bytes_are_answered(self):
        for length in (1, 10, 1000, 100_000):
            self.assertEqual(self.founder.post(os.urandom(length)).code, 200)
        self.check_is_well()


class TestCharters(KithdCase):
    def test_founding_takes_a_token_once(self):
        stranger, charter = Device(self.relay), Charter()
        entry = frame(ENTRY, stranger.found(charter))
        for token in (b"", frame(TOKEN, b""), frame(TOKEN, b"guess"),
                      frame(TOKEN, self.relay.token.encode())):  # the last one was used
            answer = stranger.post(ask(charter.space), token, entry)
            self.assertEqual([r.status for r in answer.refused], [E_DENIED])
            self.assertEqual(answer.spaces[0].flags, UNKNOWN)
        token = frame(TOKEN, self.admin("token").split()[1].encode())
        answer = stranger.post(ask(charter.space), token, entry)
        self.assertEqual((answer.refused, answer.spaces[0].count), ([], 1))
        self.assertEqual(answer.spaces[0].head, charter.hashes[-1])

    def test_a_charter_is_the_one_of_its_id(self):
        stranger, charter = Device(self.relay), Charter()
        entry = frame(ENTRY, stranger.found(charter))
        token = frame(TOKEN, self.admin("token").split()[1].encode())
        answer = stranger.post(ask(bytes(16)), token, entry)
        self.assertEqual(len(answer.refused), 1)
        answer = stranger.post(ask(charter.space), token, entry)  # the token was not used up
        self.assertEqual(answer.refused, [])

    def test_who_knows_a_space_is_given_its_charter_and_nothing_else(self):
        self.push(self.author.write())
        stranger = Device(self.relay)
        answer = stranger.post(ask(self.space))
        self.assertEqual(answer.spaces[0].flags, NO_MEMBER)
        self.assertEqual(answer.spaces[0].position, 0)
        self.assertEqual(answer.all(GIVEN_ENTRY), self.entries)
        self.assertEqual((answer.given, answer.end), ([], 0))

    def test_only_new_entries_are_sent(self):
        self.member()
        answer = self.founder.post(ask(self.space, charter_count=2))
        self.assertEqual(answer.all(GIVEN_ENTRY), self.entries[2:])
        self.assertEqual(answer.spaces[0].head, self.charter.hashes[-1])

    def test_an_entry_out_of_place_is_refused(self):
        inviter = Device(self.relay)
        entry = self.founder.invite(self.charter, inviter.keys)
        later = self.founder.invite(self.charter, inviter.keys)
        answer = self.founder.post(ask(self.space), frame(ENTRY, later))
        self.assertEqual([r.status for r in answer.refused], [E_GAP])
        answer = self.founder.post(ask(self.space), frame(ENTRY, entry), frame(ENTRY, later))
        self.assertEqual((answer.refused, answer.spaces[0].count), ([], 3))
        self.assertEqual(answer.all(GIVEN_ENTRY), self.entries)  # not those that came with it
        again = self.founder.post(ask(self.space), frame(ENTRY, entry))
        self.assertEqual((again.refused, again.spaces[0].count), ([], 3))

    def test_an_invite_expires_by_the_relays_clock(self):
        for expires_ms, refusals in ((self.now_ms() - 1000, [E_DENIED]),
                                     (self.now_ms() + 60_000, [])):
            device, inviter = Device(self.relay), Device(self.relay)
            self.take(self.founder.invite(self.charter, inviter.keys, expires_ms=expires_ms))
            before = len(self.charter.hashes)
            entry = device.admit(self.charter, before, inviter)
            answer = device.post(ask(self.space), frame(ENTRY, entry))
            self.assertEqual([r.status for r in answer.refused], refusals)
            if refusals:
                self.reread()


class TestSegments(KithdCase):
    def test_what_one_pushes_the_others_pull_in_order(self):
        asha = self.member()
        author = Author(asha, self.space)
        segments = [author.write(os.urandom(n)) for n in (1, 100, 70_000, 5)]
        answer = asha.post(ask(self.space, author=author), *[frame(SEGMENT, s) for s in segments])
        self.assertEqual(answer.accepted[0], (author.id, 4, author.header_hash(4)))
        pulled = self.founder.post(ask(self.space))
        self.assertEqual([(g.position, g.offset, g.bytes) for g in pulled.given],
                         [(n, 0, s) for n, s in enumerate(segments, 1)])
        self.assertEqual((pulled.end, pulled.spaces[0].position), (4, 4))
        rest = self.founder.post(ask(self.space, cursor=3))
        self.assertEqual([g.bytes for g in rest.given], segments[3:])
        self.assertEqual(self.founder.post(ask(self.space, cursor=4)).given, [])

    def test_own_segments_are_sent_only_above_the_own_head(self):
        self.push(*[self.author.write() for _ in range(3)])
        answer = self.founder.post(ask(self.space, author=self.author, own_head=2))
        self.assertEqual([g.position for g in answer.given], [3])
        self.assertEqual(answer.accepted[0].number, 3)
        level = self.founder.post(ask(self.space, author=self.author, own_head=3, cursor=3))
        self.assertEqual((level.accepted, level.given, level.end), ([], [], 3))

    def test_heads_tell_what_the_device_has(self):
        other = Author(self.founder, self.space)
        self.push(self.author.write(), self.author.write())
        self.push(other.write(), author=other)
        told = varint(1) + self.author.id + varint(1)
        answer = self.founder.post(ask(self.space, flags=WITH_HEADS | WANTS_HEADS, more=told))
        self.assertEqual([g.position for g in answer.given], [2, 3])
        heads = sorted([self.author.id + varint(2), other.id + varint(1)])
        self.assertEqual(answer.all(HEADS), [varint(2) + b"".join(heads)])

    def test_a_probe_moves_nothing(self):
        self.push(self.author.write())
        answer = self.founder.post(ask(self.space, author=self.author, flags=PROBES))
        self.assertEqual((answer.given, answer.end), ([], 0))
        self.assertEqual(answer.accepted[0].number, 1)

    def test_a_broken_download_goes_on_where_it_broke(self):
        segments = [self.author.write(os.urandom(5000)) for _ in range(2)]
        self.push(*segments)
        partial = self.author.header_hash(1) + varint(3000)
        answer = self.founder.post(ask(self.space, flags=PARTIAL, more=partial))
        self.assertEqual([(g.position, g.offset, g.bytes) for g in answer.given],
                         [(1, 3000, segments[0][3000:]), (2, 0, segments[1])])
        for wrong in (bytes(32) + varint(3000), self.author.header_hash(1) + varint(5235)):
            answer = self.founder.post(ask(self.space, flags=PARTIAL, more=wrong))
            self.assertEqual([g.bytes for g in answer.given], segments)

    def test_the_same_again_counts_as_accepted(self):
        segments = [self.author.write() for _ in range(2)]
        self.push(*segments)
        answer = self.push(*segments)
        self.assertEqual([a.number for a in answer.accepted], [2])
        self.assertEqual(len(self.pull()), 2)

    def check_refused(self, status, *segments, device=None, author=None):
        answer = self.push(*segments, device=device, author=author)
        self.assertEqual([r.status for r in answer.refused], [status])
        return answer

    def test_what_does_not_follow_is_refused(self):
        self.push(self.author.write(), self.author.write())
        self.check_refused(E_GAP, self.author.make(b"x", number=4))
        self.check_refused(E_FORKED, self.author.make(b"x", number=2))
        self.check_refused(E_FORKED, self.author.make(b"x", previous=bytes(32)))
        self.assertEqual(len(self.pull()), 2)

    def test_what_was_changed_is_refused(self):
        segment = self.author.make(b"sealed")
        changed = segment[:-1] + bytes([segment[-1] ^ 1])
        self.check_refused(E_DAMAGED, changed)
        for at in (0, 1, 17, 49, 70, 75, 139, 171, 234):
            changed = segment[:at] + bytes([segment[at] ^ 1]) + segment[at + 1:]
            answer = self.push(changed)
            self.assertEqual((len(answer.refused), answer.accepted), (1, []), at)
        for length in (0, 1, 234, 235):
            self.assertEqual(len(self.push(segment[:length]).refused), 1, length)
        self.assertEqual(self.pull(), [])

    def test_a_segment_stays_in_its_space(self):
        other = Author(self.founder, os.urandom(16))
        self.check_refused(E_DENIED, other.write(), author=other)

    def test_a_stranger_pushes_nothing(self):
        stranger = Device(self.relay)
        author = Author(stranger, self.space)
        self.check_refused(E_DENIED, author.write(), device=stranger, author=author)
        self.check_refused(E_DENIED, self.author.write(), device=stranger, author=author)
        self.assertEqual(self.pull(), [])

    def test_a_reader_carries_but_does_not_write(self):
        reader = self.member(READER)
        author = Author(reader, self.space)
        self.check_refused(E_DENIED, author.write(), device=reader, author=author)
        answer = self.push(self.author.write(), device=reader, author=author)
        self.assertEqual([a.number for a in answer.accepted], [1])

    def test_a_new_device_pulls_before_it_pushes(self):
        self.push(self.author.write(), self.author.write())
        asha = self.member()
        author = Author(asha, self.space)
        first = frame(SEGMENT, author.write())
        early = asha.post(ask(self.space, cursor=1, author=author), first)
        self.assertEqual([r.status for r in early.refused], [E_PULL])
        late = asha.post(ask(self.space, cursor=2, author=author), first)
        self.assertEqual([a.number for a in late.accepted], [1])

    def check_fills_up(self, of_what, *which):
        """The room that is set takes two segments of four, and then all."""
        self.admin("quota", *which, "3000")
        answer = self.push(*[self.author.write(bytes(1000)) for _ in range(4)])
        self.assertEqual([r.status for r in answer.refused], [E_QUOTA, E_GAP])
        self.assertRegex(answer.refused[0].text, f"^the {of_what} has used up its room")
        self.assertEqual([a.number for a in answer.accepted], [2])
        return answer

    def test_a_space_has_so_much_room(self):
        self.check_fills_up("space", self.space.hex())
        self.admin("quota", self.space.hex(), "0")
        self.assertEqual(self.push(*self.author.segments[2:]).accepted[0].number, 4)

    def test_a_device_has_so_much_room_in_a_space(self):
        asha = self.member()
        self.check_fills_up("device", self.space.hex(), self.founder.keys.sign.hex())
        again = Author(self.founder, self.space)  # another incarnation has no room of its own
        answer = self.push(again.write(bytes(1000)), author=again)
        self.assertEqual([r.status for r in answer.refused], [E_QUOTA])
        carried = self.push(self.author.segments[2], device=asha)  # whoever brings it
        self.assertEqual([r.status for r in carried.refused], [E_QUOTA])
        other = Author(asha, self.space)
        answer = self.push(*[other.write(bytes(1000)) for _ in range(4)], device=asha, author=other)
        self.assertEqual(answer.accepted[0].number, 4)
        self.admin("quota", self.space.hex(), self.founder.keys.sign.hex(), "0")
        self.assertEqual(self.push(*self.author.segments[2:]).accepted[0].number, 4)
        self.assertIn("8 segments", self.admin("check"))

    def test_thousands_of_refusals_leave_a_whole_answer(self):
        self.author.write()
        frames = [frame(SEGMENT, self.author.make(b"x", number=9))] * 30_000
        answer = self.founder.post(ask(self.space, author=self.author), *frames)
        self.assertGreater(len(answer.refused), 100)
        self.assertEqual({r.status for r in answer.refused}, {E_GAP})

    def test_thousands_of_small_segments_are_taken(self):
        segments = [self.author.write(bytes([n & 255])) for n in range(5000)]
        answer = self.push(*segments)
        self.assertEqual(answer.accepted[-1].number, 5000)
        self.assertEqual([g.bytes for g in self.pull()], segments)


class TestDefaultRoom(KithdCase):
    options = ("--tls", "off", "--device-quota", "3000")

    def test_a_device_without_room_of_its_own_has_the_relays(self):
        answer = self.push(*[self.author.write(bytes(1000)) for _ in range(3)])
        self.assertEqual([r.status for r in answer.refused], [E_QUOTA])
        self.admin("quota", self.space.hex(), self.founder.keys.sign.hex(), "4000")
        self.assertEqual(self.push(self.author.segments[2]).accepted[0].number, 3)


class TestRevoked(KithdCase):
    def setUp(self):
        super().setUp()
        self.asha = self.member()
        self.author = Author(self.asha, self.space)
        self.push(self.author.write(), self.author.write(), device=self.asha)
        self.take(self.founder.revoke(self.charter, self.asha, [(self.author, 2)]))

    def test_what_a_revoked_device_sends_is_kept_apart(self):
        late = self.author.write(b"late and held")
        answer = self.push(late, device=self.asha)
        self.assertEqual([r.status for r in answer.refused], [E_HELD])
        self.assertEqual(answer.spaces[0].flags, REVOKED)
        self.assertEqual((answer.given, len(self.pull())), ([], 2))
        self.relay.stop()
        held = (self.folder / "relay" / "relay.db").read_bytes()
        self.assertIn(late, held)

    def test_others_carry_what_its_revocation_left(self):
        answer = self.push(*self.author.segments)
        self.assertEqual([a.number for a in answer.accepted], [2])

    def test_a_revoked_device_fills_no_disk(self):
        for _ in range(40):
            self.author.write(os.urandom(500_000))
        frames = [frame(SEGMENT, s) for s in self.author.segments[2:]]
        for _ in range(2):
            answer = self.asha.post(ask(self.space, author=self.author), *frames)
            refusals = [r.status for r in answer.refused]
            self.assertEqual(refusals, [E_HELD] * 33 + [E_QUOTA] * 7)  # 16 MiB of them are held
        told = f"held 33 held-bytes {33 * 500_235}\n"
        self.assertTrue(self.admin("space", "list").endswith(told))
        self.assertTrue(self.admin("device", "list", self.space.hex()).endswith(
            f", revoked; bytes {2 * 241} quota 0 {told}"))


class TestResuming(KithdCase):
    def break_off(self, *frames, cut, sender=None):
        """Sends the start of a request, and is gone."""
        body = b"".join(frames)
        proof = (sender or self.founder).authorization("POST", "/v1/sync")
        link = self.raw(f"POST /v1/sync HTTP/1.1\r\nHost: relay\r\nContent-Length: {len(body)}\r\n"
                        f"Authorization: {proof}\r\n\r\n")
        link.sendall(body[:cut])
        time.sleep(0.1)
        link.close()

    def probe(self, author=None):
        author = author or self.author
        return self.until(lambda: self.founder.post(
            ask(self.space, author=author, flags=PROBES)), lambda answer: answer.staged)

    def test_half_a_segment_is_gone_on_with(self):
        first, second = self.author.write(), self.author.write(os.urandom(9000))
        start = ask(self.space, author=self.author) + frame(SEGMENT, first)
        self.break_off(start, frame(SEGMENT, second), cut=len(start) + 3 + 4000)
        answer = self.probe()
        self.assertEqual(answer.accepted[0].number, 1)
        staged = answer.staged[0]
        self.assertEqual(staged[:3], (self.author.id, 2, self.author.header_hash(2)))
        self.assertEqual(staged.offset, 4000)
        rest = frame(REST, staged.header + varint(4000) + second[4000:])
        answer = self.founder.post(ask(self.space, author=self.author, own_head=1), rest)
        self.assertEqual([a.number for a in answer.accepted], [2])
        self.assertEqual((answer.staged, self.pull()[1].bytes), ([], second))

    def test_a_rest_can_break_too(self):
        segment = self.author.write(os.urandom(9000))
        start = ask(self.space, author=self.author)
        self.break_off(start, frame(SEGMENT, segment), cut=len(start) + 3 + 1000)
        self.assertEqual(self.probe().staged[0].offset, 1000)
        rest = frame(REST, self.author.header_hash(1) + varint(1000) + segment[1000:])
        self.break_off(start, rest, cut=len(start) + 3 + 34 + 2000)
        answer = self.until(self.probe, lambda found: found.staged[0].offset == 3000)
        rest = frame(REST, self.author.header_hash(1) + varint(3000) + segment[3000:])
        self.assertEqual(self.founder.post(start, rest).accepted[0].number, 1)

    def test_a_rest_of_something_else_is_refused(self):
        segment = self.author.write(os.urandom(9000))
        start = ask(self.space, author=self.author)
        self.break_off(start, frame(SEGMENT, segment), cut=len(start) + 3 + 1000)
        self.probe()
        for header, offset in ((bytes(32), 1000), (self.author.header_hash(1), 1001)):
            rest = frame(REST, header + varint(offset) + segment[1000:])
            answer = self.founder.post(start, rest)
            self.assertEqual([r.status for r in answer.refused], [E_GAP])
            self.break_off(start, rest, cut=len(start) + 3 + 34 + 500)
            time.sleep(0.1)
            self.assertEqual(self.probe().staged[0].offset, 1000)

    def test_a_rest_counts_from_its_offset_where_more_has_come(self):
        segment = self.author.write(os.urandom(9000))
        start = ask(self.space, author=self.author)
        self.break_off(start, frame(SEGMENT, segment), cut=len(start) + 3 + 4000)
        self.probe()
        rest = frame(REST, self.author.header_hash(1) + varint(1000) + segment[1000:])
        self.break_off(start, rest, cut=len(start) + 3 + 34 + 500)
        self.assertEqual(self.probe().staged[0].offset, 4000)  # and not 1500
        self.assertEqual(self.founder.post(start, rest).accepted[0].number, 1)
        self.assertEqual(self.pull()[0].bytes, segment)

    def test_a_start_that_cannot_become_a_segment_is_forgotten(self):
        segment = self.author.write(os.urandom(9000))
        start = ask(self.space, author=self.author)
        self.break_off(start, frame(SEGMENT, segment), cut=len(start) + 3 + 1000)
        self.probe()
        rest = frame(REST, self.author.header_hash(1) + varint(1000) + bytes(8235))
        answer = self.founder.post(start, rest)
        self.assertEqual([r.status for r in answer.refused], [E_DAMAGED])
        self.assertEqual(answer.staged, [])
        self.assertEqual(self.push(segment).accepted[0].number, 1)

    def test_nothing_is_kept_of_what_a_stranger_began(self):
        stranger = Device(self.relay)
        author = Author(stranger, self.space)
        start = ask(self.space, author=author)
        self.break_off(start, frame(SEGMENT, author.write(bytes(5000))), cut=len(start) + 3000,
                       sender=stranger)
        self.assertEqual(stranger.post(start).staged, [])


class TestDurability(KithdCase):
    def test_what_was_accepted_survives_a_kill(self):
        segments = []
        for number in range(5):
            segments += [self.author.write(os.urandom(100)) for _ in range(number + 1)]
            answer = self.push(*segments[-number - 1:])
            self.assertEqual(answer.accepted[0].number, len(segments))
            self.relay.stop(signal.SIGKILL)
            self.relay.start()
        self.assertEqual([g.bytes for g in self.pull()], segments)
        self.relay.stop()
        self.assertIn("15 segments", self.relay.check())

    def test_a_restart_keeps_the_epoch_and_a_backup_begins_a_new_one(self):
        self.push(self.author.write())
        epoch = self.founder.post().relay[0]
        self.relay.stop(signal.SIGKILL)
        self.relay.start()
        self.assertEqual(self.founder.post().relay[0], epoch)
        backup = self.folder / "backup.db"
        self.admin("backup", str(backup))
        self.push(self.author.write())
        self.relay.stop()
        for name in ("relay.db-wal", "relay.db-shm"):
            (self.folder / "relay" / name).unlink(missing_ok=True)
        backup.rename(self.folder / "relay" / "relay.db")
        self.relay.start()
        self.assertNotEqual(self.founder.post().relay[0], epoch)
        self.assertEqual(len(self.pull()), 1)
        self.assertEqual(self.push(*self.author.segments).accepted[0].number, 2)

    def test_a_copy_of_the_file_begins_a_new_epoch(self):
        epoch = self.founder.post().relay[0]
        self.relay.stop()
        copy = (self.folder / "relay" / "relay.db").read_bytes()
        self.relay.start()
        self.relay.stop()
        (self.folder / "relay" / "relay.db").write_bytes(copy)
        self.relay.start()
        self.assertNotEqual(self.founder.post().relay[0], epoch)


class TestLogs(KithdCase):
    def test_logs_are_json_without_addresses_or_keys(self):
        self.push(self.author.write())
        self.founder.wait(self.space, 0)
        self.founder.post(b"\xff" * 100)
        self.relay.stop()
        lines = (self.folder / "relay.log").read_text().splitlines()
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            record = json.loads(line)
            self.assertIn(record["level"], ("error", "warning", "info"))
            for secret in ("127.0.0.1", self.space.hex(), self.founder.keys.sign.hex(), "Kith1"):
                self.assertNotIn(secret, line)

    def test_figures_are_for_prometheus(self):
        self.push(self.author.write(), self.author.write())
        figures = self.metrics()
        self.assertEqual(figures["kithd_segments_accepted_total"], 2)
        self.assertGreaterEqual(figures["kithd_commits_total"], 1)
        self.assertEqual(figures["kithd_waiting"], 0)

    def test_it_says_that_it_is_well(self):
        self.check_is_well()


if __name__ == "__main__":
    unittest.main()
