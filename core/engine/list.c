/* Rows, and the lists that one index gives as they are. SPDX-License-Identifier: Apache-2.0 */
#include "engine/list.h"

#include "engine/present.h"

kith_status kith_list_new(kith_replica *replica, kith_list **list_out)
{
    *list_out = NULL;
    kith_list *list = kith_allocate(&replica->cx, sizeof *list);
    KITH_ENSURE(list != NULL, KITH_E_MEMORY);
    kith_arena_init(&list->arena, &replica->cx);
    *list_out = list;
    return KITH_OK;
}

void kith_engine_list_free(kith_list *list)
{
    if (list != NULL) {
        kith_context *cx = list->arena.cx;
        kith_free(cx, list->rows);
        kith_arena_deinit(&list->arena);
        kith_free(cx, list);
    }
}

static kith_status fill_row(kith_list *list, kith_replica *replica, const kith_state *state,
                            uint32_t marks, const char *language, kith_list_row *row)
{
    kith_known known = kith_directory_known(&replica->directory);
    kith_stamp changed = kith_known_stamp(&known, state->changed_by, state->changed);
    kith_slice kind;
    KITH_TRY(kith_arena_copy(&list->arena, replica->directory.names[state->kind], &kind));
    row->id = kith_engine_id(replica, state->id);
    row->kind = (const char *)kind.data;
    row->changed_ms = changed.ms;
    row->changed_trust = changed.trust;
    row->is_removed = (marks & KITH_MARK_REMOVED) != 0;
    row->is_revived = (marks & KITH_MARK_REVIVED) != 0;
    row->in_conflict = (marks & KITH_MARK_CONFLICT) != 0;
    return kith_present_title(replica, state, language, &list->arena, &row->title);
}

kith_status kith_list_add(kith_list *list, kith_replica *replica, kith_dot id, const char *field,
                          const char *language)
{
    kith_list_row *rows =
        kith_grow(&replica->cx, list->rows, list->row_count, &list->row_capacity, sizeof *rows);
    KITH_ENSURE(rows != NULL, KITH_E_MEMORY);
    list->rows = rows;
    kith_list_row row = {.field = ""};
    kith_slice copy;
    kith_arena arena;
    kith_state state;
    uint32_t marks = 0;
    if (field != NULL) {
        KITH_TRY(kith_arena_copy(&list->arena, kith_slice_of(field), &copy));
        row.field = (const char *)copy.data;
    }
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_read(replica, id, &arena, &state, &marks);
    if (status == KITH_OK) {
        status = fill_row(list, replica, &state, marks, language, &row);
    }
    kith_arena_deinit(&arena);
    if (status == KITH_E_NOT_FOUND) {
        return KITH_OK;
    }
    KITH_TRY(status);
    rows[list->row_count++] = row;
    return KITH_OK;
}

static kith_status note_row(void *user, const kith_row *row)
{
    bool *found = user;
    (void)row;
    *found = true;
    return KITH_E_STOPPED;
}

kith_status kith_list_find_kind(kith_replica *replica, kith_slice name, uint32_t *kind_out)
{
    uint32_t kind = kith_directory_find_name(&replica->directory, name);
    bool is_known = kith_schema_find_kind(&replica->schema, name) != NULL;
    *kind_out = 0;
    if (!is_known && kind != 0) {
        /* The name may be that of a field: only a record shows that it is a kind. */
        KITH_TRY(kith_row_scan_kind(replica->store, kind, note_row, &is_known));
    }
    KITH_ENSURE(is_known, kith_fail(&replica->cx, KITH_E_NOT_FOUND,
                                    "there is no such kind; `kith schema show` lists them"));
    *kind_out = kind;
    return KITH_OK;
}

/* Ids gathered while an index is scanned; rows are made afterwards. */
typedef struct gathering {
    kith_replica *replica;
    kith_link *links;
    size_t count;
    size_t capacity;
} gathering;

static kith_status gather_link(void *user, const kith_link *link)
{
    gathering *g = user;
    kith_link *links = kith_grow(&g->replica->cx, g->links, g->count, &g->capacity, sizeof *links);
    KITH_ENSURE(links != NULL, KITH_E_MEMORY);
    links[g->count++] = *link;
    g->links = links;
    return KITH_OK;
}

static kith_status gather_row(void *user, const kith_row *row)
{
    bool needs_decision = (row->marks & (KITH_MARK_CONFLICT | KITH_MARK_REVIVED)) != 0;
    return needs_decision ? gather_link(user, &(kith_link){.source = row->id}) : KITH_OK;
}

/* Makes rows of what was gathered. */
static kith_status add_gathered(gathering *g, kith_list *list, const char *language)
{
    const kith_directory *directory = &g->replica->directory;
    for (size_t i = 0; i < g->count; i++) {
        const kith_link *link = &g->links[i];
        KITH_ENSURE(link->field < directory->name_count,
                    kith_fail(&g->replica->cx, KITH_E_DAMAGED,
                              "a stored reference names what the replica does not have"));
        /* Names in the directory end with a NUL, as all copies in arenas do. */
        const char *field =
            link->field == 0 ? NULL : (const char *)directory->names[link->field].data;
        KITH_TRY(kith_list_add(list, g->replica, link->source, field, language));
    }
    return KITH_OK;
}

static kith_status finish(gathering *g, kith_status status, const char *language,
                          kith_list **list_out)
{
    kith_list *list = NULL;
    if (status == KITH_OK) {
        status = kith_list_new(g->replica, &list);
    }
    if (status == KITH_OK) {
        status = add_gathered(g, list, language);
    }
    kith_free(&g->replica->cx, g->links);
    if (status != KITH_OK) {
        kith_engine_list_free(list);
        return status;
    }
    *list_out = list;
    return KITH_OK;
}

kith_status kith_engine_list_references(kith_replica *replica, kith_dot id, const char *language,
                                        kith_list **list_out)
{
    gathering g = {.replica = replica};
    *list_out = NULL;
    kith_status status = kith_link_scan(replica->store, id, gather_link, &g);
    return finish(&g, status, language, list_out);
}

kith_status kith_engine_list_conflicts(kith_replica *replica, const char *language,
                                       kith_list **list_out)
{
    gathering g = {.replica = replica};
    *list_out = NULL;
    kith_status status = kith_row_scan_marked(replica->store, gather_row, &g);
    return finish(&g, status, language, list_out);
}
