/* The kith command: takes the call apart, applies what concerns every command, runs the one named.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "term/output.h"
#include "term/report.h"

static bool is_known_language(const char *language)
{
    for (size_t i = 0; kith_language(i) != NULL; i++) {
        if (strcmp(kith_language(i), language) == 0) {
            return true;
        }
    }
    return false;
}

/* The language that $KITH_LANG or the locale asks for, where there are labels in it. */
static const char *environment_language(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    static const char *const pairs[][2] = {
        {"as", "asm"}, {"bn", "ben"}, {"hi", "hin"}, {"ne", "nep"}};
    const char *chosen = getenv("KITH_LANG");
    const char *locale = NULL;
    if (chosen != NULL && chosen[0] != '\0') {
        return is_known_language(chosen) ? chosen : NULL;
    }
    for (size_t i = 0; locale == NULL && i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        locale = value == NULL || value[0] == '\0' ? NULL : value;
    }
    for (size_t i = 0; locale != NULL && i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strncmp(locale, pairs[i][0], 2) == 0 && strcspn(locale, "_.@") == 2) {
            return is_known_language(pairs[i][1]) ? pairs[i][1] : NULL;
        }
    }
    return NULL;
}

/* What can be wrong with a call whatever its command does; EXIT_DONE if nothing is. */
static exit_code check_call(const cli *app, const call *given)
{
    const char *language = option_value(given, "--lang");
    const command *c = given->command;
    if (given->fault != NULL) {
        return usage_error(app, "%s%s", given->fault, given->fault_word);
    }
    if (app->home != NULL && app->home[0] == '\0') {
        return usage_error(app, "--home takes a folder");
    }
    if (language != NULL && !is_known_language(language)) {
        return usage_error(app, "there are no labels in the language %s", language);
    }
    if (c != NULL && given->word_count > c->words_max) {
        return usage_error(app, "%s is too much", given->words[c->words_max]);
    }
    return EXIT_DONE;
}

static exit_code print_version(const cli *app)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_text(object, "version", kith_version());
        json_print(stdout, object);
    } else {
        print("kith %s\n", kith_version());
    }
    return EXIT_DONE;
}

static exit_code run(cli *app, const call *given)
{
    const command *c = given->command;
    exit_code code = check_call(app, given);
    if (code != EXIT_DONE) {
        return code;
    }
    if (has_option(given, "--version")) {
        return print_version(app);
    }
    if (has_option(given, "--help")) {
        return explain(app, c);
    }
    if (c == NULL) {
        return usage_error(app, "a COMMAND is needed");
    }
    if (given->word_count < c->words_min) {
        return usage_error(app, "%s", c->lacking);
    }
    return c->run(app, given);
}

/* A file that is opened later must not take the place of a stream that the caller closed: what is
 * printed would end up in it. Reading such a stream finds its end, writing to it fails. */
static void hold_streams(void)
{
    int descriptor = open("/dev/null", O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO) {
        descriptor = open("/dev/null", O_RDONLY);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
}

int main(int text_count, char **texts)
{
    /* Whatever is made here, the database, its companions, exports: it is nobody else's to read. */
    (void)umask(S_IRWXG | S_IRWXO);
    hold_streams();
    call given = begin_call(text_count, texts);
    cli app = {.is_json = has_option(&given, "--json"), .is_quiet = has_option(&given, "--quiet")};
    const char *home = option_value(&given, "--home");
    const char *language = option_value(&given, "--lang");
    app.home = home != NULL ? home : default_home();
    app.space = option_value(&given, "--space");
    app.language = language != NULL ? language : environment_language();
    app.command = given.command == NULL ? "command line" : given.command->name;
    exit_code code = end_output(&app, run(&app, &given));
    close_replicas(&app);
    end_call(&given);
    return (int)code;
}
