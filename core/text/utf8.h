/* Text as Unicode: is it well formed, and its one canonical form. With search.c the only user of
 * utf8proc. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TEXT_UTF8_H
#define KITH_TEXT_UTF8_H

#include "base/arena.h"

/** How many bytes from the start are well-formed UTF-8 (RFC 3629: no overlong forms, no
 *  surrogates); the whole length if all are. */
size_t kith_utf8_valid_bytes(kith_slice text);

/** A copy of the text in Normalisation Form C, so that the same letters typed on two keyboards are
 *  the same bytes. The text must be well formed; the copy lives in the arena. */
KITH_MUST_USE kith_status kith_utf8_normalise(kith_arena *arena, kith_slice text,
                                              kith_slice *normal_out);

/** A copy of the text in small letters, character by character, for comparing without case. The
 *  text must be well formed; the copy lives in the arena. */
KITH_MUST_USE kith_status kith_utf8_lower(kith_arena *arena, kith_slice text,
                                          kith_slice *lower_out);

/** True if the text holds a control character other than newline and tab: nothing a person types,
 *  and a terminal might obey it. */
bool kith_utf8_has_control(kith_slice text);

/** The longest part from the start that fits so many columns and ends between characters. */
kith_slice kith_utf8_cut(kith_slice text, size_t columns);

#endif
