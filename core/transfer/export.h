/* What both exports share: which records, in what order, progress.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_EXPORT_H
#define KITH_TRANSFER_EXPORT_H

#include <kith/transfer.h>

#include "engine/replica.h"

typedef struct kith_exporter {
    kith_replica *replica;
    const kith_export_options *options;
    const kith_slice *columns; /* CSV: names of fields; the schema may change meanwhile */
    size_t column_count;
    kith_arena arena; /* holds the columns */
} kith_exporter;

/** Appends one record. */
typedef kith_status (*kith_export_function)(kith_exporter *exporter, kith_dot id, kith_buf *out);

KITH_MUST_USE kith_status kith_export_line(kith_exporter *exporter, kith_dot id, kith_buf *out);
KITH_MUST_USE kith_status kith_export_row(kith_exporter *exporter, kith_dot id, kith_buf *out);

/** Makes the fields of a kind the columns, and writes their names. */
KITH_MUST_USE kith_status kith_export_header(kith_exporter *exporter, const kith_kind *kind);

/** Hands every record of the kind, or of all kinds but those of programs, to the function. */
KITH_MUST_USE kith_status kith_export_records(kith_exporter *exporter,
                                              kith_export_function function, uint64_t *count_out);

/* See kith/transfer.h. */
KITH_MUST_USE kith_status kith_engine_import_jsonl(kith_replica *replica,
                                                   const kith_import_options *options,
                                                   kith_import_report *report);
KITH_MUST_USE kith_status kith_engine_import_csv(kith_replica *replica,
                                                 const kith_import_options *options,
                                                 kith_import_report *report);

#endif
