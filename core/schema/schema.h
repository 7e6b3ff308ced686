/* The schema of one replica: the built-in tables, which tools/gen makes of proto/schema and
 * proto/codes, and what a space added. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SCHEMA_SCHEMA_H
#define KITH_SCHEMA_SCHEMA_H

#include <kith/schema.h>

#include "base/arena.h"
#include "base/buf.h"

typedef struct kith_labels kith_labels;

struct kith_schema {
    kith_context *cx;
    kith_arena arena;        /* what extensions brought, labels that were unpacked */
    kith_labels *labels;     /* of the arena; a schema that is only read still unpacks some */
    const kith_kind **kinds; /* sorted by name; of the arena, as are lists */
    size_t kind_count;
    size_t kind_capacity;
    const kith_code_list **lists; /* sorted by name */
    size_t list_count;
    size_t list_capacity;
};

/** The built-in schema. */
KITH_MUST_USE kith_status kith_schema_init(kith_schema *schema, kith_context *cx);
void kith_schema_deinit(kith_schema *schema);

/** How an extension's faults are taken. */
typedef enum kith_schema_mode {
    KITH_SCHEMA_STRICT, /* the first one is an error: somebody is adding the file now */
    KITH_SCHEMA_LENIENT /* the part is left out: it was added elsewhere, perhaps by a newer Kith */
} kith_schema_mode;

/** Adds the kinds, fields and code lists of a definition (JSON, proto/spec/schema.md). What is
 * there already stays as it is; known kinds and lists may gain fields and codes.
 *
 *  @return KITH_OK; KITH_E_SYNTAX if it is no JSON; KITH_E_REFUSED in strict mode, with the place
 *          and the reason in the detail; KITH_E_MEMORY. After a failure the schema is good for
 *          nothing but kith_schema_deinit(). */
KITH_MUST_USE kith_status kith_schema_extend(kith_schema *schema, kith_slice definition,
                                             kith_schema_mode mode);

/** Appends the whole schema, or one kind of it, as JSON in the form that kith_schema_extend()
 *  reads, with labels in a language. `kind` may be NULL. */
KITH_MUST_USE kith_status kith_schema_write(const kith_schema *schema, const kith_kind *kind,
                                            const char *language, kith_buf *out);

/** True if a field that refers to records may refer to one of the kind. */
bool kith_field_may_refer_to(const kith_field *field, kith_slice kind);

/** True if the text can name a kind, field or list: a letter, then letters, digits, underscores. */
bool kith_name_is_valid(kith_slice name);

/* Types as schema files name them; "multi-" in front of a type marks a set. */
bool kith_type_by_name(kith_slice name, int32_t *type_out, bool *is_multi_out);

/* Made by tools/gen/schema.py, sorted by name. */
extern const kith_kind kith_builtin_kinds[];
extern const size_t kith_builtin_kind_count;
extern const kith_field kith_common_fields[]; /* that every kind of records has */
extern const size_t kith_common_field_count;
extern const kith_code_list kith_builtin_lists[];
extern const size_t kith_builtin_list_count;

/** Labels in all languages, none unpacked yet; NULL without memory. The arena must outlive them. */
KITH_MUST_USE kith_labels *kith_labels_new(kith_arena *arena);

/** What a language says under a key: "kind:person", "field:person.sex", "code:sex.female", or
 *  "field:*.place" for a field that means the same in every kind. NULL if it says nothing, or if
 *  there is no memory to unpack it. */
const char *kith_labels_find(kith_labels *labels, const char *language, const char *key);

/* Made by tools/gen/labels.py: a text for each key, in the order of the keys, each with a NUL
 * behind it, all of them as one zlib stream. A text that is empty has not been translated. */
typedef struct kith_label_pack {
    const char *language; /* ISO 639-3 */
    const uint8_t *bytes;
    uint32_t byte_count; /* 0 for English, whose labels stand in the schema */
    uint32_t unpacked_bytes;
} kith_label_pack;

extern const kith_label_pack kith_label_packs[]; /* English first */
extern const size_t kith_label_pack_count;
extern const kith_label_pack kith_label_keys; /* the keys themselves, sorted; no language */
extern const size_t kith_label_count;         /* texts in each pack */

#endif
