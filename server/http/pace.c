/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/pace.h"

#include <pthread.h>
#include <sys/socket.h>

/* Bytes a second: a hundredth of what 2G brings on a bad day. */
enum { RATE = 32 };

struct kithd_pace {
    kith_context *cx;
    int64_t given_ms;
    pthread_mutex_t lock; /* over the list */
    kithd_paced *first;
    size_t count;
};

kith_status kithd_pace_new(kith_context *cx, unsigned seconds, kithd_pace **pace_out)
{
    *pace_out = kith_allocate(cx, sizeof **pace_out);
    KITH_ENSURE(*pace_out != NULL, KITH_E_MEMORY);
    (*pace_out)->cx = cx;
    (*pace_out)->given_ms = (int64_t)seconds * 1000;
    (void)pthread_mutex_init(&(*pace_out)->lock, NULL);
    return KITH_OK;
}

void kithd_pace_free(kithd_pace *pace)
{
    if (pace != NULL) {
        KITH_ASSERT(pace->first == NULL);
        (void)pthread_mutex_destroy(&pace->lock);
        kith_free(pace->cx, pace);
    }
}

static int64_t now_ms(const kithd_pace *pace)
{
    return pace->cx->env.monotonic_ms(pace->cx->env.user);
}

static void enter(kithd_pace *pace, kithd_paced *paced)
{
    (void)pthread_mutex_lock(&pace->lock);
    paced->next = pace->first;
    paced->link = &pace->first;
    if (pace->first != NULL) {
        pace->first->link = &paced->next;
    }
    pace->first = paced;
    pace->count++;
    (void)pthread_mutex_unlock(&pace->lock);
}

static void leave(kithd_pace *pace, kithd_paced *paced)
{
    (void)pthread_mutex_lock(&pace->lock);
    *paced->link = paced->next;
    if (paced->next != NULL) {
        paced->next->link = paced->link;
    }
    pace->count--;
    (void)pthread_mutex_unlock(&pace->lock);
}

void kithd_pace_notify(void *user, struct MHD_Connection *connection, void **slot,
                       enum MHD_ConnectionNotificationCode what)
{
    kithd_pace *pace = user;
    kith_context cx = {.env = pace->cx->env};
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        kithd_paced *gone = *slot;
        *slot = NULL;
        if (gone != NULL) {
            leave(pace, gone);
            kith_free(&cx, gone);
        }
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    kithd_paced *paced = info == NULL ? NULL : kith_allocate(&cx, sizeof *paced);
    *slot = paced;
    if (paced != NULL) {
        paced->pace = pace;
        paced->socket = info->connect_fd;
        kithd_paced_restart(paced);
        enter(pace, paced);
    }
}

kithd_paced *kithd_paced_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

void kithd_paced_restart(kithd_paced *paced)
{
    if (paced != NULL) {
        atomic_store(&paced->since_ms, now_ms(paced->pace));
        atomic_store(&paced->bytes, 0);
        atomic_store(&paced->is_exempt, false);
    }
}

void kithd_paced_count(kithd_paced *paced, size_t bytes)
{
    if (paced != NULL) {
        (void)atomic_fetch_add(&paced->bytes, bytes);
    }
}

void kithd_paced_exempt(kithd_paced *paced)
{
    if (paced != NULL) {
        atomic_store(&paced->is_exempt, true);
    }
}

size_t kithd_pace_connections(kithd_pace *pace)
{
    (void)pthread_mutex_lock(&pace->lock);
    size_t count = pace->count;
    (void)pthread_mutex_unlock(&pace->lock);
    return count;
}

/* A connection leaves the list before its socket is closed, so what is shut here is its own. */
void kithd_pace_cut(kithd_pace *pace)
{
    int64_t now = now_ms(pace);
    (void)pthread_mutex_lock(&pace->lock);
    for (kithd_paced *paced = pace->first; paced != NULL; paced = paced->next) {
        int64_t passed_ms = now - atomic_load(&paced->since_ms);
        uint64_t due = passed_ms > 0 ? (uint64_t)passed_ms * RATE / 1000 : 0;
        if (passed_ms > pace->given_ms && atomic_load(&paced->bytes) < due &&
            !atomic_load(&paced->is_exempt)) {
            (void)shutdown(paced->socket, SHUT_RDWR);
        }
    }
    (void)pthread_mutex_unlock(&pace->lock);
}
