/* kith show: a record, its conflicts and what points to it. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cmd/assign.h"
#include "cmd/rows.h"
#include "term/report.h"
#include "term/text.h"

/* References are counted by the hundred in old cases; the newest tell enough. */
enum { REFERENCES_SHOWN_MAX = 20 };

/* The label of a code, the title of a record, or the text itself. */
static void print_value(const cli *app, const kith_record_field *field, const char *text)
{
    kith_slice slice = kith_slice_of(text);
    const kith_field *schema = field->field;
    const kith_code *code =
        schema == NULL || schema->list == NULL ? NULL : kith_list_find_code(schema->list, slice);
    kith_record *target = NULL;
    kith_id id;
    if (code != NULL) {
        (void)printf("%s", kith_code_label(schema->list, code, app->language));
        return;
    }
    (void)printf("%s", text[0] == '\0' ? "(nothing)" : text);
    if (schema != NULL && schema->type == KITH_TYPE_REF && kith_id_parse(slice, &id) == KITH_OK &&
        kith_record_get(app->replica, id, app->language, &target) == KITH_OK) {
        (void)printf(" %s(%s)%s", dim(app), kith_record_title(target), plain(app));
        kith_record_free(target);
    }
}

static void print_rivals(const cli *app, const kith_record_field *field)
{
    for (uint32_t i = 0; i < field->rival_count; i++) {
        char when[WHEN_TEXT_SIZE];
        const kith_rival *rival = &field->rivals[i];
        format_when(rival->written.unix_ms, rival->written.trust, when);
        (void)printf("    %s%s%s ", warning(app), i == 0 ? "shown:" : "or:   ", plain(app));
        print_value(app, field, rival->text);
        (void)printf("  %s%s, %s%s\n", dim(app),
                     rival->written.device_name[0] == '\0' ? rival->written.author
                                                           : rival->written.device_name,
                     when, plain(app));
    }
}

static void print_field(const cli *app, const kith_kind *kind, const kith_record_field *field)
{
    const char *label = kind == NULL || field->field == NULL
                            ? field->name
                            : kith_field_label(kind, field->field, app->language);
    (void)printf("  %s%s%s: ", bold(app), label, plain(app));
    for (uint32_t i = 0; i < field->text_count; i++) {
        (void)printf("%s", i > 0 ? "; " : "");
        print_value(app, field, field->texts[i]);
    }
    (void)printf("\n");
    print_rivals(app, field);
}

static void print_head(const cli *app, const kith_record *record, const kith_kind *kind)
{
    char id[KITH_ID_TEXT_SIZE];
    char created[WHEN_TEXT_SIZE];
    char updated[WHEN_TEXT_SIZE];
    const kith_written *c = kith_record_created(record);
    const kith_written *u = kith_record_updated(record);
    kith_id_format(kith_record_id(record), id);
    format_when(c->unix_ms, c->trust, created);
    format_when(u->unix_ms, u->trust, updated);
    (void)printf("%s%s%s  %s%s  %s%s\n", bold(app), kith_record_title(record), plain(app), dim(app),
                 kind == NULL ? kith_record_kind(record) : kith_kind_label(kind, app->language), id,
                 plain(app));
    (void)printf("  %smade %s by %s, changed %s by %s%s\n", dim(app), created,
                 c->device_name[0] == '\0' ? c->author : c->device_name, updated,
                 u->device_name[0] == '\0' ? u->author : u->device_name, plain(app));
    if (kith_record_is_removed(record) != 0) {
        (void)printf("  %sremoved%s; `kith settle %s` brings it back\n", warning(app), plain(app),
                     id);
    }
    if (kith_record_is_revived(record) != 0) {
        (void)printf("  %sremoved by one, changed by another%s; `kith settle %s` keeps it, "
                     "`kith remove %s` removes it\n",
                     warning(app), plain(app), id, id);
    }
}

static exit_code print_references(const cli *app, kith_id id)
{
    kith_list *list = NULL;
    kith_status status = kith_list_references(app->replica, id, app->language, &list);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    size_t count = kith_list_count(list);
    for (size_t i = 0; i < count && i < REFERENCES_SHOWN_MAX; i++) {
        const kith_list_row *row = kith_list_row_at(list, i);
        char short_id[SHORT_ID_SIZE];
        format_short_id(row->id, short_id);
        (void)printf("  %s<- %s %s%s  %s\n", dim(app), row->kind, short_id, plain(app), row->title);
    }
    if (count > REFERENCES_SHOWN_MAX) {
        (void)printf("  %s<- and %zu more%s\n", dim(app), count - REFERENCES_SHOWN_MAX, plain(app));
    }
    kith_list_free(list);
    return EXIT_DONE;
}

static exit_code print_record(const cli *app, const kith_record *record)
{
    const kith_kind *kind = kith_schema_find_kind(kith_replica_schema(app->replica),
                                                  kith_slice_of(kith_record_kind(record)));
    print_head(app, record, kind);
    for (uint32_t i = 0; i < kith_record_field_count(record); i++) {
        print_field(app, kind, kith_record_field_at(record, i));
    }
    return print_references(app, kith_record_id(record));
}

exit_code run_show(cli *app, int argument_count, char **arguments)
{
    kith_id id;
    kith_record *record = NULL;
    if (argument_count != 2) {
        return usage_error(app, "one ID is needed");
    }
    exit_code code = open_replica(app);
    if (code == EXIT_DONE) {
        code = resolve_id(app, arguments[1], &id);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_record_get(app->replica, id, app->language, &record);
    if (status != KITH_OK) {
        return report_status(app, status, arguments[1]);
    }
    code = app->is_json ? print_record_json(app, record) : print_record(app, record);
    kith_record_free(record);
    return code;
}
