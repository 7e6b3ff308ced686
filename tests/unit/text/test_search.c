/* Data: tests/data/names/ne_name_variants.json, hand-made clusters of spellings of one name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "text/search.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "harness.h"

typedef struct words {
    char text[512]; /* the folded words with a blank between two */
    size_t count;
    size_t stop_after;
} words;

static kith_status add_word(void *user, kith_slice word)
{
    words *w = user;
    if (w->count == w->stop_after) {
        return KITH_E_BUSY;
    }
    size_t length = strlen(w->text);
    (void)snprintf(w->text + length, sizeof w->text - length, "%s%.*s", w->count > 0 ? " " : "",
                   KITH_SLICE_ARGUMENTS(word));
    w->count++;
    return KITH_OK;
}

static words fold(kith_slice text)
{
    words w = {.stop_after = SIZE_MAX};
    assert_ok(kith_search_words(text, add_word, &w));
    return w;
}

typedef struct folding {
    const char *text;
    const char *words;
} folding;

static void assert_foldings(const folding *foldings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        words w = fold(kith_slice_of(foldings[i].text));
        if (strcmp(w.text, foldings[i].words) != 0) {
            fail_msg("\"%s\" gives \"%s\", not \"%s\"", foldings[i].text, w.text,
                     foldings[i].words);
        }
    }
}

/* The sound keys of a text's words with a blank between two. */
static words sound(kith_slice text)
{
    words folded = fold(text);
    words keys = {.stop_after = SIZE_MAX};
    kith_slice rest = kith_slice_of(folded.text);
    while (rest.length > 0) {
        uint8_t key[KITH_WORD_BYTES_MAX];
        kith_slice word = kith_slice_head(rest, kith_slice_find(rest, ' '));
        assert_ok(add_word(&keys, kith_slice_make(key, kith_search_sound(word, key))));
        rest = kith_slice_skip(rest, word.length + 1);
    }
    return keys;
}

static bool sound_alike(kith_slice a, kith_slice b)
{
    words one = sound(a);
    words other = sound(b);
    return one.text[0] != '\0' && strcmp(one.text, other.text) == 0;
}

static void test_search_words__lets_go_of_case(void **state)
{
    (void)state;
    static const folding foldings[] = {{"Rina RITA mary", "rina rita mary"},
                                       {"STRASSE Straße", "strasse strasse"},
                                       {"ΡΙΝΑ", "ρινα"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__lets_go_of_accents(void **state)
{
    (void)state;
    static const folding foldings[] = {{"José", "jose"},
                                       {"Jose\u0301", "jose"},
                                       {"Ångström", "angstrom"},
                                       {"Ñgūyễn", "nguyen"},
                                       {"ﬁ①", "fi1"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__lets_go_of_marks_inside_words(void **state)
{
    (void)state;
    static const folding foldings[] = {{"Ch'iang", "chiang"},
                                       {"Ch\u2019iang", "chiang"},
                                       {"Ch\u02bciang", "chiang"},
                                       {"Na\u00b7kham", "nakham"},
                                       {"Ri\u200cna Ri\u200dna", "rina rina"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__splits_at_blanks_and_punctuation(void **state)
{
    (void)state;
    static const folding foldings[] = {{"  Mary-Ann,\td/o\nRam.  ", "mary ann d o ram"},
                                       {"রীনা।দাস", "rina das"},
                                       {"a\u2013b\u00a0c", "a b c"},
                                       {"", ""},
                                       {" .,- ", ""},
                                       {"12/3", "12 3"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_bengali_and_assamese(void **state)
{
    (void)state;
    static const folding foldings[] = {
        {"রীনা", "rina"},      {"ৰীণা", "rina"},   {"জ্যাতি", "jyati"}, {"লক্ষ্মী", "lakshmi"},
        {"বিশ্বাস", "bishwas"}, {"দাস", "das"},     {"গগৈ", "gagai"},   {"সংমা", "sanma"},
        {"শৰৎ", "sharat"},     {"কৃষ্ণা", "krishna"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_vowels_that_are_written_in_two_parts(void **state)
{
    (void)state;
    static const folding foldings[] = {{"\u09ae\u09cb\u09a8\u09be", "mona"},
                                       {"\u09ae\u09c7\u09be\u09a8\u09be", "mona"},
                                       {"\u099a\u09cc\u09a7\u09c1\u09b0\u09c0", "chaudhuri"},
                                       {"\u0b2e\u0b4b\u0b28\u0b3e", "mona"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_the_dot_below(void **state)
{
    (void)state;
    static const folding foldings[] = {{"ব\u09dcু\u09dfা", "baruya"},
                                       {"ব\u09a1\u09bcু\u09af\u09bcা", "baruya"},
                                       {"\u095bोरम", "zoram"},
                                       {"\u091c\u093cोरम", "zoram"},
                                       {"ग\u0922\u093c", "garh"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_devanagari(void **state)
{
    (void)state;
    static const folding foldings[] = {
        {"रीना", "rina"},   {"सुष्मिता", "sushmita"}, {"प्रेमा", "prema"}, {"चौधरी", "chaudhari"},
        {"अनिता", "anita"}, {"कमला", "kamala"},     {"दुःख", "duhkh"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_meitei_mayek(void **state)
{
    (void)state;
    static const folding foldings[] = {{"ꯊꯣꯏꯕꯤ", "thoibi"}, {"ꯃꯅꯤꯄꯨꯔ", "manipur"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_ol_chiki(void **state)
{
    (void)state;
    static const folding foldings[] = {{"ᱥᱟᱱᱛᱟᱲᱤ", "santari"}, {"ᱦᱮᱢᱵᱨᱚᱢ", "hembrom"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__reads_digits_of_every_script(void **state)
{
    (void)state;
    static const folding foldings[] = {{"0123456789", "0123456789"}, {"০১২৩৪৫৬৭৮৯", "0123456789"},
                                       {"०१२३४५६७८९", "0123456789"}, {"꯰꯱꯲꯳꯴꯵꯶꯷꯸꯹", "0123456789"},
                                       {"᱐᱑᱒᱓᱔᱕᱖᱗᱘᱙", "0123456789"}, {"２００９", "2009"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__keeps_scripts_it_does_not_know(void **state)
{
    (void)state;
    static const folding foldings[] = {{"李 Li 明", "李 li 明"}, {"Рина", "рина"}};
    assert_foldings(foldings, KITH_ARRAY_LENGTH(foldings));
}

static void test_search_words__cuts_long_words_between_characters(void **state)
{
    (void)state;
    char text[200] = "";
    memset(text, 'a', KITH_WORD_BYTES_MAX + 20);
    assert_int_equal(strlen(fold(kith_slice_of(text)).text), KITH_WORD_BYTES_MAX);
    text[KITH_WORD_BYTES_MAX - 2] = '\0';
    strcat(text, "李");
    assert_int_equal(strlen(fold(kith_slice_of(text)).text), KITH_WORD_BYTES_MAX - 2);
}

static void test_search_words__takes_nothing_from_behind_the_cut(void **state)
{
    (void)state;
    char text[200] = "";
    memset(text, 'a', KITH_WORD_BYTES_MAX - 2);
    strcat(text, "李b");
    assert_int_equal(strlen(fold(kith_slice_of(text)).text), KITH_WORD_BYTES_MAX - 2);
}

static void test_search_words__starts_anew_behind_a_long_word(void **state)
{
    (void)state;
    char text[200] = "";
    memset(text, 'a', KITH_WORD_BYTES_MAX + 20);
    strcat(text, " b");
    words w = fold(kith_slice_of(text));
    assert_int_equal(w.count, 2);
    assert_string_equal(w.text + KITH_WORD_BYTES_MAX, " b");
}

static void test_search_words__stops_when_told(void **state)
{
    (void)state;
    words w = {.stop_after = 1};
    assert_int_equal(kith_search_words(kith_slice_of("one two three"), add_word, &w), KITH_E_BUSY);
    assert_string_equal(w.text, "one");
}

/* Calls the function for each spelling pair of each cluster. */
static void each_pair(void (*function)(kith_slice a, kith_slice b, void *user), void *user)
{
    size_t length = 0;
    uint8_t *data = test_read_file("names/ne_name_variants.json", &length);
    kith_json *json = NULL;
    assert_ok(kith_json_parse(test_context(), kith_slice_make(data, length), &json));
    const kith_json *cluster = kith_json_first(kith_json_get(json, "clusters"));
    for (; cluster != NULL; cluster = kith_json_next(cluster)) {
        static const char *const scripts[] = {"latin", "beng", "deva"};
        kith_slice names[32];
        size_t count = 0;
        for (size_t i = 0; i < KITH_ARRAY_LENGTH(scripts); i++) {
            const kith_json *name = kith_json_first(kith_json_get(cluster, scripts[i]));
            for (; name != NULL; name = kith_json_next(name)) {
                assert_true(count < KITH_ARRAY_LENGTH(names));
                names[count++] = kith_json_text(name);
            }
        }
        for (size_t a = 0; a < count; a++) {
            for (size_t b = a + 1; b < count; b++) {
                function(names[a], names[b], user);
            }
        }
    }
    kith_json_free(json);
    free(data);
}

typedef struct share {
    size_t pairs;
    size_t alike;
} share;

static void count_pair(kith_slice a, kith_slice b, void *user)
{
    share *s = user;
    s->pairs++;
    s->alike += sound_alike(a, b) ? 1 : 0;
}

static void test_search_sound__is_shared_by_spellings_of_one_name(void **state)
{
    (void)state;
    share s = {0};
    each_pair(count_pair, &s);
    assert_true(s.pairs > 500);
    double part = (double)s.alike / (double)s.pairs;
    print_message("%zu of %zu pairs share a sound key: %.4f\n", s.alike, s.pairs, part);
    assert_true(part >= 0.94);
}

static void fold_twice(kith_slice a, kith_slice b, void *user)
{
    (void)b;
    (void)user;
    words once = fold(a);
    words twice = fold(kith_slice_of(once.text));
    assert_string_equal(once.text, twice.text);
}

static void test_search_words__folds_folded_words_to_themselves(void **state)
{
    (void)state;
    each_pair(fold_twice, NULL);
}

static void test_search_sound__tells_different_names_apart(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Rina", "Rita"},     {"Mary", "Maya"},     {"Sita", "Gita"},     {"Anita", "Amita"},
        {"Bina", "Mina"},     {"Kamala", "Kamini"}, {"Rahul", "Rahim"},   {"Sangma", "Marak"},
        {"Gogoi", "Boro"},    {"Fatima", "Fahima"}, {"Lakhi", "Lokhimi"}, {"Thoibi", "Thoiba Devi"},
        {"Deepa", "Deepali"}, {"Ram", "Rana"},      {"Das", "Dev"},       {"Rina Das", "Rina"}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(pairs); i++) {
        if (sound_alike(kith_slice_of(pairs[i][0]), kith_slice_of(pairs[i][1]))) {
            fail_msg("%s and %s share a key", pairs[i][0], pairs[i][1]);
        }
    }
}

static void test_search_sound__makes_one_of_sounds_that_are_mixed_up(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Horu", "Xoru"},         {"Soru", "Xoru"},      {"Yater", "Jater"},
        {"Iaishah", "Yaishah"},   {"Bhanita", "Vanita"}, {"Phulmani", "Fulmoni"},
        {"Zothan", "Jotan"},      {"Chhetri", "Chetri"}, {"Quddus", "Kuddus"},
        {"Mohammad", "Muhammed"}, {"রীনা", "Reena"},     {"ꯊꯣꯏꯕꯤ", "Thoibi"}};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(pairs); i++) {
        if (!sound_alike(kith_slice_of(pairs[i][0]), kith_slice_of(pairs[i][1]))) {
            fail_msg("%s and %s: %s, %s", pairs[i][0], pairs[i][1],
                     sound(kith_slice_of(pairs[i][0])).text,
                     sound(kith_slice_of(pairs[i][1])).text);
        }
    }
}

static void test_search_sound__has_no_key_for_what_is_no_name(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a", "12", "ab1", "1ab", "李明", "a b"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(texts); i++) {
        uint8_t key[KITH_WORD_BYTES_MAX];
        assert_int_equal(kith_search_sound(kith_slice_of(texts[i]), key), 0);
    }
}

static void test_search_sound__stays_in_its_room(void **state)
{
    (void)state;
    test_random random = test_random_of(test_seed());
    for (size_t round = 0; round < 5000; round++) {
        uint8_t word[100];
        uint8_t key[KITH_WORD_BYTES_MAX + 1];
        size_t length = (size_t)test_below(&random, sizeof word) + 1;
        for (size_t i = 0; i < length; i++) {
            word[i] = (uint8_t)('a' + test_below(&random, 26));
        }
        key[KITH_WORD_BYTES_MAX] = 0xaa;
        size_t key_length = kith_search_sound(kith_slice_make(word, length), key);
        assert_true(key_length <= KITH_WORD_BYTES_MAX && key_length <= length);
        assert_true(key_length > 0 || length == 1);
        assert_int_equal(key[KITH_WORD_BYTES_MAX], 0xaa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_words__lets_go_of_case),
        cmocka_unit_test(test_search_words__lets_go_of_accents),
        cmocka_unit_test(test_search_words__lets_go_of_marks_inside_words),
        cmocka_unit_test(test_search_words__splits_at_blanks_and_punctuation),
        cmocka_unit_test(test_search_words__reads_bengali_and_assamese),
        cmocka_unit_test(test_search_words__reads_vowels_that_are_written_in_two_parts),
        cmocka_unit_test(test_search_words__reads_the_dot_below),
        cmocka_unit_test(test_search_words__reads_devanagari),
        cmocka_unit_test(test_search_words__reads_meitei_mayek),
        cmocka_unit_test(test_search_words__reads_ol_chiki),
        cmocka_unit_test(test_search_words__reads_digits_of_every_script),
        cmocka_unit_test(test_search_words__keeps_scripts_it_does_not_know),
        cmocka_unit_test(test_search_words__cuts_long_words_between_characters),
        cmocka_unit_test(test_search_words__takes_nothing_from_behind_the_cut),
        cmocka_unit_test(test_search_words__starts_anew_behind_a_long_word),
        cmocka_unit_test(test_search_words__stops_when_told),
        cmocka_unit_test(test_search_words__folds_folded_words_to_themselves),
        cmocka_unit_test(test_search_sound__is_shared_by_spellings_of_one_name),
        cmocka_unit_test(test_search_sound__tells_different_names_apart),
        cmocka_unit_test(test_search_sound__makes_one_of_sounds_that_are_mixed_up),
        cmocka_unit_test(test_search_sound__has_no_key_for_what_is_no_name),
        cmocka_unit_test(test_search_sound__stays_in_its_room),
    };
    return cmocka_run_group_tests_name("text/search", tests, NULL, NULL);
}
