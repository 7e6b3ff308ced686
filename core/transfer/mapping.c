/* SPDX-License-Identifier: Apache-2.0 */
#include "transfer/mapping.h"

#include <stdio.h>
#include <time.h>

#include "base/limits.h"
#include "value/number.h"

static kith_status refuse(kith_mapping *mapping, kith_slice place, const char *what)
{
    return kith_fail(mapping->cx, KITH_E_REFUSED, "mapping: %.*s %s",
                     KITH_SLICE_ARGUMENTS(kith_slice_head(place, 80)), what);
}

static size_t count_items(const kith_json *json)
{
    size_t count = 0;
    for (const kith_json *item = kith_json_first(json); item != NULL; item = kith_json_next(item)) {
        count++;
    }
    return count;
}

static kith_status add_piece(kith_mapping *mapping, kith_template *template, size_t *capacity,
                             kith_piece piece)
{
    kith_piece *pieces = kith_arena_grow(&mapping->arena, template->pieces, template->piece_count,
                                         capacity, sizeof *pieces);
    KITH_ENSURE(pieces != NULL, KITH_E_MEMORY);
    pieces[template->piece_count++] = piece;
    template->pieces = pieces;
    return KITH_OK;
}

/* A template being cut into pieces. */
typedef struct template_parser {
    kith_mapping *mapping;
    kith_template *out;
    size_t capacity;
    kith_slice rest;
    uint32_t group;      /* 0 outside of [ ] */
    uint32_t last_group; /* given out so far */
} template_parser;

static kith_status parse_cell(template_parser *parser)
{
    size_t close = kith_slice_find(parser->rest, '}');
    KITH_ENSURE(close < parser->rest.length,
                refuse(parser->mapping, parser->rest, "has a { without }"));
    kith_slice name = kith_slice_head(kith_slice_skip(parser->rest, 1), close - 1);
    kith_piece piece = {.text = name, .group = parser->group};
    piece.column = kith_slice_is(name, "@column")  ? KITH_PIECE_COLUMN
                   : kith_slice_is(name, "@value") ? KITH_PIECE_VALUE
                                                   : 0;
    parser->rest = kith_slice_skip(parser->rest, close + 1);
    return add_piece(parser->mapping, parser->out, &parser->capacity, piece);
}

static kith_status parse_bracket(template_parser *parser)
{
    bool opens = parser->rest.data[0] == '[';
    KITH_ENSURE(opens == (parser->group == 0),
                refuse(parser->mapping, parser->rest, "has brackets that do not pair"));
    parser->group = opens ? ++parser->last_group : 0;
    parser->rest = kith_slice_skip(parser->rest, 1);
    return KITH_OK;
}

static kith_status parse_plain(template_parser *parser)
{
    size_t length = 0;
    while (length < parser->rest.length && memchr("{[]", parser->rest.data[length], 3) == NULL) {
        length++;
    }
    kith_piece piece = {kith_slice_head(parser->rest, length), KITH_PIECE_TEXT, parser->group};
    parser->rest = kith_slice_skip(parser->rest, length);
    return add_piece(parser->mapping, parser->out, &parser->capacity, piece);
}

/* Cuts "near {City}[, {State}]" into pieces; columns get their numbers when the mapping is bound.
 */
static kith_status parse_template(kith_mapping *mapping, kith_slice text, kith_template *out)
{
    template_parser parser = {.mapping = mapping, .out = out, .rest = text};
    while (parser.rest.length > 0) {
        uint8_t byte = parser.rest.data[0];
        KITH_TRY(byte == '{'                  ? parse_cell(&parser)
                 : byte == '[' || byte == ']' ? parse_bracket(&parser)
                                              : parse_plain(&parser));
    }
    KITH_ENSURE(parser.group == 0, refuse(mapping, text, "has a [ without ]"));
    return KITH_OK;
}

static kith_status bind_template(kith_mapping *mapping, kith_template *template)
{
    for (size_t i = 0; i < template->piece_count; i++) {
        kith_piece *piece = &template->pieces[i];
        if (piece->column < 0) {
            continue;
        }
        size_t column = 0;
        while (column < mapping->column_count &&
               !kith_slice_equal(mapping->columns[column], piece->text)) {
            column++;
        }
        KITH_ENSURE(column < mapping->column_count,
                    refuse(mapping, piece->text, "is no column of the file"));
        piece->column = (int32_t)column;
    }
    return KITH_OK;
}

static kith_slice piece_text(const kith_piece *piece, const kith_row_cells *row)
{
    switch (piece->column) {
    case KITH_PIECE_TEXT:
        return piece->text;
    case KITH_PIECE_COLUMN:
        return row->column;
    case KITH_PIECE_VALUE:
        return row->value;
    default:
        return (size_t)piece->column < row->cell_count ? row->cells[piece->column]
                                                       : (kith_slice){NULL, 0};
    }
}

static bool is_cell(const kith_piece *piece)
{
    return piece->column != KITH_PIECE_TEXT;
}

/* Words around nothing say nothing: of a group without a cell that holds something, or of the whole
 * template (group 0 for all), no text is left. */
static bool says_something(const kith_template *template, const kith_row_cells *row, uint32_t group)
{
    for (size_t i = 0; i < template->piece_count; i++) {
        const kith_piece *piece = &template->pieces[i];
        bool counts = group == 0 || piece->group == group;
        if (counts && is_cell(piece) && piece_text(piece, row).length > 0) {
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
        *text_out = piece_text(&template->pieces[0], row);
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
    return KITH_OK;
}

static kith_status parse_codes(kith_mapping *mapping, const kith_json *json, kith_field_map *map)
{
    const kith_json *codes = kith_json_get(json, "codes");
    map->codes = kith_arena_array(&mapping->arena, count_items(codes), sizeof *map->codes);
    KITH_ENSURE(map->codes != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(codes); item != NULL;
         item = kith_json_next(item)) {
        map->codes[map->code_count++] =
            (kith_code_pair){kith_json_name(item), kith_json_text(item)};
    }
    return KITH_OK;
}

/* "below": [[18, "missing_child"], [200, "missing_adult"]] */
static kith_status parse_bounds(kith_mapping *mapping, const kith_json *json, kith_field_map *map)
{
    const kith_json *bounds = kith_json_get(json, "below");
    const char *why = NULL;
    map->bounds = kith_arena_array(&mapping->arena, count_items(bounds), sizeof *map->bounds);
    KITH_ENSURE(map->bounds != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(bounds); item != NULL;
         item = kith_json_next(item)) {
        const kith_json *number = kith_json_first(item);
        const kith_json *text = number == NULL ? NULL : kith_json_next(number);
        kith_bound_pair *pair = &map->bounds[map->bound_count++];
        KITH_ENSURE(text != NULL &&
                        kith_integer_parse(kith_json_text(number), &pair->below, &why) == KITH_OK,
                    refuse(mapping, map->field, "needs pairs of a number and a text in \"below\""));
        pair->to = kith_json_text(text);
    }
    return KITH_OK;
}

static kith_status find_record(kith_mapping *mapping, kith_slice name, int32_t *position_out)
{
    for (size_t i = 0; i < mapping->record_count; i++) {
        if (kith_slice_equal(mapping->records[i].name, name)) {
            *position_out = (int32_t)i;
            return KITH_OK;
        }
    }
    return refuse(mapping, name, "is no earlier record of the mapping");
}

static kith_status check_members(kith_mapping *mapping, const kith_json *json, kith_slice place,
                                 const char *const *known)
{
    KITH_ENSURE(kith_json_type_of(json) == KITH_JSON_OBJECT,
                refuse(mapping, place, "is not an object"));
    for (const kith_json *m = kith_json_first(json); m != NULL; m = kith_json_next(m)) {
        size_t i = 0;
        while (known[i] != NULL && !kith_slice_is(kith_json_name(m), known[i])) {
            i++;
        }
        KITH_ENSURE(known[i] != NULL, refuse(mapping, kith_json_name(m), "is not known here"));
    }
    return KITH_OK;
}

static kith_status parse_field(kith_mapping *mapping, const kith_json *json, kith_field_map *map)
{
    static const char *const known[] = {"from", "date", "codes", "below", "else", "ref", NULL};
    map->field = kith_json_name(json);
    map->ref = -1;
    if (kith_json_type_of(json) == KITH_JSON_TEXT) {
        return parse_template(mapping, kith_json_text(json), &map->from);
    }
    KITH_TRY(check_members(mapping, json, map->field, known));
    const kith_json *ref = kith_json_get(json, "ref");
    if (ref != NULL) {
        return find_record(mapping, kith_json_text(ref), &map->ref);
    }
    KITH_ENSURE(kith_json_get(json, "from") != NULL,
                refuse(mapping, map->field, "needs \"from\" or \"ref\""));
    KITH_TRY(parse_template(mapping, kith_json_text(kith_json_get(json, "from")), &map->from));
    map->date_format = kith_json_text(kith_json_get(json, "date"));
    map->otherwise = kith_json_text(kith_json_get(json, "else"));
    map->has_otherwise = kith_json_get(json, "else") != NULL;
    KITH_TRY(parse_codes(mapping, json, map));
    return parse_bounds(mapping, json, map);
}

static kith_status parse_for_each(kith_mapping *mapping, const kith_json *json,
                                  kith_record_map *map)
{
    const kith_json *columns = kith_json_get(json, "for_each");
    map->for_each = kith_arena_array(&mapping->arena, count_items(columns), sizeof *map->for_each);
    KITH_ENSURE(map->for_each != NULL, KITH_E_MEMORY);
    map->for_each_count = count_items(columns);
    return KITH_OK;
}

static kith_status parse_record(kith_mapping *mapping, const kith_json *json)
{
    static const char *const known[] = {"name", "kind", "key", "when", "for_each", "fields", NULL};
    kith_record_map map = {.kind = kith_json_text(kith_json_get(json, "kind"))};
    KITH_TRY(check_members(mapping, json, KITH_SLICE("a record"), known));
    KITH_ENSURE(map.kind.length > 0, refuse(mapping, KITH_SLICE("a record"), "needs a \"kind\""));
    map.name = kith_json_text(kith_json_get(json, "name"));
    map.name = map.name.length > 0 ? map.name : map.kind;
    map.has_key = kith_json_get(json, "key") != NULL;
    map.has_when = kith_json_get(json, "when") != NULL;
    KITH_TRY(parse_template(mapping, kith_json_text(kith_json_get(json, "key")), &map.key));
    KITH_TRY(parse_template(mapping, kith_json_text(kith_json_get(json, "when")), &map.when));
    KITH_TRY(parse_for_each(mapping, json, &map));
    const kith_json *fields = kith_json_get(json, "fields");
    KITH_ENSURE(kith_json_type_of(fields) == KITH_JSON_OBJECT,
                refuse(mapping, map.name, "needs \"fields\""));
    map.fields = kith_arena_array(&mapping->arena, count_items(fields), sizeof *map.fields);
    KITH_ENSURE(map.fields != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(fields); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(parse_field(mapping, item, &map.fields[map.field_count++]));
    }
    mapping->records[mapping->record_count++] = map;
    return KITH_OK;
}

static kith_status parse_texts(kith_mapping *mapping, const char *name, kith_slice **texts_out,
                               size_t *count_out)
{
    const kith_json *list = kith_json_get(mapping->json, name);
    KITH_ENSURE(list == NULL || kith_json_type_of(list) == KITH_JSON_ARRAY,
                refuse(mapping, kith_slice_of(name), "is not a list"));
    *texts_out = kith_arena_array(&mapping->arena, count_items(list), sizeof **texts_out);
    KITH_ENSURE(*texts_out != NULL, KITH_E_MEMORY);
    for (const kith_json *item = kith_json_first(list); item != NULL; item = kith_json_next(item)) {
        (*texts_out)[(*count_out)++] = kith_json_text(item);
    }
    return KITH_OK;
}

static kith_status parse_mapping(kith_mapping *mapping)
{
    static const char *const known[] = {"about", "source",  "separator", "columns",
                                        "empty", "records", NULL};
    const kith_json *json = mapping->json;
    KITH_TRY(check_members(mapping, json, KITH_SLICE("the mapping"), known));
    kith_slice separator = kith_json_text(kith_json_get(json, "separator"));
    KITH_ENSURE(separator.length <= 1, refuse(mapping, separator, "is more than one character"));
    mapping->separator = separator.length == 1 ? separator.data[0] : ',';
    kith_slice source = kith_json_text(kith_json_get(json, "source"));
    KITH_ENSURE(source.length > 0, refuse(mapping, KITH_SLICE("it"), "needs a \"source\""));
    mapping->source = (const char *)source.data; /* cJSON ends texts with a NUL */
    mapping->has_columns = kith_json_get(json, "columns") != NULL;
    KITH_TRY(parse_texts(mapping, "columns", &mapping->columns, &mapping->column_count));
    KITH_TRY(parse_texts(mapping, "empty", &mapping->nothings, &mapping->nothing_count));
    const kith_json *records = kith_json_get(json, "records");
    mapping->records =
        kith_arena_array(&mapping->arena, count_items(records), sizeof *mapping->records);
    KITH_ENSURE(mapping->records != NULL, KITH_E_MEMORY);
    KITH_ENSURE(kith_json_type_of(records) == KITH_JSON_ARRAY && kith_json_first(records) != NULL,
                refuse(mapping, KITH_SLICE("it"), "needs \"records\""));
    for (const kith_json *item = kith_json_first(records); item != NULL;
         item = kith_json_next(item)) {
        KITH_TRY(parse_record(mapping, item));
    }
    return KITH_OK;
}

kith_status kith_mapping_init(kith_mapping *mapping, kith_context *cx, kith_slice json)
{
    *mapping = (kith_mapping){.cx = cx};
    kith_arena_init(&mapping->arena, cx);
    kith_status status = kith_json_parse(cx, json, &mapping->json);
    if (status == KITH_OK) {
        status = parse_mapping(mapping);
    }
    if (status != KITH_OK) {
        kith_mapping_deinit(mapping);
    }
    return status;
}

void kith_mapping_deinit(kith_mapping *mapping)
{
    if (mapping->cx != NULL) {
        kith_json_free(mapping->json);
        kith_arena_deinit(&mapping->arena);
    }
    *mapping = (kith_mapping){0};
}

/* "for_each" names columns; they were counted when it was read. */
static kith_status bind_for_each(kith_mapping *mapping, const kith_json *json, kith_record_map *map)
{
    const kith_json *item = kith_json_first(kith_json_get(json, "for_each"));
    for (size_t i = 0; i < map->for_each_count; i++, item = kith_json_next(item)) {
        kith_piece piece = {.text = kith_json_text(item)};
        kith_template one = {&piece, 1};
        KITH_TRY(bind_template(mapping, &one));
        map->for_each[i] = piece.column;
    }
    return KITH_OK;
}

kith_status kith_mapping_bind(kith_mapping *mapping, const kith_slice *columns, size_t column_count)
{
    if (!mapping->has_columns) {
        mapping->columns =
            kith_arena_array(&mapping->arena, column_count, sizeof *mapping->columns);
        KITH_ENSURE(mapping->columns != NULL, KITH_E_MEMORY);
        mapping->column_count = column_count;
        for (size_t i = 0; i < column_count; i++) {
            KITH_TRY(kith_arena_copy(&mapping->arena, columns[i], &mapping->columns[i]));
        }
    }
    const kith_json *json = kith_json_first(kith_json_get(mapping->json, "records"));
    for (size_t i = 0; i < mapping->record_count; i++, json = kith_json_next(json)) {
        kith_record_map *map = &mapping->records[i];
        KITH_TRY(bind_template(mapping, &map->key));
        KITH_TRY(bind_template(mapping, &map->when));
        KITH_TRY(bind_for_each(mapping, json, map));
        for (size_t j = 0; j < map->field_count; j++) {
            KITH_TRY(bind_template(mapping, &map->fields[j].from));
        }
    }
    return KITH_OK;
}

bool kith_mapping_is_nothing(const kith_mapping *mapping, kith_slice cell)
{
    for (size_t i = 0; i < mapping->nothing_count; i++) {
        if (kith_slice_equal(mapping->nothings[i], cell)) {
            return true;
        }
    }
    return cell.length == 0;
}

/* Reads a date by a strptime(3) format and writes it as ours. */
static kith_status map_date(const kith_field_map *map, kith_slice text, kith_arena *arena,
                            kith_slice *text_out, const char **why_out)
{
    char input[64];
    char format[64];
    char date[64];
    struct tm calendar = {.tm_mday = 1};
    *why_out = "is not a date of the mapping's form";
    KITH_ENSURE(text.length < sizeof input && map->date_format.length < sizeof format,
                KITH_E_REFUSED);
    (void)snprintf(input, sizeof input, "%.*s", KITH_SLICE_ARGUMENTS(text));
    (void)snprintf(format, sizeof format, "%.*s", KITH_SLICE_ARGUMENTS(map->date_format));
    const char *end = strptime(input, format, &calendar);
    KITH_ENSURE(end != NULL && *end == '\0', KITH_E_REFUSED);
    int length = snprintf(date, sizeof date, "%04d-%02d-%02d", calendar.tm_year + 1900,
                          calendar.tm_mon + 1, calendar.tm_mday);
    *why_out = NULL;
    return kith_arena_copy(arena, kith_slice_make(date, (size_t)length), text_out);
}

static kith_status map_otherwise(const kith_field_map *map, kith_slice *text_out,
                                 const char **why_out)
{
    *why_out = map->has_otherwise ? NULL : "is not named in the mapping's codes";
    *text_out = map->otherwise;
    return map->has_otherwise ? KITH_OK : KITH_E_REFUSED;
}

static kith_status map_code(const kith_field_map *map, kith_slice text, kith_slice *text_out,
                            const char **why_out)
{
    for (size_t i = 0; i < map->code_count; i++) {
        if (kith_slice_equal(map->codes[i].from, text)) {
            *text_out = map->codes[i].to;
            return KITH_OK;
        }
    }
    return map_otherwise(map, text_out, why_out);
}

static kith_status map_bound(const kith_field_map *map, kith_slice text, kith_slice *text_out,
                             const char **why_out)
{
    int64_t number = 0;
    const char *why = NULL;
    if (kith_integer_parse(text, &number, &why) == KITH_OK) {
        for (size_t i = 0; i < map->bound_count; i++) {
            if (number < map->bounds[i].below) {
                *text_out = map->bounds[i].to;
                return KITH_OK;
            }
        }
    }
    return map_otherwise(map, text_out, why_out);
}

kith_status kith_field_map_text(const kith_field_map *map, const kith_row_cells *row,
                                kith_arena *arena, kith_slice *text_out, const char **why_out)
{
    *why_out = NULL;
    KITH_TRY(kith_template_fill(&map->from, row, arena, text_out));
    *text_out = kith_slice_trim(*text_out);
    if (map->bound_count > 0) {
        return map_bound(map, *text_out, text_out, why_out);
    }
    if (map->code_count > 0) {
        return map_code(map, *text_out, text_out, why_out);
    }
    if (map->date_format.length > 0 && text_out->length > 0) {
        return map_date(map, *text_out, arena, text_out, why_out);
    }
    return KITH_OK;
}
