/* Connections that bring nothing, or hardly anything, are cut: whoever keeps them open costs memory
 * and a place, and a phone whose link died comes again. A connection must begin a request within
 * the time given, and a request must move so many bytes a second, either way, after that time.
 * Waiting for news is exempt. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_HTTP_PACE_H
#define KITHD_HTTP_PACE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/context.h"

typedef struct kithd_pace kithd_pace; /* all connections */

/** One connection. What its request's thread sets, the ticker's reads. */
typedef struct kithd_paced {
    kithd_pace *pace;
    struct kithd_paced *next;
    struct kithd_paced **link; /* what points to it */
    MHD_socket socket;
    atomic_int_least64_t since_ms; /* when it opened, or its request began or ended; monotonic */
    atomic_uint_least64_t bytes;   /* of its request, both ways */
    atomic_bool is_exempt;
} kithd_paced;

/** `seconds` is the time given. */
KITH_MUST_USE kith_status kithd_pace_new(kith_context *cx, unsigned seconds, kithd_pace **pace_out);

/** No connection may be open. */
void kithd_pace_free(kithd_pace *pace);

/** A function for MHD_OPTION_NOTIFY_CONNECTION, of which the pace is the user. */
void kithd_pace_notify(void *user, struct MHD_Connection *connection, void **slot,
                       enum MHD_ConnectionNotificationCode what);

/** The connection of a request; NULL if there was no memory for it, which all of these take. */
kithd_paced *kithd_paced_of(struct MHD_Connection *connection);

/** A request begins or has ended. */
void kithd_paced_restart(kithd_paced *paced);

/** So many bytes of a request were received or given out. */
void kithd_paced_count(kithd_paced *paced, size_t bytes);

/** The request waits for news from now on. */
void kithd_paced_exempt(kithd_paced *paced);

/** How many connections there are. */
size_t kithd_pace_connections(kithd_pace *pace);

/** Cuts those that are too slow; for the ticker. */
void kithd_pace_cut(kithd_pace *pace);

#endif
