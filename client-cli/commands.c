/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "term/output.h"
#include "term/report.h"

#define STREAM_LINE                                                                      \
    {                                                                                    \
        "-", NULL, "read JSON Lines from standard input, answer each when it is durable" \
    }

const usage_line global_options[] = {
    {"--home", "DIR", "folder of the replica; else $KITH_HOME"},
    {"--json", NULL, "one JSON object or JSON Lines on standard output, nothing else"},
    {"--quiet", NULL, "say nothing but the answer"},
    {"--space", "SPACE", "the space to work in"},
    {"--lang", "CODE", "language of labels: eng, hin, ben, asm, nep; else $KITH_LANG"},
    {"--help", NULL, "explain the command"},
    {"--version", NULL, "print the version"},
    {.word = NULL},
};

static const usage_line init_lines[] = {
    {"--name", "NAME", "what people call this device; else the host's name"},
    {.word = NULL},
};
static const usage_line add_lines[] = {
    {"FIELD=VALUE", NULL, "a value; FIELD=@FILE reads it from a file"},
    {"FIELD+=VALUE", NULL, "one more value of a field that holds several"},
    {"-i", NULL, "ask field by field"},
    {"--all", NULL, "ask for every field, not only those of the short form"},
    STREAM_LINE,
    {.word = NULL},
};
static const usage_line set_lines[] = {
    {"FIELD=VALUE", NULL, "the new value; FIELD= clears; FIELD=@FILE reads a file"},
    {"FIELD+=VALUE", NULL, "add a value to a field that holds several"},
    {"FIELD-=VALUE", NULL, "take a value out of it"},
    STREAM_LINE,
    {.word = NULL},
};
static const usage_line list_lines[] = {
    {"--where", "FIELD=VALUE", "only records that hold the value; FIELD= for none; repeatable"},
    {"--changed-since", "WHEN", "only what changed since a day (2026-11-24) or for so long (7d)"},
    {"--sort", "FIELD", "by a field; else the last changed come first"},
    {"--desc", NULL, "with --sort: the greatest first"},
    {"--limit", "N", "at most N"},
    {"--removed", NULL, "removed records too"},
    {.word = NULL},
};
static const usage_line find_lines[] = {
    {"--kind", "KIND", "only records of a kind"},
    {"--limit", "N", "at most N; else 20"},
    {.word = NULL},
};
static const usage_line log_lines[] = {
    {"--limit", "N", "at most N changes; else all of a record, or the latest 50"},
    {.word = NULL},
};
static const usage_line schema_lines[] = {
    {"--name", "NAME", "of the extension; else what the file says under \"schema\""},
    {.word = NULL},
};
static const usage_line import_lines[] = {
    {"--mapping", "FILE", "how columns become fields; see proto/spec/import.md"},
    {.word = NULL},
};
static const usage_line export_lines[] = {
    {"--output", "FILE", "where to write; the file is readable by you alone"},
    {.word = NULL},
};
static const usage_line space_lines[] = {
    {"--relay", "URL", "with create: the relay's address, http://… or https://…"},
    {"--pin", "HEX", "the relay's key, as `kithd` prints it"},
    {"--token", "TOKEN", "the relay's registration token"},
    {.word = NULL},
};
static const usage_line invite_lines[] = {
    {"--role", "ROLE", "reader, worker, supervisor or admin; else worker"},
    {"--expires", "TIME", "for how long it holds: 7d, 12h, 30m; else 7d"},
    {"--uses", "N", "how many devices may join by it; else 1"},
    {"--qr", NULL, "show it as a QR code too"},
    {.word = NULL},
};
static const usage_line device_lines[] = {
    {"--wipe", NULL, "with revoke: order the device to wipe itself when it next syncs"},
    {.word = NULL},
};
static const usage_line sync_lines[] = {
    {"--watch", NULL, "go on, and sync whenever there is news, until interrupted"},
    {.word = NULL},
};
static const usage_line bundle_lines[] = {
    {"--for", "DEVICE", "with export: leave out what that one of `kith device list` said to have"},
    {"--go-on", NULL,
     "with export, put back from a backup: what others had of this device is lost"},
    {.word = NULL},
};
static const usage_line check_lines[] = {
    {"--rebuild", NULL, "fold the log anew, prove the state equal, repair it if not"},
    {.word = NULL},
};

const command commands[] = {
    {.name = "init",
     .form = "[--name NAME]",
     .summary = "make this device's replica",
     .lines = init_lines,
     .run = run_init},
    {.name = "add",
     .form = "KIND [FIELD=VALUE ...] [-i] | -",
     .summary = "record something new; prints its id",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "a KIND is needed; `kith schema show` lists them",
     .lines = add_lines,
     .run = run_add},
    {.name = "set",
     .form = "ID FIELD=VALUE ... | -",
     .summary = "change a record",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "an ID and FIELD=VALUE are needed",
     .lines = set_lines,
     .run = run_set},
    {.name = "remove",
     .form = "ID ...",
     .summary = "remove records, all of them or none",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "an ID is needed",
     .run = run_remove},
    {.name = "undo", .form = "", .summary = "take this device's last change back", .run = run_undo},
    {.name = "show",
     .form = "ID",
     .summary = "show a record, its conflicts and what points to it",
     .words_min = 1,
     .words_max = 1,
     .lacking = "an ID is needed",
     .run = run_show},
    {.name = "list",
     .form = "KIND [--where FIELD=VALUE] ...",
     .summary = "list the records of a kind",
     .words_min = 1,
     .words_max = 1,
     .lacking = "a KIND is needed; `kith schema show` lists them",
     .lines = list_lines,
     .run = run_list},
    {.name = "find",
     .form = "WORD ... [--kind KIND]",
     .summary = "find records by words, spelled as you can",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "a WORD is needed",
     .lines = find_lines,
     .run = run_find},
    {.name = "log",
     .form = "[ID]",
     .summary = "show what happened to a record, or lately to all",
     .words_max = 1,
     .lines = log_lines,
     .run = run_log},
    {.name = "conflicts",
     .form = "",
     .summary = "list what people wrote without sight of each other",
     .run = run_conflicts},
    {.name = "settle",
     .form = "ID [FIELD=VALUE ...]",
     .summary = "decide a conflict; without a field, keep a removed record",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "an ID is needed; `kith conflicts` lists them",
     .run = run_settle},
    {.name = "schema",
     .form = "show [KIND] | add FILE [--name NAME]",
     .summary = "show or extend what can be recorded",
     .words_min = 1,
     .words_max = 2,
     .lacking = "show [KIND] or add FILE is needed",
     .lines = schema_lines,
     .run = run_schema},
    {.name = "import",
     .form = "jsonl FILE | csv FILE --mapping FILE",
     .summary = "bring records in from a file, - for standard input",
     .words_min = 2,
     .words_max = 2,
     .lacking = "a format and a FILE are needed",
     .lines = import_lines,
     .run = run_import},
    {.name = "export",
     .form = "jsonl [KIND] | csv KIND [--output FILE]",
     .summary = "write records to a file or standard output",
     .words_min = 1,
     .words_max = 2,
     .lacking = "jsonl [KIND] or csv KIND is needed",
     .lines = export_lines,
     .run = run_export},
    {.name = "check",
     .form = "[--rebuild]",
     .summary = "check the replica for damage",
     .lines = check_lines,
     .run = run_check},
    {.name = "status", .form = "", .summary = "say what is here", .run = run_status},
    {.name = "space",
     .form = "create NAME [--relay URL] | list | use NAME | relay URL",
     .summary = "found, list and select spaces, say where the relay is",
     .words_min = 1,
     .words_max = 2,
     .lacking = "create NAME, list, use NAME or relay URL is needed",
     .lines = space_lines,
     .run = run_space},
    {.name = "invite",
     .form = "[--role ROLE] [--expires TIME] [--uses N] [--qr] | list | withdraw NUMBER",
     .summary = "let another device join the space; what was given out, and taking it back",
     .words_max = 2,
     .lines = invite_lines,
     .run = run_invite},
    {.name = "join",
     .form = "INVITE",
     .summary = "join a space by an invite",
     .words_min = 1,
     .words_max = 1,
     .lacking = "the INVITE is needed",
     .run = run_join},
    {.name = "sync",
     .form = "[--watch]",
     .summary = "send what is new here, receive what is new elsewhere",
     .lines = sync_lines,
     .run = run_sync},
    {.name = "bundle",
     .form = "export FILE [--for DEVICE] [--go-on] | import FILE | forget",
     .summary = "carry records by hand: a file to give away, a file to take in",
     .words_min = 1,
     .words_max = 2,
     .lacking = "export FILE, import FILE or forget is needed",
     .lines = bundle_lines,
     .run = run_bundle},
    {.name = "device",
     .form = "list | revoke ID [--wipe]",
     .summary = "list the devices of the space, take one out",
     .words_min = 1,
     .words_max = 2,
     .lacking = "list or revoke ID is needed",
     .lines = device_lines,
     .run = run_device},
    {.name = "key",
     .form = "rotate",
     .summary = "give the space a new key",
     .words_min = 1,
     .words_max = 1,
     .lacking = "rotate is needed",
     .run = run_key},
    {.name = "help",
     .form = "[COMMAND]",
     .summary = "explain a command",
     .words_max = 1,
     .run = run_help},
    {.name = "complete", /* for the shell */
     .form = "-- INDEX WORD ...",
     .words_min = 1,
     .words_max = WORDS_ANY,
     .lacking = "an INDEX is needed",
     .run = run_complete},
    {.name = NULL},
};

const command *find_command(const char *name)
{
    for (const command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}

/* Columns of "--limit N". The tables are ASCII. */
static size_t line_width(const usage_line *line)
{
    return strlen(line->word) + (line->value == NULL ? 0 : 1 + strlen(line->value));
}

void print_usage_lines(FILE *file, const usage_line *lines)
{
    size_t width = 0;
    for (const usage_line *line = lines; line->word != NULL; line++) {
        width = line_width(line) > width ? line_width(line) : width;
    }
    for (const usage_line *line = lines; line->word != NULL; line++) {
        print_to(file, "  %s%s%s%*s  %s\n", line->word, line->value == NULL ? "" : " ",
                 line->value == NULL ? "" : line->value, (int)(width - line_width(line)), "",
                 line->meaning);
    }
}

void print_usage(FILE *file, const command *c)
{
    if (c == NULL) {
        print_to(file, "usage: kith [OPTION ...] COMMAND ...\n`kith help` lists the commands\n");
        return;
    }
    print_to(file, "usage: kith %s%s%s\n", c->name, c->form[0] == '\0' ? "" : " ", c->form);
    if (c->lines != NULL) {
        print_usage_lines(file, c->lines);
    }
}

exit_code usage_error(const cli *app, const char *format, ...)
{
    char *why = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&why, format, arguments);
    va_end(arguments);
    if (length < 0) {
        end_without_memory();
    }
    (void)report_failure(app, KITH_E_ARGUMENT, app->command, why,
                         app->is_json ? "`kith help` explains every command" : NULL);
    free(why);
    if (!app->is_json) {
        print_usage(stderr, find_command(app->command));
    }
    return EXIT_USAGE;
}
