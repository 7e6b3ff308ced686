/* kith schema: show or extend what can be recorded. SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "term/file.h"
#include "term/report.h"
#include "term/text.h"

enum { DEFINITION_BYTES_MAX = 1 << 20, ACCEPTED_BYTES = 1200 };

static void print_kinds(const cli *app, const kith_schema *schema)
{
    for (size_t i = 0; i < kith_schema_kind_count(schema); i++) {
        const kith_kind *kind = kith_schema_kind(schema, i);
        if ((kind->flags & KITH_KIND_HIDDEN) == 0) {
            (void)printf("%s%-14s%s %s\n", bold(app), kind->name, plain(app),
                         kith_kind_label(kind, app->language));
        }
    }
}

static void print_kind(const cli *app, const kith_kind *kind)
{
    (void)printf("%s%s%s  %s\n", bold(app), kind->name, plain(app),
                 kith_kind_label(kind, app->language));
    for (uint32_t i = 0; i < kind->field_count; i++) {
        const kith_field *field = kith_kind_field(kind, i);
        char accepted[ACCEPTED_BYTES];
        kith_field_accepted(field, accepted, sizeof accepted);
        (void)printf("  %s%s%s%s  %s\n      %s%s%s%s\n", bold(app), field->name, plain(app),
                     (field->flags & KITH_FIELD_REQUIRED) != 0 ? " *" : "",
                     kith_field_label(kind, field, app->language), dim(app),
                     (field->flags & KITH_FIELD_MULTI) != 0 ? "several: " : "", accepted,
                     plain(app));
    }
}

static exit_code show_json(const cli *app, kith_slice kind)
{
    kith_slice json;
    kith_status status = kith_schema_json(app->replica, kind, app->language, &json);
    if (status != KITH_OK) {
        return report_status(app, status, app->command);
    }
    (void)fwrite(json.data, 1, json.length, stdout);
    (void)fputc('\n', stdout);
    return EXIT_DONE;
}

static exit_code show(const cli *app, const char *kind_name)
{
    const kith_schema *schema = kith_replica_schema(app->replica);
    kith_slice name = kith_slice_of(kind_name);
    if (app->is_json) {
        return show_json(app, name);
    }
    if (kind_name == NULL) {
        print_kinds(app, schema);
        return EXIT_DONE;
    }
    const kith_kind *kind = kith_schema_find_kind(schema, name);
    if (kind == NULL) {
        return report_failure(app, KITH_E_NOT_FOUND, kind_name, "there is no such kind",
                              "`kith schema show` lists them");
    }
    print_kind(app, kind);
    return EXIT_DONE;
}

static exit_code add(const cli *app, const char *path, const char *name)
{
    size_t length = 0;
    char *text = read_file(app, path, DEFINITION_BYTES_MAX, &length);
    if (text == NULL) {
        return EXIT_NOT_FOUND;
    }
    char *own_name = json_read_member(text, length, "schema");
    const char *chosen = name != NULL ? name : own_name;
    exit_code code = EXIT_DONE;
    if (chosen == NULL) {
        code = usage_error(app, "the file does not say its \"schema\"; give --name");
    } else {
        kith_slice definition = {(const uint8_t *)text, length};
        kith_status status = kith_schema_add(app->replica, kith_slice_of(chosen), definition);
        code = status == KITH_OK ? EXIT_DONE : report_status(app, status, path);
    }
    free(own_name);
    free(text);
    return code;
}

exit_code run_schema(cli *app, int argument_count, char **arguments)
{
    static const struct option options[] = {{"name", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    const char *name = NULL;
    int option = 0;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1) {
        if (option != 'n') {
            return usage_error(app, "unknown or incomplete option %s", arguments[optind - 1]);
        }
        name = optarg;
    }
    int count = argument_count - optind;
    char **words = arguments + optind;
    bool is_show = count >= 1 && count <= 2 && strcmp(words[0], "show") == 0;
    bool is_add = count == 2 && strcmp(words[0], "add") == 0;
    if (!is_show && !is_add) {
        return usage_error(app, "show [KIND] or add FILE is needed");
    }
    exit_code code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    return is_show ? show(app, count == 2 ? words[1] : NULL) : add(app, words[1], name);
}
