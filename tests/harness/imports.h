/* Imports and exports of texts in memory. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_IMPORTS_H
#define KITH_TESTS_IMPORTS_H

#include <kith/transfer.h>

#include "device.h"

/** An import, to be prepared and then to be looked at. */
typedef struct test_import {
    kith_slice text;
    size_t piece_bytes;  /* at most so many are read at a time; 0 for as many as are asked for */
    kith_slice mapping;  /* CSV */
    uint64_t stop_after; /* the progress function stops after so many bytes; 0 for never */
    uint64_t fail_after; /* reading fails after so many bytes; 0 for never */
    kith_import_report report;
    char rejects[4096];  /* "line kind.field message (accepted)", a line each */
    uint64_t bytes_told; /* by the progress function */
} test_import;

/** Imports; the status is what the import answered. */
kith_status run_jsonl(test_device *device, test_import *import);
kith_status run_csv(test_device *device, test_import *import);

/** The same for a text that must be taken, be it with rejected rows. */
test_import import_jsonl(test_device *device, const char *text);
test_import import_csv(test_device *device, const char *mapping, const char *text);

/** Fails unless the import's report has these numbers. */
#define assert_report(import, rows, added, known, rejected)            \
    do {                                                               \
        assert_int_equal((import)->report.row_count, (rows));          \
        assert_int_equal((import)->report.added_count, (added));       \
        assert_int_equal((import)->report.known_count, (known));       \
        assert_int_equal((import)->report.rejected_count, (rejected)); \
    } while (0)

/** Fails unless one of the rejects begins so and has these words behind that. */
#define assert_rejected(import, place, words) \
    import_assert_rejected((import), (place), (words), __FILE__, __LINE__)
void import_assert_rejected(const test_import *import, const char *place, const char *words,
                            const char *file, int line);

/** What an export writes, valid until the next one; `kind` may be "". */
const char *export_jsonl(test_device *device, const char *kind);
const char *export_csv(test_device *device, const char *kind);

/** The text of a field of this device's record of that number. */
const char *field_of(test_device *device, unsigned number, const char *field);

#endif
