/* kith show: a record, its conflicts and what points to it. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cmd/assign.h"
#include "cmd/rows.h"
#include "term/output.h"
#include "term/report.h"
#include "term/text.h"

/* References are counted by the hundred in old cases; the newest tell enough. */
enum { REFERENCES_SHOWN_MAX = 20 };

/* What is shown. All of it is read before the first line is printed: reading takes in what other
 * processes wrote, and where that extends the schema, what was borrowed of the schema is gone. */
typedef struct view {
    const cli *app;
    const kith_schema *schema;
    const kith_kind *kind; /* NULL if the schema does not know it */
    kith_record *record;
    kith_list *references; /* records that point to it */
    kith_record **targets; /* records that it points to; NULL where one is not here */
    size_t target_count;
} view;

/* The label of a code, the title of a record, or the text itself. */
static void print_value(const view *v, const kith_record_field *shown, const char *text)
{
    kith_slice slice = kith_slice_of(text);
    const kith_field *field = shown->field;
    const kith_code_list *list = field == NULL ? NULL : field->list;
    const kith_code *code = list == NULL ? NULL : kith_list_find_code(list, slice);
    kith_id id;
    if (code != NULL) {
        print("%s", kith_code_label(v->schema, list, code, v->app->language));
        return;
    }
    print_value_text(text[0] == '\0' ? "(nothing)" : text, "      ");
    if (field == NULL || field->type != KITH_TYPE_REF || kith_id_parse(slice, &id) != KITH_OK) {
        return;
    }
    for (size_t i = 0; i < v->target_count; i++) {
        if (v->targets[i] != NULL && kith_id_equal(kith_record_id(v->targets[i]), id)) {
            print(" " DIM "(%s)" PLAIN, kith_record_title(v->targets[i]));
            return;
        }
    }
}

static void print_rivals(const view *v, const kith_record_field *field)
{
    for (uint32_t i = 0; i < field->rival_count; i++) {
        char when[WHEN_TEXT_SIZE];
        const kith_rival *rival = &field->rivals[i];
        format_when(rival->written.unix_ms, rival->written.trust, when);
        print("    " WARNING "%s" PLAIN " ", i == 0 ? "shown:" : "or:   ");
        print_value(v, field, rival->text);
        print("  " DIM "%s, %s" PLAIN "\n", writer_name(&rival->written), when);
    }
}

static void print_field(const view *v, const kith_record_field *field)
{
    bool is_known = v->kind != NULL && field->field != NULL;
    print("  " BOLD "%s" PLAIN ": ",
          is_known ? kith_field_label(v->schema, v->kind, field->field, v->app->language)
                   : field->name);
    for (uint32_t i = 0; i < field->text_count; i++) {
        print("%s", i > 0 ? "; " : "");
        print_value(v, field, field->texts[i]);
    }
    print("\n");
    print_rivals(v, field);
}

static void print_head(const view *v)
{
    char id[KITH_ID_TEXT_SIZE];
    char created[WHEN_TEXT_SIZE];
    char updated[WHEN_TEXT_SIZE];
    const kith_written *c = kith_record_created(v->record);
    const kith_written *u = kith_record_updated(v->record);
    const char *label = v->kind == NULL ? kith_record_kind(v->record)
                                        : kith_kind_label(v->schema, v->kind, v->app->language);
    kith_id_format(kith_record_id(v->record), id);
    format_when(c->unix_ms, c->trust, created);
    format_when(u->unix_ms, u->trust, updated);
    print(BOLD "%s" PLAIN "  " DIM "%s  %s" PLAIN "\n", kith_record_title(v->record), label, id);
    print("  " DIM "made %s by %s, changed %s by %s" PLAIN "\n", created, writer_name(c), updated,
          writer_name(u));
    if (kith_record_is_removed(v->record) != 0) {
        print("  " WARNING "removed" PLAIN "; `kith settle %s` brings it back\n", id);
    }
    if (kith_record_is_revived(v->record) != 0) {
        print("  " WARNING "removed by one, changed by another" PLAIN
              "; `kith settle %s` keeps it, `kith remove %s` removes it\n",
              id, id);
    }
}

static void print_references(const view *v)
{
    size_t count = kith_list_count(v->references);
    for (size_t i = 0; i < count && i < REFERENCES_SHOWN_MAX; i++) {
        const kith_list_row *row = kith_list_row_at(v->references, i);
        char short_id[SHORT_ID_SIZE];
        format_short_id(row->id, short_id);
        print("  " DIM "<- %s %s" PLAIN "  %s\n", row->kind, short_id, row->title);
    }
    if (count > REFERENCES_SHOWN_MAX) {
        print("  " DIM "<- and %zu more" PLAIN "\n", count - REFERENCES_SHOWN_MAX);
    }
}

static void print_view(const view *v)
{
    print_head(v);
    for (uint32_t i = 0; i < kith_record_field_count(v->record); i++) {
        print_field(v, kith_record_field_at(v->record, i));
    }
    print_references(v);
}

/* Room for all that a record points to, as its references and their rivals may name it. */
static size_t count_texts(const kith_record *record)
{
    size_t count = 0;
    for (uint32_t i = 0; i < kith_record_field_count(record); i++) {
        const kith_record_field *field = kith_record_field_at(record, i);
        count += field->text_count + field->rival_count;
    }
    return count;
}

static void add_target(kith_id *ids, size_t *count, const char *text)
{
    *count += kith_id_parse(kith_slice_of(text), &ids[*count]) == KITH_OK;
}

/* The ids of what a record points to; to be freed. */
static kith_id *gather_targets(const kith_record *record, size_t *count_out)
{
    kith_id *ids = calloc(count_texts(record) + 1, sizeof *ids);
    *count_out = 0;
    if (ids == NULL) {
        end_without_memory();
    }
    for (uint32_t i = 0; i < kith_record_field_count(record); i++) {
        const kith_record_field *field = kith_record_field_at(record, i);
        if (field->field == NULL || field->field->type != KITH_TYPE_REF) {
            continue;
        }
        for (uint32_t j = 0; j < field->text_count; j++) {
            add_target(ids, count_out, field->texts[j]);
        }
        for (uint32_t j = 0; j < field->rival_count; j++) {
            add_target(ids, count_out, field->rivals[j].text);
        }
    }
    return ids;
}

static kith_status read_targets(view *v, const kith_record *record)
{
    kith_status status = KITH_OK;
    kith_id *ids = gather_targets(record, &v->target_count);
    v->targets = calloc(v->target_count + 1, sizeof(kith_record *));
    if (v->targets == NULL) {
        end_without_memory();
    }
    for (size_t i = 0; status == KITH_OK && i < v->target_count; i++) {
        status = kith_record_get(v->app->replica, ids[i], v->app->language, &v->targets[i]);
        status = status == KITH_E_NOT_FOUND ? KITH_OK : status;
    }
    free(ids);
    return status;
}

/* The record itself is read last: then its borrowed parts are as fresh as the schema. */
static kith_status read_view(view *v, kith_id id)
{
    kith_replica *replica = v->app->replica;
    kith_record *first = NULL;
    kith_status status = kith_record_get(replica, id, NULL, &first);
    if (status == KITH_OK) {
        status = read_targets(v, first);
    }
    kith_record_free(first);
    if (status == KITH_OK) {
        status = kith_list_references(replica, id, v->app->language, &v->references);
    }
    if (status == KITH_OK) {
        status = kith_record_get(replica, id, v->app->language, &v->record);
    }
    if (status == KITH_OK) {
        v->schema = kith_replica_schema(replica);
        v->kind = kith_schema_find_kind(v->schema, kith_slice_of(kith_record_kind(v->record)));
    }
    return status;
}

static void free_view(view *v)
{
    for (size_t i = 0; i < v->target_count; i++) {
        kith_record_free(v->targets[i]);
    }
    free(v->targets);
    kith_list_free(v->references);
    kith_record_free(v->record);
}

static exit_code show_json(const cli *app, kith_id id, const char *id_text)
{
    kith_record *record = NULL;
    kith_status status = kith_record_get(app->replica, id, app->language, &record);
    if (status != KITH_OK) {
        return report_status(app, status, id_text);
    }
    exit_code code = print_record_json(app, record);
    kith_record_free(record);
    return code;
}

static exit_code show(const cli *app, kith_id id, const char *id_text)
{
    view v = {.app = app};
    kith_status status = read_view(&v, id);
    if (status == KITH_OK) {
        print_view(&v);
    }
    exit_code code = status == KITH_OK ? EXIT_DONE : report_status(app, status, id_text);
    free_view(&v);
    return code;
}

exit_code run_show(cli *app, const call *given)
{
    kith_id id;
    exit_code code = open_replica(app);
    if (code == EXIT_DONE) {
        code = resolve_id(app, given->words[0], &id);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    return app->is_json ? show_json(app, id, given->words[0]) : show(app, id, given->words[0]);
}
