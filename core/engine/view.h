/* A record as it is handed out: a snapshot with everything as text.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_VIEW_H
#define KITH_ENGINE_VIEW_H

#include "engine/present.h"

struct kith_record {
    kith_arena arena; /* holds all it points to */
    kith_id id;
    const char *kind;
    const char *space; /* its name */
    const char *title;
    kith_written created;
    kith_written updated;
    bool is_created; /* the creating change has arrived */
    bool is_removed;
    bool is_revived;
    kith_record_field *fields;
    uint32_t field_count;
    kith_buf json;
};

KITH_MUST_USE kith_status kith_engine_view(kith_replica *replica, kith_dot id, const char *language,
                                           kith_record **record_out);
void kith_engine_view_free(kith_record *record);
KITH_MUST_USE kith_status kith_engine_view_json(kith_record *record, kith_slice *json_out);

#endif
