/* SPDX-License-Identifier: Apache-2.0 */
#include "text/search.h"

#include <utf8proc.h>

#include "text/scripts.h"

/* The word being folded. */
typedef struct folder {
    uint8_t word[KITH_WORD_BYTES_MAX];
    size_t length;
    bool vowel_due;        /* the last letter was a consonant whose inherent vowel is not settled */
    bool joined;           /* a joiner stands right before */
    bool cut;              /* a character did not fit: the rest of the word is left out */
    uint8_t consonant;     /* first Latin letter of the last consonant */
    utf8proc_int32_t sign; /* the vowel sign right before, 0 when none; its sound is at sign_at */
    size_t sign_at;
    kith_word_function function;
    void *user;
} folder;

static void put(folder *f, const void *bytes, size_t length)
{
    f->sign = 0;
    f->cut = f->cut || length > sizeof f->word - f->length;
    if (!f->cut) {
        memcpy(f->word + f->length, bytes, length);
        f->length += length;
    }
}

static void put_latin(folder *f, const char *latin)
{
    put(f, latin, strlen(latin));
}

static kith_status end_word(folder *f)
{
    size_t length = f->length;
    f->length = 0;
    f->vowel_due = false;
    f->joined = false;
    f->cut = false;
    f->sign = 0;
    return length == 0 ? KITH_OK : f->function(f->user, kith_slice_make(f->word, length));
}

static const kith_letter *find_letter(utf8proc_int32_t character)
{
    size_t low = 0;
    size_t high = kith_letter_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (kith_letters[middle].code_point < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < kith_letter_count && kith_letters[low].code_point == character;
    return found ? &kith_letters[low] : NULL;
}

/* Joined below another consonant, y, v and Bengali b are written but hardly heard (svāti, বিশ্বাস),
 * except under r and m. */
static const char *joined_sound(const folder *f, const char *latin)
{
    if (!f->joined || f->consonant == 'r' || f->consonant == 'm') {
        return latin;
    }
    if (strcmp(latin, "b") == 0 || strcmp(latin, "v") == 0) {
        return f->consonant == 'b' ? latin : "w";
    }
    return strcmp(latin, "j") == 0 ? "y" : latin;
}

/* The dot below: ড়, ढ़, ज़, फ़, য়. Normalisation leaves it apart from its letter. */
static void dot_below(folder *f, utf8proc_int32_t dot)
{
    bool bengali = dot == 0x09bc;
    uint8_t *last = f->length > 0 ? &f->word[f->length - 1] : NULL;
    if (last == NULL) {
        return;
    }
    if (*last == 'h' && f->length > 1) {
        last--;
    }
    if (*last == 'd') {
        *last = 'r';
    } else if (*last == 'j') {
        *last = bengali ? 'y' : 'z';
    }
}

/* Some vowel signs are written in two parts, and typed as one character or as two (U+09CB is U+09C7
 * and U+09BE). */
static void put_sign(folder *f, const kith_letter *sign)
{
    utf8proc_int32_t pair[2] = {f->sign, sign->code_point};
    bool joins = f->sign != 0 && utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE) == 1;
    if (joins && !f->cut) {
        f->length = f->sign_at;
        sign = find_letter(pair[0]);
    }
    size_t sign_at = f->length;
    put_latin(f, sign->latin);
    f->sign = sign->code_point;
    f->sign_at = sign_at;
}

static void put_letter(folder *f, const kith_letter *letter)
{
    switch (letter->kind) {
    case KITH_LETTER_CONSONANT:
        if (f->vowel_due) {
            put_latin(f, "a");
        }
        put_latin(f, joined_sound(f, letter->latin));
        f->vowel_due = true;
        f->joined = false;
        f->consonant = (uint8_t)letter->latin[0];
        break;
    case KITH_LETTER_JOINER:
        f->vowel_due = false;
        f->joined = true;
        break;
    case KITH_LETTER_DOT:
        dot_below(f, letter->code_point);
        break;
    case KITH_LETTER_SILENT:
        break;
    case KITH_LETTER_SIGN:
        put_sign(f, letter);
        f->vowel_due = false;
        f->joined = false;
        break;
    default: /* vowel, final */
        if (f->vowel_due) {
            put_latin(f, "a");
        }
        put_latin(f, letter->latin);
        f->vowel_due = false;
        f->joined = false;
        break;
    }
}

/* A letter or digit of a script we do not romanise keeps its own bytes. */
static void put_foreign(folder *f, utf8proc_int32_t character)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t length = utf8proc_encode_char(character, bytes);
    put(f, bytes, (size_t)length);
    f->vowel_due = false;
}

/* Apostrophes and raised dots stand inside words (Ch'iang, Na·kham) and people leave them away;
 * joiners of zero width only shape letters. */
static bool is_ignored(utf8proc_int32_t character)
{
    return character == '\'' || character == 0x2019 || character == 0x02bc || character == 0xb7 ||
           character == 0x200c || character == 0x200d;
}

static kith_status put_character(folder *f, utf8proc_int32_t character)
{
    if (is_ignored(character)) {
        return KITH_OK;
    }
    const kith_letter *letter = find_letter(character);
    if (letter != NULL) {
        put_letter(f, letter);
        return KITH_OK;
    }
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_MN:
        if (character < 0x0370) { /* the accents of Latin letters */
            return KITH_OK;
        }
        put_foreign(f, character);
        return KITH_OK;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        put_foreign(f, character);
        return KITH_OK;
    default:
        return end_word(f);
    }
}

static kith_status put_unicode(folder *f, utf8proc_int32_t character)
{
    const kith_letter *letter = find_letter(character);
    if (letter != NULL) { /* decomposing would tear the vowel signs of two parts */
        put_letter(f, letter);
        return KITH_OK;
    }
    /* The longest decomposition of one character has 18 (U+FDFA). */
    utf8proc_int32_t parts[32];
    int last_boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        character, parts, KITH_ARRAY_LENGTH(parts),
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &last_boundary);
    for (utf8proc_ssize_t i = 0; i < count && i < (utf8proc_ssize_t)KITH_ARRAY_LENGTH(parts); i++) {
        KITH_TRY(put_character(f, parts[i]));
    }
    return KITH_OK;
}

static kith_status put_ascii(folder *f, uint8_t byte)
{
    uint8_t lower = (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
        put(f, &lower, 1);
        f->vowel_due = false;
        return KITH_OK;
    }
    return byte == '\'' ? KITH_OK : end_word(f);
}

kith_status kith_search_words(kith_slice text, kith_word_function function, void *user)
{
    folder f = {.function = function, .user = user};
    size_t at = 0;
    while (at < text.length) {
        if (text.data[at] < 0x80) {
            KITH_TRY(put_ascii(&f, text.data[at++]));
            continue;
        }
        utf8proc_int32_t character;
        kith_slice rest = kith_slice_head(kith_slice_skip(text, at), 4);
        utf8proc_ssize_t bytes =
            utf8proc_iterate(rest.data, (utf8proc_ssize_t)rest.length, &character);
        KITH_ASSERT(bytes > 0); /* callers check text where it enters */
        KITH_TRY(put_unicode(&f, character));
        at += (size_t)bytes;
    }
    return end_word(&f);
}

static bool next_is(kith_slice rest, const char *letters)
{
    size_t length = strlen(letters);
    return rest.length > length && memcmp(rest.data + 1, letters, length) == 0;
}

/* What the region's languages and clerks write for one another: the sound of the letters at the
 * front, and how many they are. 'w' inside a word is a vowel's tail (aw, ow) and goes with the
 * vowels. */
static uint8_t one_sound(kith_slice rest, size_t *taken_out)
{
    uint8_t letter = rest.data[0];
    *taken_out = 1;
    switch (letter) {
    case 'k':
        *taken_out = next_is(rest, "sh") ? 3 : 1;
        return *taken_out == 3 ? 's' : 'k';
    case 't':
        *taken_out = next_is(rest, "ch") ? 3 : 1;
        return *taken_out == 3 ? 's' : 't';
    case 'c':
        if (next_is(rest, "h")) {
            *taken_out = next_is(rest, "hh") ? 3 : 2;
            return 's';
        }
        *taken_out = next_is(rest, "k") ? 2 : 1;
        return next_is(rest, "e") || next_is(rest, "i") || next_is(rest, "y") ? 's' : 'k';
    case 's':
        *taken_out = next_is(rest, "h") ? 2 : 1;
        return 's';
    case 'p':
        *taken_out = next_is(rest, "h") ? 2 : 1;
        return 'p';
    case 'n':
        *taken_out = next_is(rest, "g") ? 2 : 1;
        return 'n';
    case 'x':
        return 's';
    case 'f':
        return 'p';
    case 'q':
        return 'k';
    case 'z':
        return 'j';
    case 'v':
        return 'b';
    default:
        return letter;
    }
}

static bool is_vowel(uint8_t letter)
{
    switch (letter) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
    case 'w':
    case 'y':
        return true;
    default:
        return false;
    }
}

/* The key's first letter, where vowels count: o as a, e and y as i; h as s (Horu, Xoru, Soru);
 * i or y before a vowel as j (Yater, Jater; Iaishah, Yaishah). */
static uint8_t first_sound(uint8_t letter, uint8_t next)
{
    if ((letter == 'i' || letter == 'y') && next != 0 && strchr("aeou", next) != NULL) {
        return 'j';
    }
    switch (letter) {
    case 'o':
        return 'a';
    case 'e':
    case 'y':
        return 'i';
    case 'w':
        return 'b';
    case 'h':
        return 's';
    default:
        return letter;
    }
}

size_t kith_search_sound(kith_slice word, uint8_t key[KITH_WORD_BYTES_MAX])
{
    size_t length = 0;
    size_t at = 0;
    if (word.length < 2) {
        return 0;
    }
    while (at < word.length && length < KITH_WORD_BYTES_MAX) {
        uint8_t letter = word.data[at];
        if (letter < 'a' || letter > 'z') {
            return 0;
        }
        size_t taken = 0;
        letter = one_sound(kith_slice_skip(word, at), &taken);
        at += taken;
        if (length == 0) {
            letter = first_sound(letter, at < word.length ? word.data[at] : 0);
        } else if (is_vowel(letter) || letter == 'h' || letter == key[length - 1]) {
            continue;
        }
        key[length++] = letter;
    }
    return length;
}
