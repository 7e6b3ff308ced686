/* The platform's environment on POSIX systems. SPDX-License-Identifier: Apache-2.0 */
#include <kith/env.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

/* Linux stops CLOCK_MONOTONIC while the phone sleeps: a night's sleep would look as if the wall
 * clock had been set. */
#ifdef CLOCK_BOOTTIME
#define STEADY_CLOCK CLOCK_BOOTTIME
#else
#define STEADY_CLOCK CLOCK_MONOTONIC
#endif

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t posix_wall_ms(void *user)
{
    (void)user;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t posix_monotonic_ms(void *user)
{
    (void)user;
    return clock_ms(STEADY_CLOCK);
}

static kith_status posix_random(void *user, uint8_t *out, size_t length)
{
    (void)user;
    size_t filled = 0;
    while (filled < length) {
        ssize_t got = getrandom(out + filled, length - filled, 0);
        if (got < 0 && errno != EINTR) {
            return KITH_E_IO;
        }
        filled += got > 0 ? (size_t)got : 0;
    }
    return KITH_OK;
}

static void *posix_reallocate(void *user, void *pointer, size_t size)
{
    (void)user;
    if (size == 0) {
        free(pointer);
        return NULL;
    }
    return realloc(pointer, size);
}

static void drop_log(void *user, int32_t level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

kith_env kith_env_default(void)
{
    kith_env env = KITH_ENV_INIT;
    env.wall_ms = posix_wall_ms;
    env.monotonic_ms = posix_monotonic_ms;
    env.random = posix_random;
    env.reallocate = posix_reallocate;
    env.log = drop_log;
    return env;
}
