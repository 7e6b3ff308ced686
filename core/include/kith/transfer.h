/* Bringing records in from files and taking them out.
 *
 * Streams are callbacks, so that a file, a document picker or a test can stand behind them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_TRANSFER_H
#define KITH_TRANSFER_H

#include <kith/query.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Reads on into a buffer.
 *
 *  @param length_out  how many bytes were read; 0 at the end
 *  @return KITH_OK; anything else ends the import, which answers the same */
typedef kith_status (*kith_read_function)(void *user, uint8_t *buffer, size_t capacity,
                                          size_t *length_out);

/** Takes bytes; borrowed for the call. Anything but KITH_OK ends the export, which answers the
 *  same. */
typedef kith_status (*kith_write_function)(void *user, kith_slice bytes);

/** A row, or a value of one, that was not taken in, and why. Borrowed for the call. */
typedef struct kith_reject {
    uint64_t line;        /* where the row begins, counted from 1 */
    const char *kind;     /* of the record at fault; "" for the row as a whole */
    const char *field;    /* "" for the record as a whole */
    const char *message;  /* such as "is not in the calendar" */
    const char *accepted; /* what would be accepted, or "" */
} kith_reject;

typedef void (*kith_reject_function)(void *user, const kith_reject *reject);

/** How to import. Start from KITH_IMPORT_OPTIONS_INIT. Callbacks run on the caller's thread; they
 *  must not use the replica. */
typedef struct kith_import_options {
    uint32_t struct_size;
    kith_read_function read;
    kith_reject_function reject;     /* called for each fault; may be NULL */
    kith_progress_function progress; /* bytes read; may be NULL */
    uint64_t total_bytes;            /* of the input, for progress; 0 if not known */
    void *user;                      /* for the three */
    kith_slice mapping;              /* CSV: how columns become fields; proto/spec/import.md */
} kith_import_options;

#define KITH_IMPORT_OPTIONS_INIT                                \
    {                                                           \
        sizeof(kith_import_options), NULL, NULL, NULL, 0, NULL, \
        {                                                       \
            NULL, 0                                             \
        }                                                       \
    }

/** What came of an import. */
typedef struct kith_import_report {
    uint32_t struct_size;     /* set by the caller */
    uint64_t row_count;       /* rows read */
    uint64_t added_count;     /* records made */
    uint64_t known_count;     /* records that were there from an earlier import, or row */
    uint64_t rejected_count;  /* rows not taken in */
    uint64_t completed_count; /* fields that records gained which were there */
    uint64_t left_out_count;  /* values left out of rows that were taken in: references to nothing,
                               * and what contradicts an earlier row */
} kith_import_report;

/** Imports JSON Lines: an object a line, {"kind": …, "fields": {…}}, as kith_edit_json() takes,
 *  with an optional "key" that names the row at its source. A row whose key is here already is left
 *  alone, so importing a file twice adds nothing twice; rows without a key are told apart by their
 *  content. A reference may be a whole id, or the key of a row in this file or one imported before.
 *
 *  Rows become durable in batches as it goes; a row is atomic. Faulty rows are reported and
 *  skipped, as is a row that says something else than an earlier one with the same key.
 *
 *  @param report_out  filled in also on failure, for what is durable
 *  @return KITH_OK, also if rows were rejected; KITH_E_STOPPED by the progress function; what
 * `read` answered; storage statuses. Rows of earlier batches stay. */
KITH_API KITH_MUST_USE kith_status kith_import_jsonl(kith_replica *replica,
                                                     const kith_import_options *options,
                                                     kith_import_report *report_out);

/** Imports CSV (RFC 4180) by a mapping that says which records a row makes. All records of a row
 *  are one atomic change. A record whose key is here already gains the fields that it never had;
 *  what it has stays. Otherwise as kith_import_jsonl().
 *
 *  @return also KITH_E_SYNTAX or KITH_E_REFUSED, with the place in the detail, if the mapping is
 *          faulty or fits neither the schema nor the file's columns */
KITH_API KITH_MUST_USE kith_status kith_import_csv(kith_replica *replica,
                                                   const kith_import_options *options,
                                                   kith_import_report *report_out);

/** How to export. Start from KITH_EXPORT_OPTIONS_INIT. */
typedef struct kith_export_options {
    uint32_t struct_size;
    kith_write_function write;
    kith_progress_function progress; /* records written; may be NULL */
    void *user;                      /* for both */
    kith_slice kind;                 /* CSV: needed; JSON Lines: empty for all */
} kith_export_options;

#define KITH_EXPORT_OPTIONS_INIT                       \
    {                                                  \
        sizeof(kith_export_options), NULL, NULL, NULL, \
        {                                              \
            NULL, 0                                    \
        }                                              \
    }

/** Exports records as JSON Lines: each as kith_record_json() has it, with its id as "key", so that
 *  another replica can import them with their references. Removed records are left out, and those
 *  that programs keep (KITH_KIND_HIDDEN) unless `kind` names them.
 *
 *  @param count_out  records written; may be NULL
 *  @return KITH_OK; KITH_E_NOT_FOUND for an unknown kind; KITH_E_STOPPED; what `write` answered;
 *          storage statuses */
KITH_API KITH_MUST_USE kith_status kith_export_jsonl(kith_replica *replica,
                                                     const kith_export_options *options,
                                                     uint64_t *count_out);

/** Exports the records of one kind as CSV: id, every field of the kind, created, updated. The
 * values of a set stand in one cell with "; " between them. Statuses as kith_export_jsonl(). */
KITH_API KITH_MUST_USE kith_status kith_export_csv(kith_replica *replica,
                                                   const kith_export_options *options,
                                                   uint64_t *count_out);

#ifdef __cplusplus
}
#endif

#endif
