/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

kith_context *test_context(void)
{
    static kith_context cx;
    static bool is_ready;
    if (!is_ready) {
        is_ready = kith_context_init(&cx, NULL) == KITH_OK;
    }
    return &cx;
}

void test_assert_status(kith_context *cx, kith_status actual, kith_status expected,
                        const char *expression, const char *file, int line)
{
    if (actual != expected) {
        print_error("%s is %s (%s), not %s\n", expression, kith_status_name(actual),
                    actual == KITH_OK ? "" : cx->error.message, kith_status_name(expected));
        _fail(file, line);
    }
}

void test_assert_slice(kith_slice slice, const char *text, const char *file, int line)
{
    if (!kith_slice_is(slice, text)) {
        print_error("\"%.*s\" is not \"%s\"\n", KITH_SLICE_ARGUMENTS(slice), text);
        _fail(file, line);
    }
}

kith_status test_read_tightly(kith_slice bytes, kith_status (*read)(kith_slice))
{
    uint8_t *copy = malloc(bytes.length + 1);
    assert_non_null(copy);
    if (bytes.length > 0) {
        memcpy(copy + 1, bytes.data, bytes.length);
    }
    kith_status status = read(kith_slice_make(copy + 1, bytes.length));
    free(copy);
    return status;
}

const char *test_text(const kith_buf *buf)
{
    static char text[65536];
    size_t length = buf->length < sizeof text - 1 ? buf->length : sizeof text - 1;
    if (length > 0) {
        memcpy(text, buf->data, length);
    }
    text[length] = '\0';
    return text;
}

uint8_t *test_read_file(const char *name, size_t *length_out)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", KITH_TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s: %s", path, strerror(errno));
    }
    size_t capacity = 1 << 16;
    size_t length = 0;
    uint8_t *data = malloc(capacity);
    for (;;) {
        assert_non_null(data);
        length += fread(data + length, 1, capacity - length, file);
        if (length < capacity) {
            break;
        }
        capacity *= 2;
        data = realloc(data, capacity);
    }
    (void)fclose(file);
    *length_out = length;
    return data;
}

static char folder[256];

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_folder(void)
{
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void)
{
    if (folder[0] == '\0') {
        const char *base = getenv("TMPDIR");
        (void)snprintf(folder, sizeof folder, "%s/kith-test-XXXXXX", base == NULL ? "/tmp" : base);
        assert_non_null(mkdtemp(folder));
        (void)atexit(remove_folder);
    }
    static unsigned count;
    static char path[300];
    (void)snprintf(path, sizeof path, "%s/%u", folder, count++);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

uint64_t test_seed(void)
{
    static uint64_t seed;
    if (seed == 0) {
        const char *given = getenv("KITH_TEST_SEED");
        /* Processes of one second are to have different ones. */
        uint64_t own = (uint64_t)time(NULL) * 2654435761u + (uint64_t)getpid();
        seed = given != NULL ? strtoull(given, NULL, 0) : own;
        print_message("KITH_TEST_SEED=%llu\n", (unsigned long long)seed);
    }
    return seed;
}

test_random test_random_of(uint64_t seed)
{
    return (test_random){seed == 0 ? 1 : seed};
}

uint64_t test_next(test_random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(2685821657736338717);
}

uint64_t test_below(test_random *random, uint64_t bound)
{
    return test_next(random) % bound;
}
