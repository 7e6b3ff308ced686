/* What a replica needs of the world outside: time, chance, memory, storage, a place to log to.
 *
 * Every part can be replaced, so that a whole fleet of devices and all their faults run inside one
 * test, in virtual time, from one seed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_ENV_H
#define KITH_ENV_H

#include <kith/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How loudly a log line speaks. */
enum { KITH_LOG_ERROR = 0, KITH_LOG_WARNING = 1, KITH_LOG_INFO = 2 };

/** The outside of a replica. Start from kith_env_default() or KITH_ENV_INIT and replace what you
 *  need; a member left NULL takes the platform's own. The functions are called on the thread that
 *  uses the handle, and must not call back into it. */
typedef struct kith_env {
    uint32_t struct_size; /* sizeof(kith_env) */
    void *user;           /* handed to each function as it is */
    /** Milliseconds since 1 January 1970 UTC as the device believes; may be wrong by decades. */
    int64_t (*wall_ms)(void *user);
    /** Milliseconds from any start, never running backwards while the process lives, and going on
     *  while the device sleeps. */
    int64_t (*monotonic_ms)(void *user);
    /** Fills `out` with unpredictable bytes; anything but KITH_OK stops the caller. */
    kith_status (*random)(void *user, uint8_t *out, size_t length);
    /** As realloc(3); a size of 0 frees and returns NULL. */
    void *(*reallocate)(void *user, void *pointer, size_t size);
    /** Receives one line without user data, not ended by a newline. */
    void (*log)(void *user, int32_t level, const char *line);
    /** The SQLite VFS that holds the database, by name; NULL for the platform's. */
    const char *storage;
} kith_env;

#define KITH_ENV_INIT                                              \
    {                                                              \
        sizeof(kith_env), NULL, NULL, NULL, NULL, NULL, NULL, NULL \
    }

/** The platform's environment: its clocks, its random source, its heap, its file system; log
 *  lines are dropped. Any thread. */
KITH_API kith_env kith_env_default(void);

#ifdef __cplusplus
}
#endif

#endif
