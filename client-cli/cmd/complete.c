/* kith complete: words that may stand at a place, for the shell. The completion script calls it
 * with the position of the word and the words; it knows commands, kinds, fields and codes, and
 * those that the replica's schema adds. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "term/report.h"

static void offer(const char *word, const char *prefix, const char *tail)
{
    if (strncmp(word, prefix, strlen(prefix)) == 0) {
        (void)printf("%s%s\n", word, tail);
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

static void offer_kinds(const kith_schema *schema, const char *prefix)
{
    for (size_t i = 0; i < kith_schema_kind_count(schema); i++) {
        const kith_kind *kind = kith_schema_kind(schema, i);
        if ((kind->flags & KITH_KIND_HIDDEN) == 0) {
            offer(kind->name, prefix, "");
        }
    }
}

/* "se" gives "sex=", "sex=f" gives "sex=female". */
static void offer_fields(const kith_kind *kind, const char *word)
{
    const char *equals = strchr(word, '=');
    for (uint32_t i = 0; kind != NULL && i < kind->field_count; i++) {
        const kith_field *field = kith_kind_field(kind, i);
        if (equals == NULL) {
            offer(field->name, word, "=");
            continue;
        }
        size_t length = (size_t)(equals - word);
        bool same = strlen(field->name) == length && strncmp(field->name, word, length) == 0;
        for (uint32_t j = 0; same && field->list != NULL && j < field->list->code_count; j++) {
            char candidate[200];
            (void)snprintf(candidate, sizeof candidate, "%s=%s", field->name,
                           kith_list_code(field->list, j)->code);
            offer(candidate, word, "");
        }
    }
}

/* The kind whose fields may follow: what add names, or that of set's record. */
static const kith_kind *kind_of_words(const cli *app, const char *name, const char *word)
{
    const kith_schema *schema = kith_replica_schema(app->replica);
    kith_id id;
    kith_record *record = NULL;
    if (strcmp(name, "add") == 0 || strcmp(name, "list") == 0) {
        return kith_schema_find_kind(schema, kith_slice_of(word));
    }
    if (kith_id_resolve(app->replica, kith_slice_of(word), &id) != KITH_OK ||
        kith_record_get(app->replica, id, NULL, &record) != KITH_OK) {
        return NULL;
    }
    const kith_kind *kind = kith_schema_find_kind(schema, kith_slice_of(kith_record_kind(record)));
    kith_record_free(record);
    return kind;
}

static bool takes_kind(const char *name)
{
    return strcmp(name, "add") == 0 || strcmp(name, "list") == 0;
}

static bool takes_fields(const char *name)
{
    return strcmp(name, "add") == 0 || strcmp(name, "set") == 0 || strcmp(name, "settle") == 0 ||
           strcmp(name, "list") == 0;
}

static bool open_for_completion(cli *app)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/kith.db", app->home);
    return kith_replica_open(path, NULL, &app->replica, NULL) == KITH_OK;
}

exit_code run_complete(cli *app, int argument_count, char **arguments)
{
    static char nothing[] = "";
    long index = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 0;
    char **words = arguments + 2;
    int word_count = argument_count - 2;
    char *word = index >= 1 && index < word_count ? words[index] : nothing;
    if (index <= 1 || word_count < 2) {
        offer_commands(word);
        return EXIT_DONE;
    }
    if (strcmp(words[1], "help") == 0) {
        offer_commands(word);
    } else if (strcmp(words[1], "import") == 0 || strcmp(words[1], "export") == 0) {
        offer("jsonl", word, "");
        offer("csv", word, "");
    } else if (strcmp(words[1], "schema") == 0 && index == 2) {
        offer("show", word, "");
        offer("add", word, "");
    } else if (open_for_completion(app)) {
        if (index == 2 && takes_kind(words[1])) {
            offer_kinds(kith_replica_schema(app->replica), word);
        } else if (index > 2 && takes_fields(words[1])) {
            offer_fields(kind_of_words(app, words[1], words[2]), word);
        }
    }
    return EXIT_DONE;
}
