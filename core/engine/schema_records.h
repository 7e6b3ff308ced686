/* Extensions of the schema: records of kind "schema", so that they travel, merge and can be undone
 * like any other. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_SCHEMA_RECORDS_H
#define KITH_ENGINE_SCHEMA_RECORDS_H

#include "engine/replica.h"

/** Builds the schema from the built-in one and all records that extend it. */
KITH_MUST_USE kith_status kith_engine_load_schema(kith_replica *replica);

/** See kith_schema_add(). */
KITH_MUST_USE kith_status kith_engine_schema_add(kith_replica *replica, kith_slice name,
                                                 kith_slice definition);

#endif
