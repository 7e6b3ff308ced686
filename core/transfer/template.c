/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/template.h"

/* A template being cut into pieces. */
typedef struct template_parser {
    kith_arena *arena;
    kith_template *out;
    size_t capacity;
    kith_slice rest;
    uint32_t group;      /* 0 outside of [ ] */
    uint32_t last_group; /* given out so far */
    bool group_has_cell;
    const char *why;
} template_parser;

static kith_status refuse(template_parser *parser, const char *why)
{
    parser->why = why;
    return KITH_E_REFUSED;
}

/* Takes the next piece, `length` bytes of the rest, and `skip` bytes behind it. */
static kith_status add_piece(template_parser *parser, bool is_cell, size_t length, size_t skip)
{
    kith_template *out = parser->out;
    kith_piece *pieces = kith_arena_grow(parser->arena, out->pieces, out->piece_count,
                                         &parser->capacity, sizeof *pieces);
    KITH_ENSURE(pieces != NULL, KITH_E_MEMORY);
    pieces[out->piece_count++] = (kith_piece){
        .text = kith_slice_head(parser->rest, length), .is_cell = is_cell, .group = parser->group};
    out->pieces = pieces;
    parser->rest = kith_slice_skip(parser->rest, length + skip);
    return KITH_OK;
}

static kith_status parse_cell(template_parser *parser)
{
    parser->rest = kith_slice_skip(parser->rest, 1);
    size_t length = kith_slice_find(parser->rest, '}');
    KITH_ENSURE(length < parser->rest.length, refuse(parser, "has a { without }"));
    parser->group_has_cell = true;
    return add_piece(parser, true, length, 1);
}

static kith_status parse_bracket(template_parser *parser)
{
    bool opens = parser->rest.data[0] == '[';
    KITH_ENSURE(opens == (parser->group == 0), refuse(parser, "has brackets that do not pair"));
    KITH_ENSURE(opens || parser->group_has_cell, refuse(parser, "has no column inside of [ ]"));
    parser->group = opens ? ++parser->last_group : 0;
    parser->group_has_cell = false;
    parser->rest = kith_slice_skip(parser->rest, 1);
    return KITH_OK;
}

static kith_status parse_plain(template_parser *parser)
{
    size_t length = 0;
    while (length < parser->rest.length && memchr("{[]", parser->rest.data[length], 3) == NULL) {
        length++;
    }
    return add_piece(parser, false, length, 0);
}

static kith_status parse_pieces(template_parser *parser)
{
    while (parser->rest.length > 0) {
        uint8_t byte = parser->rest.data[0];
        KITH_TRY(byte == '{'                  ? parse_cell(parser)
                 : byte == '[' || byte == ']' ? parse_bracket(parser)
                                              : parse_plain(parser));
    }
    return parser->group == 0 ? KITH_OK : refuse(parser, "has a [ without ]");
}

kith_status kith_template_parse(kith_slice text, kith_arena *arena, kith_template *template_out,
                                const char **why_out)
{
    template_parser parser = {.arena = arena, .out = template_out, .rest = text};
    *template_out = (kith_template){0};
    kith_status status = parse_pieces(&parser);
    *why_out = parser.why;
    return status;
}

int32_t kith_columns_find(const kith_columns *columns, kith_slice name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (kith_slice_equal(columns->names[i], name)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static bool find_column(const kith_columns *columns, bool is_in_each, kith_slice name,
                        int32_t *column_out)
{
    if (is_in_each && (kith_slice_is(name, "@column") || kith_slice_is(name, "@value"))) {
        *column_out = kith_slice_is(name, "@column") ? KITH_COLUMN_NAME : KITH_COLUMN_VALUE;
        return true;
    }
    *column_out = kith_columns_find(columns, name);
    return *column_out >= 0;
}

static kith_status bind_piece(kith_piece *piece, const kith_columns *columns, bool is_in_each,
                              kith_arena *arena, kith_slice *missing_out)
{
    size_t most = 1;
    for (size_t i = 0; i < piece->text.length; i++) {
        most += piece->text.data[i] == '|';
    }
    piece->columns = kith_arena_array(arena, most, sizeof *piece->columns);
    KITH_ENSURE(piece->columns != NULL, KITH_E_MEMORY);
    piece->column_count = 1;
    if (find_column(columns, is_in_each, piece->text, &piece->columns[0])) {
        return KITH_OK;
    }
    kith_slice rest = piece->text;
    for (piece->column_count = 0; piece->column_count < most; piece->column_count++) {
        kith_slice name = kith_slice_head(rest, kith_slice_find(rest, '|'));
        if (!find_column(columns, is_in_each, name, &piece->columns[piece->column_count])) {
            *missing_out = name;
            return KITH_E_REFUSED;
        }
        rest = kith_slice_skip(rest, name.length + 1);
    }
    return KITH_OK;
}

kith_status kith_template_bind(kith_template *template, const kith_columns *columns,
                               bool is_in_each, kith_arena *arena, kith_slice *missing_out)
{
    for (size_t i = 0; i < template->piece_count; i++) {
        if (template->pieces[i].is_cell) {
            KITH_TRY(bind_piece(&template->pieces[i], columns, is_in_each, arena, missing_out));
        }
    }
    return KITH_OK;
}

bool kith_template_is_constant(const kith_template *template)
{
    for (size_t i = 0; i < template->piece_count; i++) {
        if (template->pieces[i].is_cell) {
            return false;
        }
    }
    return true;
}

static kith_slice column_text(int32_t column, const kith_row_cells *row)
{
    if (column == KITH_COLUMN_NAME) {
        return row->column;
    }
    if (column == KITH_COLUMN_VALUE) {
        return row->value;
    }
    return (size_t)column < row->cell_count ? row->cells[column] : (kith_slice){NULL, 0};
}

static kith_slice piece_text(const kith_piece *piece, const kith_row_cells *row)
{
    kith_slice text = {NULL, 0};
    if (!piece->is_cell) {
        return piece->text;
    }
    for (size_t i = 0; i < piece->column_count && text.length == 0; i++) {
        text = column_text(piece->columns[i], row);
    }
    return text;
}

/* Whether any cell of a group holds something; of group 0, any cell of the whole template. */
static bool says_something(const kith_template *template, const kith_row_cells *row, uint32_t group)
{
    for (size_t i = 0; i < template->piece_count; i++) {
        const kith_piece *piece = &template->pieces[i];
        bool counts = piece->is_cell && (group == 0 || piece->group == group);
        if (counts && piece_text(piece, row).length > 0) {
            return true;
        }
    }
    return false;
}

static kith_slice shown_text(const kith_template *template, const kith_row_cells *row, size_t i)
{
    const kith_piece *piece = &template->pieces[i];
    bool shown = piece->group == 0 || says_something(template, row, piece->group);
    return shown ? piece_text(piece, row) : (kith_slice){NULL, 0};
}

kith_status kith_template_fill(const kith_template *template, const kith_row_cells *row,
                               kith_arena *arena, kith_slice *text_out)
{
    size_t length = 0;
    *text_out = (kith_slice){NULL, 0};
    if (template->piece_count == 1) {
        *text_out = kith_slice_trim(piece_text(&template->pieces[0], row));
        return KITH_OK;
    }
    if (!says_something(template, row, 0)) {
        return KITH_OK;
    }
    for (size_t i = 0; i < template->piece_count; i++) {
        length += shown_text(template, row, i).length;
    }
    uint8_t *bytes = kith_arena_allocate(arena, length);
    KITH_ENSURE(bytes != NULL, KITH_E_MEMORY);
    *text_out = kith_slice_make(bytes, length);
    for (size_t i = 0; i < template->piece_count; i++) {
        kith_slice text = shown_text(template, row, i);
        if (text.length > 0) {
            memcpy(bytes, text.data, text.length);
        }
        bytes += text.length;
    }
    *text_out = kith_slice_trim(*text_out);
    return KITH_OK;
}
