/* One request of sync and its answer (proto/spec/sync.md §2, 3): bytes in, bytes out, no HTTP.
 *
 * A session is used by one thread at a time. It holds a connection to the store only while it is
 * called: between calls it waits for a slow link, as hundreds of others do. Its memory is bounded:
 * segments are stored as they come, and read back one by one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_API_SESSION_H
#define KITHD_API_SESSION_H

#include "server/api/relay.h"
#include "wire/request.h"

typedef struct kithd_session kithd_session;

/** Begins a session of a device whose request has been proven. KITH_E_BUSY; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kithd_session_open(kithd_relay *relay, const uint8_t key[KITH_KEY_BYTES],
                                             kithd_session **session_out);
void kithd_session_close(kithd_session *session);

/** Takes the next bytes of the request. What is wrong with them is for the answer to say: after
 *  KITH_OK, bytes behind a fault are passed over.
 *
 *  @return KITH_OK; KITH_E_MEMORY */
KITH_MUST_USE kith_status kithd_session_put(kithd_session *session, kith_slice bytes);

/** The request broke off: stores what is whole of it, and the start of the segment under way. */
void kithd_session_break(kithd_session *session);

/** Whether finishing has to wait for the disk. */
bool kithd_session_has_unstored(const kithd_session *session);

/** The request is whole, and what it brought is stored meanwhile: `done` is called on another
 * thread when it is, maybe before this returns; then kithd_session_finish() does not wait. The
 * session is left alone until then. False, and nothing is called, where there is no such thread. */
bool kithd_session_hand_in(kithd_session *session, void (*done)(void *user), void *user);

/** The request is whole: stores what it brought. The answer can be read from now on. */
void kithd_session_finish(kithd_session *session);

/** Reads the next bytes of the answer; 0 at its end. */
KITH_MUST_USE kith_status kithd_session_read(kithd_session *session, uint8_t *out, size_t capacity,
                                             size_t *length_out);

/** A whole answer that is a failure: a relay and a failure frame. */
void kithd_write_failure(kithd_relay *relay, kith_status status, const char *text, kith_buf *out);

#endif
