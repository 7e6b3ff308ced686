/* kith schema: show or extend what can be recorded. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "term/file.h"
#include "term/output.h"
#include "term/report.h"

enum { ACCEPTED_BYTES = 1200 };

static void print_kinds(const cli *app, const kith_schema *schema)
{
    for (size_t i = 0; i < kith_schema_kind_count(schema); i++) {
        const kith_kind *kind = kith_schema_kind(schema, i);
        if ((kind->flags & KITH_KIND_HIDDEN) == 0) {
            print(BOLD "%-14s" PLAIN " %s\n", kind->name,
                  kith_kind_label(schema, kind, app->language));
        }
    }
}

static void print_kind(const cli *app, const kith_schema *schema, const kith_kind *kind)
{
    print(BOLD "%s" PLAIN "  %s\n", kind->name, kith_kind_label(schema, kind, app->language));
    for (uint32_t i = 0; i < kind->field_count; i++) {
        const kith_field *field = kith_kind_field(kind, i);
        char accepted[ACCEPTED_BYTES];
        kith_field_accepted(field, accepted, sizeof accepted);
        print("  " BOLD "%s" PLAIN "%s  %s\n      " DIM "%s%s" PLAIN "\n", field->name,
              (field->flags & KITH_FIELD_REQUIRED) != 0 ? " *" : "",
              kith_field_label(schema, kind, field, app->language),
              (field->flags & KITH_FIELD_MULTI) != 0 ? "several: " : "", accepted);
    }
}

static exit_code show(const cli *app, const char *kind_name)
{
    const kith_schema *schema = kith_replica_schema(app->replica);
    kith_slice name = kith_slice_of(kind_name);
    kith_slice json;
    kith_status status = KITH_OK;
    const kith_kind *kind = kind_name == NULL ? NULL : kith_schema_find_kind(schema, name);
    if (kind_name != NULL && kind == NULL) {
        return report_failure(app, KITH_E_NOT_FOUND, kind_name, "there is no such kind",
                              "`kith schema show` lists them");
    }
    if (app->is_json) {
        status = kith_schema_json(app->replica, name, app->language, &json);
    }
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    if (app->is_json) {
        print_json_text(stdout, json);
    } else if (kind != NULL) {
        print_kind(app, schema, kind);
    } else {
        print_kinds(app, schema);
    }
    return EXIT_DONE;
}

static exit_code add(const cli *app, const char *path, const char *name)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    exit_code code = read_file(app, path, &bytes, &length);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_slice definition = {bytes, length};
    char *own_name = json_read_member(definition, "schema");
    const char *chosen = name != NULL ? name : own_name;
    if (chosen == NULL) {
        code = report_failure(app, KITH_E_REFUSED, path, "it does not say its \"schema\"",
                              "name it with --name");
    } else {
        kith_status status = kith_schema_add(app->replica, kith_slice_of(chosen), definition);
        code = status == KITH_OK ? EXIT_DONE : report_status(app, status, path);
    }
    free(own_name);
    free(bytes);
    return code;
}

exit_code run_schema(cli *app, const call *given)
{
    bool is_show = strcmp(given->words[0], "show") == 0;
    bool is_add = strcmp(given->words[0], "add") == 0 && given->word_count == 2;
    if (!is_show && !is_add) {
        return usage_error(app, "show [KIND] or add FILE is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    return is_show ? show(app, given->word_count == 2 ? given->words[1] : NULL)
                   : add(app, given->words[1], option_value(given, "--name"));
}
