/* The functions of kith/query.h. SPDX-License-Identifier: Apache-2.0 */
#include "engine/list.h"

void kith_list_free(kith_list *list)
{
    kith_engine_list_free(list);
}

size_t kith_list_count(const kith_list *list)
{
    return list->row_count;
}

const kith_list_row *kith_list_row_at(const kith_list *list, size_t index)
{
    return index < list->row_count ? &list->rows[index] : NULL;
}

kith_status kith_list_records(kith_replica *replica, const kith_list_options *options,
                              kith_list **list_out)
{
    *list_out = NULL;
    KITH_ENSURE(options->struct_size == sizeof *options,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_list_options has another size"));
    KITH_TRY(kith_engine_begin_scan(replica));
    return kith_engine_end_read(replica, kith_engine_list(replica, options, list_out));
}

kith_status kith_find_records(kith_replica *replica, kith_slice words, kith_slice kind,
                              uint32_t limit, const char *language, kith_list **list_out)
{
    *list_out = NULL;
    KITH_TRY(kith_engine_begin_scan(replica));
    return kith_engine_end_read(replica,
                                kith_engine_find(replica, words, kind, limit, language, list_out));
}

kith_status kith_list_references(kith_replica *replica, kith_id id, const char *language,
                                 kith_list **list_out)
{
    *list_out = NULL;
    KITH_TRY(kith_engine_begin_scan(replica));
    kith_dot dot = kith_engine_dot(replica, id);
    return kith_engine_end_read(replica,
                                kith_engine_list_references(replica, dot, language, list_out));
}

kith_status kith_list_conflicts(kith_replica *replica, const char *language, kith_list **list_out)
{
    *list_out = NULL;
    KITH_TRY(kith_engine_begin_scan(replica));
    return kith_engine_end_read(replica, kith_engine_list_conflicts(replica, language, list_out));
}
