/* Turning what is stored into what people read: texts of values, titles, times, device names.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_PRESENT_H
#define KITH_ENGINE_PRESENT_H

#include <kith/record.h>

#include "codec/json.h"
#include "engine/replica.h"

/** A value's text form in the arena. */
KITH_MUST_USE kith_status kith_present_value(kith_value value, kith_arena *arena,
                                             const char **text_out);

/** When and by whom a change was made. */
KITH_MUST_USE kith_status kith_present_written(kith_replica *replica, kith_dot dot,
                                               kith_stamp stamp, kith_arena *arena,
                                               kith_written *written_out);

/** A record's title in a language: its title fields, with codes as labels and references as the
 *  titles of what they point to. */
KITH_MUST_USE kith_status kith_present_title(kith_replica *replica, const kith_state *state,
                                             const char *language, kith_arena *arena,
                                             const char **title_out);

/** The head of a field to show, or NULL if it holds nothing. */
const kith_head *kith_present_head(kith_replica *replica, const kith_state *state,
                                   const char *field);

/** A moment as JSON has it: text, or null while it is not known. */
void kith_present_time_json(kith_json_writer *w, const char *name, const kith_written *written);

#endif
