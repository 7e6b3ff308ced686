/* What is indexed of a record: its words, the records it points to, its key at a source.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_ENGINE_INDEX_H
#define KITH_ENGINE_INDEX_H

#include "base/buf.h"
#include "log/directory.h"
#include "merge/state.h"

/* The common fields that carry where a row was imported from; proto/schema/common.json. */
#define KITH_FIELD_SOURCE_NAME "source_name"
#define KITH_FIELD_SOURCE_KEY "source_key"

/* A text of up to so many words is taken for a name, and its words can be found by sound. The rule
 * looks at values, not at the schema: the index of a record must not change with the schema. */
#define KITH_NAME_WORDS_MAX 5

/* Stands before a sound key in the index. */
#define KITH_SOUND_MARK "="

typedef struct kith_index {
    kith_buf words; /* folded, a blank behind each; sound keys with their mark */
    kith_link *links;
    size_t link_count;
    size_t link_capacity;
    int64_t *origins; /* hashes of source keys */
    size_t origin_count;
    size_t origin_capacity;
} kith_index;

void kith_index_init(kith_index *index, kith_context *cx);
void kith_index_deinit(kith_index *index);

/** Fills the index of a record as it stands; all concurrent values count. Empty for a record that
 * is waiting or kept by programs only; a removed one keeps its source key, so that an import does
 * not bring it back. The directory may gain authors that references name. */
KITH_MUST_USE kith_status kith_index_build(kith_index *index, const kith_state *record,
                                           kith_directory *directory);

/** The hash under which a source key is found again. */
int64_t kith_origin_hash(kith_slice source_key);

#endif
