/* Texts by words. What a worker writes over weeks uses some hundred words again and again, and a
 * word that stands in a dictionary costs its number instead of its letters.
 *
 * A text is cut into tokens: words (letters, apostrophes, bytes above 127), numbers (digits), and
 * every other character by itself. Between two words or numbers stands one blank that is not
 * written; where they touch, a glue token stands between them instead.
 *
 *   varint common, varint rare: words in the dictionary
 *   bytes      the dictionary: each word with a NUL, common ones first
 *   bytes      tokens, one behind the other, a byte each:
 *                0 end of the text, 1 glue, 2 … 1 + common a common word,
 *                255 a word of its own, others a rare word together with a byte of the next stream:
 *                number (byte - 2 - common) · 256 + that
 *   stream     the second bytes of rare words
 *   bytes      words of their own, each with a NUL
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_WORDS_H
#define KITH_SEGMENT_WORDS_H

#include "segment/column.h"

/** Appends the texts, or nothing where they are too short for a dictionary to pay. */
KITH_MUST_USE kith_status kith_words_write(kith_context *cx, kith_arena *arena,
                                           const kith_slice *texts, size_t count, kith_buf *out);

/** Reads so many texts into `texts`; they live in the arena. KITH_E_DAMAGED; KITH_E_MEMORY. */
KITH_MUST_USE kith_status kith_words_read(kith_column_reader *columns, kith_slice *texts,
                                          size_t count);

#endif
