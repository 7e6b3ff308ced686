/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/schema_records.h"

#include "base/limits.h"
#include "engine/edit.h"
#include "engine/present.h"

/* Extends a schema by the definitions in the replica's records. */
typedef struct extension {
    kith_replica *replica;
    kith_schema *schema;
    kith_dot skipped; /* a record that is left out; 0/0 for none */
    size_t count;     /* of definitions read */
} extension;

/* Reads the winning definition of one schema record into the schema. */
static kith_status extend_schema(void *user, kith_dot id)
{
    extension *e = user;
    kith_arena arena;
    kith_state record;
    uint32_t marks = 0;
    if (kith_dot_equal(id, e->skipped)) {
        return KITH_OK;
    }
    kith_arena_init(&arena, &e->replica->cx);
    kith_status status = kith_engine_read(e->replica, id, &arena, &record, &marks);
    const kith_head *head =
        status == KITH_OK ? kith_present_head(e->replica, &record, "definition") : NULL;
    if (head != NULL && (marks & KITH_MARK_REMOVED) == 0) {
        e->count++;
        status = kith_schema_extend(e->schema, head->value.bytes, KITH_SCHEMA_LENIENT);
    }
    kith_arena_deinit(&arena);
    /* What somebody else's definition lacks must not keep this replica from opening. */
    return status == KITH_E_SYNTAX || status == KITH_E_LIMIT || status == KITH_E_REFUSED ? KITH_OK
                                                                                         : status;
}

static kith_status extend_by_records(kith_replica *replica, kith_schema *schema, kith_dot skipped)
{
    extension e = {.replica = replica, .schema = schema, .skipped = skipped};
    KITH_TRY(kith_engine_scan_ids(replica, KITH_SLICE("schema"), extend_schema, &e));
    /* One may build on another whose id sorts behind it. What is there stays as it is. */
    return e.count < 2 ? KITH_OK
                       : kith_engine_scan_ids(replica, KITH_SLICE("schema"), extend_schema, &e);
}

kith_status kith_engine_load_schema(kith_replica *replica)
{
    static const kith_dot none;
    kith_schema_deinit(&replica->schema);
    KITH_TRY(kith_schema_init(&replica->schema, &replica->cx));
    KITH_TRY(extend_by_records(replica, &replica->schema, none));
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

static kith_status find_extension(kith_replica *replica, kith_slice name, kith_dot *found_out)
{
    name_search search = {.replica = replica, .name = name};
    kith_status status = kith_engine_scan_ids(replica, KITH_SLICE("schema"), match_name, &search);
    *found_out = search.found;
    return status;
}

/* The extension must go with the built-in schema and all other extensions. */
static kith_status try_definition(kith_replica *replica, kith_dot replaced, kith_slice definition)
{
    kith_schema trial;
    KITH_TRY(kith_schema_init(&trial, &replica->cx));
    kith_status status = extend_by_records(replica, &trial, replaced);
    if (status == KITH_OK) {
        status = kith_schema_extend(&trial, definition, KITH_SCHEMA_STRICT);
    }
    kith_schema_deinit(&trial);
    return status;
}

static kith_status draft_definition(kith_edit *edit, kith_slice name, kith_slice definition)
{
    kith_dot found;
    uint32_t record = 0;
    KITH_TRY(find_extension(edit->replica, name, &found));
    KITH_TRY(try_definition(edit->replica, found, definition));
    if (found.author != 0) {
        KITH_TRY(kith_draft_open(edit, found, &record));
    } else {
        KITH_TRY(kith_draft_create(edit, KITH_SLICE("schema"), &record));
        KITH_TRY(kith_draft_texts(edit, record, KITH_SLICE("name"), KITH_DRAFT_SET, &name, 1));
    }
    return kith_draft_texts(edit, record, KITH_SLICE("definition"), KITH_DRAFT_SET, &definition, 1);
}

static kith_status commit_definition(kith_edit *edit, kith_slice name, kith_slice definition)
{
    KITH_TRY(kith_engine_begin_read(edit->replica));
    KITH_TRY(kith_engine_end_read(edit->replica, draft_definition(edit, name, definition)));
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
    KITH_TRY(kith_engine_edit_begin(replica, &edit));
    kith_status status = commit_definition(edit, name, definition);
    kith_engine_edit_free(edit);
    return status;
}
