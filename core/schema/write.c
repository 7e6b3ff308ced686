/* The schema as JSON, for `kith schema show`, the page and other programs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"
#include "schema/schema.h"

static void write_names(kith_json_writer *w, const char *name, const char *const *names)
{
    kith_json_put_array(w, name);
    for (; names != NULL && *names != NULL; names++) {
        kith_json_put_text(w, NULL, kith_slice_of(*names));
    }
    kith_json_put_end(w);
}

static void write_flag(kith_json_writer *w, const char *name, uint32_t flags, uint32_t flag)
{
    if ((flags & flag) != 0) {
        kith_json_put_bool(w, name, true);
    }
}

static void write_field(kith_json_writer *w, const kith_field *field, const char *label)
{
    kith_json_put_object(w, NULL);
    kith_json_put_text(w, "name", kith_slice_of(field->name));
    kith_json_put_text(w, "label", kith_slice_of(label));
    kith_json_put_text(w, "type", kith_slice_of(kith_field_type_name(field)));
    if (field->list != NULL) {
        kith_json_put_text(w, "list", kith_slice_of(field->list->name));
    }
    if (field->targets != NULL) {
        write_names(w, "to", field->targets);
    }
    if (field->min != INT64_MIN) {
        kith_json_put_integer(w, "min", field->min);
    }
    if (field->max != INT64_MAX) {
        kith_json_put_integer(w, "max", field->max);
    }
    if (field->default_text != NULL) {
        kith_json_put_text(w, "default", kith_slice_of(field->default_text));
    }
    if (field->sensitivity != NULL) {
        kith_json_put_text(w, "sensitivity", kith_slice_of(field->sensitivity));
    }
    write_flag(w, "required", field->flags, KITH_FIELD_REQUIRED);
    write_flag(w, "quick", field->flags, KITH_FIELD_QUICK);
    write_flag(w, "pii", field->flags, KITH_FIELD_PII);
    write_flag(w, "multiline", field->flags, KITH_FIELD_MULTILINE);
    write_flag(w, "exact", field->flags, KITH_FIELD_EXACT);
    write_flag(w, "auto", field->flags, KITH_FIELD_AUTO);
    kith_json_put_end(w);
}

static void write_kind(kith_json_writer *w, const kith_schema *schema, const kith_kind *kind,
                       const char *language)
{
    kith_json_put_object(w, kind->name);
    kith_json_put_text(w, "label", kith_slice_of(kith_kind_label(schema, kind, language)));
    if (kind->description != NULL) {
        kith_json_put_text(w, "description", kith_slice_of(kind->description));
    }
    kith_json_put_text(w, "default_sensitivity", kith_slice_of(kind->sensitivity));
    write_flag(w, "hidden", kind->flags, KITH_KIND_HIDDEN);
    write_names(w, "title_fields", kind->title_fields);
    kith_json_put_array(w, "fields");
    for (size_t i = 0; i < kind->field_count; i++) {
        const kith_field *field = &kind->fields[i];
        write_field(w, field, kith_field_label(schema, kind, field, language));
    }
    kith_json_put_end(w);
    kith_json_put_end(w);
}

static void write_list(kith_json_writer *w, const kith_schema *schema, const kith_code_list *list,
                       const char *language)
{
    kith_json_put_object(w, list->name);
    kith_json_put_array(w, "items");
    for (size_t i = 0; i < list->code_count; i++) {
        const kith_code *code = &list->codes[i];
        kith_json_put_object(w, NULL);
        kith_json_put_text(w, "code", kith_slice_of(code->code));
        kith_json_put_text(w, "label",
                           kith_slice_of(kith_code_label(schema, list, code, language)));
        kith_json_put_end(w);
    }
    kith_json_put_end(w);
    kith_json_put_end(w);
}

static bool uses_list(const kith_kind *kind, const kith_code_list *list)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].list != NULL && strcmp(kind->fields[i].list->name, list->name) == 0) {
            return true;
        }
    }
    return false;
}

kith_status kith_schema_write(const kith_schema *schema, const kith_kind *kind,
                              const char *language, kith_buf *out)
{
    kith_json_writer w;
    kith_json_writer_init(&w, schema->cx);
    kith_json_put_object(&w, NULL);
    kith_json_put_object(&w, "kinds");
    for (size_t i = 0; i < schema->kind_count; i++) {
        if (kind == NULL || kind == schema->kinds[i]) {
            write_kind(&w, schema, schema->kinds[i], language);
        }
    }
    kith_json_put_end(&w);
    kith_json_put_object(&w, "code_lists");
    for (size_t i = 0; i < schema->list_count; i++) {
        if (kind == NULL || uses_list(kind, schema->lists[i])) {
            write_list(&w, schema, schema->lists[i], language);
        }
    }
    kith_json_put_end(&w);
    kith_json_put_end(&w);
    return kith_json_writer_finish(&w, out);
}
