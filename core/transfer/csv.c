/* CSV, both ways. The only user of libcsv, which cuts cells; the mapping says what they mean.
 * SPDX-License-Identifier: Apache-2.0 */
#include <csv.h>
#include <stdio.h>

#include "base/limits.h"
#include "engine/view.h"
#include "text/utf8.h"
#include "transfer/export.h"
#include "transfer/row.h"
#include "value/date.h"

enum { READ_BYTES = 64 * 1024, COLUMNS_MAX = 1024 };

typedef struct csv_reader {
    kith_importer importer;
    kith_mapping mapping;
    kith_row_maker maker;
    struct csv_parser parser;
    kith_buf text; /* the cells of the row at hand, each with a line feed behind it */
    size_t *ends;  /* where each cell ends in it */
    size_t cell_count;
    uint64_t line;     /* being read, counted from 1 */
    uint64_t row_line; /* where the row at hand began */
    bool is_in_row;
    bool is_bound;      /* the columns are known */
    bool is_at_end;     /* the rest cannot be read */
    kith_status status; /* first failure inside a callback of libcsv */
} csv_reader;

static void take_cell(void *cell, size_t length, void *user)
{
    csv_reader *reader = user;
    if (reader->cell_count < COLUMNS_MAX) {
        kith_buf_append(&reader->text, cell, length);
        reader->ends[reader->cell_count++] = reader->text.length;
        kith_buf_append_text(&reader->text, "\n");
    } else {
        kith_buf_spoil(&reader->text, KITH_E_LIMIT);
    }
}

/* The row's cells as slices without blanks at their ends. */
static kith_status read_cells(const csv_reader *reader, kith_arena *arena, kith_slice **cells_out)
{
    kith_slice *cells = kith_arena_array(arena, reader->cell_count, sizeof *cells);
    KITH_ENSURE(cells != NULL, KITH_E_MEMORY);
    size_t start = 0;
    for (size_t i = 0; i < reader->cell_count; i++) {
        cells[i] =
            kith_slice_trim(kith_slice_make(reader->text.data + start, reader->ends[i] - start));
        start = reader->ends[i] + 1;
    }
    *cells_out = cells;
    return KITH_OK;
}

/* How many cells the row has, but for empty ones that no column is above, as spreadsheets put them
 * behind the last. */
static size_t counted_cells(const csv_reader *reader, const kith_slice *cells)
{
    size_t count = reader->cell_count;
    while (count > reader->mapping.columns.count && cells[count - 1].length == 0) {
        count--;
    }
    return count;
}

static bool is_blank(const csv_reader *reader)
{
    return kith_slice_trim(kith_buf_slice(&reader->text)).length == 0;
}

static kith_status make_row(csv_reader *reader)
{
    kith_importer *importer = &reader->importer;
    size_t column_count = reader->mapping.columns.count;
    kith_slice *cells = NULL;
    KITH_TRY(read_cells(reader, &importer->edit->arena, &cells));
    size_t cell_count = counted_cells(reader, cells);
    if (cell_count != column_count) {
        char message[48];
        char accepted[64];
        (void)snprintf(message, sizeof message, "has %zu cells", cell_count);
        (void)snprintf(accepted, sizeof accepted, "%zu, one for each column", column_count);
        kith_importer_reject(importer, "", "", message, accepted);
        return KITH_OK;
    }
    return kith_row_make(&reader->maker, cells, cell_count, kith_buf_slice(&reader->text));
}

/* Why the row at hand cannot be read at all; NULL if it can. */
static const char *row_fault(const csv_reader *reader)
{
    if (kith_buf_status(&reader->text) == KITH_E_LIMIT) {
        return "is longer than 1 MiB or has more than 1024 cells";
    }
    kith_slice text = kith_buf_slice(&reader->text);
    return kith_utf8_valid_bytes(text) == text.length ? NULL : "is not UTF-8";
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

static kith_status take_cells(csv_reader *reader)
{
    const char *fault = row_fault(reader);
    if (fault == NULL && is_blank(reader)) {
        return KITH_OK; /* cells without text, as spreadsheets leave them below the last row */
    }
    if (fault == NULL && !reader->is_bound) {
        return bind_columns(reader);
    }
    KITH_TRY(kith_importer_begin_row(&reader->importer, reader->row_line));
    if (fault != NULL) {
        kith_importer_reject(&reader->importer, "", "", fault, "CSV in UTF-8");
        reader->is_at_end = !reader->is_bound;
        return KITH_OK;
    }
    return make_row(reader);
}

static kith_status end_row(csv_reader *reader)
{
    kith_status status = kith_buf_status(&reader->text);
    if (status == KITH_OK || status == KITH_E_LIMIT) {
        status = reader->is_at_end ? KITH_OK : take_cells(reader);
    }
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
    kith_importer_reject(&reader->importer, "", "", message, "");
    return KITH_OK;
}

/* Hands a line, or the part of it that is there, to the parser, which passes over blank ones. */
static kith_status take_line(csv_reader *reader, kith_slice line, bool is_ended)
{
    if (!reader->is_in_row) {
        reader->row_line = reader->line;
        reader->is_in_row = kith_slice_trim(line).length > 0;
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

/* Reads the first bytes of the file, without a byte order mark, as Windows writes it. */
static kith_status read_start(csv_reader *reader, uint8_t *buffer, kith_slice *bytes_out)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    size_t length = 0;
    size_t more = 0;
    do {
        KITH_TRY(
            kith_importer_read(&reader->importer, buffer + length, READ_BYTES - length, &more));
        length += more;
    } while (more > 0 && length < sizeof mark);
    *bytes_out = kith_slice_make(buffer, length);
    if (kith_slice_equal(kith_slice_head(*bytes_out, sizeof mark),
                         kith_slice_make(mark, sizeof mark))) {
        *bytes_out = kith_slice_skip(*bytes_out, sizeof mark);
    }
    return KITH_OK;
}

static kith_status import_rows(csv_reader *reader, uint8_t *buffer)
{
    kith_slice bytes;
    size_t length = 0;
    KITH_TRY(read_start(reader, buffer, &bytes));
    do {
        KITH_TRY(take_bytes(reader, bytes));
        KITH_TRY(kith_importer_read(&reader->importer, buffer, READ_BYTES, &length));
        bytes = kith_slice_make(buffer, length);
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
    KITH_TRY(kith_mapping_check(&reader->mapping, &replica->schema));
    KITH_TRY(kith_row_maker_init(&reader->maker, &reader->importer, &reader->mapping));
    reader->ends = kith_allocate_array(cx, COLUMNS_MAX, sizeof *reader->ends);
    KITH_ENSURE(reader->ends != NULL, KITH_E_MEMORY);
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
    kith_row_maker_deinit(&reader.maker);
    kith_mapping_deinit(&reader.mapping);
    kith_importer_deinit(&reader.importer);
    kith_free(cx, reader.ends);
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

static void end_line(kith_buf *line)
{
    kith_buf_append_text(line, "\r\n"); /* RFC 4180 */
}

static kith_status set_columns(kith_exporter *exporter, const kith_kind *kind)
{
    kith_slice *columns = kith_arena_array(&exporter->arena, kind->field_count, sizeof *columns);
    KITH_ENSURE(columns != NULL, KITH_E_MEMORY);
    for (uint32_t i = 0; i < kind->field_count; i++) {
        KITH_TRY(
            kith_arena_copy(&exporter->arena, kith_slice_of(kind->fields[i].name), &columns[i]));
    }
    exporter->columns = columns;
    exporter->column_count = kind->field_count;
    return KITH_OK;
}

kith_status kith_export_header(kith_exporter *exporter, const kith_kind *kind)
{
    kith_buf line;
    KITH_TRY(set_columns(exporter, kind));
    kith_buf_init(&line, &exporter->replica->cx, KITH_JSON_BYTES_MAX);
    put_cell(&line, KITH_SLICE("id"));
    for (size_t i = 0; i < exporter->column_count; i++) {
        put_cell(&line, exporter->columns[i]);
    }
    put_cell(&line, KITH_SLICE("created"));
    put_cell(&line, KITH_SLICE("updated"));
    end_line(&line);
    kith_status status = kith_buf_status(&line);
    if (status == KITH_OK) {
        status = exporter->options->write(exporter->options->user, kith_buf_slice(&line));
    }
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

kith_status kith_export_row(kith_exporter *exporter, kith_dot id, kith_buf *out)
{
    kith_record *record = NULL;
    kith_buf cell;
    char text[KITH_ID_TEXT_SIZE];
    KITH_TRY(kith_engine_view(exporter->replica, id, NULL, &record));
    kith_buf_init(&cell, &exporter->replica->cx, KITH_RECORD_BYTES_MAX);
    kith_id_format(kith_record_id(record), text);
    put_cell(out, kith_slice_of(text));
    for (size_t i = 0; i < exporter->column_count; i++) {
        put_texts(out, &cell, kith_record_find_field(record, exporter->columns[i]));
    }
    put_time(out, kith_record_created(record));
    put_time(out, kith_record_updated(record));
    end_line(out);
    kith_buf_deinit(&cell);
    kith_engine_view_free(record);
    return KITH_OK;
}
