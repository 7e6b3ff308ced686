/* How the columns of a CSV file become records: a mapping, read from JSON (proto/spec/import.md)
 * and evaluated for each row. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_MAPPING_H
#define KITH_TRANSFER_MAPPING_H

#include "base/arena.h"
#include "codec/json.h"

/** The cells of one row, by column. */
typedef struct kith_row_cells {
    const kith_slice *cells;
    size_t cell_count;
    kith_slice column; /* {@column} and {@value}, inside "for_each" */
    kith_slice value;
} kith_row_cells;

/** A piece of a template: text as it is, or a column's cell. */
typedef struct kith_piece {
    kith_slice text;
    int32_t column; /* below 0: KITH_PIECE_… */
    uint32_t group; /* pieces inside one pair of [ ]: left out when all their cells are empty */
} kith_piece;

enum { KITH_PIECE_TEXT = -1, KITH_PIECE_COLUMN = -2, KITH_PIECE_VALUE = -3 };

typedef struct kith_template {
    kith_piece *pieces;
    size_t piece_count;
} kith_template;

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
    kith_slice date_format; /* strptime(3); empty if the text is taken as it is */
    kith_code_pair *codes;
    size_t code_count;
    kith_bound_pair *bounds; /* rising */
    size_t bound_count;
    kith_slice otherwise; /* for what codes and bounds do not name */
    bool has_otherwise;
    int32_t ref; /* an earlier record of the row, by position; -1 for none */
} kith_field_map;

/** One record that a row makes. */
typedef struct kith_record_map {
    kith_slice name;
    kith_slice kind;
    kith_template key;
    bool has_key;
    kith_template when; /* the record is made if this is not empty */
    bool has_when;
    int32_t *for_each; /* columns; a record for each that is not empty */
    size_t for_each_count;
    kith_field_map *fields;
    size_t field_count;
} kith_record_map;

typedef struct kith_mapping {
    kith_context *cx;
    kith_arena arena; /* holds all it points to */
    kith_json *json;
    const char *source;
    uint8_t separator;
    kith_slice *columns; /* names; from the mapping or the file's first row */
    size_t column_count;
    bool has_columns;     /* the mapping names them: the file has no header */
    kith_slice *nothings; /* texts that mean an empty cell */
    size_t nothing_count;
    kith_record_map *records;
    size_t record_count;
} kith_mapping;

/** Reads a mapping. KITH_E_SYNTAX, KITH_E_REFUSED with the place in the detail. */
KITH_MUST_USE kith_status kith_mapping_init(kith_mapping *mapping, kith_context *cx,
                                            kith_slice json);
void kith_mapping_deinit(kith_mapping *mapping);

/** Ties the mapping to the names of a file's columns. KITH_E_REFUSED if it uses one that is not
 *  there. The names are copied. */
KITH_MUST_USE kith_status kith_mapping_bind(kith_mapping *mapping, const kith_slice *columns,
                                            size_t column_count);

/** Fills a template in. `text_out` is borrowed from the row or lives in the arena. */
KITH_MUST_USE kith_status kith_template_fill(const kith_template *template,
                                             const kith_row_cells *row, kith_arena *arena,
                                             kith_slice *text_out);

/** The text that a field gets from a row.
 *
 *  @param why_out  on KITH_E_REFUSED what is wrong with the row's text, static */
KITH_MUST_USE kith_status kith_field_map_text(const kith_field_map *map, const kith_row_cells *row,
                                              kith_arena *arena, kith_slice *text_out,
                                              const char **why_out);

/** True if a cell's text stands for nothing. */
bool kith_mapping_is_nothing(const kith_mapping *mapping, kith_slice cell);

#endif
