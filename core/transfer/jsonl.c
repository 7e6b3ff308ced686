/* JSON Lines, both ways. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "engine/list.h"
#include "engine/view.h"
#include "transfer/export.h"
#include "transfer/importer.h"

enum { READ_BYTES = 64 * 1024 };

/* Cuts a stream into lines, each whole in memory up to the limit of one JSON text. */
typedef struct line_reader {
    kith_importer importer;
    kith_buf line;
    uint64_t number;
    bool is_too_long; /* the line at hand passed the limit; its rest is skipped */
} line_reader;

/* A row's key: its own, or one made of its content. */
static kith_status row_key(kith_importer *importer, const kith_json *json, kith_slice line,
                           kith_slice *key_out)
{
    const kith_json *key = kith_json_get(json, "key");
    *key_out = kith_json_text(key);
    return key_out->length > 0 ? KITH_OK : kith_importer_content_key(importer, line, key_out);
}

/* An exported line has its id, key and more beside kind and fields; those are left aside. */
static kith_status add_row(kith_importer *importer, const kith_json *json, kith_slice line)
{
    kith_slice key;
    kith_dot known;
    uint32_t record = 0;
    const kith_json *kind = kith_json_get(json, "kind");
    if (kith_json_type_of(kind) != KITH_JSON_TEXT) {
        kith_importer_reject(importer, "", "has no \"kind\"");
        return KITH_OK;
    }
    KITH_TRY(row_key(importer, json, line, &key));
    KITH_TRY(kith_importer_find_key(importer, key, &known));
    if (known.author == 0 && kith_json_get(json, "id") != NULL) {
        /* An export that comes home: the record itself is here. */
        kith_id id;
        bool is_id = kith_id_parse(kith_json_text(kith_json_get(json, "id")), &id) == KITH_OK;
        known = is_id ? kith_engine_known(importer->replica, id) : known;
    }
    if (known.author != 0) {
        importer->report->known_count++;
        return KITH_OK;
    }
    KITH_TRY(kith_draft_create(importer->edit, kith_json_text(kind), &record));
    KITH_TRY(kith_importer_set_key(importer, record));
    KITH_TRY(kith_engine_edit_fields(importer->edit, record, kith_json_get(json, "fields")));
    return kith_importer_end_row(importer);
}

static kith_status import_line(line_reader *reader, kith_slice line)
{
    kith_importer *importer = &reader->importer;
    kith_context *cx = &importer->replica->cx;
    kith_json *json = NULL;
    line = kith_slice_trim(line);
    if (line.length == 0 && !reader->is_too_long) {
        return KITH_OK;
    }
    KITH_TRY(kith_importer_begin_row(importer, reader->number));
    if (reader->is_too_long) {
        kith_importer_reject(importer, "", "is longer than 1 MiB");
        return KITH_OK;
    }
    kith_status status = kith_json_parse(cx, line, &json);
    if (status == KITH_OK) {
        status = add_row(importer, json, line);
        kith_json_free(json);
    }
    if (status == KITH_E_SYNTAX || status == KITH_E_LIMIT) {
        kith_importer_reject(importer, "", cx->error.message);
        return KITH_OK;
    }
    return status;
}

static kith_status end_line(line_reader *reader)
{
    kith_slice line = kith_buf_slice(&reader->line);
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    reader->number++;
    if (reader->number == 1 &&
        kith_slice_equal(kith_slice_head(line, sizeof mark), kith_slice_make(mark, sizeof mark))) {
        line = kith_slice_skip(line, sizeof mark); /* a byte order mark, as Windows writes it */
    }
    kith_status status = import_line(reader, line);
    kith_buf_clear(&reader->line);
    reader->is_too_long = false;
    return status;
}

static kith_status take_bytes(line_reader *reader, kith_slice bytes)
{
    while (bytes.length > 0) {
        size_t end = kith_slice_find(bytes, '\n');
        if (!reader->is_too_long) {
            kith_buf_append_slice(&reader->line, kith_slice_head(bytes, end));
            reader->is_too_long = kith_buf_status(&reader->line) == KITH_E_LIMIT;
            KITH_TRY(reader->is_too_long ? KITH_OK : kith_buf_status(&reader->line));
        }
        if (end < bytes.length) {
            KITH_TRY(end_line(reader));
        }
        bytes = kith_slice_skip(bytes, end + 1);
    }
    return KITH_OK;
}

static kith_status import_lines(line_reader *reader, uint8_t *buffer)
{
    size_t length = 0;
    do {
        KITH_TRY(kith_importer_read(&reader->importer, buffer, READ_BYTES, &length));
        KITH_TRY(take_bytes(reader, kith_slice_make(buffer, length)));
    } while (length > 0);
    if (reader->line.length > 0 || reader->is_too_long) {
        KITH_TRY(end_line(reader)); /* the last line may lack its end */
    }
    return kith_importer_finish(&reader->importer);
}

kith_status kith_engine_import_jsonl(kith_replica *replica, const kith_import_options *options,
                                     kith_import_report *report)
{
    line_reader reader = {.number = 0};
    uint8_t *buffer = kith_allocate(&replica->cx, READ_BYTES);
    KITH_ENSURE(buffer != NULL, KITH_E_MEMORY);
    kith_buf_init(&reader.line, &replica->cx, KITH_JSON_BYTES_MAX);
    kith_status status = kith_importer_init(&reader.importer, replica, options, report);
    if (status == KITH_OK) {
        status = import_lines(&reader, buffer);
    }
    kith_importer_deinit(&reader.importer);
    kith_buf_deinit(&reader.line);
    kith_free(&replica->cx, buffer);
    return status;
}

kith_status kith_export_line(kith_exporter *exporter, kith_dot id)
{
    kith_record *record = NULL;
    kith_slice json;
    kith_buf line;
    KITH_TRY(kith_engine_view(exporter->replica, id, NULL, &record));
    kith_buf_init(&line, &exporter->replica->cx, KITH_RECORD_BYTES_MAX * 4);
    kith_status status = kith_engine_view_json(record, &json);
    if (status == KITH_OK) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_record_id(record), text);
        /* The key goes in front of the object's other members. */
        kith_buf_format(&line, "{\"key\":\"%s\",", text);
        kith_buf_append_slice(&line, kith_slice_skip(json, 1));
        kith_buf_append_text(&line, "\n");
        status = kith_buf_status(&line);
    }
    if (status == KITH_OK) {
        status = exporter->options->write(exporter->options->user, kith_buf_slice(&line));
    }
    kith_buf_deinit(&line);
    kith_engine_view_free(record);
    return status;
}
