/* Making, opening and closing a replica; batches. SPDX-License-Identifier: Apache-2.0 */
#include "engine/open.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "engine/batch.h"
#include "engine/check.h"
#include "engine/space.h"
#include "text/search.h"

static const char meta_seed[] = "device_seed";
static const char meta_incarnation[] = "incarnation";
static const char meta_search_version[] = "search_version";

static kith_status allocate(const char *path, const kith_env *env, kith_replica **replica_out,
                            kith_error *error)
{
    kith_context cx;
    *replica_out = NULL;
    kith_status status = kith_context_init(&cx, env);
    size_t path_bytes = strlen(path) + 1;
    kith_replica *replica =
        status == KITH_OK ? kith_allocate(&cx, sizeof *replica + path_bytes) : NULL;
    if (replica == NULL) {
        if (error != NULL) {
            *error = cx.error;
        }
        return status != KITH_OK ? status : KITH_E_MEMORY;
    }
    replica->cx = cx;
    replica->path = (char *)(replica + 1);
    memcpy(replica->path, path, path_bytes);
    kith_buf_init(&replica->text, &replica->cx, KITH_RECORD_BYTES_MAX * 4);
    *replica_out = replica;
    return KITH_OK;
}

static kith_status set_up_memory(kith_replica *replica)
{
    KITH_TRY(kith_crypto_init(&replica->cx));
    KITH_TRY(kith_schema_init(&replica->schema, &replica->cx));
    KITH_TRY(kith_directory_init(&replica->directory, &replica->cx));
    kith_keyring_init(&replica->keys, &replica->cx);
    kith_log_init(&replica->log, &replica->cx, replica->store, &replica->directory, &replica->keys);
    kith_fold_init(&replica->fold, &replica->cx, replica->store, &replica->directory);
    return KITH_OK;
}

static kith_status draw_seed(kith_replica *replica, uint8_t seed[KITH_SEED_BYTES])
{
    const kith_env *env = &replica->cx.env;
    KITH_ENSURE(env->random(env->user, seed, KITH_SEED_BYTES) == KITH_OK,
                kith_fail(&replica->cx, KITH_E_IO, "the system gave no random bytes"));
    return KITH_OK;
}

static kith_status take_seed(kith_replica *replica, kith_replica *from,
                             uint8_t seed[KITH_SEED_BYTES])
{
    kith_status status = kith_engine_notice(from);
    status = status == KITH_OK ? kith_engine_seed(from, seed) : status;
    if (status != KITH_OK) {
        replica->cx.error = from->cx.error;
    }
    return status;
}

/* A device's keys come from one seed, which never leaves it. */
static kith_status make_seed(kith_replica *replica, kith_replica *device_of)
{
    uint8_t seed[KITH_SEED_BYTES];
    KITH_TRY(device_of == NULL ? draw_seed(replica, seed) : take_seed(replica, device_of, seed));
    kith_status status =
        kith_meta_set_bytes(replica->store, meta_seed, kith_slice_make(seed, sizeof seed));
    kith_wipe(seed, sizeof seed);
    return status;
}

kith_status kith_engine_draw_incarnation(kith_replica *replica,
                                         uint8_t incarnation[KITH_INCARNATION_BYTES])
{
    const kith_env *env = &replica->cx.env;
    KITH_ENSURE(env->random(env->user, incarnation, KITH_INCARNATION_BYTES) == KITH_OK,
                kith_fail(&replica->cx, KITH_E_IO, "the system gave no random bytes"));
    return KITH_OK;
}

kith_status kith_engine_make_author(kith_replica *replica,
                                    const uint8_t incarnation[KITH_INCARNATION_BYTES])
{
    uint8_t sign[KITH_KEY_BYTES];
    KITH_TRY(kith_engine_sign_key(replica, sign));
    KITH_TRY(kith_meta_set_bytes(replica->store, meta_incarnation,
                                 kith_slice_make(incarnation, KITH_INCARNATION_BYTES)));
    kith_author_id id = kith_author_derive(sign, incarnation);
    KITH_TRY(kith_directory_set_own(&replica->directory, replica->store, id));
    replica->log.unwritten.author = replica->directory.own;
    return KITH_OK;
}

kith_status kith_engine_device_commit(kith_replica *replica, const char *name, kith_op *op,
                                      kith_change *change, kith_commit *commit)
{
    *op = (kith_op){.action = KITH_ACTION_SET,
                    .value = kith_value_of_text(KITH_TYPE_TEXT, kith_slice_of(name))};
    *change = (kith_change){.deed = KITH_DEED_CREATE, .ops = op, .op_count = 1};
    *commit = (kith_commit){.changes = change, .change_count = 1};
    KITH_TRY(kith_engine_name(replica, "device", &change->kind));
    return kith_engine_name(replica, "name", &op->field);
}

kith_status kith_engine_append_device(kith_replica *replica, const char *name)
{
    kith_op op;
    kith_change change;
    kith_commit commit;
    KITH_TRY(kith_engine_device_commit(replica, name, &op, &change, &commit));
    return kith_engine_append(replica, &commit);
}

static kith_status store_facts(kith_replica *replica)
{
    static const uint8_t empty_clock[] = {0, 0, 0, 0, 0};
    KITH_TRY(kith_meta_set(replica->store, "folded", 0));
    KITH_TRY(kith_meta_set(replica->store, meta_search_version, KITH_SEARCH_VERSION));
    return kith_meta_set_bytes(replica->store, "clock",
                               kith_slice_make(empty_clock, sizeof empty_clock));
}

static kith_status fill_inside(kith_replica *replica, const kith_open_options *options)
{
    uint8_t incarnation[KITH_INCARNATION_BYTES];
    kith_status status = KITH_OK;
    kith_arena arena;
    kith_value name;
    const char *why = NULL;
    kith_arena_init(&arena, &replica->cx);
    kith_slice text = kith_slice_of(options->device_name);
    if (text.length == 0) {
        text = KITH_SLICE("device");
    }
    KITH_TRY_OUT(kith_value_parse(KITH_TYPE_TEXT, text, &arena, &name, &why));
    if (name.bytes.length > KITH_DEVICE_NAME_BYTES_MAX) {
        why = "is longer than 200 bytes";
        goto out;
    }
    KITH_TRY_OUT(store_facts(replica));
    KITH_TRY_OUT(make_seed(replica, options->device_of));
    KITH_TRY_OUT(kith_engine_draw_incarnation(replica, incarnation));
    KITH_TRY_OUT(kith_engine_make_author(replica, incarnation));
    /* The arena's copy ends with a NUL. */
    KITH_TRY_OUT(kith_engine_append_device(replica, (const char *)name.bytes.data));
    /* Looking at a new replica has nothing to write then, and cannot fail for want of room. */
    KITH_TRY_OUT(kith_engine_write_out(replica));
out:
    if (why != NULL) {
        status = kith_fail(&replica->cx, KITH_E_ARGUMENT, "the device's name %s", why);
    }
    kith_arena_deinit(&arena);
    return status;
}

/* Fills a new database, in the transaction that it came with. */
static kith_status fill_new(kith_replica *replica, const kith_open_options *options)
{
    replica->is_touched = true;
    return kith_engine_end(replica, fill_inside(replica, options));
}

/* Words are folded differently by another version of the program: then the index is made anew. */
static kith_status check_search_version(kith_replica *replica)
{
    int64_t version = 0;
    kith_check_report report = {.struct_size = sizeof report};
    KITH_TRY(kith_meta_get(replica->store, meta_search_version, &version));
    if (version == KITH_SEARCH_VERSION) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_check(replica, true, NULL, NULL, &report));
    return kith_meta_set(replica->store, meta_search_version, KITH_SEARCH_VERSION);
}

kith_status kith_engine_open(const char *path, const kith_open_options *options,
                             kith_replica **replica_out, kith_error *error)
{
    static const kith_open_options defaults = KITH_OPEN_OPTIONS_INIT;
    options = options == NULL ? &defaults : options;
    kith_replica *replica = NULL;
    kith_status status = KITH_OK;
    KITH_TRY(allocate(path, options->env, &replica, error));
    if (options->mark != NULL) {
        replica->mark = *options->mark;
    }
    kith_store_mode mode = options->create != 0 ? KITH_STORE_CREATE : KITH_STORE_OPEN;
    KITH_TRY_OUT(kith_store_open(&replica->cx, path, mode, &replica->store));
    KITH_TRY_OUT(set_up_memory(replica));
    if (mode == KITH_STORE_CREATE) {
        KITH_TRY_OUT(fill_new(replica, options));
    }
    replica->is_stale = replica->is_stale || mode == KITH_STORE_OPEN;
    KITH_TRY_OUT(kith_engine_refresh(replica));
    KITH_TRY_OUT(check_search_version(replica));
    replica->changed_count = 0;
    *replica_out = replica;
    return KITH_OK;
out:
    if (error != NULL) {
        *error = replica->cx.error;
    }
    kith_engine_close(replica);
    return status;
}

void kith_engine_close(kith_replica *replica)
{
    if (replica == NULL) {
        return;
    }
    kith_engine_batch_cancel(replica);
    if (replica->directory.own != 0 && !replica->is_stale) {
        /* Only spares the next start some work. */
        if (kith_engine_flush(replica) != KITH_OK) {
            kith_note(&replica->cx, KITH_LOG_WARNING, "closing left the fold to the next start");
        }
    }
    kith_fold_deinit(&replica->fold);
    kith_log_deinit(&replica->log);
    kith_directory_deinit(&replica->directory);
    kith_keyring_clear(&replica->keys);
    kith_charter_deinit(&replica->space.charter);
    kith_wipe(replica->space.secret, sizeof replica->space.secret);
    kith_schema_deinit(&replica->schema);
    kith_buf_deinit(&replica->text);
    kith_store_close(replica->store);
    kith_context cx = replica->cx;
    kith_free(&cx, replica);
}
