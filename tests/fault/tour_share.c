/* Spaces and sync. The relay is a mirror: it takes whatever it is sent, and says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include <kith/sync.h>

#include "segment/header.h"
#include "space/charter.h"
#include "tour.h"
#include "wire/frame.h"

enum { BODY_BYTES = 4096 };

/* What a request brought, which is all that the mirror knows. */
typedef struct mirror {
    kith_ask ask;
    uint32_t entry_count;
    uint8_t entry[KITH_HASH_BYTES];
    kith_accepted_frame head;
} mirror;

static void take_frame(mirror *m, const kith_frame *frame)
{
    kith_segment_header header;
    kith_slice head = kith_slice_head(frame->payload, KITH_HEADER_BYTES);
    switch (frame->type) {
    case KITH_FRAME_ASK:
        assert_true(kith_frame_read_ask(frame->payload, &m->ask));
        m->entry_count = m->ask.charter_count;
        memcpy(m->entry, m->ask.charter_head, sizeof m->entry);
        return;
    case KITH_FRAME_ENTRY:
        m->entry_count++;
        kith_entry_hash(frame->payload, m->entry);
        return;
    case KITH_FRAME_SEGMENT:
        assert_ok(kith_header_read(test_context(), head, &header));
        m->head.author = kith_header_author(&header);
        m->head.number = header.number;
        kith_header_hash(head, m->head.header);
        return;
    case KITH_FRAME_TOKEN:
        return;
    default:
        fail_msg("the request has a frame of type %u", frame->type);
    }
}

static void write_answer(const mirror *m, int64_t time_ms, kith_buf *out)
{
    kith_relay_frame relay = {.protocol = KITH_PROTOCOL, .relay_epoch = {1}, .time_ms = time_ms};
    kith_space_frame space = {
        .space = m->ask.space, .position = m->ask.cursor, .charter_count = m->entry_count};
    memcpy(space.charter_head, m->entry, sizeof space.charter_head);
    kith_frame_write_relay(out, &relay);
    kith_frame_write_space(out, &space);
    if (m->head.number > 0) {
        kith_frame_write_accepted(out, &m->head);
    }
    kith_frame_write_end(out, m->ask.cursor);
    assert_ok(kith_buf_status(out));
}

/* Reads the whole request into the mirror. */
static kith_status send_request(kith_sync *sync, mirror *m)
{
    uint8_t bytes[BODY_BYTES];
    size_t length = 1;
    kith_frame frame;
    kith_frame_stream stream;
    kith_status status = KITH_OK;
    kith_frame_stream_init(&stream, test_context());
    while (status == KITH_OK && length > 0) {
        status = kith_sync_read_request(sync, bytes, sizeof bytes, &length);
        assert_ok(kith_frame_stream_put(&stream, kith_slice_make(bytes, length)));
        while (kith_frame_stream_next(&stream, &frame) == KITH_OK) {
            take_frame(m, &frame);
        }
    }
    kith_frame_stream_deinit(&stream);
    return status;
}

static kith_status run_request(tour *t, kith_sync *sync)
{
    mirror m = {.entry_count = 0};
    kith_buf answer;
    kith_sync_progress progress;
    const kith_env *env = &t->outside.env;
    (void)kith_sync_request_length(sync);
    assert_null(kith_sync_pin(sync));
    KITH_TRY(send_request(sync, &m));
    kith_buf_init(&answer, test_context(), BODY_BYTES);
    write_answer(&m, env->wall_ms(env->user), &answer);
    kith_status status = kith_sync_put_answer(sync, kith_buf_slice(&answer));
    kith_buf_deinit(&answer);
    kith_sync_read_progress(sync, &progress);
    return status == KITH_OK ? kith_sync_end_answer(sync, 200) : status;
}

static kith_status synced(tour *t)
{
    kith_sync *sync = NULL;
    const char *url = NULL;
    const char *header = NULL;
    KITH_TRY(kith_sync_begin(&t->a, 1, &sync));
    kith_status status = KITH_OK;
    while (status == KITH_OK) {
        status = kith_sync_next_request(sync, &url, &header);
        if (status == KITH_OK) {
            status = run_request(t, sync);
        }
    }
    kith_sync_end(sync);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_relay nowhere(void)
{
    return (kith_relay){sizeof(kith_relay), "http://127.0.0.1:1", NULL};
}

static kith_status found(tour *t)
{
    kith_relay relay = nowhere();
    return kith_space_found(t->a, kith_slice_of("Field"), &relay, NULL);
}

static kith_status move_relay(tour *t)
{
    kith_relay relay = nowhere();
    return kith_space_set_relay(t->a, &relay, "token");
}

static kith_status count_device(void *user, const kith_space_device *device)
{
    size_t *count = user;
    *count += device->is_own;
    return KITH_OK;
}

static kith_status look(tour *t)
{
    size_t count = 0;
    kith_space_status space = {.struct_size = sizeof space};
    KITH_TRY(kith_space_read_status(t->a, &space));
    assert_string_equal(space.name, "Field");
    KITH_TRY(kith_space_list_devices(t->a, count_device, &count));
    assert_int_equal(count, 1);
    return KITH_OK;
}

static kith_status invite(tour *t)
{
    return kith_space_invite(t->a, KITH_MAY_WRITE, 0, 1, t->invite);
}

static kith_status join(tour *t)
{
    t->detail = kith_replica_error(t->b);
    return kith_space_join(t->b, kith_slice_of(t->invite));
}

static kith_status rotate(tour *t)
{
    return kith_space_rotate(t->a);
}

static kith_status revoke_nobody(tour *t)
{
    kith_status status = kith_space_revoke(t->a, kith_slice_of("0123456789abcdef"), 0);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

static kith_status note_number(void *user, const kith_space_invitation *invitation)
{
    *(uint32_t *)user = invitation->entry;
    return KITH_OK;
}

/* The invite that B had is used up, if B could make use of it. */
static kith_status take_back(tour *t)
{
    uint32_t number = 0;
    char text[KITH_INVITE_SIZE];
    KITH_TRY(kith_space_invite(t->a, KITH_MAY_READ, 0, 1, text));
    KITH_TRY(kith_space_list_invitations(t->a, note_number, &number));
    return kith_space_withdraw(t->a, number);
}

static kith_status sync_nowhere(tour *t)
{
    uint32_t is_new = 0;
    kith_sync_progress progress;
    kith_sync_options options = KITH_SYNC_OPTIONS_INIT;
    options.tries = 1;
    kith_status status = kith_sync_run(&t->a, 1, &options, &progress);
    KITH_ENSURE(status == KITH_E_NETWORK, status);
    status = kith_sync_wait(&t->a, 1, 1, NULL, NULL, &is_new);
    return status == KITH_E_NETWORK ? KITH_OK : status;
}

const tour_step tour_share_steps[] = {{"found", found, false},
                                      {"move relay", move_relay, true},
                                      {"sync", synced, true},
                                      {"look", look, true},
                                      {"invite", invite, false},
                                      {"write bundle", tour_write_bundle, true},
                                      {"carry", tour_carry, false},
                                      {"hand on", tour_hand_on, true},
                                      {"join", join, false},
                                      {"rotate", rotate, false},
                                      {"sync again", synced, true},
                                      {"write bundle anew", tour_write_bundle_for, true},
                                      {"take bundle", tour_take_bundle, false},
                                      {"adopt", tour_adopt, true},
                                      {"forget", tour_forget_carried, true},
                                      {"revoke nobody", revoke_nobody, true},
                                      {"take back", take_back, false},
                                      {"sync nowhere", sync_nowhere, true},
                                      {NULL, NULL, false}};
