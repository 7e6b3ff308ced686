/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mark.h"

#include "base/id.h"

/* Where the own author's mark is, and how far its segments go. */
typedef struct reading {
    char author[KITH_AUTHOR_TEXT_LENGTH + 1];
    uint64_t kept; /* 0 if there is no mark */
    uint64_t here;
} reading;

static reading read_mark(const kith_replica *replica)
{
    const kith_directory *directory = &replica->directory;
    const kith_mark *mark = &replica->mark;
    reading r = {.here = directory->chains[directory->own].segment};
    kith_author_format(directory->authors[directory->own].id, r.author);
    if (mark->get != NULL && mark->get(mark->user, r.author, &r.kept) != KITH_OK) {
        r.kept = 0;
    }
    return r;
}

static void keep(kith_replica *replica, const reading *r, uint64_t number)
{
    const kith_mark *mark = &replica->mark;
    if (mark->set != NULL && mark->set(mark->user, r->author, number) != KITH_OK) {
        kith_note(&replica->cx, KITH_LOG_WARNING,
                  "how far others have seen this device's log could not be kept");
    }
}

void kith_engine_mark_seen(kith_replica *replica, uint64_t number)
{
    reading r = read_mark(replica);
    if (number > r.kept) {
        keep(replica, &r, number);
    }
}

void kith_engine_mark_shown(kith_replica *replica)
{
    const kith_directory *directory = &replica->directory;
    kith_engine_mark_seen(replica, directory->chains[directory->own].segment);
}

bool kith_engine_is_behind(const kith_replica *replica)
{
    reading r = read_mark(replica);
    return r.kept > r.here;
}

void kith_engine_mark_level(kith_replica *replica)
{
    reading r = read_mark(replica);
    if (r.here < r.kept) {
        keep(replica, &r, r.here);
    }
}
