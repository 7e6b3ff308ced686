/* SPDX-License-Identifier: Apache-2.0 */
#include "offices.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "harness.h"
#include "segment/header.h"

char office_folder[400];

void office_folder_make(void)
{
    static unsigned count;
    kithd_store *store = NULL;
    (void)snprintf(office_folder, sizeof office_folder, "%s/office-%u", test_folder(), ++count);
    assert_int_equal(mkdir(office_folder, 0700), 0);
    assert_ok(kith_crypto_init(test_context()));
    assert_ok(kithd_store_open(test_context(), office_folder, true, &store));
    kithd_store_close(store);
}

kithd_relay *office_relay_open(const kithd_options *options)
{
    kithd_relay *relay = NULL;
    assert_ok(kithd_relay_open(options, &relay, NULL));
    return relay;
}

void office_init(office *o, uint32_t which)
{
    uint8_t key[KITH_KEY_BYTES];
    kith_charter charter;
    *o = (office){.number = 0};
    memcpy(o->seed, &which, sizeof which);
    kith_device_keys_derive(o->seed, &o->keys);
    kith_buf_init(&o->entry, test_context(), KITH_ENTRY_BYTES_MAX);
    assert_ok(
        kith_charter_write_found(test_context(), o->seed, KITH_SLICE("Field"), &o->entry, key));
    kith_charter_init(&charter, test_context(), NULL);
    assert_ok(kith_charter_apply(&charter, kith_buf_slice(&o->entry)));
    o->space = charter.space;
    kith_charter_deinit(&charter);
}

void office_deinit(office *o)
{
    kith_buf_deinit(&o->entry);
}

void office_write_ask(const office *o, kith_buf *request, uint64_t cursor)
{
    kith_ask ask = {.space = o->space, .cursor = cursor};
    kith_frame_write_ask(request, &ask);
}

void office_write_founding(const office *o, kith_buf *request)
{
    office_write_ask(o, request, 0);
    kith_frame_write(request, KITH_FRAME_ENTRY, kith_buf_slice(&o->entry));
}

void office_write_segment(office *o, kith_buf *request, kith_slice body)
{
    uint8_t bytes[KITH_HEADER_BYTES + OFFICE_BODY_BYTES];
    kith_segment_header header = {.space = o->space, .number = ++o->number, .epoch = 1};
    memcpy(header.sign, o->keys.sign, sizeof header.sign);
    memcpy(header.previous, o->header, sizeof header.previous);
    kith_body_hash(body, header.body);
    kith_header_sign(&header, o->seed, bytes);
    kith_header_hash(kith_slice_make(bytes, KITH_HEADER_BYTES), o->header);
    memcpy(bytes + KITH_HEADER_BYTES, body.data, body.length);
    kith_frame_write(request, KITH_FRAME_SEGMENT,
                     kith_slice_make(bytes, KITH_HEADER_BYTES + body.length));
}

kith_status office_answer(kithd_relay *at, const uint8_t key[KITH_KEY_BYTES],
                          const kith_buf *request, kith_buf *answer_out)
{
    uint8_t bytes[1000];
    size_t length = 1;
    kithd_session *session = NULL;
    KITH_TRY(kithd_session_open(at, key, &session));
    kith_status status = kithd_session_put(session, kith_buf_slice(request));
    if (status == KITH_OK) {
        kithd_session_finish(session);
    }
    while (status == KITH_OK && length > 0) {
        status = kithd_session_read(session, bytes, sizeof bytes, &length);
        kith_buf_append(answer_out, bytes, length);
    }
    kithd_session_close(session);
    return status;
}

size_t office_count_frames(const kith_buf *found, kith_frame_type type, kith_frame *last_out)
{
    size_t count = 0;
    kith_reader reader = kith_reader_of(kith_buf_slice(found));
    *last_out = (kith_frame){0};
    while (kith_reader_left(&reader) > 0) {
        uint8_t of = kith_read_u8(&reader);
        kith_slice payload = kith_read_slice(&reader);
        assert_false(reader.failed);
        if (of == type) {
            *last_out = (kith_frame){of, payload};
            count++;
        }
    }
    return count;
}

void office_exchange(kithd_relay *relay, const office *o, kith_buf *request, kith_buf *found)
{
    assert_ok(kith_buf_status(request));
    kith_buf_clear(found);
    assert_ok(office_answer(relay, o->keys.sign, request, found));
    kith_buf_clear(request);
}

uint64_t office_accepted_in(const kith_buf *found)
{
    kith_frame frame;
    kith_accepted_frame accepted = {.number = 0};
    if (office_count_frames(found, KITH_FRAME_ACCEPTED, &frame) > 0) {
        assert_true(kith_frame_read_accepted(frame.payload, &accepted));
    }
    return accepted.number;
}

void pair_init(pair *p)
{
    kith_buf_init(&p->request, test_context(), 8 * KITH_FRAME_BYTES_MAX);
    kith_buf_init(&p->found, test_context(), 8 * KITH_FRAME_BYTES_MAX);
}

void pair_deinit(pair *p)
{
    kith_buf_deinit(&p->request);
    kith_buf_deinit(&p->found);
}

void office_check_positions(kithd_relay *relay, const office *o, uint64_t count)
{
    kithd_store *store = NULL;
    kithd_segment segment = {.position = 0};
    assert_ok(kithd_relay_borrow(relay, test_context(), &store));
    for (uint64_t i = 1; i <= count; i++) {
        assert_ok(kithd_segment_next(store, o->space, i - 1, &segment));
        assert_int_equal(segment.position, i);
        assert_int_equal(segment.number, i);
    }
    assert_int_equal(kithd_segment_next(store, o->space, count, &segment), KITH_E_NOT_FOUND);
    kithd_relay_return(relay, store);
}
