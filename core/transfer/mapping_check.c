/* Whether a mapping fits the schema: what would be wrong with every row is said once, before the
 * first. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "transfer/mapping.h"

/* What is being checked. */
typedef struct mapping_place {
    const kith_mapping *mapping;
    const kith_record_map *record;
    const kith_kind *kind;
    const kith_field *field;
} mapping_place;

static kith_status refuse(const mapping_place *place, const char *what)
{
    kith_slice field =
        place->field == NULL ? (kith_slice){NULL, 0} : kith_slice_of(place->field->name);
    return kith_mapping_refuse(place->mapping, place->record->name, field, what);
}

/* Each code of a text; a field that holds a set takes several, with ; or , between them. */
static kith_status check_codes(const mapping_place *place, kith_slice text)
{
    bool is_set = (place->field->flags & KITH_FIELD_MULTI) != 0;
    while (text.length > 0) {
        size_t length = 0;
        while (length < text.length &&
               !(is_set && (text.data[length] == ';' || text.data[length] == ','))) {
            length++;
        }
        kith_slice code = kith_slice_trim(kith_slice_head(text, length));
        if (code.length > 0 && kith_list_find_code(place->field->list, code) == NULL) {
            char what[160];
            (void)snprintf(what, sizeof what, "%.*s is not in the list %s",
                           KITH_SLICE_ARGUMENTS(kith_slice_head(code, 64)),
                           place->field->list->name);
            return refuse(place, what);
        }
        text = kith_slice_skip(text, length + 1);
    }
    return KITH_OK;
}

/* The codes that a mapping gives by itself; what cells hold is judged row by row. */
static kith_status check_constants(const mapping_place *place, const kith_field_map *map)
{
    bool is_translated = map->code_count > 0 || map->bound_count > 0;
    for (size_t i = 0; i < map->code_count; i++) {
        KITH_TRY(check_codes(place, map->codes[i].to));
    }
    for (size_t i = 0; i < map->bound_count; i++) {
        KITH_TRY(check_codes(place, map->bounds[i].to));
    }
    const kith_template *given = is_translated ? &map->otherwise : &map->from;
    bool is_constant = given->piece_count > 0 && kith_template_is_constant(given);
    return is_constant ? check_codes(place, given->pieces[0].text) : KITH_OK;
}

static kith_status check_refs(const mapping_place *place, const kith_field_map *map)
{
    KITH_ENSURE(place->field->type == KITH_TYPE_REF, refuse(place, "does not refer to records"));
    for (size_t i = 0; i < map->ref_count; i++) {
        KITH_ENSURE(
            kith_field_may_refer_to(place->field, place->mapping->records[map->refs[i]].kind),
            refuse(place, "may not refer to a record of that kind"));
    }
    return KITH_OK;
}

static kith_status check_field(mapping_place *place, const kith_field_map *map)
{
    place->field = kith_kind_find_field(place->kind, map->field);
    if (place->field == NULL) {
        char what[160];
        (void)snprintf(what, sizeof what,
                       "is no field of the kind; `kith schema show %.*s` lists them",
                       KITH_SLICE_ARGUMENTS(place->record->kind));
        return kith_mapping_refuse(place->mapping, place->record->name, map->field, what);
    }
    if (map->ref_count > 0) {
        return check_refs(place, map);
    }
    return place->field->type == KITH_TYPE_CODE ? check_constants(place, map) : KITH_OK;
}

kith_status kith_mapping_check(const kith_mapping *mapping, const kith_schema *schema)
{
    for (size_t i = 0; i < mapping->record_count; i++) {
        mapping_place place = {.mapping = mapping, .record = &mapping->records[i]};
        place.kind = kith_schema_find_kind(schema, place.record->kind);
        KITH_ENSURE(place.kind != NULL,
                    refuse(&place, "its kind is not known; `kith schema show` lists them"));
        for (size_t j = 0; j < place.record->field_count; j++) {
            KITH_TRY(check_field(&place, &place.record->fields[j]));
        }
    }
    return KITH_OK;
}
