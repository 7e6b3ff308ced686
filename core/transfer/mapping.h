/* How the columns of a CSV file become records: a mapping, read from JSON (proto/spec/import.md),
 * checked against the schema and tied to a file's columns.
 *   mapping.c        from JSON, and to columns
 *   mapping_check.c  against the schema
 *   row.c            what a row comes to by it
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_MAPPING_H
#define KITH_TRANSFER_MAPPING_H

#include "codec/json.h"
#include "schema/schema.h"
#include "transfer/template.h"

typedef struct kith_code_pair {
    kith_slice from;
    kith_slice to;
} kith_code_pair;

typedef struct kith_bound_pair {
    int64_t below;
    kith_slice to;
} kith_bound_pair;

/** How one field gets its text. */
typedef struct kith_field_map {
    kith_slice field;
    kith_template from;
    kith_template when; /* the field is set if this is not empty */
    bool has_when;
    kith_slice date_form; /* date_form.h; empty if the text is taken as it is */
    kith_code_pair *codes;
    size_t code_count;
    kith_bound_pair *bounds; /* in the mapping's order */
    size_t bound_count;
    kith_template otherwise; /* for what codes and bounds do not name */
    bool has_otherwise;
    uint32_t *refs; /* earlier records of the row, by position: the first that the row has */
    size_t ref_count;
} kith_field_map;

/** A column that the mapping names outside of templates. */
typedef struct kith_named_column {
    kith_slice name;
    int32_t column; /* once bound */
} kith_named_column;

/** One key of a record. */
typedef struct kith_key_map {
    const char *source; /* stands before it */
    kith_template key;
} kith_key_map;

/** One record that a row makes. */
typedef struct kith_record_map {
    kith_slice name;
    kith_slice kind;
    const char *source;
    kith_key_map *keys; /* none: the whole row is the key */
    size_t key_count;
    bool ignores_case;  /* in the keys */
    kith_template when; /* the record is made if this is not empty */
    bool has_when;
    kith_named_column *for_each; /* a record for each that is not empty */
    size_t for_each_count;
    kith_field_map *fields;
    size_t field_count;
} kith_record_map;

/** A text that means an empty cell, in one column or in all. */
typedef struct kith_nothing {
    kith_named_column in; /* a name of length 0: any column */
    kith_slice text;
} kith_nothing;

typedef struct kith_mapping {
    kith_context *cx;
    kith_arena arena; /* holds all it points to but what the JSON does */
    kith_json *json;
    uint8_t separator;
    kith_columns columns; /* from the mapping or the file's first row */
    bool has_columns;     /* the mapping names them: the file has no header */
    kith_nothing *nothings;
    size_t nothing_count;
    kith_record_map *records;
    size_t record_count;
} kith_mapping;

/** Reads a mapping. KITH_E_SYNTAX if it is no JSON; KITH_E_REFUSED with the place in the detail. */
KITH_MUST_USE kith_status kith_mapping_init(kith_mapping *mapping, kith_context *cx,
                                            kith_slice json);
void kith_mapping_deinit(kith_mapping *mapping);

/** Whether the schema has the kinds, fields and codes that the mapping names. KITH_E_REFUSED. */
KITH_MUST_USE kith_status kith_mapping_check(const kith_mapping *mapping,
                                             const kith_schema *schema);

/** Ties the mapping to the names of a file's columns, or to its own if it has some. The names are
 *  copied. KITH_E_REFUSED if it uses one that is not there. */
KITH_MUST_USE kith_status kith_mapping_bind(kith_mapping *mapping, const kith_slice *names,
                                            size_t name_count);

/** Refuses the mapping: "<record>.<field>: <what>". `field` may be empty. */
KITH_MUST_USE kith_status kith_mapping_refuse(const kith_mapping *mapping, kith_slice record,
                                              kith_slice field, const char *what);

#endif
