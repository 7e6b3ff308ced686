/* JSON for standard output: one object or JSON Lines, nothing else. With json.c the only user of
 * cJSON here. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_JSON_H
#define KITH_CLI_JSON_H

#include <stdio.h>

#include <kith/record.h>

typedef struct cJSON json_value;

json_value *json_object(void);
json_value *json_array(void);
void json_put_text(json_value *object, const char *name, const char *text);
void json_put_integer(json_value *object, const char *name, int64_t value);
void json_put_bool(json_value *object, const char *name, bool value);
void json_put_id(json_value *object, const char *name, kith_id id);
/** A moment as text, null if it is not known. */
void json_put_time(json_value *object, const char *name, int64_t unix_ms, int32_t trust);
/** Takes the item over. */
void json_put(json_value *object, const char *name, json_value *item);
void json_add(json_value *array, json_value *item);

/** Writes the text and a line's end, flushes, frees the tree. */
void json_print(FILE *file, json_value *root);

/** The text of a member of a JSON object, to be freed; NULL if there is none. */
char *json_read_member(kith_slice text, const char *name);

#endif
