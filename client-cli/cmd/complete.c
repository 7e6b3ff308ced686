/* kith complete: words that may stand at a place, for the shell. The completion script calls it
 * with the position of the word and the words typed so far, "kith" the first. It knows what the
 * tables of commands know, and kinds, fields and codes of the replica at hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "term/output.h"
#include "term/text.h"

static void offer(const char *word, const char *prefix, const char *tail)
{
    if (strncmp(word, prefix, strlen(prefix)) == 0) {
        print("%s%s\n", word, tail);
    }
}

static void offer_commands(const char *prefix)
{
    for (const command *c = commands; c->name != NULL; c++) {
        if (c->summary != NULL) {
            offer(c->name, prefix, "");
        }
    }
}

static void offer_options(const usage_line *lines, const char *prefix)
{
    for (; lines != NULL && lines->word != NULL; lines++) {
        if (is_option(lines->word)) {
            offer(lines->word, prefix, "");
        }
    }
}

static void offer_languages(const char *prefix)
{
    for (size_t i = 0; kith_language(i) != NULL; i++) {
        offer(kith_language(i), prefix, "");
    }
}

static void offer_kinds(const cli *app, const char *prefix)
{
    const kith_schema *schema = kith_replica_schema(app->replica);
    for (size_t i = 0; i < kith_schema_kind_count(schema); i++) {
        const kith_kind *kind = kith_schema_kind(schema, i);
        if ((kind->flags & KITH_KIND_HIDDEN) == 0) {
            offer(kind->name, prefix, "");
        }
    }
}

static void offer_field_names(const kith_kind *kind, const char *prefix, const char *tail)
{
    for (uint32_t i = 0; kind != NULL && i < kind->field_count; i++) {
        offer(kith_kind_field(kind, i)->name, prefix, tail);
    }
}

/* "se" gives "sex=", "sex=f" gives "sex=female", "roles+=m" gives "roles+=migrant". */
static void offer_assignments(const kith_kind *kind, const char *word)
{
    const char *equals = strchr(word, '=');
    if (kind == NULL || equals == NULL || equals == word) {
        offer_field_names(kind, word, "=");
        return;
    }
    size_t length = (size_t)(equals - word);
    length -= word[length - 1] == '+' || word[length - 1] == '-';
    const kith_field *field =
        kith_kind_find_field(kind, (kith_slice){(const uint8_t *)word, length});
    const kith_code_list *list = field == NULL ? NULL : field->list;
    size_t kept = (size_t)(equals - word) + 1;
    for (uint32_t i = 0; list != NULL && i < list->code_count; i++) {
        const char *code = kith_list_code(list, i)->code;
        if (strncmp(code, word + kept, strlen(word + kept)) == 0) {
            print("%.*s%s\n", (int)kept, word, code);
        }
    }
}

/* What a command does, where its first word says that; NULL where it does not. */
static const char *const *verbs_of(const char *name)
{
    static const struct {
        const char *name;
        const char *verbs[5];
    } all[] = {{"schema", {"show", "add"}},
               {"space", {"create", "list", "use", "relay"}},
               {"invite", {"list", "withdraw"}},
               {"device", {"list", "revoke"}},
               {"key", {"rotate"}},
               {"bundle", {"export", "import", "forget"}}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(all[i].name, name) == 0) {
            return all[i].verbs;
        }
    }
    return NULL;
}

static void offer_verbs(const char *name, const char *prefix)
{
    for (const char *const *verb = verbs_of(name); *verb != NULL; verb++) {
        offer(*verb, prefix, "");
    }
}

static void offer_roles(const char *prefix)
{
    for (uint32_t role = KITH_MAY_READ; role <= KITH_MAY_ADMINISTER; role++) {
        offer(role_name(role), prefix, "");
    }
}

static void offer_spaces(const cli *app, const char *prefix)
{
    for (size_t i = 0; i < app->replica_count; i++) {
        kith_space_status space = {.struct_size = sizeof space};
        if (kith_space_read_status(app->replicas[i], &space) == KITH_OK) {
            offer(space.name, prefix, "");
        }
    }
}

/* The kind whose fields may follow: what add and list name, or that of the record. */
static const kith_kind *kind_of_call(const cli *app, const call *typed)
{
    const kith_schema *schema = kith_replica_schema(app->replica);
    kith_id id;
    kith_record *record = NULL;
    if (typed->word_count == 0) {
        return NULL;
    }
    kith_slice word = kith_slice_of(typed->words[0]);
    const kith_kind *kind = kith_schema_find_kind(schema, word);
    if (kind != NULL || kith_id_resolve(app->replica, word, &id) != KITH_OK ||
        kith_record_get(app->replica, id, NULL, &record) != KITH_OK) {
        return kind;
    }
    kind = kith_schema_find_kind(schema, kith_slice_of(kith_record_kind(record)));
    kith_record_free(record);
    return kind;
}

/* What may stand at a place. */
typedef enum offering {
    OFFER_NOTHING, /* files and other words are the shell's matter */
    OFFER_COMMANDS,
    OFFER_OPTIONS,
    OFFER_LANGUAGES,
    OFFER_FORMATS,
    OFFER_VERBS,
    OFFER_ROLES,
    OFFER_SPACES,
    OFFER_KINDS,
    OFFER_FIELDS,
    OFFER_ASSIGNMENTS
} offering;

static bool is_any(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

static offering offering_of_value(const char *value)
{
    return strcmp(value, "CODE") == 0          ? OFFER_LANGUAGES
           : strcmp(value, "ROLE") == 0        ? OFFER_ROLES
           : strcmp(value, "SPACE") == 0       ? OFFER_SPACES
           : strcmp(value, "KIND") == 0        ? OFFER_KINDS
           : strcmp(value, "FIELD") == 0       ? OFFER_FIELDS
           : strcmp(value, "FIELD=VALUE") == 0 ? OFFER_ASSIGNMENTS
                                               : OFFER_NOTHING;
}

/* What stands behind a command and the words it has already. */
static offering offering_of_word(const char *name, const call *typed)
{
    static const char *const assigning[] = {"add", "set", "settle", NULL};
    static const char *const of_kind[] = {"add", "list", NULL};
    static const char *const of_format[] = {"import", "export", NULL};
    if (typed->word_count == 0) {
        return is_any(name, of_kind)       ? OFFER_KINDS
               : is_any(name, of_format)   ? OFFER_FORMATS
               : verbs_of(name) != NULL    ? OFFER_VERBS
               : strcmp(name, "help") == 0 ? OFFER_COMMANDS
                                           : OFFER_NOTHING;
    }
    if (typed->word_count == 1 && strcmp(name, "space") == 0 &&
        strcmp(typed->words[0], "use") == 0) {
        return OFFER_SPACES;
    }
    if (is_any(name, assigning)) {
        return OFFER_ASSIGNMENTS;
    }
    bool shows_schema = strcmp(name, "schema") == 0 && strcmp(typed->words[0], "show") == 0;
    return typed->word_count == 1 && (shows_schema || strcmp(name, "export") == 0) ? OFFER_KINDS
                                                                                   : OFFER_NOTHING;
}

static offering offering_of(const call *typed, const char *word)
{
    if (typed->incomplete != NULL) {
        return offering_of_value(typed->incomplete->value);
    }
    if (word[0] == '-' && !typed->has_ended_options) {
        return OFFER_OPTIONS;
    }
    if (typed->name == NULL) {
        return OFFER_COMMANDS;
    }
    return typed->command == NULL ? OFFER_NOTHING : offering_of_word(typed->command->name, typed);
}

static void make_offer(const cli *app, const call *typed, offering offered, const char *word)
{
    switch (offered) {
    case OFFER_NOTHING:
        break;
    case OFFER_COMMANDS:
        offer_commands(word);
        break;
    case OFFER_OPTIONS:
        offer_options(typed->command == NULL ? NULL : typed->command->lines, word);
        offer_options(global_options, word);
        break;
    case OFFER_LANGUAGES:
        offer_languages(word);
        break;
    case OFFER_FORMATS:
        offer("jsonl", word, "");
        offer("csv", word, "");
        break;
    case OFFER_VERBS:
        offer_verbs(typed->name, word);
        break;
    case OFFER_ROLES:
        offer_roles(word);
        break;
    case OFFER_SPACES:
        offer_spaces(app, word);
        break;
    case OFFER_KINDS:
        offer_kinds(app, word);
        break;
    case OFFER_FIELDS:
        offer_field_names(kind_of_call(app, typed), word, "");
        break;
    case OFFER_ASSIGNMENTS:
        offer_assignments(kind_of_call(app, typed), word);
        break;
    }
}

exit_code run_complete(cli *app, const call *given)
{
    long index = strtol(given->words[0], NULL, 10);
    char **words = given->words + 1;
    if (index < 1 || index >= given->word_count - 1) {
        return usage_error(app, "there is no word %s", given->words[0]);
    }
    call typed = begin_call((int)index, words);
    const char *word = words[index];
    const char *home = option_value(&typed, "--home");
    offering offered = offering_of(&typed, word);
    exit_code code = EXIT_DONE;
    app->home = home != NULL ? home : app->home;
    if (offered >= OFFER_SPACES) {
        code = offered == OFFER_SPACES ? open_replicas(app) : open_replica(app);
    }
    if (code == EXIT_DONE) {
        make_offer(app, &typed, offered, word);
    }
    end_call(&typed);
    return code;
}
