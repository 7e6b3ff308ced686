/* The relay over HTTP: what is asked for, and by whom (proto/spec/sync.md §1, 5, 6).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_HTTP_SERVER_H
#define KITHD_HTTP_SERVER_H

#include "server/api/relay.h"
#include "server/http/certificate.h"

typedef struct kithd_server kithd_server;

enum { KITHD_THREADS_MAX = 60 };

typedef struct kithd_listen {
    const char *address;                  /* numeric, IPv4 or IPv6 */
    uint16_t port;                        /* 0 for any that is free */
    const kithd_certificate *certificate; /* NULL for plain HTTP */
    unsigned threads;                     /* 0 for 16, or as many as there are processors */
    unsigned connections;                 /* at a time, in all; 0 for 12,000 */
    unsigned timeout;                     /* seconds that a connection may bring nothing */
} kithd_listen;

/** Starts serving on threads of its own. The relay must outlive the server.
 *
 *  @return KITH_OK; KITH_E_ARGUMENT for an address that is none; KITH_E_IO if it cannot be had */
KITH_MUST_USE kith_status kithd_server_start(kithd_relay *relay, const kithd_listen *where,
                                             kithd_server **server_out, kith_error *error);

/** The port that it listens on. */
uint16_t kithd_server_port(const kithd_server *server);

/** Takes no new connections, lets requests under way end, for at most so many seconds, and ends. */
void kithd_server_stop(kithd_server *server, unsigned seconds);

#endif
