/* CSV, both ways. The only user of libcsv, which cuts cells; the mapping says what they mean.
 * SPDX-License-Identifier: Apache-2.0 */
#include <csv.h>
#include <stdio.h>

#include "base/limits.h"
#include "engine/view.h"
#include "text/utf8.h"
#include "transfer/export.h"
#include "transfer/importer.h"
#include "transfer/mapping.h"
#include "value/date.h"

enum { READ_BYTES = 64 * 1024, COLUMNS_MAX = 1024, RECORDS_OF_ROW_MAX = 512 };

typedef struct csv_reader {
    kith_importer importer;
    kith_mapping mapping;
    struct csv_parser parser;
    kith_buf text; /* the cells of the row at hand, one behind the other */
    size_t *ends;  /* where each cell ends in it */
    size_t cell_count;
    uint64_t line;     /* being read, counted from 1 */
    uint64_t row_line; /* where the row at hand began */
    bool is_in_row;
    bool is_bound;      /* the columns are known */
    kith_status status; /* first failure inside a callback of libcsv */
    kith_dot *made;     /* by position in the mapping: the record that the row refers to */
    uint32_t *drafts;   /* or its draft, if it is new; UINT32_MAX for none */
} csv_reader;

static void take_cell(void *cell, size_t length, void *user)
{
    csv_reader *reader = user;
    if (reader->cell_count < COLUMNS_MAX) {
        kith_buf_append(&reader->text, cell, length);
        reader->ends[reader->cell_count++] = reader->text.length;
    } else {
        kith_buf_spoil(&reader->text, KITH_E_LIMIT);
    }
}

/* The row's cells as slices, empty where they stand for nothing. */
static kith_status read_cells(csv_reader *reader, kith_arena *arena, kith_slice **cells_out)
{
    kith_slice *cells = kith_arena_array(arena, reader->cell_count, sizeof *cells);
    KITH_ENSURE(cells != NULL, KITH_E_MEMORY);
    size_t start = 0;
    for (size_t i = 0; i < reader->cell_count; i++) {
        kith_slice cell = kith_slice_make(reader->text.data + start, reader->ends[i] - start);
        cells[i] = kith_mapping_is_nothing(&reader->mapping, kith_slice_trim(cell))
                       ? (kith_slice){NULL, 0}
                       : cell;
        start = reader->ends[i];
    }
    *cells_out = cells;
    return KITH_OK;
}

/* Sets a field that refers to another record of the row; nothing if that was not made. */
static kith_status set_ref(csv_reader *reader, uint32_t record, const kith_field_map *map)
{
    kith_importer *importer = &reader->importer;
    char text[KITH_ID_TEXT_SIZE];
    kith_dot target = reader->made[map->ref];
    if (reader->drafts[map->ref] != UINT32_MAX) {
        (void)snprintf(text, sizeof text, "@%u", reader->drafts[map->ref]);
    } else if (target.author != 0) {
        kith_id_format(kith_engine_id(importer->replica, target), text);
    } else {
        return KITH_OK;
    }
    kith_slice slice = kith_slice_of(text);
    return kith_draft_texts(importer->edit, record, map->field, KITH_DRAFT_SET, &slice, 1);
}

static kith_status set_field(csv_reader *reader, uint32_t record, const kith_field_map *map,
                             const kith_row_cells *row)
{
    kith_edit *edit = reader->importer.edit;
    kith_slice text;
    const char *why = NULL;
    if (map->ref >= 0) {
        return set_ref(reader, record, map);
    }
    kith_status status = kith_field_map_text(map, row, &edit->arena, &text, &why);
    if (status == KITH_E_REFUSED) {
        return kith_edit_note(edit, record, map->field, why, "");
    }
    KITH_TRY(status);
    return text.length == 0
               ? KITH_OK
               : kith_draft_text(edit, record, map->field, KITH_DRAFT_SET, false, text);
}

/* The record's key: its template, or the whole row for one that has none. */
static kith_status record_key(csv_reader *reader, const kith_record_map *map,
                              const kith_row_cells *row, kith_slice *key_out)
{
    kith_edit *edit = reader->importer.edit;
    kith_slice own;
    if (!map->has_key) {
        return kith_importer_content_key(&reader->importer, kith_buf_slice(&reader->text), key_out);
    }
    KITH_TRY(kith_template_fill(&map->key, row, &edit->arena, &own));
    /* Two records of a row may have the same text for a key: the record's name tells them apart. */
    uint8_t *bytes = kith_arena_allocate(&edit->arena, map->name.length + 1 + own.length);
    KITH_ENSURE(bytes != NULL, KITH_E_MEMORY);
    memcpy(bytes, map->name.data, map->name.length);
    bytes[map->name.length] = '/';
    if (own.length > 0) {
        memcpy(bytes + map->name.length + 1, own.data, own.length);
    }
    *key_out = kith_slice_make(bytes, map->name.length + 1 + own.length);
    return KITH_OK;
}

static kith_status add_record(csv_reader *reader, size_t position, const kith_row_cells *row)
{
    kith_importer *importer = &reader->importer;
    const kith_record_map *map = &reader->mapping.records[position];
    kith_slice key;
    uint32_t record = 0;
    KITH_TRY(record_key(reader, map, row, &key));
    KITH_TRY(kith_importer_find_key(importer, key, &reader->made[position]));
    if (reader->made[position].author != 0) {
        importer->report->known_count++;
        return KITH_OK;
    }
    KITH_TRY(kith_draft_create(importer->edit, map->kind, &record));
    KITH_TRY(kith_importer_set_key(importer, record));
    reader->drafts[position] = record;
    for (size_t i = 0; i < map->field_count; i++) {
        KITH_TRY(set_field(reader, record, &map->fields[i], row));
    }
    return KITH_OK;
}

/* A record for each column that holds something. */
static kith_status add_for_each(csv_reader *reader, size_t position, kith_row_cells *row)
{
    const kith_record_map *map = &reader->mapping.records[position];
    for (size_t i = 0; i < map->for_each_count; i++) {
        size_t column = (size_t)map->for_each[i];
        row->column = reader->mapping.columns[column];
        row->value = column < row->cell_count ? row->cells[column] : (kith_slice){NULL, 0};
        if (row->value.length > 0) {
            reader->drafts[position] = UINT32_MAX;
            KITH_TRY(add_record(reader, position, row));
        }
    }
    row->column = (kith_slice){NULL, 0};
    row->value = row->column;
    return KITH_OK;
}

static kith_status import_row(csv_reader *reader)
{
    kith_importer *importer = &reader->importer;
    kith_row_cells row = {.cell_count = reader->cell_count};
    kith_slice *cells = NULL;
    KITH_TRY(read_cells(reader, &importer->edit->arena, &cells));
    row.cells = cells;
    for (size_t i = 0; i < reader->mapping.record_count; i++) {
        const kith_record_map *map = &reader->mapping.records[i];
        kith_slice when;
        reader->made[i] = (kith_dot){0};
        reader->drafts[i] = UINT32_MAX;
        KITH_TRY(kith_template_fill(&map->when, &row, &importer->edit->arena, &when));
        if (map->has_when && kith_slice_trim(when).length == 0) {
            continue;
        }
        KITH_TRY(map->for_each_count > 0 ? add_for_each(reader, i, &row)
                                         : add_record(reader, i, &row));
    }
    return importer->edit->draft_count == 0 ? KITH_OK : kith_importer_end_row(importer);
}

static kith_status bind_columns(csv_reader *reader)
{
    kith_arena arena;
    kith_slice *cells = NULL;
    kith_arena_init(&arena, &reader->importer.replica->cx);
    kith_status status = read_cells(reader, &arena, &cells);
    if (status == KITH_OK) {
        status = kith_mapping_bind(&reader->mapping, cells, reader->cell_count);
    }
    kith_arena_deinit(&arena);
    reader->is_bound = true;
    return status;
}

static kith_status begin_and_import(csv_reader *reader)
{
    kith_importer *importer = &reader->importer;
    KITH_TRY(kith_importer_begin_row(importer, reader->row_line));
    size_t valid = kith_utf8_valid_bytes(kith_buf_slice(&reader->text));
    if (kith_buf_status(&reader->text) == KITH_E_LIMIT) {
        kith_importer_reject(importer, "", "is longer than 1 MiB or has more than 1024 cells");
        return KITH_OK;
    }
    KITH_TRY(kith_buf_status(&reader->text));
    if (valid != reader->text.length) {
        kith_importer_reject(importer, "", "is not UTF-8");
        return KITH_OK;
    }
    return import_row(reader);
}

static kith_status end_row(csv_reader *reader)
{
    kith_status status = reader->is_bound ? begin_and_import(reader) : bind_columns(reader);
    kith_buf_clear(&reader->text);
    reader->cell_count = 0;
    reader->is_in_row = false;
    return status;
}

static void take_row(int terminator, void *user)
{
    (void)terminator;
    csv_reader *reader = user;
    if (reader->status == KITH_OK) {
        reader->status = end_row(reader);
    }
}

static kith_status start_parser(csv_reader *reader)
{
    KITH_ENSURE(csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) == 0,
                kith_fail(&reader->importer.replica->cx, KITH_E_MEMORY, "no memory for CSV"));
    csv_set_delim(&reader->parser, reader->mapping.separator);
    return KITH_OK;
}

/* A row with a stray quote ends where the line does; the next one starts afresh. */
static kith_status reject_row(csv_reader *reader, const char *message)
{
    KITH_ENSURE(csv_error(&reader->parser) != CSV_ENOMEM,
                kith_fail(&reader->importer.replica->cx, KITH_E_MEMORY, "no memory for CSV"));
    csv_free(&reader->parser);
    KITH_TRY(start_parser(reader));
    kith_buf_clear(&reader->text);
    reader->cell_count = 0;
    reader->is_in_row = false;
    KITH_TRY(kith_importer_begin_row(&reader->importer, reader->row_line));
    kith_importer_reject(&reader->importer, "", message);
    return KITH_OK;
}

static kith_status take_line(csv_reader *reader, kith_slice line, bool is_ended)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    bool is_start = !reader->is_in_row;
    if (is_start && kith_slice_trim(line).length == 0) {
        reader->line += is_ended;
        return KITH_OK;
    }
    if (is_start) {
        reader->row_line = reader->line;
        reader->is_in_row = true;
        if (reader->line == 1 && kith_slice_equal(kith_slice_head(line, sizeof mark),
                                                  kith_slice_make(mark, sizeof mark))) {
            line = kith_slice_skip(line, sizeof mark);
        }
    }
    reader->line += is_ended;
    size_t taken = csv_parse(&reader->parser, line.data, line.length, take_cell, take_row, reader);
    KITH_TRY(reader->status);
    if (taken < line.length) {
        return reject_row(reader, "has a quotation mark in the wrong place");
    }
    if (reader->is_in_row && csv_get_buffer_size(&reader->parser) > KITH_JSON_BYTES_MAX) {
        return reject_row(reader, "has a cell longer than 1 MiB; a quotation mark may be missing");
    }
    return KITH_OK;
}

static kith_status take_bytes(csv_reader *reader, kith_slice bytes)
{
    while (bytes.length > 0) {
        size_t end = kith_slice_find(bytes, '\n');
        bool is_ended = end < bytes.length;
        KITH_TRY(take_line(reader, kith_slice_head(bytes, end + 1), is_ended));
        bytes = kith_slice_skip(bytes, end + 1);
    }
    return KITH_OK;
}

static kith_status import_rows(csv_reader *reader, uint8_t *buffer)
{
    size_t length = 0;
    do {
        KITH_TRY(kith_importer_read(&reader->importer, buffer, READ_BYTES, &length));
        KITH_TRY(take_bytes(reader, kith_slice_make(buffer, length)));
    } while (length > 0);
    if (csv_fini(&reader->parser, take_cell, take_row, reader) != 0) {
        KITH_TRY(reject_row(reader, "has a quotation mark without its partner"));
    }
    KITH_TRY(reader->status);
    return kith_importer_finish(&reader->importer);
}

static kith_status set_up(csv_reader *reader, kith_replica *replica,
                          const kith_import_options *options)
{
    kith_context *cx = &replica->cx;
    kith_buf_init(&reader->text, cx, KITH_JSON_BYTES_MAX);
    KITH_TRY(kith_mapping_init(&reader->mapping, cx, options->mapping));
    size_t record_count = reader->mapping.record_count;
    reader->importer.source = reader->mapping.source;
    reader->ends = kith_allocate_array(cx, COLUMNS_MAX, sizeof *reader->ends);
    reader->made = kith_allocate_array(cx, record_count, sizeof *reader->made);
    reader->drafts = kith_allocate_array(cx, record_count, sizeof *reader->drafts);
    KITH_ENSURE(reader->ends != NULL && reader->made != NULL && reader->drafts != NULL,
                KITH_E_MEMORY);
    reader->line = 1;
    if (reader->mapping.has_columns) {
        KITH_TRY(kith_mapping_bind(&reader->mapping, NULL, 0));
        reader->is_bound = true;
    }
    return start_parser(reader);
}

kith_status kith_engine_import_csv(kith_replica *replica, const kith_import_options *options,
                                   kith_import_report *report)
{
    kith_context *cx = &replica->cx;
    csv_reader reader = {.status = KITH_OK};
    uint8_t *buffer = kith_allocate(cx, READ_BYTES);
    KITH_ENSURE(buffer != NULL, KITH_E_MEMORY);
    kith_status status = kith_importer_init(&reader.importer, replica, options, report);
    if (status == KITH_OK) {
        status = set_up(&reader, replica, options);
    }
    if (status == KITH_OK) {
        status = import_rows(&reader, buffer);
    }
    csv_free(&reader.parser);
    kith_importer_deinit(&reader.importer);
    kith_mapping_deinit(&reader.mapping);
    kith_free(cx, reader.ends);
    kith_free(cx, reader.made);
    kith_free(cx, reader.drafts);
    kith_free(cx, buffer);
    if (reader.text.cx != NULL) {
        kith_buf_deinit(&reader.text);
    }
    return status;
}

/* One cell, quoted where CSV asks for it. */
static void put_cell(kith_buf *line, kith_slice cell)
{
    kith_buf_append_text(line, line->length > 0 ? "," : "");
    bool plain = true;
    for (size_t i = 0; i < cell.length && plain; i++) {
        plain = memchr(",\"\n\r ;", cell.data[i], 6) == NULL;
    }
    if (plain) {
        kith_buf_append_slice(line, cell);
        return;
    }
    size_t quoted = csv_write(NULL, 0, cell.data, cell.length);
    uint8_t *room = kith_buf_extend(line, quoted);
    if (room != NULL) {
        (void)csv_write(room, quoted, cell.data, cell.length);
    }
}

static kith_status write_line(kith_exporter *exporter, kith_buf *line)
{
    kith_buf_append_text(line, "\r\n"); /* RFC 4180 */
    KITH_TRY(kith_buf_status(line));
    return exporter->options->write(exporter->options->user, kith_buf_slice(line));
}

kith_status kith_export_header(kith_exporter *exporter)
{
    kith_buf line;
    kith_buf_init(&line, &exporter->replica->cx, KITH_JSON_BYTES_MAX);
    put_cell(&line, KITH_SLICE("id"));
    for (uint32_t i = 0; i < exporter->kind->field_count; i++) {
        put_cell(&line, kith_slice_of(exporter->kind->fields[i].name));
    }
    put_cell(&line, KITH_SLICE("created"));
    put_cell(&line, KITH_SLICE("updated"));
    kith_status status = write_line(exporter, &line);
    kith_buf_deinit(&line);
    return status;
}

static void put_texts(kith_buf *line, kith_buf *cell, const kith_record_field *field)
{
    kith_buf_clear(cell);
    for (uint32_t i = 0; field != NULL && i < field->text_count; i++) {
        kith_buf_append_text(cell, i > 0 ? "; " : "");
        kith_buf_append_text(cell, field->texts[i]);
    }
    kith_buf_spoil(line, kith_buf_status(cell));
    put_cell(line, kith_buf_slice(cell));
}

static void put_time(kith_buf *line, const kith_written *written)
{
    char text[KITH_TIME_TEXT_SIZE] = "";
    if (written->trust != KITH_TIME_UNKNOWN) {
        kith_time_format(written->unix_ms, text);
    }
    put_cell(line, kith_slice_of(text));
}

kith_status kith_export_row(kith_exporter *exporter, kith_dot id)
{
    kith_context *cx = &exporter->replica->cx;
    kith_record *record = NULL;
    kith_buf line;
    kith_buf cell;
    char text[KITH_ID_TEXT_SIZE];
    KITH_TRY(kith_engine_view(exporter->replica, id, NULL, &record));
    kith_buf_init(&line, cx, KITH_RECORD_BYTES_MAX);
    kith_buf_init(&cell, cx, KITH_RECORD_BYTES_MAX);
    kith_id_format(kith_record_id(record), text);
    put_cell(&line, kith_slice_of(text));
    for (uint32_t i = 0; i < exporter->kind->field_count; i++) {
        kith_slice name = kith_slice_of(exporter->kind->fields[i].name);
        put_texts(&line, &cell, kith_record_find_field(record, name));
    }
    put_time(&line, kith_record_created(record));
    put_time(&line, kith_record_updated(record));
    kith_status status = write_line(exporter, &line);
    kith_buf_deinit(&cell);
    kith_buf_deinit(&line);
    kith_engine_view_free(record);
    return status;
}
