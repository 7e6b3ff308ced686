/* Full-text search: the index proposes, the records decide.
 *
 * Three questions are put to the index until there are enough answers: these words; words that
 * begin so; words that sound so. What it proposes is read and scored by where and how each word
 * stands in it, because the index keeps neither. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/limits.h"
#include "engine/list.h"
#include "text/search.h"
#include "text/utf8.h"

enum { WORDS_MAX = 16, PROPOSALS_MAX = 400, PREFIX_LETTERS_MIN = 3, DEFAULT_LIMIT = 20 };

typedef struct query_word {
    uint8_t text[KITH_WORD_BYTES_MAX];
    size_t length;
    uint8_t sound[KITH_WORD_BYTES_MAX];
    size_t sound_length;
} query_word;

typedef struct hit {
    kith_dot id;
    int64_t changed_ms;
    unsigned score;
} hit;

typedef struct search {
    kith_replica *replica;
    uint32_t kind; /* 0 for all */
    query_word words[WORDS_MAX];
    size_t word_count;
    hit hits[3 * PROPOSALS_MAX];
    size_t hit_count;
} search;

static kith_status add_query_word(void *user, kith_slice word)
{
    search *s = user;
    if (s->word_count == WORDS_MAX) {
        return KITH_OK; /* the first sixteen are enough to find anything */
    }
    query_word *q = &s->words[s->word_count++];
    memcpy(q->text, word.data, word.length);
    q->length = word.length;
    q->sound_length = kith_search_sound(word, q->sound);
    return KITH_OK;
}

/* A phone number typed with blanks or hyphens is one word: its last ten digits, as in the index. */
static bool read_phone(kith_slice text, uint8_t digits[16], size_t *length_out)
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if (byte >= '0' && byte <= '9' && length < 16) {
            digits[length++] = byte;
        } else if (byte == 0 || strchr("+-(). ", byte) == NULL) {
            return false;
        }
    }
    *length_out = length;
    return length >= 6 && length <= 15;
}

static kith_status read_words(search *s, kith_slice text)
{
    uint8_t digits[16];
    size_t length = 0;
    if (read_phone(text, digits, &length)) {
        size_t skipped = length > 10 ? length - 10 : 0;
        return add_query_word(s, kith_slice_make(digits + skipped, length - skipped));
    }
    KITH_ENSURE(kith_utf8_valid_bytes(text) == text.length,
                kith_fail(&s->replica->cx, KITH_E_ARGUMENT, "the words are not UTF-8"));
    KITH_TRY(kith_search_words(text, add_query_word, s));
    KITH_ENSURE(s->word_count > 0,
                kith_fail(&s->replica->cx, KITH_E_ARGUMENT, "there is no word to look for"));
    return KITH_OK;
}

typedef enum question { EXACT, PREFIX, SOUND } question;

/* Writes an FTS5 expression; folded words hold no quotes. False if the question makes no sense. */
static bool write_expression(const search *s, question asked, kith_buf *out)
{
    bool differs = asked == EXACT;
    kith_buf_clear(out);
    for (size_t i = 0; i < s->word_count; i++) {
        const query_word *q = &s->words[i];
        kith_buf_append_text(out, i > 0 ? " AND \"" : "\"");
        if (asked == SOUND && q->sound_length > 0) {
            kith_buf_append_text(out, KITH_SOUND_MARK);
            kith_buf_append(out, q->sound, q->sound_length);
            differs = true;
        } else {
            kith_buf_append(out, q->text, q->length);
        }
        kith_buf_append_text(out, "\"");
        if (asked == PREFIX && q->length >= PREFIX_LETTERS_MIN) {
            kith_buf_append_text(out, "*");
            differs = true;
        }
    }
    kith_buf_append(out, "", 1);
    return differs;
}

/* How well one word of a record answers a word of the question: nothing, sound, beginning, whole.
 */
static unsigned match_word(const query_word *q, kith_slice word)
{
    kith_slice asked = kith_slice_make(q->text, q->length);
    uint8_t sound[KITH_WORD_BYTES_MAX];
    if (kith_slice_equal(word, asked)) {
        return 4;
    }
    if (q->length >= PREFIX_LETTERS_MIN &&
        kith_slice_equal(kith_slice_head(word, q->length), asked)) {
        return 3;
    }
    size_t length = q->sound_length > 0 ? kith_search_sound(word, sound) : 0;
    bool same = length > 0 && kith_slice_equal(kith_slice_make(sound, length),
                                               kith_slice_make(q->sound, q->sound_length));
    return same ? 2 : 0;
}

typedef struct scoring {
    const search *search;
    unsigned *best; /* by word of the question */
    unsigned weight;
} scoring;

static kith_status score_word(void *user, kith_slice word)
{
    scoring *s = user;
    for (size_t i = 0; i < s->search->word_count; i++) {
        unsigned match = match_word(&s->search->words[i], word) * s->weight;
        s->best[i] = match > s->best[i] ? match : s->best[i];
    }
    return KITH_OK;
}

static bool is_title_field(const kith_kind *kind, kith_slice name)
{
    for (size_t i = 0; kind != NULL && kind->title_fields[i] != NULL; i++) {
        if (kith_slice_is(name, kind->title_fields[i])) {
            return true;
        }
    }
    return false;
}

static void score_phone(const search *s, kith_slice phone, unsigned *best)
{
    for (size_t i = 0; i < s->word_count; i++) {
        kith_slice asked = kith_slice_make(s->words[i].text, s->words[i].length);
        bool ends_so = phone.length >= asked.length &&
                       kith_slice_equal(kith_slice_skip(phone, phone.length - asked.length), asked);
        best[i] = ends_so && best[i] < 8 ? 8 : best[i];
    }
}

/* The sum over the question's words of the best match in the record; 0 if one has none. */
static kith_status score_record(const search *s, const kith_state *state, unsigned *score_out)
{
    unsigned best[WORDS_MAX] = {0};
    const kith_directory *directory = &s->replica->directory;
    const kith_kind *kind =
        kith_schema_find_kind(&s->replica->schema, directory->names[state->kind]);
    *score_out = 0;
    for (size_t i = 0; i < state->cell_count; i++) {
        const kith_cell *cell = &state->cells[i];
        bool is_element = cell->element.type != KITH_TYPE_NONE;
        scoring sc = {.search = s,
                      .best = best,
                      .weight = is_title_field(kind, directory->names[cell->field]) ? 2 : 1};
        for (size_t j = 0; j < cell->head_count; j++) {
            kith_value value = is_element ? cell->element : cell->heads[j].value;
            if (value.type == KITH_TYPE_TEXT) {
                KITH_TRY(kith_search_words(value.bytes, score_word, &sc));
            } else if (value.type == KITH_TYPE_PHONE) {
                score_phone(s, value.bytes, best);
            }
        }
    }
    for (size_t i = 0; i < s->word_count; i++) {
        if (best[i] == 0) {
            *score_out = 0;
            return KITH_OK;
        }
        *score_out += best[i];
    }
    return KITH_OK;
}

static bool is_known_hit(const search *s, kith_dot id)
{
    for (size_t i = 0; i < s->hit_count; i++) {
        if (kith_dot_equal(s->hits[i].id, id)) {
            return true;
        }
    }
    return false;
}

static kith_status add_hit(search *s, kith_dot id, kith_arena *arena)
{
    kith_state state;
    hit found = {.id = id};
    if (is_known_hit(s, id)) {
        return KITH_OK;
    }
    kith_arena_reset(arena);
    kith_status status = kith_engine_read(s->replica, id, arena, &state, NULL);
    if (status == KITH_E_NOT_FOUND ||
        (status == KITH_OK && s->kind != 0 && state.kind != s->kind)) {
        return KITH_OK;
    }
    KITH_TRY(status);
    KITH_TRY(score_record(s, &state, &found.score));
    found.changed_ms = state.changed.ms;
    if (found.score > 0) {
        s->hits[s->hit_count++] = found;
    }
    return KITH_OK;
}

static kith_status ask(search *s, question asked, kith_dot *proposals)
{
    kith_buf expression;
    kith_arena arena;
    size_t count = 0;
    kith_status status = KITH_OK;
    kith_buf_init(&expression, &s->replica->cx, 4096);
    kith_arena_init(&arena, &s->replica->cx);
    if (write_expression(s, asked, &expression)) {
        KITH_TRY_OUT(kith_buf_status(&expression));
        KITH_TRY_OUT(kith_search_match(s->replica->store, (const char *)expression.data,
                                       PROPOSALS_MAX, proposals, &count));
    }
    for (size_t i = 0; i < count; i++) {
        KITH_TRY_OUT(add_hit(s, proposals[i], &arena));
    }
out:
    kith_arena_deinit(&arena);
    kith_buf_deinit(&expression);
    return status;
}

static int better_first(const void *a, const void *b)
{
    const hit *first = a;
    const hit *second = b;
    if (first->score != second->score) {
        return first->score > second->score ? -1 : 1;
    }
    if (first->changed_ms != second->changed_ms) {
        return first->changed_ms > second->changed_ms ? -1 : 1;
    }
    return kith_dot_compare(first->id, second->id);
}

static kith_status find_hits(search *s, kith_slice words, size_t limit)
{
    static const question questions[] = {EXACT, PREFIX, SOUND};
    KITH_TRY(read_words(s, words));
    kith_dot *proposals = kith_allocate_array(&s->replica->cx, PROPOSALS_MAX, sizeof *proposals);
    KITH_ENSURE(proposals != NULL, KITH_E_MEMORY);
    kith_status status = KITH_OK;
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(questions) && status == KITH_OK; i++) {
        if (s->hit_count < limit) {
            status = ask(s, questions[i], proposals);
        }
    }
    kith_free(&s->replica->cx, proposals);
    if (s->hit_count > 1) {
        qsort(s->hits, s->hit_count, sizeof s->hits[0], better_first);
    }
    return status;
}

kith_status kith_engine_find(kith_replica *replica, kith_slice words, kith_slice kind, size_t limit,
                             const char *language, kith_list **list_out)
{
    kith_list *list = NULL;
    *list_out = NULL;
    limit = limit == 0 ? DEFAULT_LIMIT : limit > KITH_FIND_ROWS_MAX ? KITH_FIND_ROWS_MAX : limit;
    uint32_t wanted = 0;
    if (kind.length > 0) {
        KITH_TRY(kith_list_find_kind(replica, kind, &wanted));
    }
    search *s = kith_allocate(&replica->cx, sizeof *s);
    KITH_ENSURE(s != NULL, KITH_E_MEMORY);
    s->replica = replica;
    s->kind = wanted;
    bool has_records = kind.length == 0 || wanted != 0;
    kith_status status = kith_list_new(replica, &list);
    if (status == KITH_OK && has_records) {
        status = find_hits(s, words, limit);
    }
    for (size_t i = 0; status == KITH_OK && i < s->hit_count && i < limit; i++) {
        status = kith_list_add(list, replica, s->hits[i].id, NULL, language);
    }
    kith_free(&replica->cx, s);
    if (status != KITH_OK) {
        kith_engine_list_free(list);
        return status;
    }
    *list_out = list;
    return KITH_OK;
}
