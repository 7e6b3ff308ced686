/* SPDX-License-Identifier: Apache-2.0 */
#include "relays.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PIECE = 4096, TIME_WINDOW_MS = 300000 };

static int64_t wall_ms(void *user)
{
    return ((test_relay *)user)->wall_ms;
}

static kith_status fill_random(void *user, uint8_t *out, size_t length)
{
    test_relay *relay = user;
    for (size_t i = 0; i < length; i++) {
        out[i] = (uint8_t)(test_next(&relay->random) >> 56);
    }
    return KITH_OK;
}

static void open_relay(test_relay *relay)
{
    kith_error error;
    kithd_options options = {
        .folder = relay->folder, .is_open = true, .quota = UINT64_C(1) << 30, .env = &relay->env};
    if (kithd_relay_open(&options, &relay->relay, &error) != KITH_OK) {
        fail_msg("the relay: %s", error.message);
    }
}

void relay_init(test_relay *relay)
{
    static unsigned count;
    kith_context cx;
    kithd_store *store = NULL;
    *relay = (test_relay){.wall_ms = DEVICE_START_MS, .random = test_random_of(++count)};
    /* Few folders, as thousands of relays come and go: the marker in one is written anew. */
    (void)snprintf(relay->folder, sizeof relay->folder, "%s/relay-%u", test_folder(), count % 8);
    assert_true(mkdir(relay->folder, 0700) == 0 || errno == EEXIST);
    relay->env = kith_env_default();
    relay->env.user = relay;
    relay->env.wall_ms = wall_ms;
    relay->env.random = fill_random;
    relay->disk = disk_new(count);
    relay->env.storage = disk_name(relay->disk);
    assert_ok(kith_context_init(&cx, &relay->env));
    assert_ok(kithd_store_open(&cx, relay->folder, true, &store));
    kithd_store_close(store);
    open_relay(relay);
}

void relay_close(test_relay *relay)
{
    if (relay->relay != NULL) {
        kithd_relay_close(relay->relay);
        disk_free(relay->disk);
    }
    relay->relay = NULL;
}

void relay_reopen(test_relay *relay)
{
    kithd_relay_close(relay->relay);
    open_relay(relay);
}

test_disk *relay_back_up(test_relay *relay)
{
    kithd_relay_close(relay->relay);
    test_disk *backup = disk_copy(relay->disk, test_next(&relay->random));
    open_relay(relay);
    return backup;
}

void relay_restore(test_relay *relay, test_disk *backup)
{
    kithd_relay_close(relay->relay);
    disk_free(relay->disk);
    relay->disk = disk_copy(backup, test_next(&relay->random));
    relay->env.storage = disk_name(relay->disk);
    open_relay(relay);
}

/* One request on its way. */
typedef struct exchange {
    test_relay *relay;
    test_device *device;
    test_link *link;
    kith_sync *sync;
    kithd_session *session;
    bool is_cut;
} exchange;

static size_t piece_of(const test_link *link)
{
    return link->piece == 0 ? PIECE : link->piece;
}

/* How much of `length` bytes gets through, given what went before. */
static size_t passing(exchange *x, size_t cut, size_t before, size_t length)
{
    if (cut == 0 || x->link->cuts == 0 || before + length < cut) {
        return length;
    }
    x->is_cut = true;
    return cut - before;
}

static void send_body(exchange *x)
{
    uint8_t bytes[PIECE];
    size_t length = 0;
    size_t sent = 0;
    do {
        must(x->device, kith_sync_read_request(x->sync, bytes, piece_of(x->link), &length));
        size_t through = passing(x, x->link->cut_up, sent, length);
        assert_ok(kithd_session_put(x->session, kith_slice_make(bytes, through)));
        sent += through;
    } while (length > 0 && !x->is_cut);
    x->link->up_bytes += sent;
}

static kith_status receive_answer(exchange *x)
{
    uint8_t bytes[PIECE];
    size_t length = 0;
    size_t received = 0;
    kith_status status = KITH_OK;
    do {
        assert_ok(kithd_session_read(x->session, bytes, piece_of(x->link), &length));
        size_t through = passing(x, x->link->cut_down, received, length);
        status = kith_sync_put_answer(x->sync, kith_slice_make(bytes, through));
        received += through;
    } while (length > 0 && !x->is_cut && status == KITH_OK);
    x->link->down_bytes += received;
    return status;
}

/* What the relay's HTTP side does before a session begins. */
static bool is_timely(const exchange *x, int64_t time_ms)
{
    return llabs(time_ms - x->relay->wall_ms) <= TIME_WINDOW_MS;
}

static kith_status answer_with_time(exchange *x)
{
    kith_buf out;
    kith_buf_init(&out, test_context(), 4096);
    kithd_write_failure(x->relay->relay, KITH_E_TIME, "the time is not ours", &out);
    kith_status status = kith_sync_put_answer(x->sync, kith_buf_slice(&out));
    kith_buf_deinit(&out);
    return status == KITH_OK ? kith_sync_end_answer(x->sync, 401) : status;
}

static kith_status run_session(exchange *x)
{
    kith_status status = KITH_OK;
    send_body(x);
    if (x->is_cut) {
        kithd_session_break(x->session);
    } else {
        kithd_session_finish(x->session);
        status = receive_answer(x);
    }
    kithd_session_close(x->session);
    x->link->cuts -= x->is_cut && x->link->cuts > 0;
    return status == KITH_OK ? kith_sync_end_answer(x->sync, x->is_cut ? 0 : 200) : status;
}

static kith_status run_request(exchange *x, const char *header)
{
    static const char name[] = "Authorization: ";
    kith_request_proof proof;
    x->is_cut = false;
    x->link->requests++;
    assert_memory_equal(header, name, sizeof name - 1);
    assert_ok(
        kith_request_verify(test_context(), "POST", "/v1/sync", header + sizeof name - 1, &proof));
    if (!is_timely(x, proof.time_ms)) {
        return answer_with_time(x);
    }
    assert_ok(kithd_session_open(x->relay->relay, proof.key, &x->session));
    return run_session(x);
}

test_link link_draw(test_random *random)
{
    enum { CUT_BYTES_MAX = 3000 };
    test_link link = {.piece =
                          1 + (size_t)test_below(random, test_below(random, 4) == 0 ? 7 : 4096)};
    if (test_below(random, 2) == 0) {
        return link;
    }
    link.cuts = (size_t)test_below(random, 4);
    link.cut_up = test_below(random, 2) * (1 + (size_t)test_below(random, CUT_BYTES_MAX));
    link.cut_down = test_below(random, 2) * (1 + (size_t)test_below(random, CUT_BYTES_MAX));
    return link;
}

kith_status relay_sync_all(test_relay *relay, test_device *const *devices, size_t count,
                           test_link *link)
{
    test_link clean = {.cuts = 0};
    kith_replica *replicas[KITH_SYNC_SPACES_MAX];
    exchange x = {.relay = relay, .device = devices[0], .link = link == NULL ? &clean : link};
    const char *url = NULL;
    const char *header = NULL;
    for (size_t i = 0; i < count; i++) {
        replicas[i] = devices[i]->replica;
    }
    kith_status status = kith_sync_begin(replicas, count, &x.sync);
    while (status == KITH_OK) {
        status = kith_sync_next_request(x.sync, &url, &header);
        if (status == KITH_OK) {
            status = run_request(&x, header);
        }
        if (status == KITH_E_NETWORK && x.is_cut) {
            status = KITH_OK; /* again */
        }
    }
    if (x.sync != NULL) {
        kith_sync_read_progress(x.sync, &x.link->progress);
    }
    kith_sync_end(x.sync);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status relay_sync(test_relay *relay, test_device *device, test_link *link)
{
    return relay_sync_all(relay, &device, 1, link);
}

void relay_found(test_relay *relay, test_device *device)
{
    kith_relay address = {sizeof address, "http://relay.test", NULL};
    must(device, kith_space_found(device->replica, KITH_SLICE("Field"), &address, NULL));
    must_sync(relay, device);
}

void relay_admit(test_relay *relay, test_device *admin, test_device *device, uint32_t role)
{
    char invite[KITH_INVITE_SIZE];
    must_sync(relay, admin);
    must(admin, kith_space_invite(admin->replica, role, 0, 1, invite));
    must_sync(relay, admin);
    must(device, kith_space_join(device->replica, kith_slice_of(invite)));
    must_sync(relay, device);
}
