/* Columns of texts (proto/spec/segment.md §5). The writer tries three codings and keeps the
 * smallest:
 *
 *   0 plain     bytes: each text with a NUL behind it
 *   1 distinct  varint count, bytes: each different text with a NUL; numbers: which one stands
 * where 2 words     texts as rows of words that stand in a dictionary (words.h)
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_TEXT_H
#define KITH_SEGMENT_TEXT_H

#include "segment/column.h"

/** Appends a column of texts without NUL characters. */
KITH_MUST_USE kith_status kith_text_column_write(kith_context *cx, const kith_slice *texts,
                                                 size_t count, kith_buf *out);

/** Reads a column of so many texts. KITH_E_DAMAGED; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_text_column_read(kith_column_reader *columns, size_t count,
                                                kith_slice **texts_out);

/** Cuts bytes into so many texts that end with a NUL each; false unless they are just that. */
bool kith_text_cut(kith_slice bytes, kith_slice *texts_out, size_t count);

#endif
