/* JSON Lines, both ways. SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "engine/index.h"
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

/* A row's keys: its own, or one made of its content; and those that the record had where it was
 * exported. */
static kith_status row_keys(kith_importer *importer, const kith_json *json, kith_slice line,
                            kith_row_keys *keys_out)
{
    const kith_json *sources = kith_json_get(kith_json_get(json, "fields"), KITH_FIELD_SOURCE_KEY);
    keys_out->count = 0;
    keys_out->items = kith_arena_array(&importer->edit->arena, kith_json_count(sources) + 1,
                                       sizeof *keys_out->items);
    KITH_ENSURE(keys_out->items != NULL, KITH_E_MEMORY);
    kith_slice own = kith_json_text(kith_json_get(json, "key"));
    if (own.length == 0) {
        KITH_TRY(kith_importer_content_key(importer, "", line, &own));
    }
    keys_out->items[keys_out->count++].text = own;
    for (const kith_json *item = kith_json_first(sources); item != NULL;
         item = kith_json_next(item)) {
        keys_out->items[keys_out->count].text = kith_json_text(item);
        keys_out->count += keys_out->items[keys_out->count].text.length > 0;
    }
    return KITH_OK;
}

static kith_status add_record(kith_importer *importer, const kith_json *json,
                              const kith_row_keys *keys, uint32_t fingerprint)
{
    uint32_t record = 0;
    kith_said *said = kith_said_new(&importer->edit->arena, 1);
    KITH_ENSURE(said != NULL, KITH_E_MEMORY);
    said->fingerprints[0] = fingerprint;
    KITH_TRY(
        kith_draft_create(importer->edit, kith_json_text(kith_json_get(json, "kind")), &record));
    KITH_TRY(kith_engine_edit_fields(importer->edit, record, kith_json_get(json, "fields")));
    KITH_TRY(kith_importer_set_keys(importer, record, keys, fingerprint == 0 ? NULL : said));
    return kith_importer_end_row(importer);
}

/* A record that is here is left alone, but what two rows say of it must be the same. */
static kith_status revisit_record(kith_importer *importer, const char *kind,
                                  const kith_row_keys *keys, uint32_t fingerprint, kith_dot id)
{
    kith_said *said = NULL;
    if (fingerprint != 0) {
        KITH_TRY(kith_importer_said(importer, id, 1, &said));
        uint32_t earlier = said->fingerprints[0];
        if (earlier != 0 && earlier != fingerprint) {
            kith_importer_reject(importer, kind, "", KITH_IMPORT_DIFFERS, "");
            return KITH_OK;
        }
        KITH_TRY(kith_importer_say(importer, &said->fingerprints[0], fingerprint));
    }
    importer->row.known_count++;
    KITH_TRY(kith_importer_complete_keys(importer, kind, keys, id));
    return kith_importer_end_row(importer);
}

/* An export that comes home: the record itself is here. */
static kith_status find_home(const kith_importer *importer, const kith_json *json,
                             kith_dot *home_out)
{
    kith_id id;
    *home_out = (kith_dot){0};
    bool is_id = kith_id_parse(kith_json_text(kith_json_get(json, "id")), &id) == KITH_OK;
    return is_id ? kith_engine_known(importer->replica, id, home_out) : KITH_OK;
}

static kith_status add_keyed(kith_importer *importer, const kith_json *json, kith_slice line)
{
    kith_row_keys keys;
    kith_dot known;
    const char *why = NULL;
    KITH_TRY(row_keys(importer, json, line, &keys));
    kith_status status = kith_importer_find(importer, &keys, &known, &why);
    if (status == KITH_E_REFUSED) {
        kith_importer_reject(importer, "", "key", why, "");
        return KITH_OK;
    }
    KITH_TRY(status);
    /* Rows that are their own keys are counted, not compared. */
    bool is_keyed = kith_json_text(kith_json_get(json, "key")).length > 0;
    uint32_t fingerprint = is_keyed ? kith_fingerprint(line) : 0;
    const char *kind = (const char *)kith_json_text(kith_json_get(json, "kind")).data;
    return known.author != 0 ? revisit_record(importer, kind, &keys, fingerprint, known)
                             : add_record(importer, json, &keys, fingerprint);
}

/* An exported line has its id, key and more beside kind and fields; those are left aside. */
static kith_status add_row(kith_importer *importer, const kith_json *json, kith_slice line)
{
    kith_dot home;
    if (kith_json_type_of(kith_json_get(json, "kind")) != KITH_JSON_TEXT) {
        kith_importer_reject(importer, "", "", "has no \"kind\"", "");
        return KITH_OK;
    }
    KITH_TRY(find_home(importer, json, &home));
    if (home.author != 0) {
        importer->row.known_count++;
        return kith_importer_end_row(importer);
    }
    return add_keyed(importer, json, line);
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
        kith_importer_reject(importer, "", "", "is longer than 1 MiB", "");
        return KITH_OK;
    }
    kith_status status = kith_json_parse(cx, line, &json);
    if (status == KITH_OK) {
        status = add_row(importer, json, line);
        kith_json_free(json);
    }
    if (status == KITH_E_SYNTAX || status == KITH_E_LIMIT) {
        kith_importer_reject(importer, "", "", cx->error.message, "");
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

kith_status kith_export_line(kith_exporter *exporter, kith_dot id, kith_buf *out)
{
    kith_record *record = NULL;
    kith_slice json;
    KITH_TRY(kith_engine_view(exporter->replica, id, NULL, &record));
    kith_status status = kith_engine_view_json(record, &json);
    if (status == KITH_OK) {
        char text[KITH_ID_TEXT_SIZE];
        kith_id_format(kith_record_id(record), text);
        /* The key goes in front of the object's other members. */
        kith_buf_format(out, "{\"key\":\"%s\",", text);
        kith_buf_append_slice(out, kith_slice_skip(json, 1));
        kith_buf_append_text(out, "\n");
    }
    kith_engine_view_free(record);
    return status;
}
