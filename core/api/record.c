/* The functions of kith/record.h. SPDX-License-Identifier: Apache-2.0 */
#include "engine/edit.h"
#include "engine/view.h"

kith_status kith_record_get(kith_replica *replica, kith_id id, const char *language,
                            kith_record **record_out)
{
    *record_out = NULL;
    KITH_TRY(kith_engine_begin_read(replica));
    kith_dot dot = kith_engine_dot(replica, id);
    return kith_engine_end_read(replica, kith_engine_view(replica, dot, language, record_out));
}

void kith_record_free(kith_record *record)
{
    kith_engine_view_free(record);
}

kith_id kith_record_id(const kith_record *record)
{
    return record->id;
}

const char *kith_record_kind(const kith_record *record)
{
    return record->kind;
}

const char *kith_record_title(const kith_record *record)
{
    return record->title;
}

const kith_written *kith_record_created(const kith_record *record)
{
    return &record->created;
}

const kith_written *kith_record_updated(const kith_record *record)
{
    return &record->updated;
}

uint32_t kith_record_is_removed(const kith_record *record)
{
    return record->is_removed;
}

uint32_t kith_record_is_revived(const kith_record *record)
{
    return record->is_revived;
}

uint32_t kith_record_field_count(const kith_record *record)
{
    return record->field_count;
}

const kith_record_field *kith_record_field_at(const kith_record *record, uint32_t index)
{
    return index < record->field_count ? &record->fields[index] : NULL;
}

const kith_record_field *kith_record_find_field(const kith_record *record, kith_slice name)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (kith_slice_is(name, record->fields[i].name)) {
            return &record->fields[i];
        }
    }
    return NULL;
}

kith_status kith_record_json(kith_record *record, kith_slice *json_out)
{
    return kith_engine_view_json(record, json_out);
}

kith_status kith_id_resolve(kith_replica *replica, kith_slice text, kith_id *id_out)
{
    kith_dot dot;
    *id_out = (kith_id){{0}};
    KITH_TRY(kith_engine_begin_read(replica));
    KITH_TRY(kith_engine_end_read(replica, kith_engine_resolve(replica, text, &dot)));
    *id_out = kith_engine_id(replica, dot);
    return KITH_OK;
}
