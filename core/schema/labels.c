/* Labels in the worker's language. There are hundreds, and a letter of the region's scripts takes
 * three bytes, so the library carries those of a language as one deflated pack, a quarter of their
 * size. A schema unpacks it when a label in that language is first asked for, and keeps the texts.
 * Where a language has no label, or the memory for it cannot be had, the label is English: a form
 * must not fail for its headings. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "codec/deflate.h"
#include "schema/schema.h"

struct kith_labels {
    kith_arena *arena;
    const char *const *keys;    /* of all languages, sorted; NULL until a label was asked for */
    const char *const *texts[]; /* of each pack, beside the keys; NULL until one was asked for */
};

kith_labels *kith_labels_new(kith_arena *arena)
{
    size_t texts_bytes = kith_label_pack_count * sizeof(const char *const *);
    kith_labels *labels = kith_arena_allocate(arena, sizeof *labels + texts_bytes);
    if (labels != NULL) {
        labels->arena = arena;
    }
    return labels;
}

const char *kith_language(size_t index)
{
    return index < kith_label_pack_count ? kith_label_packs[index].language : NULL;
}

/* The places of texts that follow each other, each with a NUL behind it. */
static const char *const *split(kith_arena *arena, kith_slice unpacked)
{
    const char **texts = kith_arena_array(arena, kith_label_count, sizeof *texts);
    const char *at = (const char *)unpacked.data;
    for (size_t i = 0; texts != NULL && i < kith_label_count; i++) {
        texts[i] = at;
        at += strlen(at) + 1;
    }
    return texts;
}

static const char *const *unpack(kith_arena *arena, const kith_label_pack *pack)
{
    kith_slice packed = kith_slice_make(pack->bytes, pack->byte_count);
    kith_slice unpacked = {NULL, 0};
    kith_buf buf;
    kith_buf_init(&buf, arena->cx, pack->unpacked_bytes);
    kith_status status = kith_inflate(arena->cx, packed, pack->unpacked_bytes, &buf);
    KITH_ASSERT(status == KITH_OK || status == KITH_E_MEMORY); /* the pack is our own */
    if (status == KITH_OK) {
        status = kith_arena_copy(arena, kith_buf_slice(&buf), &unpacked);
    }
    kith_buf_deinit(&buf);
    return status == KITH_OK ? split(arena, unpacked) : NULL;
}

/* The texts in a language, unpacked if they are not yet; NULL if there are none. */
static const char *const *texts_in(kith_labels *labels, const char *language)
{
    for (size_t i = 0; language != NULL && i < kith_label_pack_count; i++) {
        const kith_label_pack *pack = &kith_label_packs[i];
        if (strcmp(pack->language, language) != 0) {
            continue;
        }
        if (labels->texts[i] == NULL && pack->byte_count > 0) {
            labels->texts[i] = unpack(labels->arena, pack);
        }
        return labels->texts[i];
    }
    return NULL;
}

const char *kith_labels_find(kith_labels *labels, const char *language, const char *key)
{
    const char *const *texts = texts_in(labels, language);
    if (texts != NULL && labels->keys == NULL) {
        labels->keys = unpack(labels->arena, &kith_label_keys);
    }
    size_t low = 0;
    size_t high = texts != NULL && labels->keys != NULL ? kith_label_count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(labels->keys[middle], key);
        if (order == 0) {
            return texts[middle][0] != '\0' ? texts[middle] : NULL;
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
static const char *label_of(const kith_schema *schema, const char *language, const char *sort,
                            const char *owner, const char *name)
{
    char key[160];
    int length = owner == NULL ? snprintf(key, sizeof key, "%s:%s", sort, name)
                               : snprintf(key, sizeof key, "%s:%s.%s", sort, owner, name);
    bool fits = length > 0 && (size_t)length < sizeof key;
    return fits ? kith_labels_find(schema->labels, language, key) : NULL;
}

const char *kith_kind_label(const kith_schema *schema, const kith_kind *kind, const char *language)
{
    const char *label = label_of(schema, language, "kind", NULL, kind->name);
    return label != NULL ? label : kind->label;
}

const char *kith_field_label(const kith_schema *schema, const kith_kind *kind,
                             const kith_field *field, const char *language)
{
    const char *label = label_of(schema, language, "field", kind->name, field->name);
    if (label == NULL) {
        label = label_of(schema, language, "field", "*", field->name); /* the same in every kind */
    }
    return label != NULL ? label : field->label;
}

const char *kith_code_label(const kith_schema *schema, const kith_code_list *list,
                            const kith_code *code, const char *language)
{
    const char *label = label_of(schema, language, "code", list->name, code->code);
    return label != NULL ? label : code->label;
}
