/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/words.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/writer.h"
#include "segment/text.h"

enum { TOKEN_END = 0, TOKEN_GLUE = 1, TOKEN_FIRST = 2, TOKEN_OWN = 255 };

/* Common words: two hundred take a byte each and leave fifty pages of rare ones. A word that stands
 * less than three times costs more in the dictionary than it saves. */
enum { COMMON_MAX = 200, PAGE_WORDS = 256, USES_MIN = 3 };

/* Below this, dictionaries never paid on the texts that were measured. */
enum { TEXT_BYTES_MIN = 256 };

typedef enum token_class { CLASS_WORD, CLASS_NUMBER, CLASS_OTHER } token_class;

static token_class class_of(uint8_t byte)
{
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '\'' ||
                  byte >= 0x80;
    return letter ? CLASS_WORD : byte >= '0' && byte <= '9' ? CLASS_NUMBER : CLASS_OTHER;
}

/* The token at the front of a text that is not empty. */
static kith_slice first_token(kith_slice text)
{
    size_t length = 1;
    token_class first = class_of(text.data[0]);
    while (first != CLASS_OTHER && length < text.length && class_of(text.data[length]) == first) {
        length++;
    }
    return kith_slice_head(text, length);
}

static bool is_wordlike(kith_slice token)
{
    return token.length > 0 && class_of(token.data[0]) != CLASS_OTHER;
}

/* Walks a text's tokens: an empty one stands for glue, and blanks that are implied are left out. */
typedef struct token_walk {
    kith_slice rest;
    bool is_behind_word;
} token_walk;

static bool next_token(token_walk *walk, kith_slice *token_out)
{
    if (walk->rest.length == 0) {
        return false;
    }
    kith_slice token = first_token(walk->rest);
    kith_slice behind = kith_slice_skip(walk->rest, token.length);
    bool was_behind_word = walk->is_behind_word;
    walk->is_behind_word = false;
    if (was_behind_word && is_wordlike(token)) {
        *token_out = (kith_slice){NULL, 0};
        return true;
    }
    bool implied = was_behind_word && kith_slice_is(token, " ") && behind.length > 0 &&
                   class_of(behind.data[0]) != CLASS_OTHER;
    if (implied) {
        token = first_token(behind);
        behind = kith_slice_skip(behind, token.length);
    }
    walk->rest = behind;
    walk->is_behind_word = is_wordlike(token);
    *token_out = token;
    return true;
}

/* A different token: how often it stands, and how it is written. */
typedef struct word {
    kith_slice text;
    uint32_t uses;
    uint32_t code; /* 0: as a word of its own; else 1 + its place in the dictionary */
} word;

/* All different tokens: a hash table, open addressing, at most half full. */
typedef struct word_table {
    kith_arena *arena;
    word *words;
    size_t word_count;
    size_t word_capacity;
    uint32_t *places; /* position in words + 1, or 0 */
    size_t place_count;
} word_table;

static uint32_t *find_place(const word_table *table, kith_slice text)
{
    size_t mask = table->place_count - 1;
    size_t place = (size_t)kith_slice_hash(text) & mask;
    while (table->places[place] != 0 &&
           !kith_slice_equal(table->words[table->places[place] - 1].text, text)) {
        place = (place + 1) & mask;
    }
    return &table->places[place];
}

static kith_status grow_places(word_table *table)
{
    if (table->word_count * 2 < table->place_count) {
        return KITH_OK;
    }
    table->place_count = table->place_count == 0 ? 1024 : table->place_count * 2;
    table->places = kith_arena_array(table->arena, table->place_count, sizeof *table->places);
    KITH_ENSURE(table->places != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < table->word_count; i++) {
        *find_place(table, table->words[i].text) = (uint32_t)i + 1;
    }
    return KITH_OK;
}

static kith_status count_token(word_table *table, kith_slice token)
{
    KITH_TRY(grow_places(table));
    uint32_t *place = find_place(table, token);
    if (*place == 0) {
        word *words = kith_arena_grow(table->arena, table->words, table->word_count,
                                      &table->word_capacity, sizeof *words);
        KITH_ENSURE(words != NULL, KITH_E_MEMORY);
        table->words = words;
        words[table->word_count++] = (word){.text = token};
        *place = (uint32_t)table->word_count;
    }
    KITH_ASSERT(table->words != NULL);
    table->words[*place - 1].uses++;
    return KITH_OK;
}

static kith_status count_tokens(word_table *table, const kith_slice *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        token_walk walk = {.rest = texts[i]};
        kith_slice token;
        while (next_token(&walk, &token)) {
            if (token.length > 0) {
                KITH_TRY(count_token(table, token));
            }
        }
    }
    return KITH_OK;
}

static int most_used_first(const void *a, const void *b)
{
    const word *first = *(const word *const *)a;
    const word *second = *(const word *const *)b;
    if (first->uses != second->uses) {
        return first->uses > second->uses ? -1 : 1;
    }
    return kith_slice_compare(first->text, second->text);
}

static int by_text(const void *a, const void *b)
{
    return kith_slice_compare((*(const word *const *)a)->text, (*(const word *const *)b)->text);
}

/* The words of the dictionary. */
typedef struct dictionary {
    word **words; /* common ones, then rare ones, each sorted: neighbours deflate well */
    size_t common;
    size_t rare;
} dictionary;

static kith_status choose_words(word_table *table, dictionary *chosen)
{
    size_t count = 0;
    chosen->words = kith_arena_array(table->arena, table->word_count, sizeof(word *));
    KITH_ENSURE(chosen->words != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < table->word_count; i++) {
        if (table->words[i].uses >= USES_MIN) {
            chosen->words[count++] = &table->words[i];
        }
    }
    qsort(chosen->words, count, sizeof(word *), most_used_first);
    size_t rare_max = (size_t)(TOKEN_OWN - TOKEN_FIRST - COMMON_MAX) * PAGE_WORDS;
    chosen->common = count < COMMON_MAX ? count : COMMON_MAX;
    chosen->rare = count - chosen->common < rare_max ? count - chosen->common : rare_max;
    qsort(chosen->words, chosen->common, sizeof(word *), by_text);
    qsort(chosen->words + chosen->common, chosen->rare, sizeof(word *), by_text);
    for (size_t i = 0; i < chosen->common + chosen->rare; i++) {
        chosen->words[i]->code = (uint32_t)i + 1;
    }
    return KITH_OK;
}

/* The streams that tokens go to. */
typedef struct token_streams {
    kith_buf tokens;
    kith_buf seconds;
    kith_buf own;
    kith_buf dictionary;
} token_streams;

static void put_text(kith_buf *stream, kith_slice text)
{
    kith_buf_append_slice(stream, text);
    kith_write_u8(stream, 0);
}

static void put_token(token_streams *streams, const word_table *table, const dictionary *chosen,
                      kith_slice token)
{
    if (token.length == 0) {
        kith_write_u8(&streams->tokens, TOKEN_GLUE);
        return;
    }
    size_t code = table->words[*find_place(table, token) - 1].code;
    if (code == 0) {
        kith_write_u8(&streams->tokens, TOKEN_OWN);
        put_text(&streams->own, token);
    } else if (code <= chosen->common) {
        kith_write_u8(&streams->tokens, (uint8_t)(TOKEN_FIRST + code - 1));
    } else {
        size_t rare = code - 1 - chosen->common;
        kith_write_u8(&streams->tokens,
                      (uint8_t)(TOKEN_FIRST + chosen->common + rare / PAGE_WORDS));
        kith_write_u8(&streams->seconds, (uint8_t)(rare % PAGE_WORDS));
    }
}

static kith_status write_streams(kith_context *cx, token_streams *streams, const dictionary *chosen,
                                 kith_buf *out)
{
    KITH_TRY(kith_buf_status(&streams->tokens));
    KITH_TRY(kith_buf_status(&streams->seconds));
    KITH_TRY(kith_buf_status(&streams->own));
    KITH_TRY(kith_buf_status(&streams->dictionary));
    kith_write_varint(out, chosen->common);
    kith_write_varint(out, chosen->rare);
    KITH_TRY(kith_bytes_write(cx, kith_buf_slice(&streams->dictionary), KITH_STREAM_TEXT, out));
    KITH_TRY(kith_bytes_write(cx, kith_buf_slice(&streams->tokens), KITH_STREAM_BYTES, out));
    KITH_TRY(kith_stream_write(cx, kith_buf_slice(&streams->seconds), KITH_STREAM_BYTES, out));
    return kith_bytes_write(cx, kith_buf_slice(&streams->own), KITH_STREAM_TEXT, out);
}

static kith_status write_tokens(kith_context *cx, const word_table *table, const dictionary *chosen,
                                const kith_slice *texts, size_t count, kith_buf *out)
{
    token_streams streams;
    kith_buf *bufs[] = {&streams.tokens, &streams.seconds, &streams.own, &streams.dictionary};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(bufs); i++) {
        kith_buf_init(bufs[i], cx, KITH_SEGMENT_INFLATED_MAX);
    }
    for (size_t i = 0; i < chosen->common + chosen->rare; i++) {
        put_text(&streams.dictionary, chosen->words[i]->text);
    }
    for (size_t i = 0; i < count; i++) {
        token_walk walk = {.rest = texts[i]};
        kith_slice token;
        while (next_token(&walk, &token)) {
            put_token(&streams, table, chosen, token);
        }
        kith_write_u8(&streams.tokens, TOKEN_END);
    }
    kith_status status = write_streams(cx, &streams, chosen, out);
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(bufs); i++) {
        kith_buf_deinit(bufs[i]);
    }
    return status;
}

kith_status kith_words_write(kith_context *cx, kith_arena *arena, const kith_slice *texts,
                             size_t count, kith_buf *out)
{
    word_table table = {.arena = arena};
    dictionary chosen = {0};
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += texts[i].length;
    }
    if (bytes < TEXT_BYTES_MIN) {
        return KITH_OK;
    }
    KITH_TRY(count_tokens(&table, texts, count));
    KITH_TRY(choose_words(&table, &chosen));
    return write_tokens(cx, &table, &chosen, texts, count, out);
}

/* What a reader has read of the four streams. */
typedef struct token_source {
    kith_column_reader *columns;
    kith_slice *words; /* of the dictionary */
    size_t common;
    size_t rare;
    kith_slice tokens;
    kith_slice seconds;
    kith_slice own;
    kith_buf text; /* of all texts, one behind the other */
    bool is_behind_word;
} token_source;

static kith_status damaged(kith_column_reader *columns)
{
    return kith_fail(columns->cx, KITH_E_DAMAGED, "a segment is damaged: a column of words");
}

static kith_status read_dictionary(token_source *source)
{
    kith_column_reader *columns = source->columns;
    kith_slice joined;
    uint64_t common = kith_read_varint_max(&columns->reader, TOKEN_OWN - TOKEN_FIRST);
    uint64_t pages = TOKEN_OWN - TOKEN_FIRST - common;
    uint64_t rare = kith_read_varint_max(&columns->reader, pages * PAGE_WORDS);
    KITH_ENSURE(!columns->reader.failed, damaged(columns));
    source->common = (size_t)common;
    source->rare = (size_t)rare;
    source->words =
        kith_arena_array(columns->arena, source->common + source->rare, sizeof *source->words);
    KITH_ENSURE(source->words != NULL, KITH_E_MEMORY);
    KITH_TRY(kith_bytes_read(columns, KITH_STREAM_TEXT, &joined));
    KITH_ENSURE(kith_text_cut(joined, source->words, source->common + source->rare),
                damaged(columns));
    return KITH_OK;
}

static size_t count_rare(const token_source *source)
{
    size_t count = 0;
    for (size_t i = 0; i < source->tokens.length; i++) {
        uint8_t token = source->tokens.data[i];
        count += token >= TOKEN_FIRST + source->common && token != TOKEN_OWN;
    }
    return count;
}

static kith_status read_streams(token_source *source)
{
    kith_column_reader *columns = source->columns;
    KITH_TRY(read_dictionary(source));
    KITH_TRY(kith_bytes_read(columns, KITH_STREAM_BYTES, &source->tokens));
    KITH_TRY(kith_stream_read(columns, count_rare(source), KITH_STREAM_BYTES, &source->seconds));
    return kith_bytes_read(columns, KITH_STREAM_TEXT, &source->own);
}

/* The word that a token stands for; empty if the streams do not hold it. */
static kith_slice word_of(token_source *source, uint8_t token)
{
    kith_slice text = {NULL, 0};
    if (token == TOKEN_OWN) {
        size_t end = kith_slice_find(source->own, '\0');
        text = kith_slice_head(source->own, end);
        source->own = kith_slice_skip(source->own, end + 1);
        return text;
    }
    size_t index = token - TOKEN_FIRST;
    if (index >= source->common) {
        index = (index - source->common) * PAGE_WORDS + source->seconds.data[0] + source->common;
        source->seconds = kith_slice_skip(source->seconds, 1);
    }
    return index < source->common + source->rare ? source->words[index] : text;
}

static kith_status read_token(token_source *source, uint8_t token)
{
    if (token == TOKEN_GLUE) {
        source->is_behind_word = false;
        return KITH_OK;
    }
    kith_slice text = word_of(source, token);
    KITH_ENSURE(text.length > 0, damaged(source->columns));
    KITH_TRY(kith_column_take(source->columns, text.length + 1));
    if (source->is_behind_word && is_wordlike(text)) {
        kith_write_u8(&source->text, ' ');
    }
    kith_buf_append_slice(&source->text, text);
    source->is_behind_word = is_wordlike(text);
    return kith_buf_status(&source->text);
}

/* Texts end with a NUL each, as in a plain column. */
static kith_status read_tokens(token_source *source)
{
    for (size_t i = 0; i < source->tokens.length; i++) {
        uint8_t token = source->tokens.data[i];
        if (token == TOKEN_END) {
            kith_write_u8(&source->text, 0);
            source->is_behind_word = false;
        } else {
            KITH_TRY(read_token(source, token));
        }
    }
    KITH_ENSURE(source->own.length == 0, damaged(source->columns));
    return kith_buf_status(&source->text);
}

kith_status kith_words_read(kith_column_reader *columns, kith_slice *texts, size_t count)
{
    kith_slice joined;
    token_source source = {.columns = columns};
    kith_buf_init(&source.text, columns->cx, KITH_SEGMENT_INFLATED_MAX * 2);
    kith_status status = read_streams(&source);
    if (status == KITH_OK) {
        status = read_tokens(&source);
    }
    if (status == KITH_OK) {
        status = kith_arena_copy(columns->arena, kith_buf_slice(&source.text), &joined);
    }
    if (status == KITH_OK && !kith_text_cut(joined, texts, count)) {
        status = damaged(columns);
    }
    kith_buf_deinit(&source.text);
    return status;
}
