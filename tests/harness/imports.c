/* SPDX-License-Identifier: Apache-2.0 */
#include "imports.h"

#include <stdio.h>
#include <stdlib.h>

/* A read in progress. */
typedef struct reading {
    test_import *import;
    size_t read;
} reading;

static kith_status read_piece(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    reading *r = user;
    const test_import *import = r->import;
    kith_slice rest = kith_slice_skip(import->text, r->read);
    size_t length = rest.length < capacity ? rest.length : capacity;
    if (import->piece_bytes > 0 && length > import->piece_bytes) {
        length = import->piece_bytes;
    }
    *length_out = 0;
    if (import->fail_after > 0 && r->read >= import->fail_after) {
        return KITH_E_IO;
    }
    if (length > 0) {
        memcpy(buffer, rest.data, length);
    }
    r->read += length;
    *length_out = length;
    return KITH_OK;
}

static void note_reject(void *user, const kith_reject *reject)
{
    test_import *import = ((reading *)user)->import;
    size_t length = strlen(import->rejects);
    (void)snprintf(import->rejects + length, sizeof import->rejects - length,
                   "%llu %s.%s %s (%s)\n", (unsigned long long)reject->line, reject->kind,
                   reject->field, reject->message, reject->accepted);
}

static kith_status note_progress(void *user, uint64_t done, uint64_t total)
{
    test_import *import = ((reading *)user)->import;
    assert_true(done >= import->bytes_told && done <= total);
    import->bytes_told = done;
    return import->stop_after > 0 && done >= import->stop_after ? KITH_E_IO : KITH_OK;
}

static kith_status run(test_device *device, test_import *import,
                       kith_status (*function)(kith_replica *, const kith_import_options *,
                                               kith_import_report *))
{
    reading r = {.import = import};
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    options.read = read_piece;
    options.reject = note_reject;
    options.progress = note_progress;
    options.total_bytes = import->text.length;
    options.user = &r;
    options.mapping = import->mapping;
    import->report = (kith_import_report){.struct_size = sizeof import->report};
    import->rejects[0] = '\0';
    import->bytes_told = 0;
    return function(device->replica, &options, &import->report);
}

kith_status run_jsonl(test_device *device, test_import *import)
{
    return run(device, import, kith_import_jsonl);
}

kith_status run_csv(test_device *device, test_import *import)
{
    return run(device, import, kith_import_csv);
}

test_import import_jsonl(test_device *device, const char *text)
{
    test_import import = {.text = kith_slice_of(text)};
    must(device, run_jsonl(device, &import));
    return import;
}

test_import import_csv(test_device *device, const char *mapping, const char *text)
{
    test_import import = {.text = kith_slice_of(text), .mapping = kith_slice_of(mapping)};
    must(device, run_csv(device, &import));
    return import;
}

void import_assert_rejected(const test_import *import, const char *place, const char *words,
                            const char *file, int line)
{
    const char *reject = import->rejects;
    while (*reject != '\0') {
        const char *end = strchr(reject, '\n');
        const char *found = strstr(reject, words);
        bool is_there = strncmp(reject, place, strlen(place)) == 0;
        if (is_there && found != NULL && found < end) {
            return;
        }
        reject = end + 1;
    }
    print_error("nothing is rejected as \"%s … %s\", but\n%s", place, words, import->rejects);
    _fail(file, line);
}

/* What an export wrote, with a NUL behind it. */
static kith_buf written;

static void free_written(void)
{
    kith_buf_deinit(&written);
}

static kith_status write_piece(void *user, kith_slice bytes)
{
    (void)user;
    kith_buf_append_slice(&written, bytes);
    return kith_buf_status(&written);
}

static const char *export(test_device *device, const char *kind,
                          kith_status (*function)(kith_replica *, const kith_export_options *,
                                                  uint64_t *))
{
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    options.write = write_piece;
    options.kind = kith_slice_of(kind);
    if (written.cx == NULL) {
        kith_buf_init(&written, test_context(), (size_t)1 << 24);
        (void)atexit(free_written);
    }
    kith_buf_clear(&written);
    must(device, function(device->replica, &options, NULL));
    kith_buf_append(&written, "", 1);
    return (const char *)written.data;
}

const char *export_jsonl(test_device *device, const char *kind)
{
    return export(device, kind, kith_export_jsonl);
}

const char *export_csv(test_device *device, const char *kind)
{
    return export(device, kind, kith_export_csv);
}

const char *field_of(test_device *device, unsigned number, const char *field)
{
    char text[16];
    kith_id id;
    (void)snprintf(text, sizeof text, "%u", number);
    must(device, kith_id_resolve(device->replica, kith_slice_of(text), &id));
    return device_text(device, id, field);
}
