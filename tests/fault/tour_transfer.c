/* Records into A and out of it. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tour.h"

/* A file being read or written; the text is borrowed. */
typedef struct stream {
    kith_slice left;
    uint64_t written_bytes;
    uint64_t reject_count;
    uint64_t progress_count;
} stream;

static kith_status read_stream(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    stream *s = user;
    kith_slice part = kith_slice_head(s->left, capacity < 100 ? capacity : 100);
    if (part.length > 0) {
        memcpy(buffer, part.data, part.length);
    }
    s->left = kith_slice_skip(s->left, part.length);
    *length_out = part.length;
    return KITH_OK;
}

static kith_status write_stream(void *user, kith_slice bytes)
{
    stream *s = user;
    s->written_bytes += bytes.length;
    return KITH_OK;
}

static kith_status note_progress(void *user, uint64_t done, uint64_t total)
{
    stream *s = user;
    s->progress_count += done <= total || total == 0;
    return KITH_OK;
}

static void note_reject(void *user, const kith_reject *reject)
{
    stream *s = user;
    s->reject_count += reject->message[0] != '\0';
}

static kith_import_options import_options(stream *s, const char *text)
{
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    s->left = kith_slice_of(text);
    options.read = read_stream;
    options.reject = note_reject;
    options.progress = note_progress;
    options.total_bytes = s->left.length;
    options.user = s;
    return options;
}

/* Rows with keys and without, references forward and back, a faulty row, one without an end. */
static const char lines[] =
    "{\"kind\": \"place\", \"key\": \"v1\", \"fields\": {\"name\": \"Kongthong\", \"type\": "
    "\"village\","
    " \"parent\": \"d1\"}}\n"
    "{\"kind\": \"place\", \"key\": \"d1\", \"fields\": {\"name\": \"East Khasi Hills\","
    " \"type\": \"district\"}}\n"
    "{\"kind\": \"person\", \"fields\": {\"full_name\": \"Daphi Marak\", \"roles\": [\"migrant\"],"
    " \"sex\": \"female\", \"status\": \"unknown\", \"home_place\": \"v1\"}}\n"
    "{\"kind\": \"person\", \"fields\": {\"full_name\": \"Nobody\"}}\n"
    "{\"kind\": \"place\", \"fields\": {\"name\": \"Mawlynnong\", \"type\": \"village\"}}";

static kith_status import_jsonl(tour *t)
{
    stream s = {.reject_count = 0};
    kith_import_report report = {.struct_size = sizeof report};
    kith_import_options options = import_options(&s, lines);
    KITH_TRY(kith_import_jsonl(t->a, &options, &report));
    assert_int_equal(report.row_count, 5);
    assert_int_equal(report.added_count + report.known_count, 4);
    assert_int_equal(report.rejected_count, 1);
    assert_true(s.reject_count > 0 && s.progress_count > 0);
    return KITH_OK;
}

static kith_status import_again(tour *t)
{
    stream s = {.reject_count = 0};
    kith_import_report report = {.struct_size = sizeof report};
    kith_import_options options = import_options(&s, lines);
    KITH_TRY(kith_import_jsonl(t->a, &options, &report));
    assert_int_equal(report.known_count, 4);
    assert_int_equal(report.added_count, 0);
    return KITH_OK;
}

/* An export that comes home, and a row that refers to a record by its id: both name records by what
 * only this replica can look up. */
static kith_status import_home(tour *t)
{
    char id[KITH_ID_TEXT_SIZE];
    char text[512];
    stream s = {.reject_count = 0};
    kith_import_report report = {.struct_size = sizeof report};
    kith_id_format(t->places[0], id);
    (void)snprintf(text, sizeof text,
                   "{\"kind\": \"place\", \"id\": \"%s\", \"key\": \"%s\", \"fields\":"
                   " {\"name\": \"Nongriat 1\", \"type\": \"village\"}}\n"
                   "{\"kind\": \"place\", \"key\": \"inner\", \"fields\": {\"name\": \"Inner\","
                   " \"type\": \"village\", \"parent\": \"%s\"}}\n",
                   id, id, id);
    kith_import_options options = import_options(&s, text);
    KITH_TRY(kith_import_jsonl(t->a, &options, &report));
    assert_int_equal(report.added_count, 1);
    assert_int_equal(report.known_count, 1);
    assert_int_equal(s.reject_count, 0);
    return KITH_OK;
}

static kith_status import_csv(tour *t)
{
    static const char rows[] = "state,village,people\r\n"
                               "Meghalaya,Nongjrong,120\r\n"
                               "Meghalaya,\"Laitkynsew\",\r\n"
                               "Assam,Umrangso,300\r\n";
    static const char mapping[] =
        "{\"source\": \"list\", \"records\": ["
        "{\"name\": \"state\", \"kind\": \"place\", \"key\": \"{state}\", \"fields\":"
        " {\"name\": \"{state}\", \"type\": \"state\"}},"
        "{\"kind\": \"place\", \"fields\": {\"name\": \"{village}\", \"type\": \"village\","
        " \"population\": \"{people}\", \"parent\": {\"ref\": \"state\"}}}]}";
    stream s = {.reject_count = 0};
    kith_import_report report = {.struct_size = sizeof report};
    kith_import_options options = import_options(&s, rows);
    options.mapping = kith_slice_of(mapping);
    KITH_TRY(kith_import_csv(t->a, &options, &report));
    assert_int_equal(report.row_count, 3);
    assert_int_equal(report.rejected_count, 0);
    assert_int_equal(s.reject_count, 0);
    return KITH_OK;
}

static kith_export_options export_options(stream *s)
{
    kith_export_options options = KITH_EXPORT_OPTIONS_INIT;
    options.write = write_stream;
    options.progress = note_progress;
    options.user = s;
    return options;
}

static kith_status export_jsonl(tour *t)
{
    stream s = {.reject_count = 0};
    uint64_t count = 0;
    kith_export_options options = export_options(&s);
    KITH_TRY(kith_export_jsonl(t->a, &options, &count));
    assert_true(count >= TOUR_PLACES && s.written_bytes > count);
    return KITH_OK;
}

static kith_status export_csv(tour *t)
{
    stream s = {.reject_count = 0};
    uint64_t count = 0;
    kith_export_options options = export_options(&s);
    options.kind = kith_slice_of("place");
    KITH_TRY(kith_export_csv(t->a, &options, &count));
    assert_true(count >= TOUR_PLACES && s.written_bytes > count);
    return KITH_OK;
}

const tour_step tour_transfer_steps[] = {{"import JSON Lines", import_jsonl, false},
                                         {"import them again", import_again, true},
                                         {"import an export", import_home, false},
                                         {"import CSV", import_csv, false},
                                         {"export JSON Lines", export_jsonl, true},
                                         {"export CSV", export_csv, true},
                                         {NULL, NULL, false}};
