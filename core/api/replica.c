/* The functions of kith/replica.h. SPDX-License-Identifier: Apache-2.0 */
#include <kith/replica.h>

#include "base/limits.h"
#include "engine/batch.h"
#include "engine/check.h"
#include "engine/clock_records.h"
#include "engine/figures.h"
#include "engine/schema_records.h"

const char *kith_version(void)
{
    return KITH_VERSION;
}

kith_status kith_replica_open(const char *path, const kith_open_options *options,
                              kith_replica **replica_out, kith_error *error)
{
    kith_error_clear(error);
    *replica_out = NULL;
    if (path == NULL || path[0] == '\0' ||
        (options != NULL && options->struct_size != sizeof *options)) {
        return kith_error_set(error, KITH_E_ARGUMENT, KITH_DOMAIN_KITH, 0,
                              "a path and options from KITH_OPEN_OPTIONS_INIT are needed");
    }
    return kith_engine_open(path, options, replica_out, error);
}

void kith_replica_close(kith_replica *replica)
{
    kith_engine_close(replica);
}

const kith_error *kith_replica_error(const kith_replica *replica)
{
    return &replica->cx.error;
}

const kith_schema *kith_replica_schema(const kith_replica *replica)
{
    return &replica->schema;
}

kith_status kith_schema_add(kith_replica *replica, kith_slice name, kith_slice definition)
{
    kith_status status = kith_engine_schema_add(replica, name, definition);
    kith_engine_tell(replica);
    return status;
}

kith_status kith_schema_json(kith_replica *replica, kith_slice kind, const char *language,
                             kith_slice *json_out)
{
    const kith_kind *wanted = NULL;
    *json_out = (kith_slice){NULL, 0};
    KITH_TRY(kith_engine_notice(replica));
    if (kind.length > 0) {
        wanted = kith_schema_find_kind(&replica->schema, kind);
        KITH_ENSURE(wanted != NULL,
                    kith_fail(&replica->cx, KITH_E_NOT_FOUND,
                              "there is no such kind; `kith schema show` lists them"));
    }
    kith_buf_clear(&replica->text);
    KITH_TRY(kith_schema_write(&replica->schema, wanted, language, &replica->text));
    *json_out = kith_buf_slice(&replica->text);
    return KITH_OK;
}

void kith_replica_watch(kith_replica *replica, kith_watch_function function, void *user)
{
    replica->watch = function;
    replica->watch_user = user;
}

kith_status kith_batch_begin(kith_replica *replica)
{
    return kith_engine_batch_begin(replica);
}

kith_status kith_batch_end(kith_replica *replica)
{
    kith_status status = kith_engine_batch_end(replica);
    kith_engine_tell(replica);
    return status;
}

void kith_batch_cancel(kith_replica *replica)
{
    kith_engine_batch_cancel(replica);
}

kith_status kith_replica_learn_time(kith_replica *replica, int64_t unix_ms)
{
    kith_status status = kith_engine_learn_time(replica, unix_ms);
    kith_engine_tell(replica);
    return status;
}

kith_status kith_replica_read_status(kith_replica *replica, kith_replica_status *status_out)
{
    KITH_ENSURE(status_out->struct_size == sizeof *status_out,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_replica_status has another size"));
    *status_out = (kith_replica_status){.struct_size = sizeof *status_out};
    KITH_TRY(kith_engine_begin_scan(replica));
    return kith_engine_end_read(replica, kith_engine_figures(replica, status_out));
}

kith_status kith_replica_check(kith_replica *replica, uint32_t rebuild,
                               kith_progress_function progress, void *user,
                               kith_check_report *report_out)
{
    KITH_ENSURE(report_out->struct_size == sizeof *report_out,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_check_report has another size"));
    *report_out = (kith_check_report){.struct_size = sizeof *report_out};
    kith_status status = kith_engine_check(replica, rebuild != 0, progress, user, report_out);
    if (status != KITH_OK) {
        *report_out = (kith_check_report){.struct_size = sizeof *report_out};
    }
    kith_engine_tell(replica);
    return status;
}
