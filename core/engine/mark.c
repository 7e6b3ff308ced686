/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mark.h"

#include "base/id.h"

/* Whose mark it is, and where it stands. */
typedef struct reading {
    char author[KITH_AUTHOR_TEXT_LENGTH + 1];
    uint64_t number; /* 0 if there is none */
} reading;

static reading read_mark(const kith_replica *replica)
{
    reading r = {.number = 0};
    const kith_directory *directory = &replica->directory;
    const kith_mark *mark = &replica->mark;
    kith_author_format(directory->authors[directory->own].id, r.author);
    if (mark->get != NULL && mark->get(mark->user, r.author, &r.number) != KITH_OK) {
        r.number = 0;
    }
    return r;
}

void kith_engine_mark_seen(kith_replica *replica, uint64_t number)
{
    reading r = read_mark(replica);
    const kith_mark *mark = &replica->mark;
    if (number > r.number && mark->set != NULL &&
        mark->set(mark->user, r.author, number) != KITH_OK) {
        kith_note(&replica->cx, KITH_LOG_WARNING,
                  "how far others have seen this device's log could not be kept");
    }
}

void kith_engine_mark_shown(kith_replica *replica)
{
    const kith_directory *directory = &replica->directory;
    kith_engine_mark_seen(replica, directory->chains[directory->own].segment);
}

bool kith_engine_is_behind(const kith_replica *replica)
{
    const kith_directory *directory = &replica->directory;
    return read_mark(replica).number > directory->chains[directory->own].segment;
}
