/* Text with the cells of a row in it: "near {City}[, {State}]" (proto/spec/import.md).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_TEMPLATE_H
#define KITH_TRANSFER_TEMPLATE_H

#include "base/arena.h"

/** The cells of one row, by column; empty where they stand for nothing. */
typedef struct kith_row_cells {
    const kith_slice *cells;
    size_t cell_count;
    kith_slice column; /* {@column} and {@value}, inside "for_each" */
    kith_slice value;
} kith_row_cells;

/** The names of a file's columns. */
typedef struct kith_columns {
    const kith_slice *names;
    size_t count;
} kith_columns;

/** A piece of a template: text as it is, or the first of some columns whose cell is not empty. */
typedef struct kith_piece {
    kith_slice text; /* as it is, or what stands between { and } */
    bool is_cell;
    uint32_t group;   /* of the pieces inside one pair of [ ]; 0 outside */
    int32_t *columns; /* of a cell, once bound; below 0: KITH_COLUMN_… */
    size_t column_count;
} kith_piece;

enum { KITH_COLUMN_NAME = -1, KITH_COLUMN_VALUE = -2 };

typedef struct kith_template {
    kith_piece *pieces;
    size_t piece_count;
} kith_template;

/** Cuts a text into pieces, which borrow from it and live in the arena.
 *
 *  @param why_out  on KITH_E_REFUSED what is wrong with the text, static */
KITH_MUST_USE kith_status kith_template_parse(kith_slice text, kith_arena *arena,
                                              kith_template *template_out, const char **why_out);

/** Finds the columns that a template names: {A|B} is column "A|B" if there is one, else A, or B
 *  where A is empty.
 *
 *  @param is_in_each   whether {@column} and {@value} mean something
 *  @param missing_out  on KITH_E_REFUSED the name that is no column's */
KITH_MUST_USE kith_status kith_template_bind(kith_template *template, const kith_columns *columns,
                                             bool is_in_each, kith_arena *arena,
                                             kith_slice *missing_out);

/** The position of a column, the first of that name; below 0 if there is none. */
int32_t kith_columns_find(const kith_columns *columns, kith_slice name);

/** True if the text is the same for every row. */
bool kith_template_is_constant(const kith_template *template);

/** Fills a template in. A part in [ ] whose cells are all empty is left out, and so is the whole:
 *  words around nothing say nothing. `text_out` has no blanks at its ends and is borrowed from the
 *  row or the template, or lives in the arena. */
KITH_MUST_USE kith_status kith_template_fill(const kith_template *template,
                                             const kith_row_cells *row, kith_arena *arena,
                                             kith_slice *text_out);

#endif
