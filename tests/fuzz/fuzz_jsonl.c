/* JSON Lines as import and `add -` read them. SPDX-License-Identifier: Apache-2.0 */
#include <kith/edit.h>
#include <kith/record.h>
#include <kith/transfer.h>

#include "fuzz.h"

static void import(kith_replica *replica, const uint8_t *data, size_t size)
{
    fuzz_stream stream = {data, size};
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    options.read = fuzz_read;
    options.user = &stream;
    FUZZ_ENSURE(kith_import_jsonl(replica, &options, &report) == KITH_OK);
    FUZZ_ENSURE(report.rejected_count <= report.row_count);
}

/* Refused, or committed and then readable. */
static void edit(kith_replica *replica, kith_slice line)
{
    kith_edit *edit = NULL;
    FUZZ_ENSURE(kith_edit_begin(replica, &edit) == KITH_OK);
    kith_status status = kith_edit_json(edit, line);
    if (status == KITH_OK) {
        status = kith_edit_commit(edit);
    }
    for (uint32_t i = 0; status == KITH_OK && i < kith_edit_record_count(edit); i++) {
        kith_record *record = NULL;
        kith_slice json;
        FUZZ_ENSURE(kith_record_get(replica, kith_edit_record_id(edit, i), NULL, &record) ==
                    KITH_OK);
        FUZZ_ENSURE(kith_record_json(record, &json) == KITH_OK);
        kith_record_free(record);
    }
    FUZZ_ENSURE(status != KITH_E_INTERNAL && status != KITH_E_DAMAGED);
    kith_edit_free(edit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_replica *replica = fuzz_replica();
    import(replica, data, size);
    edit(replica, (kith_slice){data, size});
    return 0;
}
