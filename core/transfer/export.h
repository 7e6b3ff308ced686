/* What both exports share: which records, in what order, progress.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_EXPORT_H
#define KITH_TRANSFER_EXPORT_H

#include <kith/transfer.h>

#include "engine/replica.h"

typedef struct kith_exporter {
    kith_replica *replica;
    const kith_export_options *options;
    const kith_kind *kind; /* CSV: whose fields are the columns */
} kith_exporter;

/** Writes one record. */
typedef kith_status (*kith_export_function)(kith_exporter *exporter, kith_dot id);

KITH_MUST_USE kith_status kith_export_line(kith_exporter *exporter, kith_dot id);
KITH_MUST_USE kith_status kith_export_row(kith_exporter *exporter, kith_dot id);
KITH_MUST_USE kith_status kith_export_header(kith_exporter *exporter);

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
