/* SPDX-License-Identifier: Apache-2.0 */
#include "log/directory.h"

#include "base/limits.h"

/* Ordinal 0 of each table. */
static kith_status add_nothing(kith_directory *directory)
{
    kith_slice *names =
        kith_grow(directory->cx, directory->names, 0, &directory->name_capacity, sizeof *names);
    KITH_ENSURE(names != NULL, KITH_E_MEMORY);
    directory->names = names;
    directory->names[0] = (kith_slice){NULL, 0};
    directory->name_count = 1;
    kith_author *authors = kith_grow(directory->cx, directory->authors, 0,
                                     &directory->author_capacity, sizeof *authors);
    KITH_ENSURE(authors != NULL, KITH_E_MEMORY);
    directory->authors = authors;
    directory->authors[0] = (kith_author){0};
    kith_chain *chains =
        kith_grow(directory->cx, directory->chains, 0, &directory->chain_capacity, sizeof *chains);
    KITH_ENSURE(chains != NULL, KITH_E_MEMORY);
    directory->chains = chains;
    directory->chains[0] = (kith_chain){0};
    directory->author_count = 1;
    directory->stored_names = 1;
    directory->stored_authors = 1;
    directory->own = 0;
    directory->correction_count = 0;
    return KITH_OK;
}

kith_status kith_directory_init(kith_directory *directory, kith_context *cx)
{
    *directory = (kith_directory){.cx = cx};
    kith_arena_init(&directory->texts, cx);
    kith_status status = add_nothing(directory);
    if (status != KITH_OK) {
        kith_directory_deinit(directory);
    }
    return status;
}

void kith_directory_deinit(kith_directory *directory)
{
    if (directory->cx != NULL) {
        kith_free(directory->cx, directory->names);
        kith_free(directory->cx, directory->names_sorted);
        kith_free(directory->cx, directory->authors);
        kith_free(directory->cx, directory->authors_sorted);
        kith_free(directory->cx, directory->chains);
        kith_free(directory->cx, directory->corrections);
        kith_arena_deinit(&directory->texts);
    }
    *directory = (kith_directory){0};
}

/* Where a name stands or would stand in the sorted table, which has one entry fewer than names. */
static size_t name_place(const kith_directory *directory, kith_slice text)
{
    size_t low = 0;
    size_t high = directory->name_count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (kith_slice_compare(directory->names[directory->names_sorted[middle]], text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t kith_directory_find_name(const kith_directory *directory, kith_slice text)
{
    size_t place = name_place(directory, text);
    bool found = place < directory->name_count - 1 &&
                 kith_slice_equal(directory->names[directory->names_sorted[place]], text);
    return found ? directory->names_sorted[place] : 0;
}

kith_status kith_directory_name(kith_directory *directory, kith_slice text, uint32_t *ordinal_out)
{
    *ordinal_out = kith_directory_find_name(directory, text);
    if (*ordinal_out != 0) {
        return KITH_OK;
    }
    size_t count = directory->name_count;
    KITH_ENSURE(count <= KITH_NAMES_MAX,
                kith_fail(directory->cx, KITH_E_LIMIT, "more than %zu names of kinds and fields",
                          KITH_NAMES_MAX));
    kith_slice copy;
    KITH_TRY(kith_arena_copy(&directory->texts, text, &copy));
    kith_slice *names =
        kith_grow(directory->cx, directory->names, count, &directory->name_capacity, sizeof *names);
    KITH_ENSURE(names != NULL, KITH_E_MEMORY);
    directory->names = names;
    uint32_t *sorted = kith_grow(directory->cx, directory->names_sorted, count - 1,
                                 &directory->names_sorted_capacity, sizeof *sorted);
    KITH_ENSURE(sorted != NULL, KITH_E_MEMORY);
    directory->names_sorted = sorted;
    size_t place = name_place(directory, text);
    memmove(sorted + place + 1, sorted + place, (count - 1 - place) * sizeof *sorted);
    sorted[place] = (uint32_t)count;
    names[count] = copy;
    directory->name_count++;
    *ordinal_out = (uint32_t)count;
    return KITH_OK;
}

static int compare_author(const kith_directory *directory, uint32_t ordinal, kith_author_id id)
{
    return memcmp(directory->authors[ordinal].id.bytes, id.bytes, sizeof id.bytes);
}

static size_t author_place(const kith_directory *directory, kith_author_id id)
{
    size_t low = 0;
    size_t high = directory->author_count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare_author(directory, directory->authors_sorted[middle], id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

uint32_t kith_directory_find_author(const kith_directory *directory, kith_author_id id)
{
    size_t place = author_place(directory, id);
    bool found = place < directory->author_count - 1 &&
                 compare_author(directory, directory->authors_sorted[place], id) == 0;
    return found ? directory->authors_sorted[place] : 0;
}

static kith_status add_author(kith_directory *directory, const kith_author *author)
{
    size_t count = directory->author_count;
    KITH_ENSURE(
        count <= KITH_AUTHORS_MAX,
        kith_fail(directory->cx, KITH_E_LIMIT, "more than %u authors", (unsigned)KITH_AUTHORS_MAX));
    kith_author *authors = kith_grow(directory->cx, directory->authors, count,
                                     &directory->author_capacity, sizeof *authors);
    KITH_ENSURE(authors != NULL, KITH_E_MEMORY);
    directory->authors = authors;
    kith_chain *chains = kith_grow(directory->cx, directory->chains, count,
                                   &directory->chain_capacity, sizeof *chains);
    KITH_ENSURE(chains != NULL, KITH_E_MEMORY);
    directory->chains = chains;
    uint32_t *sorted = kith_grow(directory->cx, directory->authors_sorted, count - 1,
                                 &directory->authors_sorted_capacity, sizeof *sorted);
    KITH_ENSURE(sorted != NULL, KITH_E_MEMORY);
    directory->authors_sorted = sorted;
    size_t place = author_place(directory, author->id);
    memmove(sorted + place + 1, sorted + place, (count - 1 - place) * sizeof *sorted);
    sorted[place] = (uint32_t)count;
    authors[count] = *author;
    chains[count] = (kith_chain){0};
    directory->author_count++;
    return KITH_OK;
}

kith_status kith_directory_author(kith_directory *directory, kith_author_id id,
                                  uint32_t *ordinal_out)
{
    *ordinal_out = kith_directory_find_author(directory, id);
    if (*ordinal_out != 0) {
        return KITH_OK;
    }
    KITH_TRY(add_author(directory, &(kith_author){.id = id}));
    *ordinal_out = (uint32_t)(directory->author_count - 1);
    return KITH_OK;
}

static kith_status load_name(void *user, uint32_t ordinal, kith_slice text)
{
    kith_directory *directory = user;
    uint32_t given = 0;
    KITH_TRY(kith_directory_name(directory, text, &given));
    KITH_ENSURE(given == ordinal,
                kith_fail(directory->cx, KITH_E_DAMAGED, "the table of names has a gap"));
    return KITH_OK;
}

static kith_status load_author(void *user, uint32_t ordinal, const kith_author *author, bool is_own)
{
    kith_directory *directory = user;
    KITH_ENSURE(ordinal == directory->author_count &&
                    kith_directory_find_author(directory, author->id) == 0,
                kith_fail(directory->cx, KITH_E_DAMAGED, "the table of authors has a gap"));
    KITH_TRY(add_author(directory, author));
    directory->own = is_own ? ordinal : directory->own;
    return KITH_OK;
}

static kith_status load_chain(void *user, uint32_t author, const kith_chain *chain)
{
    kith_directory *directory = user;
    KITH_ENSURE(author > 0 && author < directory->author_count,
                kith_fail(directory->cx, KITH_E_DAMAGED, "a chain of segments has no author"));
    directory->chains[author] = *chain;
    return KITH_OK;
}

kith_status kith_directory_load(kith_directory *directory, kith_store *store)
{
    kith_arena_reset(&directory->texts);
    KITH_TRY(add_nothing(directory));
    KITH_TRY(kith_name_scan(store, load_name, directory));
    KITH_TRY(kith_author_scan(store, load_author, directory));
    KITH_TRY(kith_chain_scan(store, load_chain, directory));
    KITH_ENSURE(directory->own != 0,
                kith_fail(directory->cx, KITH_E_DAMAGED, "no author is this device's own"));
    directory->stored_names = directory->name_count;
    directory->stored_authors = directory->author_count;
    return KITH_OK;
}

kith_status kith_directory_save(kith_directory *directory, kith_store *store)
{
    for (; directory->stored_names < directory->name_count; directory->stored_names++) {
        size_t ordinal = directory->stored_names;
        KITH_TRY(kith_name_put(store, (uint32_t)ordinal, directory->names[ordinal]));
    }
    for (; directory->stored_authors < directory->author_count; directory->stored_authors++) {
        size_t ordinal = directory->stored_authors;
        KITH_TRY(kith_author_put(store, (uint32_t)ordinal, &directory->authors[ordinal]));
    }
    return KITH_OK;
}

kith_status kith_directory_set_own(kith_directory *directory, kith_store *store, kith_author_id id)
{
    KITH_TRY(kith_directory_author(directory, id, &directory->own));
    KITH_TRY(kith_directory_save(directory, store));
    return kith_author_set_own(store, directory->own);
}

kith_status kith_directory_set_chain(kith_directory *directory, kith_store *store, uint32_t author,
                                     const kith_chain *chain)
{
    KITH_TRY(kith_directory_save(directory, store));
    KITH_TRY(kith_chain_put(store, author, chain));
    directory->chains[author] = *chain;
    return KITH_OK;
}
