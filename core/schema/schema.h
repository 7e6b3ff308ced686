/* The schema of one replica: the built-in tables, which tools/gen makes of proto/schema and
 * proto/codes, and what a space added. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SCHEMA_SCHEMA_H
#define KITH_SCHEMA_SCHEMA_H

#include <kith/schema.h>

#include "base/arena.h"
#include "base/buf.h"

struct kith_schema {
    kith_context *cx;
    kith_arena arena;        /* what extensions brought */
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

typedef struct kith_label {
    const char *key; /* "kind:person", "field:person.sex", "field:*.remarks", "code:sex.female" */
    const char *text;
} kith_label;

typedef struct kith_label_table {
    const char *language;     /* ISO 639-3 */
    const kith_label *labels; /* sorted by key */
    size_t label_count;
} kith_label_table;

extern const kith_label_table kith_label_tables[];
extern const size_t kith_label_table_count;

#endif
