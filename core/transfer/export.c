/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/export.h"

#include "base/limits.h"
#include "engine/list.h"

/* Records between two calls of the progress function. */
enum { PROGRESS_STEP = 256 };

/* Ids are gathered first, and each record is read for itself: no read stays open while the caller
 * writes. */
typedef struct id_gathering {
    kith_exporter *exporter;
    uint32_t kind; /* 0 for all */
    kith_dot *ids;
    size_t count;
    size_t capacity;
} id_gathering;

static bool is_exported(const id_gathering *g, const kith_row *row)
{
    const kith_replica *replica = g->exporter->replica;
    const kith_kind *kind =
        kith_schema_find_kind(&replica->schema, replica->directory.names[row->kind]);
    bool hidden = kind != NULL && (kind->flags & KITH_KIND_HIDDEN) != 0;
    bool wanted = g->kind != 0 ? row->kind == g->kind : row->kind != 0 && !hidden;
    return wanted && (row->marks & KITH_MARK_REMOVED) == 0;
}

static kith_status gather(void *user, const kith_row *row)
{
    id_gathering *g = user;
    KITH_TRY(kith_fold_check_row(&g->exporter->replica->directory, row));
    if (!is_exported(g, row)) {
        return KITH_OK;
    }
    kith_dot *ids =
        kith_grow(&g->exporter->replica->cx, g->ids, g->count, &g->capacity, sizeof *ids);
    KITH_ENSURE(ids != NULL, KITH_E_MEMORY);
    ids[g->count++] = row->id;
    g->ids = ids;
    return KITH_OK;
}

static kith_status write_record(kith_exporter *exporter, kith_export_function function, kith_dot id)
{
    kith_replica *replica = exporter->replica;
    const kith_export_options *options = exporter->options;
    kith_buf out;
    KITH_TRY(kith_engine_begin_read(replica));
    kith_buf_init(&out, &replica->cx, KITH_RECORD_BYTES_MAX * 4);
    kith_status status = kith_engine_end_read(replica, function(exporter, id, &out));
    if (status == KITH_OK) {
        status = kith_buf_status(&out);
    }
    if (status == KITH_OK) {
        status = options->write(options->user, kith_buf_slice(&out));
    }
    kith_buf_deinit(&out);
    return status;
}

static kith_status write_gathered(const id_gathering *g, kith_export_function function,
                                  uint64_t *count_out)
{
    const kith_export_options *options = g->exporter->options;
    for (size_t i = 0; i < g->count; i++) {
        if (options->progress != NULL && i % PROGRESS_STEP == 0) {
            KITH_ENSURE(
                options->progress(options->user, i, g->count) == KITH_OK,
                kith_fail(&g->exporter->replica->cx, KITH_E_STOPPED, "the export was stopped"));
        }
        KITH_TRY(write_record(g->exporter, function, g->ids[i]));
        *count_out = i + 1;
    }
    return KITH_OK;
}

static kith_status gather_all(id_gathering *g)
{
    kith_replica *replica = g->exporter->replica;
    kith_slice kind = g->exporter->options->kind;
    if (kind.length > 0) {
        KITH_TRY(kith_list_find_kind(replica, kind, &g->kind));
    }
    bool is_empty = kind.length > 0 && g->kind == 0;
    return is_empty ? KITH_OK : kith_row_scan(replica->store, gather, g);
}

kith_status kith_export_records(kith_exporter *exporter, kith_export_function function,
                                uint64_t *count_out)
{
    kith_replica *replica = exporter->replica;
    id_gathering g = {.exporter = exporter};
    *count_out = 0;
    KITH_TRY(kith_engine_begin_scan(replica));
    kith_status status = kith_engine_end_read(replica, gather_all(&g));
    if (status == KITH_OK) {
        status = write_gathered(&g, function, count_out);
    }
    kith_free(&replica->cx, g.ids);
    return status;
}
