/* Requests to a relay, by libcurl: what syncing and waiting have in common. The only user of
 * libcurl.
 *
 * A connection is kept between the requests of one kith_http. Where the relay's key is pinned, that
 * key and nothing else is asked for: neither who signed the certificate nor its dates matter, which
 * a phone in 1970 could not judge. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_NET_HTTP_H
#define KITH_NET_HTTP_H

#include "base/context.h"
#include "base/slice.h"

/** The outside of a request. Anything but KITH_OK ends it, and is what kith_http_perform() answers.
 */
typedef struct kith_http_calls {
    /** The next bytes of the body, none at its end; NULL to GET. */
    kith_status (*give)(void *user, uint8_t *out, size_t capacity, size_t *length_out);
    kith_status (*take)(void *user, kith_slice bytes);
    kith_status (*tell)(void *user); /* at least once a second */
    void *user;
} kith_http_calls;

typedef struct kith_http {
    kith_context *cx;
    kith_http_calls calls;
    void *curl;
    kith_status failure; /* of a call */
    bool has_head;       /* the answer's headers have come to their end */
    uint64_t sent_bytes; /* of bodies, by the requests before … */
    uint64_t now_bytes;  /* … and by the one under way */
} kith_http;

/** Makes ready for requests.
 *
 *  @param pin            SHA-256 of the relay's public key, or NULL
 *  @param stall_seconds  after so long without a byte either way a transfer counts as broken
 *  @return KITH_OK; KITH_E_INTERNAL; close it in any case */
KITH_MUST_USE kith_status kith_http_open(kith_http *http, kith_context *cx,
                                         const kith_http_calls *calls, const uint8_t *pin,
                                         uint32_t stall_seconds);

/** Closes the connection; fine for a zeroed one. */
void kith_http_close(kith_http *http);

/** Makes one request.
 *
 *  @param authorization  the whole header line
 *  @param length         of the body; -1 if it is not known
 *  @param code_out       of HTTP; 0 if no whole answer came, of which the detail says why
 *  @return KITH_OK, also if it broke; KITH_E_NETWORK if there is no use in repeating it, as the
 *          relay is another one; KITH_E_ARGUMENT if the address is none; KITH_E_MEMORY; what a call
 *          returned */
KITH_MUST_USE kith_status kith_http_perform(kith_http *http, const char *url,
                                            const char *authorization, int64_t length,
                                            int32_t *code_out);

#endif
