/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/writer.h"

enum { FILE_BYTES_MAX = 1 << 20 };

/* A file that is there, and how it is made. */
typedef struct vectors_file {
    const char *path;
    void (*make)(kith_buf *text);
} vectors_file;

static void make_text(void (*make)(kith_buf *text), kith_buf *text)
{
    kith_buf_init(text, test_context(), FILE_BYTES_MAX);
    make(text);
    assert_ok(kith_buf_status(text));
}

static void test_vectors__are_what_is_made_today(void **state)
{
    const vectors_file *vectors = *state;
    static uint8_t bytes[FILE_BYTES_MAX];
    kith_buf text;
    FILE *file = fopen(vectors->path, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    make_text(vectors->make, &text);
    assert_true(kith_slice_equal(kith_slice_make(bytes, length), kith_buf_slice(&text)));
    kith_buf_deinit(&text);
}

int vectors_main(int argument_count, char **arguments, const char *name,
                 void (*make)(kith_buf *text))
{
    kith_buf text;
    if (argument_count == 2) {
        vectors_file vectors = {arguments[1], make};
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(test_vectors__are_what_is_made_today, &vectors)};
        return cmocka_run_group_tests_name(name, tests, NULL, NULL);
    }
    make_text(make, &text);
    size_t written = fwrite(text.data, 1, text.length, stdout);
    bool is_written = written == text.length && fflush(stdout) == 0;
    kith_buf_deinit(&text);
    return is_written ? EXIT_SUCCESS : EXIT_FAILURE;
}

kith_json_writer vectors_begin_item(kith_buf *text)
{
    kith_json_writer json;
    kith_buf_append_text(text, text->data[text->length - 1] == '[' ? "\n" : ",\n");
    kith_json_writer_init(&json, test_context());
    kith_json_put_object(&json, NULL);
    return json;
}

void vectors_end_item(kith_json_writer *json, kith_buf *text)
{
    kith_json_put_end(json);
    assert_ok(kith_json_writer_finish(json, text));
}

void vectors_put_hex(kith_json_writer *json, const char *name, const void *bytes, size_t length)
{
    kith_buf hex;
    kith_buf_init(&hex, test_context(), FILE_BYTES_MAX);
    vectors_append_hex(&hex, bytes, length);
    kith_json_put_text(json, name, kith_buf_slice(&hex));
    kith_buf_deinit(&hex);
}

void vectors_append_hex(kith_buf *text, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        kith_write_u8(text, (uint8_t)digits[byte >> 4]);
        kith_write_u8(text, (uint8_t)digits[byte & 15]);
    }
}
