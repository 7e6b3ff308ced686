/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/index.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "text/search.h"

void kith_index_init(kith_index *index, kith_context *cx)
{
    *index = (kith_index){0};
    /* A record holds no more text than its state; folding and sound keys less than triple it. */
    kith_buf_init(&index->words, cx, KITH_RECORD_BYTES_MAX * 3);
}

void kith_index_deinit(kith_index *index)
{
    kith_free(index->words.cx, index->links);
    kith_free(index->words.cx, index->origins);
    kith_buf_deinit(&index->words);
}

int64_t kith_origin_hash(kith_slice source_key)
{
    uint8_t hash[KITH_HASH_BYTES];
    int64_t number;
    kith_hash("kith origin", source_key, hash);
    memcpy(&number, hash, sizeof number);
    return number;
}

typedef struct word_list {
    kith_buf *words;
    size_t count;
} word_list;

static kith_status add_word(void *user, kith_slice word)
{
    word_list *list = user;
    kith_buf_append_slice(list->words, word);
    kith_buf_append_text(list->words, " ");
    list->count++;
    return kith_buf_status(list->words);
}

/* Appends the sound keys of the words that stand from `start` on. */
static void add_sounds(kith_buf *words, size_t start)
{
    size_t end = words->length;
    while (start < end) {
        kith_slice rest = kith_slice_make(words->data + start, end - start);
        kith_slice word = kith_slice_head(rest, kith_slice_find(rest, ' '));
        uint8_t key[KITH_WORD_BYTES_MAX];
        size_t length = kith_search_sound(word, key);
        if (length > 0) {
            kith_buf_append_text(words, KITH_SOUND_MARK);
            kith_buf_append(words, key, length);
            kith_buf_append_text(words, " ");
        }
        start += word.length + 1;
    }
}

/* With and without the country's code: people give either. Ten digits make a number in India and
 * its neighbours. */
static void add_phone(kith_buf *words, kith_slice phone)
{
    enum { NATIONAL_DIGITS = 10 };
    kith_slice digits = phone.data[0] == '+' ? kith_slice_skip(phone, 1) : phone;
    kith_buf_append_slice(words, digits);
    kith_buf_append_text(words, " ");
    if (digits.length > NATIONAL_DIGITS) {
        kith_buf_append_slice(words, kith_slice_skip(digits, digits.length - NATIONAL_DIGITS));
        kith_buf_append_text(words, " ");
    }
}

static kith_status add_text(kith_buf *words, kith_slice text)
{
    size_t start = words->length;
    word_list list = {.words = words};
    KITH_TRY(kith_search_words(text, add_word, &list));
    if (list.count <= KITH_NAME_WORDS_MAX) {
        add_sounds(words, start);
    }
    return kith_buf_status(words);
}

static kith_status add_link(kith_index *index, const kith_state *record, uint32_t field, kith_id id,
                            kith_directory *directory)
{
    uint32_t author = 0;
    KITH_TRY(kith_directory_author(directory, kith_id_author(id), &author));
    kith_link *links = kith_grow(index->words.cx, index->links, index->link_count,
                                 &index->link_capacity, sizeof *links);
    KITH_ENSURE(links != NULL, KITH_E_MEMORY);
    links[index->link_count++] =
        (kith_link){.target = {author, kith_id_number(id)}, .source = record->id, .field = field};
    index->links = links;
    return KITH_OK;
}

static kith_status add_origin(kith_index *index, kith_slice source_key)
{
    int64_t *origins = kith_grow(index->words.cx, index->origins, index->origin_count,
                                 &index->origin_capacity, sizeof *origins);
    KITH_ENSURE(origins != NULL, KITH_E_MEMORY);
    origins[index->origin_count++] = kith_origin_hash(source_key);
    index->origins = origins;
    return KITH_OK;
}

static kith_status add_value(kith_index *index, const kith_state *record, uint32_t field,
                             kith_value value, kith_directory *directory)
{
    kith_slice name = directory->names[field];
    switch (value.type) {
    case KITH_TYPE_TEXT:
        if (kith_slice_equal(name, KITH_SLICE(KITH_FIELD_SOURCE_KEY))) {
            return add_origin(index, value.bytes);
        }
        if (kith_slice_equal(name, KITH_SLICE(KITH_FIELD_SOURCE_NAME))) {
            return KITH_OK;
        }
        return add_text(&index->words, value.bytes);
    case KITH_TYPE_PHONE:
        add_phone(&index->words, value.bytes);
        return kith_buf_status(&index->words);
    case KITH_TYPE_REF:
        return add_link(index, record, field, kith_value_id(value), directory);
    default:
        return KITH_OK;
    }
}

/* Kinds that programs keep in the log for themselves. */
static bool is_for_programs(kith_slice kind)
{
    return kith_slice_equal(kind, KITH_SLICE("schema")) ||
           kith_slice_equal(kind, KITH_SLICE("clock"));
}

kith_status kith_index_build(kith_index *index, const kith_state *record, kith_directory *directory)
{
    kith_buf_clear(&index->words);
    index->link_count = 0;
    index->origin_count = 0;
    if (record->kind == 0 || is_for_programs(directory->names[record->kind])) {
        return KITH_OK;
    }
    bool is_removed = kith_state_is_removed(record);
    for (size_t i = 0; i < record->cell_count; i++) {
        const kith_cell *cell = &record->cells[i];
        if (is_removed && !kith_slice_is(directory->names[cell->field], KITH_FIELD_SOURCE_KEY)) {
            continue;
        }
        for (size_t j = 0; j < cell->head_count; j++) {
            bool is_element = cell->element.type != KITH_TYPE_NONE;
            kith_value value = is_element ? cell->element : cell->heads[j].value;
            KITH_TRY(add_value(index, record, cell->field, value, directory));
            if (is_element) {
                break; /* concurrent additions of one element are one element */
            }
        }
    }
    return KITH_OK;
}
