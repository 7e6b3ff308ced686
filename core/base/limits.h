/* Every limit of Kith, each with its reason; proto/spec/limits.md says the same to other
 * implementations. Decoding without a cap does not exist.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BASE_LIMITS_H
#define KITH_BASE_LIMITS_H

/* An author's changes are numbered up to here: a device that makes one a second would need thirty
 * thousand years. The local database packs an author's ordinal and a number into one 64-bit row
 * id, and 40 bits for the number leave 23 for the ordinal. */
#define KITH_NUMBER_MAX ((UINT64_C(1) << 40) - 1)
#define KITH_AUTHORS_MAX ((UINT32_C(1) << 23) - 1)

/* One value: ten typed pages. Larger things are attachments. */
#define KITH_VALUE_BYTES_MAX ((size_t)64 * 1024)

/* A kind's, field's or code's name: they are identifiers, not labels. */
#define KITH_NAME_BYTES_MAX ((size_t)64)

/* Different kind and field names one replica learns: a hundred times the built-in schema. Above
 * it, changes with yet more names are damaged or hostile. */
#define KITH_NAMES_MAX ((size_t)65535)

/* Changes in one commit: a family of people, their journeys and their papers, many times over. */
#define KITH_COMMIT_CHANGES_MAX ((size_t)1024)

/* Field writes in one change: the largest kind has under sixty fields; sets may hold many. */
#define KITH_CHANGE_OPS_MAX ((size_t)2048)

/* Writes that one write replaces: more concurrent values than devices in the largest district. */
#define KITH_PREDECESSORS_MAX ((size_t)4096)

/* Bytes of one commit as encoded: a commit is never split, so it must fit a segment. */
#define KITH_COMMIT_BYTES_MAX ((size_t)512 * 1024)

/* Bytes of one block of the log, inflated. */
#define KITH_BLOCK_BYTES_MAX ((size_t)1024 * 1024)

/* Where a run of commits ends that becomes a segment: half a minute of 2G (DESIGN §4). A commit
 * that is larger by itself is a segment by itself, and the most that one can come to is twice what
 * a commit may. */
#define KITH_SEGMENT_SEALED_AIM ((size_t)64 * 1024)
#define KITH_SEGMENT_SEALED_MAX (2 * KITH_COMMIT_BYTES_MAX)

/* Bytes and numbers that a segment's columns come to when they are read: a phone with 1 GB can hold
 * them beside everything else. A byte of a commit is never more than four of a column, and four
 * numbers of a column are one of a commit; twice that is room for layouts that are less dense. */
#define KITH_SEGMENT_INFLATED_MAX (8 * KITH_COMMIT_BYTES_MAX)

/* One entry of a charter: a rekey for three thousand devices. */
#define KITH_ENTRY_BYTES_MAX ((size_t)256 * 1024)

/* Entries of one space, and members with the invites that can still admit: an office that admits a
 * device a day for a hundred years. */
#define KITH_ENTRIES_MAX UINT32_C(65535)
#define KITH_MEMBERS_MAX ((size_t)3000)

/* Authors of one device that a revocation names: a phone restored from a backup each week for
 * years. */
#define KITH_INCARNATIONS_MAX ((size_t)128)

/* One frame of sync: the largest segment and what stands before it. */
#define KITH_FRAME_BYTES_MAX (KITH_SEGMENT_SEALED_MAX + 1024)

/* Heads that a bundle tells of its writer: a frame holds them; of authors beyond, a bundle made for
 * it repeats what it has. */
#define KITH_HOLDS_MAX ((size_t)16384)

/* What a device carries unread for other spaces: a district's year of work for each of some
 * neighbours, and no more than a cheap phone can spare. */
#define KITH_CARRIED_BYTES_MAX (UINT64_C(64) * 1024 * 1024)
#define KITH_CARRIED_SPACES_MAX 16

/* A relay's address, a space's name: as people type them. */
#define KITH_RELAY_URL_BYTES_MAX ((size_t)200)
#define KITH_SPACE_NAME_BYTES_MAX ((size_t)200)

/* The packed state of one record. A record that devices write to for years grows by a few bytes a
 * change; this leaves room for millions. */
#define KITH_RECORD_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* Times of changes, in milliseconds either side of 1970: the years up to 9999, which every calendar
 * function can print. Differences of two fit 64 bits many times over. */
#define KITH_TIME_MS_MAX INT64_C(253402300799999)

/* JSON text taken in one piece: one line of `add -`, a schema file, a mapping. */
#define KITH_JSON_BYTES_MAX ((size_t)1024 * 1024)

/* JSON nesting: our deepest format has six levels. cJSON recurses once a level. */
#define KITH_JSON_DEPTH_MAX 32

/* Answers to one find: more than a person reads; narrower words are the better way. */
#define KITH_FIND_ROWS_MAX ((size_t)1000)

/* An id of a device or replica's name as typed at init. */
#define KITH_DEVICE_NAME_BYTES_MAX ((size_t)200)

#endif
