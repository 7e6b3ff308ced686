/* The functions of kith/history.h. SPDX-License-Identifier: Apache-2.0 */
#include "engine/history.h"

static kith_status read_history(kith_replica *replica, kith_id id, uint32_t limit,
                                kith_history **history_out)
{
    kith_dot dot = {0};
    if (!kith_id_is_zero(id)) {
        dot = kith_engine_dot(replica, id);
        KITH_ENSURE(dot.author != 0,
                    kith_fail(&replica->cx, KITH_E_NOT_FOUND, "there is no such record"));
    }
    return kith_engine_history(replica, dot, limit, history_out);
}

kith_status kith_history_get(kith_replica *replica, kith_id id, uint32_t limit,
                             kith_history **history_out)
{
    *history_out = NULL;
    KITH_TRY(kith_engine_begin_read(replica));
    return kith_engine_end_read(replica, read_history(replica, id, limit, history_out));
}

void kith_history_free(kith_history *history)
{
    kith_engine_history_free(history);
}
