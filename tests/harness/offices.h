/* Founders of spaces that speak to a relay in the same process, in frames that they write
 * themselves. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_OFFICES_H
#define KITH_TESTS_OFFICES_H

#include "server/api/session.h"

/* The longest body of a segment that an office writes. */
enum { OFFICE_BODY_BYTES = 8192 };

/** The folder of the relay: a new one, with an empty database. */
extern char office_folder[400];
void office_folder_make(void);
kithd_relay *office_relay_open(const kithd_options *options);

/** A space and its founder, whose author writes in it. */
typedef struct office {
    uint8_t seed[KITH_SEED_BYTES];
    kith_device_keys keys;
    kith_space_id space;
    kith_buf entry;
    uint64_t number; /* of the author's last segment */
    uint8_t header[KITH_HASH_BYTES];
} office;

/** `which` is a seed: another office for another number. */
void office_init(office *o, uint32_t which);
void office_deinit(office *o);

/** Write to a request: an ask for the space, that with the founding entry, the author's next
 *  segment. Each asserts. */
void office_write_ask(const office *o, kith_buf *request, uint64_t cursor);
void office_write_founding(const office *o, kith_buf *request);
void office_write_segment(office *o, kith_buf *request, kith_slice body);

/** A request and its answer. */
typedef struct pair {
    kith_buf request;
    kith_buf found;
} pair;
void pair_init(pair *p);
void pair_deinit(pair *p);

/** Has a relay answer a request whole. */
kith_status office_answer(kithd_relay *at, const uint8_t key[KITH_KEY_BYTES],
                          const kith_buf *request, kith_buf *answer_out);

/** The same of an office's own request, which is empty afterwards. */
void office_exchange(kithd_relay *relay, const office *o, kith_buf *request, kith_buf *found);

/** The frames of a type in an answer, and the last one's payload. */
size_t office_count_frames(const kith_buf *found, kith_frame_type type, kith_frame *last_out);

/** The number in the last accepted frame; 0 if there is none. */
uint64_t office_accepted_in(const kith_buf *found);

/** Asserts that the space's positions are these, from 1 without gaps, its one author's numbers
 *  too. */
void office_check_positions(kithd_relay *relay, const office *o, uint64_t count);

#endif
