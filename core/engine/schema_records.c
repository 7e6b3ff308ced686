/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/schema_records.h"

#include "base/limits.h"
#include "engine/edit.h"
#include "engine/present.h"

/* Reads the winning definition of one schema record into the schema. */
static kith_status extend_schema(void *user, kith_dot id)
{
    kith_replica *replica = user;
    kith_arena arena;
    kith_state record;
    uint32_t marks = 0;
    kith_arena_init(&arena, &replica->cx);
    kith_status status = kith_engine_read(replica, id, &arena, &record, &marks);
    const kith_head *head =
        status == KITH_OK ? kith_present_head(replica, &record, "definition") : NULL;
    if (head != NULL && (marks & KITH_MARK_REMOVED) == 0) {
        status = kith_schema_extend(&replica->schema, head->value.bytes, KITH_SCHEMA_LENIENT);
    }
    kith_arena_deinit(&arena);
    /* What somebody else's definition lacks must not keep this replica from opening. */
    return status == KITH_E_SYNTAX || status == KITH_E_LIMIT || status == KITH_E_REFUSED ? KITH_OK
                                                                                         : status;
}

kith_status kith_engine_load_schema(kith_replica *replica)
{
    kith_schema_deinit(&replica->schema);
    KITH_TRY(kith_schema_init(&replica->schema, &replica->cx));
    KITH_TRY(kith_engine_scan_ids(replica, KITH_SLICE("schema"), extend_schema, replica));
    replica->fold.touched_schema = false;
    return KITH_OK;
}

/* Looks for the record that carries an extension's name. */
typedef struct name_search {
    kith_replica *replica;
    kith_slice name;
    kith_dot found;
} name_search;

static kith_status match_name(void *user, kith_dot id)
{
    name_search *search = user;
    kith_arena arena;
    kith_state record;
    uint32_t marks = 0;
    kith_arena_init(&arena, &search->replica->cx);
    kith_status status = kith_engine_read(search->replica, id, &arena, &record, &marks);
    const kith_head *head =
        status == KITH_OK ? kith_present_head(search->replica, &record, "name") : NULL;
    if (head != NULL && (marks & KITH_MARK_REMOVED) == 0 &&
        kith_slice_equal(head->value.bytes, search->name)) {
        search->found = id;
    }
    kith_arena_deinit(&arena);
    return status;
}

/* The extension must go with the schema as it stands. */
static kith_status try_definition(kith_replica *replica, kith_slice definition)
{
    kith_schema trial;
    KITH_TRY(kith_schema_init(&trial, &replica->cx));
    kith_status status = kith_schema_extend(&trial, definition, KITH_SCHEMA_STRICT);
    kith_schema_deinit(&trial);
    return status;
}

static kith_status commit_definition(kith_edit *edit, kith_slice name, kith_slice definition)
{
    name_search search = {.replica = edit->replica, .name = name};
    uint32_t record = 0;
    KITH_TRY(kith_engine_scan_ids(edit->replica, KITH_SLICE("schema"), match_name, &search));
    if (search.found.author != 0) {
        KITH_TRY(kith_draft_open(edit, search.found, &record));
    } else {
        KITH_TRY(kith_draft_create(edit, KITH_SLICE("schema"), &record));
        KITH_TRY(kith_draft_texts(edit, record, KITH_SLICE("name"), KITH_DRAFT_SET, &name, 1));
    }
    KITH_TRY(
        kith_draft_texts(edit, record, KITH_SLICE("definition"), KITH_DRAFT_SET, &definition, 1));
    return kith_engine_edit_commit(edit);
}

kith_status kith_engine_schema_add(kith_replica *replica, kith_slice name, kith_slice definition)
{
    kith_edit *edit = NULL;
    KITH_ENSURE(kith_name_is_valid(name),
                kith_fail(&replica->cx, KITH_E_REFUSED,
                          "the extension's name must be letters, digits and underscores"));
    KITH_ENSURE(definition.length <= KITH_VALUE_BYTES_MAX,
                kith_fail(&replica->cx, KITH_E_LIMIT, "the definition is longer than %zu bytes",
                          KITH_VALUE_BYTES_MAX));
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(try_definition(replica, definition));
    KITH_TRY(kith_engine_edit_begin(replica, &edit));
    kith_status status = commit_definition(edit, name, definition);
    kith_engine_edit_free(edit);
    return status;
}
