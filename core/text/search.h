/* Text as it is searched: words without case, accents and script, and how a name sounds.
 *
 * রীনা, रीना, Reena and Rina are one name typed by four people. Words are folded to lower-case
 * Latin letters where the script is known (proto/text/scripts.json), and a name's sound key keeps
 * what spellings agree on: consonants, with those that the region's languages mix up made one. On
 * proto-draft's 59 clusters of hand-made variants two spellings share a key in 95 % of pairs, and
 * one key stands for 13 of 9,000 different names (tests/unit/text/test_search.c measures it).
 *
 * With utf8.c the only user of utf8proc. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TEXT_SEARCH_H
#define KITH_TEXT_SEARCH_H

#include "base/buf.h"

/** Changes whenever the same text would give other words or keys: an index made by another version
 *  is made anew. */
#define KITH_SEARCH_VERSION 1

/** Bytes of one folded word; what is longer is cut. */
#define KITH_WORD_BYTES_MAX 48

/** Called with each folded word in order; anything but KITH_OK stops. */
typedef kith_status (*kith_word_function)(void *user, kith_slice word);

/** Splits text into folded words. The text must be well-formed UTF-8. */
KITH_MUST_USE kith_status kith_search_words(kith_slice text, kith_word_function function,
                                            void *user);

/** The sound key of one folded word.
 *
 *  @param key  receives at most KITH_WORD_BYTES_MAX bytes, no terminator
 *  @return the key's length; 0 if the word has no letters or is shorter than two letters */
size_t kith_search_sound(kith_slice word, uint8_t key[KITH_WORD_BYTES_MAX]);

#endif
