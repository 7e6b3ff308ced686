/* Labels in the worker's language. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "schema/schema.h"

const char *kith_language(size_t index)
{
    return index < kith_label_table_count ? kith_label_tables[index].language : NULL;
}

static const kith_label_table *find_table(const char *language)
{
    for (size_t i = 0; language != NULL && i < kith_label_table_count; i++) {
        if (strcmp(kith_label_tables[i].language, language) == 0) {
            return &kith_label_tables[i];
        }
    }
    return NULL;
}

static const char *find_label(const kith_label_table *table, const char *key)
{
    size_t low = 0;
    size_t high = table->label_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(table->labels[middle].key, key);
        if (order == 0) {
            return table->labels[middle].text;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* The label under "<sort>:<owner>.<name>" (or "<sort>:<name>" without an owner), or NULL. */
static const char *label_of(const char *language, const char *sort, const char *owner,
                            const char *name)
{
    char key[160];
    const kith_label_table *table = find_table(language);
    if (table == NULL) {
        return NULL;
    }
    int length = owner == NULL ? snprintf(key, sizeof key, "%s:%s", sort, name)
                               : snprintf(key, sizeof key, "%s:%s.%s", sort, owner, name);
    return length > 0 && (size_t)length < sizeof key ? find_label(table, key) : NULL;
}

const char *kith_kind_label(const kith_kind *kind, const char *language)
{
    const char *label = label_of(language, "kind", NULL, kind->name);
    return label != NULL ? label : kind->label;
}

const char *kith_field_label(const kith_kind *kind, const kith_field *field, const char *language)
{
    const char *label = label_of(language, "field", kind->name, field->name);
    if (label == NULL) {
        label = label_of(language, "field", "*", field->name); /* means the same in every kind */
    }
    return label != NULL ? label : field->label;
}

const char *kith_code_label(const kith_code_list *list, const kith_code *code, const char *language)
{
    const char *label = label_of(language, "code", list->name, code->code);
    return label != NULL ? label : code->label;
}
