/* The functions of kith/bundle.h. SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle.h"
#include "engine/carry.h"

/* What the replicas must be like; the first one tells what is wrong with any. */
static kith_status check(kith_replica *const *replicas, size_t count, bool has_sizes)
{
    kith_context *cx = &replicas[0]->cx;
    KITH_ENSURE(has_sizes, kith_fail(cx, KITH_E_ARGUMENT,
                                     "bundle options and figures need their sizes and a stream"));
    KITH_ENSURE(count <= KITH_SYNC_SPACES_MAX,
                kith_fail(cx, KITH_E_ARGUMENT, "so many replicas are not of one device"));
    for (size_t i = 0; i < count; i++) {
        KITH_ENSURE(!replicas[i]->is_in_batch, kith_fail(cx, KITH_E_STATE, "a batch is open"));
        kith_status status = kith_engine_notice(replicas[i]);
        KITH_ENSURE(status == KITH_OK, kith_bundle_failed(replicas[0], replicas[i], status));
    }
    return KITH_OK;
}

kith_status kith_bundle_export(kith_replica *const *replicas, size_t count,
                               const kith_bundle_export_options *options,
                               kith_bundle_written *written_out)
{
    kith_bundle_written written = {.struct_size = sizeof written};
    KITH_ENSURE(count > 0, KITH_E_ARGUMENT);
    KITH_TRY(check(replicas, count,
                   options->struct_size == sizeof *options && options->write != NULL &&
                       (written_out == NULL || written_out->struct_size == sizeof written)));
    kith_status status = kith_bundle_write(replicas, count, options, &written);
    if (written_out != NULL) {
        *written_out = written;
    }
    return status;
}

kith_status kith_bundle_import(kith_replica *const *replicas, size_t count,
                               const kith_bundle_import_options *options,
                               kith_bundle_taken *taken_out)
{
    kith_bundle_taken taken = {.struct_size = sizeof taken};
    KITH_ENSURE(count > 0, KITH_E_ARGUMENT);
    KITH_TRY(check(replicas, count,
                   options->struct_size == sizeof *options && options->read != NULL &&
                       (taken_out == NULL || taken_out->struct_size == sizeof taken)));
    kith_status status = kith_bundle_read(replicas, count, options, &taken);
    if (taken_out != NULL) {
        *taken_out = taken;
    }
    for (size_t i = 0; i < count; i++) {
        kith_engine_tell(replicas[i]);
    }
    return status;
}

kith_status kith_bundle_read_carried(kith_replica *replica, kith_bundle_carried *carried_out)
{
    KITH_ENSURE(carried_out->struct_size == sizeof *carried_out,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_bundle_carried has another size"));
    *carried_out = (kith_bundle_carried){.struct_size = sizeof *carried_out};
    KITH_TRY(kith_engine_begin_read(replica));
    return kith_engine_end_read(
        replica, kith_carried_figures(replica->store, &carried_out->space_count,
                                      &carried_out->segment_count, &carried_out->byte_count));
}

kith_status kith_bundle_adopt_carried(kith_replica *const *replicas, size_t count)
{
    KITH_ENSURE(count > 0, KITH_E_ARGUMENT);
    KITH_TRY(check(replicas, count, true));
    kith_status status = kith_bundle_adopt(replicas, count);
    for (size_t i = 0; i < count; i++) {
        kith_engine_tell(replicas[i]);
    }
    return status;
}

kith_status kith_bundle_forget_carried(kith_replica *replica)
{
    return kith_carry_forget(replica);
}
