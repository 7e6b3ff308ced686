/* The kith command: options that every command takes, then the command.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term/report.h"

const command commands[] = {
    {"init", "[--name NAME]", "make this device's replica",
     "  --name NAME  what people call this device\n", run_init},
    {"add", "KIND [FIELD=VALUE ...] [-i] | -", "record something new; prints its id",
     "  FIELD=VALUE   a value; FIELD=@FILE reads it from a file\n"
     "  FIELD+=VALUE  one more value of a field that holds several\n"
     "  -i            ask field by field\n"
     "  --all         with -i: ask for every field, not the short form\n"
     "  -             read JSON Lines from standard input, answer each when it is durable\n",
     run_add},
    {"set", "ID FIELD=VALUE ... | -", "change a record",
     "  FIELD=VALUE   the new value; FIELD= clears; FIELD=@FILE reads a file\n"
     "  FIELD+=VALUE  add a value to a field that holds several\n"
     "  FIELD-=VALUE  take a value out of it\n"
     "  -             read JSON Lines from standard input, answer each when it is durable\n",
     run_set},
    {"remove", "ID ...", "remove records", NULL, run_remove},
    {"undo", "", "take this device's last change back", NULL, run_undo},
    {"show", "ID", "show a record, its conflicts and what points to it", NULL, run_show},
    {"list", "KIND [--where FIELD=VALUE] ...", "list the records of a kind",
     "  --where FIELD=VALUE   only records that hold the value; FIELD= for none; repeatable\n"
     "  --changed-since WHEN  only records changed since a day (2026-11-24) or for so long (7d)\n"
     "  --sort FIELD          by a field; else the last changed come first\n"
     "  --desc                with --sort: the greatest first\n"
     "  --limit N             at most N\n"
     "  --removed             removed records too\n",
     run_list},
    {"find", "WORD ... [--kind KIND]", "find records by words, spelled as you can",
     "  --kind KIND  only records of a kind\n"
     "  --limit N    at most N; 20 without\n",
     run_find},
    {"log", "[ID]", "show what happened to a record, or lately", "  --limit N  at most N changes\n",
     run_log},
    {"conflicts", "", "list what people wrote without sight of each other", NULL, run_conflicts},
    {"settle", "ID [FIELD=VALUE ...]", "decide a conflict; without a field, keep a removed record",
     NULL, run_settle},
    {"schema", "show [KIND] | add FILE [--name NAME]", "show or extend what can be recorded",
     "  --name NAME  of the extension; else what the file says under \"schema\"\n", run_schema},
    {"import", "jsonl|csv FILE [--mapping FILE]",
     "bring records in from a file, - for standard input",
     "  --mapping FILE  how columns become fields (csv; see proto/spec/import.md)\n", run_import},
    {"export", "jsonl|csv [KIND] [--output FILE]", "write records to a file or standard output",
     "  --output FILE  where to write\n", run_export},
    {"check", "[--rebuild]", "check the replica for damage",
     "  --rebuild  fold the log anew, prove the state equal, repair it if not\n", run_check},
    {"status", "", "what is here", NULL, run_status},
    {"exchange", "FOLDER", "bring this replica and another on this machine level (provisional)",
     NULL, run_exchange},
    {"help", "[COMMAND]", "explain a command", NULL, run_help},
    {"complete", "INDEX WORD ...", NULL, NULL, run_complete},
    {NULL, NULL, NULL, NULL, NULL},
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

static void print_usage(const cli *app, FILE *file)
{
    const command *c = find_command(app->command);
    if (c == NULL) {
        (void)fputs("usage: kith [--home DIR] [--json] [--quiet] [--lang CODE] COMMAND ...\n"
                    "`kith help` lists the commands\n",
                    file);
        return;
    }
    (void)fprintf(file, "usage: kith %s %s\n%s", c->name, c->arguments,
                  c->help == NULL ? "" : c->help);
}

exit_code usage(const cli *app)
{
    print_usage(app, stdout);
    return EXIT_DONE;
}

exit_code usage_error(const cli *app, const char *format, ...)
{
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    (void)report_failure(app, KITH_E_ARGUMENT, app->command, why, NULL);
    if (!app->is_json) {
        print_usage(app, stderr);
    }
    return EXIT_USAGE;
}

exit_code open_replica(cli *app)
{
    char path[4096];
    kith_error error = {0};
    int length = snprintf(path, sizeof path, "%s/kith.db", app->home);
    if (length < 0 || (size_t)length >= sizeof path) {
        return report_failure(app, KITH_E_ARGUMENT, app->home, "the path is too long", NULL);
    }
    kith_status status = kith_replica_open(path, NULL, &app->replica, &error);
    if (status == KITH_E_NOT_FOUND) {
        return report_failure(app, status, app->home, "there is no replica here",
                              "make one with `kith init`, or name its folder with --home");
    }
    return status == KITH_OK ? EXIT_DONE : report_error(app, &error, app->home);
}

/* The language of the environment, where we have labels in it. */
static const char *environment_language(void)
{
    static const char *const pairs[][2] = {
        {"as", "asm"}, {"bn", "ben"}, {"hi", "hin"}, {"ne", "nep"}};
    const char *kith_language_name = getenv("KITH_LANG");
    const char *locale = setlocale(LC_MESSAGES, NULL);
    if (kith_language_name != NULL && kith_language_name[0] != '\0') {
        return kith_language_name;
    }
    for (size_t i = 0; locale != NULL && i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strncmp(locale, pairs[i][0], 2) == 0) {
            return pairs[i][1];
        }
    }
    return NULL;
}

/* $KITH_HOME, or the place the XDG base directory specification gives. */
static const char *default_home(void)
{
    static char path[4096];
    const char *home = getenv("KITH_HOME");
    const char *data = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");
    if (home != NULL && home[0] != '\0') {
        return home;
    }
    if (data != NULL && data[0] == '/') {
        (void)snprintf(path, sizeof path, "%s/kith", data);
    } else {
        (void)snprintf(path, sizeof path, "%s/.local/share/kith", user == NULL ? "." : user);
    }
    return path;
}

static bool is_known_language(const char *language)
{
    for (size_t i = 0; kith_language(i) != NULL; i++) {
        if (strcmp(kith_language(i), language) == 0) {
            return true;
        }
    }
    return false;
}

/* Options in front of the command. Returns how many words they took, or -1 after saying what is
 * wrong; -2 if the answer was given; -3 if something was not found. */
static int read_options(cli *app, int argument_count, char **arguments)
{
    enum { HOME = 1, JSON, QUIET, SPACE, LANG, HELP, VERSION };
    static const struct option options[] = {
        {"home", required_argument, NULL, HOME}, {"json", no_argument, NULL, JSON},
        {"quiet", no_argument, NULL, QUIET},     {"space", required_argument, NULL, SPACE},
        {"lang", required_argument, NULL, LANG}, {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION}, {NULL, 0, NULL, 0}};
    int option = 0;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "+", options, NULL)) != -1) {
        switch (option) {
        case HOME:
            app->home = optarg;
            break;
        case JSON:
            app->is_json = true;
            break;
        case QUIET:
            app->is_quiet = true;
            break;
        case SPACE:
            if (strcmp(optarg, "local") != 0) {
                (void)report_failure(app, KITH_E_NOT_FOUND, optarg, "there is no such space",
                                     "the one here is called local");
                return -3;
            }
            break;
        case LANG:
            app->language = optarg;
            break;
        case HELP:
            (void)run_help(app, 0, NULL);
            return -2;
        case VERSION:
            (void)printf("kith %s\n", kith_version());
            return -2;
        default:
            (void)usage_error(app, "unknown option %s", arguments[optind - 1]);
            return -1;
        }
    }
    return optind;
}

/* --json and --quiet may also stand behind the command, where people put them. */
static int take_late_options(cli *app, int argument_count, char **arguments)
{
    int kept = 0;
    bool is_over = false;
    for (int i = 0; i < argument_count; i++) {
        is_over = is_over || strcmp(arguments[i], "--") == 0;
        if (!is_over && strcmp(arguments[i], "--json") == 0) {
            app->is_json = true;
        } else if (!is_over && strcmp(arguments[i], "--quiet") == 0) {
            app->is_quiet = true;
        } else {
            arguments[kept++] = arguments[i];
        }
    }
    arguments[kept] = NULL;
    return kept;
}

static exit_code run(cli *app, int argument_count, char **arguments)
{
    int first = read_options(app, argument_count, arguments);
    if (first < 0) {
        return first == -2 ? EXIT_DONE : first == -3 ? EXIT_NOT_FOUND : EXIT_USAGE;
    }
    if (first == argument_count) {
        print_usage(app, stderr);
        return EXIT_USAGE;
    }
    if (app->language != NULL && !is_known_language(app->language)) {
        return usage_error(app, "there are no labels in the language %s", app->language);
    }
    const command *c = find_command(arguments[first]);
    if (c == NULL) {
        return usage_error(app, "there is no command %s", arguments[first]);
    }
    app->command = c->name;
    int count = take_late_options(app, argument_count - first - 1, arguments + first + 1);
    app->has_color = !app->is_json && isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL;
    optind = 0; /* glibc's way to begin anew, with arguments[0] the command's name */
    return c->run(app, count + 1, arguments + first);
}

int main(int argument_count, char **arguments)
{
    (void)setlocale(LC_ALL, "");
    cli app = {.command = "kith"};
    app.home = default_home();
    app.language = environment_language();
    exit_code code = run(&app, argument_count, arguments);
    kith_replica_close(app.replica);
    /* What could not be written was not answered. */
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        (void)fprintf(stderr, "kith: standard output: %s\n", strerror(errno));
        code = EXIT_REFUSED;
    }
    return (int)code;
}
