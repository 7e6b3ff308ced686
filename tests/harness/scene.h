/* One record as it grows: three people write to it, with or without sight of each other. Tests of
 * merging read like proto/spec/model.md §3 that way.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_SCENE_H
#define KITH_TESTS_SCENE_H

#include "harness.h"
#include "merge/state.h"

/** Authors by ordinal. Their ids sort the other way round: Chitra's comes first. */
enum { ASHA = 1, BEN = 2, CHITRA = 3, SCENE_AUTHORS = 4 /* with nobody */ };

/** Names by ordinal: a kind, two fields with one value, one with a set. */
enum { PERSON = 1, NAME = 2, NOTE = 3, ALIASES = 4, SCENE_NAMES = 5 /* with none */ };

enum { SCENE_CHANGES_MAX = 32 };

typedef struct scene {
    kith_arena arena;
    kith_author authors[SCENE_AUTHORS];
    kith_correction corrections[2];
    size_t correction_count;
    kith_state record;                      /* Asha's change 1 */
    kith_stamp now;                         /* of the next change; a minute passes after each */
    kith_change changes[SCENE_CHANGES_MAX]; /* in the order in which they arrived */
    size_t change_count;
} scene;

extern const kith_slice scene_names[SCENE_NAMES];

/** Changes that another one has seen. */
typedef struct scene_dots {
    const kith_dot *items;
    size_t count;
} scene_dots;

#define NOTHING ((scene_dots){NULL, 0})
#define SEEN(...)                                  \
    ((scene_dots){(const kith_dot[]){__VA_ARGS__}, \
                  sizeof((const kith_dot[]){__VA_ARGS__}) / sizeof(kith_dot)})

/** An author's change of that number. */
static inline kith_dot by(uint32_t author, uint64_t number)
{
    return (kith_dot){author, number};
}

void scene_init(scene *s);
void scene_deinit(scene *s);

/** Sets the clock of whoever writes next. */
void scene_set_clock(scene *s, int64_t ms, uint32_t counter);

/* Changes as they arrive, each with what its author saw standing in the place it writes to. Those
 * of one author must arrive in the order of their numbers; they may leave some out, which went to
 * other records. */
void scene_create(scene *s); /* by Asha, without fields */
void scene_set(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces);
void scene_clear(scene *s, kith_dot id, uint32_t field, scene_dots replaces);
void scene_add(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces);
void scene_take(scene *s, kith_dot id, uint32_t field, const char *text, scene_dots replaces);
void scene_remove(scene *s, kith_dot id, scene_dots seen, scene_dots replaces);
void scene_keep(scene *s, kith_dot id, scene_dots replaces);
void scene_apply(scene *s, kith_change change);

kith_known scene_known(const scene *s);

/** The values that stand in a field, in the order of their changes, with "|" between them; "-" for
 *  a write that cleared it. Valid until the next call. */
const char *scene_heads(const scene *s, uint32_t field);

/** The elements of a set, in their order, with "|" between them. Valid until the next call. */
const char *scene_elements(const scene *s, uint32_t field);

/** Fails unless the two states are the same in every part. */
void assert_same_record(const kith_state *record, const kith_state *expected);

#endif
