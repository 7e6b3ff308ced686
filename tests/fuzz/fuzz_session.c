/* The body of a request, as anybody may send it to a relay: it is answered, whatever it is, and
 * nothing is accepted that was not signed by a member. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fuzz.h"
#include "server/api/session.h"

static kithd_relay *relay;
static char folder[300];

static void end_relay(void)
{
    static const char *const names[] = {"relay.db", "relay.db-wal", "relay.db-shm", "marker"};
    kithd_relay_close(relay);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[sizeof folder + 20];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void start_relay(kith_context *cx)
{
    kithd_store *store = NULL;
    kithd_options options = {.folder = folder, .is_open = true, .quota = 1 << 20};
    const char *base = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/kithd-fuzz-XXXXXX", base == NULL ? "/tmp" : base);
    FUZZ_ENSURE(mkdtemp(folder) != NULL);
    FUZZ_ENSURE(kith_crypto_init(cx) == KITH_OK);
    FUZZ_ENSURE(kithd_store_open(cx, folder, true, &store) == KITH_OK);
    kithd_store_close(store);
    FUZZ_ENSURE(kithd_relay_open(&options, &relay, NULL) == KITH_OK);
    (void)atexit(end_relay);
}

/* Reads the whole answer, which must be frames to its end. */
static void read_answer(kith_context *cx, kithd_session *session)
{
    uint8_t bytes[4096];
    size_t length = 1;
    kith_frame frame;
    kith_frame_stream stream;
    kith_status status = KITH_OK;
    kith_frame_stream_init(&stream, cx);
    while (length > 0) {
        FUZZ_ENSURE(kithd_session_read(session, bytes, sizeof bytes, &length) == KITH_OK);
        FUZZ_ENSURE(kith_frame_stream_put(&stream, kith_slice_make(bytes, length)) == KITH_OK);
        do {
            status = kith_frame_stream_next(&stream, &frame);
            FUZZ_ENSURE(status == KITH_OK || status == KITH_E_NOT_FOUND);
        } while (status == KITH_OK);
    }
    kith_frame_stream_deinit(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kith_context cx;
    static const uint8_t key[KITH_KEY_BYTES] = {1};
    kithd_session *session = NULL;
    if (relay == NULL) {
        FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
        start_relay(&cx);
    }
    FUZZ_ENSURE(kithd_session_open(relay, key, &session) == KITH_OK);
    FUZZ_ENSURE(kithd_session_put(
                    session, kith_slice_head(kith_slice_make(data, size), size / 2)) == KITH_OK);
    FUZZ_ENSURE(kithd_session_put(
                    session, kith_slice_skip(kith_slice_make(data, size), size / 2)) == KITH_OK);
    if (size % 2 == 0) {
        kithd_session_finish(session);
        read_answer(&cx, session);
    } else {
        kithd_session_break(session);
    }
    kithd_session_close(session);
    FUZZ_ENSURE(kithd_relay_figures(relay).segments_accepted == 0);
    return 0;
}
