/* The functions of kith/transfer.h. SPDX-License-Identifier: Apache-2.0 */
#include "transfer/export.h"

static kith_status check_import(kith_replica *replica, const kith_import_options *options,
                                kith_import_report *report_out)
{
    KITH_ENSURE(options->struct_size == sizeof *options &&
                    report_out->struct_size == sizeof *report_out && options->read != NULL,
                kith_fail(&replica->cx, KITH_E_ARGUMENT,
                          "import options and report need their sizes and a read function"));
    KITH_ENSURE(!replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "a batch is open"));
    *report_out = (kith_import_report){.struct_size = sizeof *report_out};
    return KITH_OK;
}

kith_status kith_import_jsonl(kith_replica *replica, const kith_import_options *options,
                              kith_import_report *report_out)
{
    KITH_TRY(check_import(replica, options, report_out));
    kith_status status = kith_engine_import_jsonl(replica, options, report_out);
    kith_engine_tell(replica);
    return status;
}

kith_status kith_import_csv(kith_replica *replica, const kith_import_options *options,
                            kith_import_report *report_out)
{
    KITH_TRY(check_import(replica, options, report_out));
    kith_status status = kith_engine_import_csv(replica, options, report_out);
    kith_engine_tell(replica);
    return status;
}

static kith_status check_export(kith_replica *replica, const kith_export_options *options,
                                uint64_t *count_out)
{
    if (count_out != NULL) {
        *count_out = 0;
    }
    KITH_ENSURE(options->struct_size == sizeof *options && options->write != NULL,
                kith_fail(&replica->cx, KITH_E_ARGUMENT,
                          "export options need their size and a write function"));
    return kith_engine_notice(replica);
}

kith_status kith_export_jsonl(kith_replica *replica, const kith_export_options *options,
                              uint64_t *count_out)
{
    uint64_t count = 0;
    KITH_TRY(check_export(replica, options, count_out));
    kith_exporter exporter = {.replica = replica, .options = options};
    kith_status status = kith_export_records(&exporter, kith_export_line, &count);
    if (count_out != NULL) {
        *count_out = count;
    }
    return status;
}

kith_status kith_export_csv(kith_replica *replica, const kith_export_options *options,
                            uint64_t *count_out)
{
    uint64_t count = 0;
    KITH_TRY(check_export(replica, options, count_out));
    kith_exporter exporter = {.replica = replica, .options = options};
    const kith_kind *kind = kith_schema_find_kind(&replica->schema, options->kind);
    KITH_ENSURE(kind != NULL, kith_fail(&replica->cx, KITH_E_NOT_FOUND,
                                        "there is no such kind; `kith schema show` lists them"));
    kith_arena_init(&exporter.arena, &replica->cx);
    kith_status status = kith_export_header(&exporter, kind);
    if (status == KITH_OK) {
        status = kith_export_records(&exporter, kith_export_row, &count);
    }
    kith_arena_deinit(&exporter.arena);
    if (count_out != NULL) {
        *count_out = count;
    }
    return status;
}
