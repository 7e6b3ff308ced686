/* SPDX-License-Identifier: Apache-2.0 */
#include "term/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "term/text.h"

/* Past 2^53 other readers would round numbers; see core/codec/json.h. */
static const int64_t exact_integer_max = INT64_C(1) << 53;

/* A command that cannot get a few hundred bytes has nothing left to say. */
static json_value *needed(json_value *item)
{
    if (item == NULL) {
        (void)fputs("kith: out of memory\n", stderr);
        exit(EXIT_FAILURE);
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
        (void)needed(NULL);
    }
}

void json_add(json_value *array, json_value *item)
{
    if (!cJSON_AddItemToArray(array, item)) {
        (void)needed(NULL);
    }
}

void json_put_text(json_value *object, const char *name, const char *text)
{
    json_put(object, name, needed(cJSON_CreateString(text)));
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
        (void)needed(NULL);
    }
    (void)fprintf(file, "%s\n", text);
    (void)fflush(file);
    cJSON_free(text);
    cJSON_Delete(root);
}

char *json_read_member(const char *text, size_t length, const char *name)
{
    cJSON *root = cJSON_ParseWithLength(text, length);
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(root, name);
    char *value = cJSON_IsString(member) ? strdup(member->valuestring) : NULL;
    cJSON_Delete(root);
    return value;
}
