/* Texts of every type, ids, words to search: what parses is canonical, and its text form parses to
 * the same value. SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"
#include "base/limits.h"
#include "fuzz.h"
#include "text/search.h"
#include "text/utf8.h"
#include "value/value.h"

static kith_context cx;

static void try_type(int32_t type, kith_slice text, kith_arena *arena)
{
    kith_value value;
    kith_value again;
    const char *why = NULL;
    kith_status status = kith_value_parse(type, text, arena, &value, &why);
    FUZZ_ENSURE(status == KITH_OK || (status == KITH_E_REFUSED && why != NULL));
    if (status != KITH_OK) {
        return;
    }
    kith_buf form;
    kith_buf_init(&form, &cx, KITH_VALUE_BYTES_MAX * 4);
    FUZZ_ENSURE(kith_value_is_canonical(value));
    kith_value_format(value, &form);
    FUZZ_ENSURE(kith_value_parse(type, kith_buf_slice(&form), arena, &again, &why) == KITH_OK);
    FUZZ_ENSURE(kith_value_equal(value, again));
    kith_buf_deinit(&form);
}

static kith_status check_word(void *user, kith_slice word)
{
    uint8_t key[KITH_WORD_BYTES_MAX];
    (void)user;
    FUZZ_ENSURE(word.length > 0 && word.length <= KITH_WORD_BYTES_MAX);
    FUZZ_ENSURE(kith_search_sound(word, key) <= KITH_WORD_BYTES_MAX);
    return KITH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena arena;
    kith_id id;
    kith_slice text = {data, size};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    kith_arena_init(&arena, &cx);
    for (int32_t type = KITH_TYPE_TEXT; type <= KITH_TYPE_BLOB; type++) {
        try_type(type, text, &arena);
    }
    for (uint8_t type = 0; type < 20; type++) {
        (void)kith_value_is_canonical((kith_value){type, text});
    }
    if (kith_utf8_valid_bytes(text) == size) {
        FUZZ_ENSURE(kith_search_words(text, check_word, NULL) == KITH_OK);
        FUZZ_ENSURE(kith_utf8_cut(text, 10).length <= size);
    }
    FUZZ_ENSURE(kith_id_parse(text, &id) == KITH_OK || kith_id_is_zero(id));
    kith_arena_deinit(&arena);
    return 0;
}
