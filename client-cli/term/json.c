/* SPDX-License-Identifier: Apache-2.0 */
#include "term/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "term/legible.h"
#include "term/output.h"
#include "term/text.h"

/* Past 2^53 other readers would round numbers; see core/codec/json.h. */
static const int64_t exact_integer_max = INT64_C(1) << 53;

static json_value *needed(json_value *item)
{
    if (item == NULL) {
        end_without_memory();
    }
    return item;
}

json_value *json_object(void)
{
    return needed(cJSON_CreateObject());
}

json_value *json_array(void)
{
    return needed(cJSON_CreateArray());
}

void json_put(json_value *object, const char *name, json_value *item)
{
    if (!cJSON_AddItemToObject(object, name, item)) {
        end_without_memory();
    }
}

void json_add(json_value *array, json_value *item)
{
    if (!cJSON_AddItemToArray(array, item)) {
        end_without_memory();
    }
}

/* JSON is UTF-8: other bytes, such as those of an argument, are written as "\xff" and the like.
 * NULL if the text is UTF-8 as it is, as nearly all are. */
static char *mended(const char *text)
{
    size_t bad_count = 0;
    for (size_t i = 0, bytes = 0; text[i] != '\0'; i += bytes == 0 ? 1 : bytes) {
        bytes = character_bytes(text + i);
        bad_count += bytes == 0;
    }
    if (bad_count == 0) {
        return NULL;
    }
    char *copy = malloc(strlen(text) + bad_count * ESCAPED_BYTE_SIZE + 1);
    if (copy == NULL) {
        end_without_memory();
    }
    char *end = copy;
    while (*text != '\0') {
        size_t bytes = character_bytes(text);
        if (bytes == 0) {
            escape_byte(*text++, end);
            end += ESCAPED_BYTE_SIZE - 1;
        } else {
            memcpy(end, text, bytes);
            end += bytes;
            text += bytes;
        }
    }
    *end = '\0';
    return copy;
}

void json_put_text(json_value *object, const char *name, const char *text)
{
    char *copy = mended(text);
    json_put(object, name, needed(cJSON_CreateString(copy != NULL ? copy : text)));
    free(copy);
}

void json_put_integer(json_value *object, const char *name, int64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    bool exact = value >= -exact_integer_max && value <= exact_integer_max;
    json_put(object, name, needed(exact ? cJSON_CreateRaw(digits) : cJSON_CreateString(digits)));
}

void json_put_bool(json_value *object, const char *name, bool value)
{
    json_put(object, name, needed(cJSON_CreateBool(value)));
}

void json_put_id(json_value *object, const char *name, kith_id id)
{
    char text[KITH_ID_TEXT_SIZE];
    kith_id_format(id, text);
    json_put_text(object, name, text);
}

void json_put_time(json_value *object, const char *name, int64_t unix_ms, int32_t trust)
{
    char text[TIME_TEXT_SIZE];
    if (trust == KITH_TIME_UNKNOWN) {
        json_put(object, name, needed(cJSON_CreateNull()));
        return;
    }
    format_time(unix_ms, text);
    json_put_text(object, name, text);
}

void json_print(FILE *file, json_value *root)
{
    char *text = cJSON_PrintUnformatted(root);
    if (text == NULL) {
        end_without_memory();
    }
    print_json_text(file, kith_slice_of(text));
    cJSON_free(text);
    cJSON_Delete(root);
}

char *json_read_member(kith_slice text, const char *name)
{
    cJSON *root = cJSON_ParseWithLength((const char *)text.data, text.length);
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(root, name);
    char *value = cJSON_IsString(member) ? strdup(member->valuestring) : NULL;
    cJSON_Delete(root);
    return value;
}
