/* What can be recorded: kinds, their fields, code lists, and labels in the worker's language.
 *
 * A replica's schema is the built-in one (proto/schema, proto/codes) and what its space added to it
 * with kith_schema_add(). Everything here is borrowed: it lives until the replica's schema changes
 * (kith_schema_add, or changes that arrive from another device) or the replica is closed.
 * Structures belong to the library and may grow at their end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_SCHEMA_H
#define KITH_SCHEMA_H

#include <kith/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Types of values, with the one text form that the command line, CSV and JSON share. Written into
 *  every stored value: never renumbered. */
enum {
    KITH_TYPE_TEXT = 1,    /* any text of up to 64 KiB without control characters */
    KITH_TYPE_INT = 2,     /* -9223372036854775808 to 9223372036854775807 */
    KITH_TYPE_DECIMAL = 3, /* 12.5: eighteen digits, no exponent */
    KITH_TYPE_BOOL = 4,    /* yes, no (read also: true, false, 1, 0) */
    KITH_TYPE_DATE = 5,    /* 2009-03-14, 2009-03, 2009, ~2009, 2009-01..2009-06 */
    KITH_TYPE_CODE = 6,    /* one of a code list */
    KITH_TYPE_REF = 7,     /* another record's id */
    KITH_TYPE_GEO = 8,     /* 25.57880,91.89330: degrees north, degrees east, to about a metre */
    KITH_TYPE_PHONE = 9,   /* +919863012345: three to fifteen digits (ITU-T E.164) */
    KITH_TYPE_BLOB = 10    /* sha256-<64 hexadecimal digits> of a file's bytes */
};

enum {
    KITH_FIELD_REQUIRED = 1,   /* a record cannot be saved without */
    KITH_FIELD_QUICK = 2,      /* on the short form */
    KITH_FIELD_PII = 4,        /* identifies a person */
    KITH_FIELD_MULTI = 8,      /* holds a set of values */
    KITH_FIELD_MULTILINE = 16, /* text of several lines */
    KITH_FIELD_EXACT = 32,     /* a date to the day: deadlines run from it */
    KITH_FIELD_AUTO = 64       /* filled by a program, not asked on forms */
};

typedef struct kith_code {
    const char *code;
    const char *label; /* English */
} kith_code;

typedef struct kith_code_list {
    const char *name;
    const kith_code *codes; /* in the order to show; reach items with kith_list_code() */
    uint32_t code_count;
} kith_code_list;

typedef struct kith_field {
    const char *name;
    const char *label;          /* English */
    int32_t type;               /* KITH_TYPE_… */
    uint32_t flags;             /* KITH_FIELD_… */
    const kith_code_list *list; /* codes: the list; else NULL */
    const char *const
        *targets;             /* references: the kinds they may point to, ended by NULL; or NULL */
    const char *sensitivity;  /* who may see it; NULL as its kind */
    const char *default_text; /* filled in when left out, "today" for today; or NULL */
    int64_t min;              /* numbers: least and greatest value accepted */
    int64_t max;
} kith_field;

enum { KITH_KIND_HIDDEN = 1 /* kept by programs, not shown in lists of kinds */ };

typedef struct kith_kind {
    const char *name;
    const char *label;        /* English */
    const char *description;  /* English, or NULL */
    const char *sensitivity;  /* who may see its records, unless a field says otherwise */
    uint32_t flags;           /* KITH_KIND_… */
    const kith_field *fields; /* in the order to ask; reach items with kith_kind_field() */
    uint32_t field_count;
    const char *const *title_fields; /* fields that make up a record's title, ended by NULL */
} kith_kind;

/** A replica's schema; see kith_replica_schema(). */
typedef struct kith_schema kith_schema;

/** How many kinds there are, hidden ones too. */
KITH_API size_t kith_schema_kind_count(const kith_schema *schema);

/** A kind by position, in the order of names; NULL past the end. */
KITH_API const kith_kind *kith_schema_kind(const kith_schema *schema, size_t index);

/** A kind by name, or NULL. */
KITH_API const kith_kind *kith_schema_find_kind(const kith_schema *schema, kith_slice name);

/** A code list by name, or NULL. */
KITH_API const kith_code_list *kith_schema_find_list(const kith_schema *schema, kith_slice name);

/** A kind's field by position; NULL past the end. */
KITH_API const kith_field *kith_kind_field(const kith_kind *kind, size_t index);

/** A kind's field by name, or NULL. */
KITH_API const kith_field *kith_kind_find_field(const kith_kind *kind, kith_slice name);

/** A list's code by position; NULL past the end. */
KITH_API const kith_code *kith_list_code(const kith_code_list *list, size_t index);

/** A code by its text, or NULL. */
KITH_API const kith_code *kith_list_find_code(const kith_code_list *list, kith_slice code);

/** The name of a field's type as schema files write it, such as "multi-code". Static. */
KITH_API const char *kith_field_type_name(const kith_field *field);

/** What a field takes, in words: "a date such as 2009-03-14, …", "one of female, male, …".
 *
 *  @param text  receives at most `size` bytes, NUL-terminated, cut with "…" if longer */
KITH_API void kith_field_accepted(const kith_field *field, char *text, size_t size);

/** Labels in a language, by ISO 639-3 code ("asm", "ben", "hin" …); English where the language or
 *  the label is not there. The first one in a language unpacks all of them into the schema's memory
 *  (some 50 KB); without that memory they are English too. Borrowed as everything here. */
KITH_API const char *kith_kind_label(const kith_schema *schema, const kith_kind *kind,
                                     const char *language);
KITH_API const char *kith_field_label(const kith_schema *schema, const kith_kind *kind,
                                      const kith_field *field, const char *language);
KITH_API const char *kith_code_label(const kith_schema *schema, const kith_code_list *list,
                                     const kith_code *code, const char *language);

/** The languages that have labels: code by position, NULL past the end. Static; any thread. */
KITH_API const char *kith_language(size_t index);

#ifdef __cplusplus
}
#endif

#endif
