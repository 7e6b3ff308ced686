/* A row of cells made into records by a mapping. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_ROW_H
#define KITH_TRANSFER_ROW_H

#include "transfer/importer.h"
#include "transfer/mapping.h"

/** What a record of the mapping is in the row at hand: one that was known, or a new draft. */
typedef struct kith_made {
    kith_dot id;
    uint32_t draft; /* UINT32_MAX for none */
    uint32_t fingerprint;
} kith_made;

typedef struct kith_row_maker {
    kith_importer *importer;
    const kith_mapping *mapping; /* borrowed; bound before the first row */
    kith_made *made;             /* by position in the mapping */
    kith_slice content;          /* the row at hand as it was read */
    const char *fault;           /* why the row cannot be taken in; NULL if it can */
    const char *fault_kind;
    const char *fault_field;
} kith_row_maker;

KITH_MUST_USE kith_status kith_row_maker_init(kith_row_maker *maker, kith_importer *importer,
                                              const kith_mapping *mapping);
void kith_row_maker_deinit(kith_row_maker *maker);

/** Makes the records of one row, between kith_importer_begin_row() and the next. A record whose key
 *  is known is not made again: it gains the fields that it never had, and what the row says of it
 * is compared with what earlier rows said.
 *
 *  @param cells    of the edit's arena, without blanks at their ends; those that stand for nothing
 *                  are emptied
 *  @param content  tells rows apart that have no key */
KITH_MUST_USE kith_status kith_row_make(kith_row_maker *maker, kith_slice *cells, size_t cell_count,
                                        kith_slice content);

#endif
