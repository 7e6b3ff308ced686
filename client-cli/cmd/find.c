/* kith find: records by words. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "cmd/rows.h"
#include "term/report.h"

enum { WORDS_BYTES_MAX = 1024 };

/* The words with blanks between them; false if that is more than anybody types. */
static bool join_words(const call *given, char text[WORDS_BYTES_MAX])
{
    size_t used = 0;
    for (int i = 0; i < given->word_count; i++) {
        size_t length = strlen(given->words[i]);
        if (length + 2 > WORDS_BYTES_MAX - used) {
            return false;
        }
        memcpy(text + used, given->words[i], length);
        used += length;
        text[used++] = ' ';
    }
    text[used > 0 ? used - 1 : 0] = '\0';
    return true;
}

exit_code run_find(cli *app, const call *given)
{
    char words[WORDS_BYTES_MAX];
    const char *kind = option_value(given, "--kind");
    kith_list *list = NULL;
    uint32_t limit = 0;
    exit_code code = read_limit(app, given, &limit);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!join_words(given, words)) {
        return usage_error(app, "those are too many words");
    }
    if (strspn(words, " ") == strlen(words)) {
        return usage_error(app, "%s", given->command->lacking);
    }
    code = open_replica(app);
    if (code != EXIT_DONE) {
        return code;
    }
    kith_status status = kith_find_records(app->replica, kith_slice_of(words), kith_slice_of(kind),
                                           limit, app->language, &list);
    if (status != KITH_OK) {
        return report_status(app, status, status == KITH_E_NOT_FOUND ? kind : words);
    }
    code = print_rows(app, list);
    kith_list_free(list);
    return code;
}
