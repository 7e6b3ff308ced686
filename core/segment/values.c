/* SPDX-License-Identifier: Apache-2.0 */
#include "segment/values.h"

#include <stdio.h>

#include "base/limits.h"
#include "segment/text.h"
#include "value/date.h"
#include "value/number.h"

kith_status kith_value_list_add(kith_value_list *list, kith_arena *arena, kith_value value,
                                uint64_t number)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity < 8 ? 8 : list->capacity * 2;
        kith_value *values = kith_arena_array(arena, capacity, sizeof *values);
        uint64_t *numbers = kith_arena_array(arena, capacity, sizeof *numbers);
        KITH_ENSURE(values != NULL && numbers != NULL, KITH_E_MEMORY);
        for (size_t i = 0; i < list->count; i++) {
            values[i] = list->values[i];
            numbers[i] = list->numbers[i];
        }
        list->values = values;
        list->numbers = numbers;
        list->capacity = capacity;
    }
    list->values[list->count] = value;
    list->numbers[list->count++] = number;
    return KITH_OK;
}

/* What one value comes to: up to three numbers, each of a column of its own. */
enum { NUMBERS_MAX = 3 };

/* A phone number as one number: its digits behind a 1, which keeps leading zeros, doubled, and one
 * more for a plus sign. Fifteen digits stay below 2^52. */
static int64_t phone_number(kith_slice bytes)
{
    bool plus = bytes.data[0] == '+';
    int64_t number = 1;
    for (size_t i = plus ? 1 : 0; i < bytes.length; i++) {
        number = number * 10 + (bytes.data[i] - '0');
    }
    return number * 2 + (plus ? 1 : 0);
}

static void write_phone(int64_t number, kith_buf *out)
{
    char digits[24];
    int length = number < 2 ? 0 : snprintf(digits, sizeof digits, "%lld", (long long)(number / 2));
    kith_buf_append_text(out, (number & 1) != 0 ? "+" : "");
    kith_buf_append(out, digits + 1, length > 1 ? (size_t)length - 1 : 0);
}

/* How many numbers a type's values come to; 0 for types that are stored as bytes. */
static size_t numbers_of_type(uint8_t type)
{
    switch (type) {
    case KITH_TYPE_INT:
    case KITH_TYPE_BOOL:
    case KITH_TYPE_PHONE:
        return 1;
    case KITH_TYPE_DECIMAL:
    case KITH_TYPE_GEO:
    case KITH_TYPE_REF:
        return 2;
    case KITH_TYPE_DATE:
        return 3;
    default:
        return 0;
    }
}

static void split_date(kith_value value, int64_t numbers[NUMBERS_MAX])
{
    kith_reader reader = kith_reader_of(value.bytes);
    numbers[0] = kith_read_u8(&reader);
    numbers[1] = kith_read_zigzag(&reader);
    /* A date without a second part costs nothing where most have none. */
    numbers[2] = kith_reader_left(&reader) > 0 ? kith_read_zigzag(&reader) - numbers[1] : 0;
}

static kith_status split_ref(kith_value value, uint64_t change, kith_author_table *authors,
                             int64_t numbers[NUMBERS_MAX])
{
    kith_id id = kith_value_id(value);
    size_t author = 0;
    KITH_TRY(kith_author_table_index(authors, kith_id_author(id), &author));
    int64_t number = (int64_t)kith_id_number(id);
    numbers[0] = (int64_t)author;
    numbers[1] = author == 0 ? (int64_t)change - number : number;
    return KITH_OK;
}

static kith_status split(kith_value value, uint64_t change, kith_author_table *authors,
                         int64_t numbers[NUMBERS_MAX])
{
    kith_reader reader = kith_reader_of(value.bytes);
    switch (value.type) {
    case KITH_TYPE_INT:
        numbers[0] = kith_value_integer(value);
        break;
    case KITH_TYPE_BOOL:
        numbers[0] = kith_value_is_yes(value);
        break;
    case KITH_TYPE_PHONE:
        numbers[0] = phone_number(value.bytes);
        break;
    case KITH_TYPE_DECIMAL:
        numbers[0] = kith_read_zigzag(&reader);
        numbers[1] = kith_read_u8(&reader);
        break;
    case KITH_TYPE_GEO:
        numbers[0] = kith_read_zigzag(&reader);
        numbers[1] = kith_read_zigzag(&reader);
        break;
    case KITH_TYPE_DATE:
        split_date(value, numbers);
        break;
    default:
        return split_ref(value, change, authors, numbers);
    }
    return KITH_OK;
}

static kith_status write_numbers(kith_context *cx, kith_arena *arena, const kith_value_list *list,
                                 size_t width, kith_author_table *authors, kith_buf *out)
{
    kith_numbers columns[NUMBERS_MAX] = {{0}};
    for (size_t i = 0; i < list->count; i++) {
        int64_t numbers[NUMBERS_MAX] = {0};
        KITH_TRY(split(list->values[i], list->numbers[i], authors, numbers));
        for (size_t j = 0; j < width; j++) {
            KITH_TRY(kith_numbers_add(&columns[j], arena, numbers[j]));
        }
    }
    for (size_t j = 0; j < width; j++) {
        KITH_TRY(kith_numbers_write(cx, &columns[j], out));
    }
    return KITH_OK;
}

static kith_status write_texts(kith_context *cx, kith_arena *arena, const kith_value_list *list,
                               kith_buf *out)
{
    kith_slice *texts = kith_arena_array(arena, list->count, sizeof *texts);
    KITH_ENSURE(texts != NULL, KITH_E_MEMORY);
    for (size_t i = 0; i < list->count; i++) {
        texts[i] = list->values[i].bytes;
    }
    return kith_text_column_write(cx, texts, list->count, out);
}

/* Hashes of files, and types of a newer version: lengths, then the bytes one behind the other. */
static kith_status write_bytes(kith_context *cx, kith_arena *arena, const kith_value_list *list,
                               kith_buf *out)
{
    kith_numbers lengths = {0};
    kith_buf joined;
    kith_buf_init(&joined, cx, KITH_SEGMENT_INFLATED_MAX);
    kith_status status = KITH_OK;
    for (size_t i = 0; status == KITH_OK && i < list->count; i++) {
        kith_buf_append_slice(&joined, list->values[i].bytes);
        status = kith_numbers_add(&lengths, arena, (int64_t)list->values[i].bytes.length);
    }
    if (status == KITH_OK) {
        status = kith_buf_status(&joined);
    }
    if (status == KITH_OK) {
        status = kith_numbers_write(cx, &lengths, out);
    }
    if (status == KITH_OK) {
        status = kith_stream_write(cx, kith_buf_slice(&joined), KITH_STREAM_BYTES, out);
    }
    kith_buf_deinit(&joined);
    return status;
}

static bool is_text(uint8_t type)
{
    return type == KITH_TYPE_TEXT || type == KITH_TYPE_CODE;
}

kith_status kith_values_write(kith_context *cx, kith_arena *arena, const kith_value_list *list,
                              kith_author_table *authors, kith_buf *out)
{
    size_t width = numbers_of_type(list->type);
    if (width > 0) {
        return write_numbers(cx, arena, list, width, authors, out);
    }
    return is_text(list->type) ? write_texts(cx, arena, list, out)
                               : write_bytes(cx, arena, list, out);
}

static kith_status damaged(kith_column_reader *columns)
{
    return kith_fail(columns->cx, KITH_E_DAMAGED, "a segment is damaged: a value");
}

/* Unsigned, because what a damaged column holds may add up to anything. */
static int64_t add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

enum { DATE_HAS_SECOND = 1 << 3 };

static kith_status put_byte(int64_t number, kith_buf *out)
{
    KITH_ENSURE(number >= 0 && number <= UINT8_MAX, KITH_E_DAMAGED);
    kith_write_u8(out, (uint8_t)number);
    return KITH_OK;
}

static kith_status join_ref(const int64_t numbers[NUMBERS_MAX], uint64_t change,
                            const kith_author_table *authors, kith_buf *out)
{
    uint64_t author = (uint64_t)numbers[0];
    KITH_ENSURE(author < authors->count, KITH_E_DAMAGED);
    int64_t number = author == 0 ? subtract((int64_t)change, numbers[1]) : numbers[1];
    KITH_ENSURE(number > 0 && (uint64_t)number <= KITH_NUMBER_MAX, KITH_E_DAMAGED);
    kith_id id = kith_id_make(authors->ids[author], (uint64_t)number);
    kith_buf_append(out, id.bytes, sizeof id.bytes);
    return KITH_OK;
}

/* The canonical bytes of the value that numbers come to; what is none is found by the caller. */
static kith_status join(uint8_t type, const int64_t numbers[NUMBERS_MAX], uint64_t change,
                        const kith_author_table *authors, kith_buf *out)
{
    switch (type) {
    case KITH_TYPE_INT:
        kith_write_zigzag(out, numbers[0]);
        break;
    case KITH_TYPE_BOOL:
        return put_byte(numbers[0], out);
    case KITH_TYPE_PHONE:
        write_phone(numbers[0], out);
        break;
    case KITH_TYPE_DECIMAL:
        kith_write_zigzag(out, numbers[0]);
        return put_byte(numbers[1], out);
    case KITH_TYPE_GEO:
        kith_write_zigzag(out, numbers[0]);
        kith_write_zigzag(out, numbers[1]);
        break;
    case KITH_TYPE_DATE:
        KITH_TRY(put_byte(numbers[0], out));
        kith_write_zigzag(out, numbers[1]);
        if ((numbers[0] & DATE_HAS_SECOND) != 0) {
            kith_write_zigzag(out, add(numbers[1], numbers[2]));
        }
        break;
    default:
        return join_ref(numbers, change, authors, out);
    }
    return KITH_OK;
}

static kith_status join_all(kith_column_reader *columns, const kith_numbers parts[NUMBERS_MAX],
                            size_t width, const kith_author_table *authors, kith_value_list *list,
                            kith_buf *bytes)
{
    for (size_t i = 0; i < list->count; i++) {
        int64_t numbers[NUMBERS_MAX] = {0};
        for (size_t j = 0; j < width; j++) {
            numbers[j] = parts[j].items[i];
        }
        kith_buf_clear(bytes);
        kith_status status = join(list->type, numbers, list->numbers[i], authors, bytes);
        KITH_ENSURE(status == KITH_OK, damaged(columns));
        KITH_TRY(kith_buf_status(bytes));
        KITH_TRY(kith_arena_copy(columns->arena, kith_buf_slice(bytes), &list->values[i].bytes));
    }
    return KITH_OK;
}

static kith_status read_numbers(kith_column_reader *columns, size_t width,
                                const kith_author_table *authors, kith_value_list *list)
{
    kith_numbers parts[NUMBERS_MAX] = {{0}};
    kith_buf bytes;
    for (size_t j = 0; j < width; j++) {
        KITH_TRY(kith_numbers_read(columns, list->count, &parts[j]));
    }
    kith_buf_init(&bytes, columns->cx, 64);
    kith_status status = join_all(columns, parts, width, authors, list, &bytes);
    kith_buf_deinit(&bytes);
    return status;
}

static kith_status read_texts(kith_column_reader *columns, kith_value_list *list)
{
    kith_slice *texts = NULL;
    KITH_TRY(kith_text_column_read(columns, list->count, &texts));
    for (size_t i = 0; i < list->count; i++) {
        list->values[i].bytes = texts[i];
    }
    return KITH_OK;
}

static kith_status read_bytes(kith_column_reader *columns, kith_value_list *list)
{
    kith_numbers lengths;
    kith_slice joined;
    uint64_t total = 0;
    KITH_TRY(kith_numbers_read(columns, list->count, &lengths));
    for (size_t i = 0; i < list->count; i++) {
        uint64_t length = (uint64_t)lengths.items[i];
        KITH_ENSURE(length <= KITH_VALUE_BYTES_MAX, damaged(columns));
        total += length; /* at most 2^20 times 2^16 */
    }
    KITH_ENSURE(total <= columns->room, damaged(columns));
    KITH_TRY(kith_stream_read(columns, (size_t)total, KITH_STREAM_BYTES, &joined));
    for (size_t i = 0; i < list->count; i++) {
        list->values[i].bytes = kith_slice_head(joined, (size_t)lengths.items[i]);
        joined = kith_slice_skip(joined, (size_t)lengths.items[i]);
    }
    return KITH_OK;
}

kith_status kith_values_read(kith_column_reader *columns, const kith_author_table *authors,
                             kith_value_list *list)
{
    size_t width = numbers_of_type(list->type);
    KITH_TRY(width > 0             ? read_numbers(columns, width, authors, list)
             : is_text(list->type) ? read_texts(columns, list)
                                   : read_bytes(columns, list));
    for (size_t i = 0; i < list->count; i++) {
        list->values[i].type = list->type;
        KITH_ENSURE(kith_value_is_canonical(list->values[i]), damaged(columns));
    }
    return KITH_OK;
}
