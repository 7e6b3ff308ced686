/* A state machine over the text, one byte of look-ahead, no recursion: what is expected next, and
 * for each open level whether it is an object. SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_check.h"

#include "text/utf8.h"

/* A number's characters. No exact value we take needs more than 40. */
enum { NUMBER_BYTES_MAX = 64 };

typedef enum expectation {
    WANT_VALUE,
    WANT_VALUE_OR_END, /* just behind [ */
    WANT_NAME,
    WANT_NAME_OR_END, /* just behind { */
    WANT_COLON,
    WANT_COMMA_OR_END,
    WANT_NOTHING
} expectation;

typedef struct checker {
    kith_context *cx;
    kith_slice text;
    size_t at;
    kith_buf *marked;
    size_t copied; /* the text up to here is in marked */
    expectation want;
    uint64_t objects; /* bit n: level n is an object */
    unsigned depth;
} checker;

static kith_status bad(checker *c, const char *what)
{
    return kith_fail(c->cx, KITH_E_SYNTAX, "JSON: %s at byte %zu", what, c->at + 1);
}

static int peek(const checker *c, size_t ahead)
{
    return c->at + ahead < c->text.length ? c->text.data[c->at + ahead] : -1;
}

/* Copies what has been checked and not copied yet. */
static void copy_checked(checker *c)
{
    kith_buf_append(c->marked, c->text.data + c->copied, c->at - c->copied);
    c->copied = c->at;
}

static size_t digits(const checker *c, size_t from)
{
    size_t count = 0;
    while (peek(c, from + count) >= '0' && peek(c, from + count) <= '9') {
        count++;
    }
    return count;
}

static kith_status check_number(checker *c)
{
    size_t length = peek(c, 0) == '-' ? 1 : 0;
    size_t whole = digits(c, length);
    KITH_ENSURE(whole == 1 || (whole > 1 && peek(c, length) != '0'), bad(c, "not a number"));
    length += whole;
    if (peek(c, length) == '.') {
        size_t fraction = digits(c, length + 1);
        KITH_ENSURE(fraction > 0, bad(c, "not a number"));
        length += 1 + fraction;
    }
    if (peek(c, length) == 'e' || peek(c, length) == 'E') {
        size_t sign = peek(c, length + 1) == '+' || peek(c, length + 1) == '-' ? 1 : 0;
        size_t exponent = digits(c, length + 1 + sign);
        KITH_ENSURE(exponent > 0, bad(c, "not a number"));
        length += 1 + sign + exponent;
    }
    KITH_ENSURE(length <= NUMBER_BYTES_MAX, bad(c, "a number with too many digits"));
    static const uint8_t opening[] = {'"', KITH_JSON_NUMBER_MARK};
    copy_checked(c);
    kith_buf_append(c->marked, opening, sizeof opening);
    c->at += length;
    copy_checked(c);
    kith_buf_append_text(c->marked, "\"");
    return KITH_OK;
}

/* The value of four hexadecimal digits, or -1. */
static int hex4(const checker *c, size_t from)
{
    int value = 0;
    for (size_t i = 0; i < 4; i++) {
        int byte = peek(c, from + i);
        int digit = byte >= '0' && byte <= '9'   ? byte - '0'
                    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static kith_status check_escape(checker *c)
{
    int letter = peek(c, 1);
    if (letter != 'u') {
        KITH_ENSURE(letter > 0 && strchr("\"\\/bfnrt", letter) != NULL, bad(c, "bad escape"));
        c->at += 2;
        return KITH_OK;
    }
    int first = hex4(c, 2);
    KITH_ENSURE(first >= 0, bad(c, "bad escape"));
    KITH_ENSURE(first != 0, bad(c, "a NUL character, which text cannot hold,"));
    KITH_ENSURE(first < 0xdc00 || first > 0xdfff, bad(c, "half a surrogate pair"));
    if (first >= 0xd800 && first <= 0xdbff) {
        int second = peek(c, 6) == '\\' && peek(c, 7) == 'u' ? hex4(c, 8) : -1;
        KITH_ENSURE(second >= 0xdc00 && second <= 0xdfff, bad(c, "half a surrogate pair"));
        c->at += 6;
    }
    c->at += 6;
    return KITH_OK;
}

static kith_status check_string(checker *c)
{
    c->at += 1;
    for (;;) {
        size_t plain = 0;
        int byte = peek(c, 0);
        while (byte >= 0x20 && byte != '"' && byte != '\\') {
            byte = peek(c, ++plain);
        }
        c->at += plain;
        if (byte == '"') {
            c->at += 1;
            return KITH_OK;
        }
        KITH_ENSURE(byte >= 0, bad(c, "a string without an end"));
        KITH_ENSURE(byte == '\\', bad(c, "a control character in a string"));
        KITH_TRY(check_escape(c));
    }
}

static kith_status open_level(checker *c, bool object)
{
    KITH_ENSURE(c->depth < KITH_JSON_DEPTH_MAX,
                kith_fail(c->cx, KITH_E_LIMIT, "JSON: more than %d levels at byte %zu",
                          KITH_JSON_DEPTH_MAX, c->at + 1));
    c->objects = c->objects << 1 | (object ? 1 : 0);
    c->depth++;
    c->at += 1;
    c->want = object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;
    return KITH_OK;
}

static void value_done(checker *c)
{
    c->want = c->depth == 0 ? WANT_NOTHING : WANT_COMMA_OR_END;
}

static kith_status close_level(checker *c, bool object)
{
    bool fits = c->depth > 0 && ((c->objects & 1) != 0) == object;
    KITH_ENSURE(fits, bad(c, "a bracket that closes nothing"));
    c->objects >>= 1;
    c->depth--;
    c->at += 1;
    value_done(c);
    return KITH_OK;
}

static kith_status check_literal(checker *c)
{
    static const char *const literals[] = {"true", "false", "null"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(literals); i++) {
        kith_slice literal = kith_slice_of(literals[i]);
        kith_slice here = kith_slice_skip(c->text, c->at);
        if (kith_slice_equal(kith_slice_head(here, literal.length), literal)) {
            c->at += literal.length;
            return KITH_OK;
        }
    }
    return bad(c, "no value");
}

static kith_status check_value(checker *c)
{
    int byte = peek(c, 0);
    if (byte == '{' || byte == '[') {
        return open_level(c, byte == '{');
    }
    if (byte == '"') {
        KITH_TRY(check_string(c));
    } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
        KITH_TRY(check_number(c));
    } else {
        KITH_TRY(check_literal(c));
    }
    value_done(c);
    return KITH_OK;
}

static kith_status check_name(checker *c)
{
    KITH_ENSURE(peek(c, 0) == '"', bad(c, "no name of a member"));
    KITH_TRY(check_string(c));
    c->want = WANT_COLON;
    return KITH_OK;
}

static kith_status check_comma_or_end(checker *c)
{
    bool object = (c->objects & 1) != 0;
    int byte = peek(c, 0);
    if (byte == ',') {
        c->at += 1;
        c->want = object ? WANT_NAME : WANT_VALUE;
        return KITH_OK;
    }
    KITH_ENSURE(byte == (object ? '}' : ']'), bad(c, "no comma and no end"));
    return close_level(c, object);
}

static kith_status check_next(checker *c)
{
    int byte = peek(c, 0);
    switch (c->want) {
    case WANT_VALUE_OR_END:
        return byte == ']' ? close_level(c, false) : check_value(c);
    case WANT_VALUE:
        return check_value(c);
    case WANT_NAME_OR_END:
        return byte == '}' ? close_level(c, true) : check_name(c);
    case WANT_NAME:
        return check_name(c);
    case WANT_COLON:
        KITH_ENSURE(byte == ':', bad(c, "no colon"));
        c->at += 1;
        c->want = WANT_VALUE;
        return KITH_OK;
    case WANT_COMMA_OR_END:
        return check_comma_or_end(c);
    case WANT_NOTHING:
        break;
    }
    return bad(c, "more text behind the value");
}

kith_status kith_json_check(kith_context *cx, kith_slice text, kith_buf *marked)
{
    KITH_ENSURE(text.length <= KITH_JSON_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "JSON: more than %zu bytes", KITH_JSON_BYTES_MAX));
    size_t valid = kith_utf8_valid_bytes(text);
    KITH_ENSURE(valid == text.length,
                kith_fail(cx, KITH_E_SYNTAX, "JSON: not UTF-8 at byte %zu", valid + 1));
    checker c = {.cx = cx, .text = text, .marked = marked, .want = WANT_VALUE};
    while (c.at < text.length) {
        int byte = peek(&c, 0);
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
            c.at++;
        } else {
            KITH_TRY(check_next(&c));
        }
    }
    KITH_ENSURE(c.want == WANT_NOTHING, bad(&c, "the text ends too early"));
    copy_checked(&c);
    return kith_buf_status(marked);
}

/* Walks one object's names against each other. Objects are small: the largest kind has sixty
 * fields. A text of KITH_JSON_BYTES_MAX that is all names would take minutes, hence the bound. */
enum { NAMES_IN_OBJECT_MAX = 1024 };

static kith_status check_object(kith_context *cx, const kith_json *object)
{
    size_t count = 0;
    for (const kith_json *a = kith_json_first(object); a != NULL; a = kith_json_next(a)) {
        KITH_ENSURE(++count <= NAMES_IN_OBJECT_MAX,
                    kith_fail(cx, KITH_E_LIMIT, "JSON: more than %d names in one object",
                              NAMES_IN_OBJECT_MAX));
        for (const kith_json *b = kith_json_first(object); b != a; b = kith_json_next(b)) {
            KITH_ENSURE(!kith_json_same_name(a, b),
                        kith_fail(cx, KITH_E_SYNTAX, "JSON: the name \"%.*s\" stands twice",
                                  KITH_SLICE_ARGUMENTS(kith_slice_head(kith_json_name(a), 64))));
        }
    }
    return KITH_OK;
}

kith_status kith_json_check_names(kith_context *cx, const kith_json *json)
{
    /* Depth first without recursion; the depth was checked. */
    const kith_json *trail[KITH_JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    const kith_json *node = json;
    while (node != NULL) {
        if (kith_json_type_of(node) == KITH_JSON_OBJECT) {
            KITH_TRY(check_object(cx, node));
        }
        const kith_json *child = kith_json_first(node);
        if (child != NULL) {
            trail[depth++] = node;
            node = child;
            continue;
        }
        while (depth > 0 && (node == json || kith_json_next(node) == NULL)) {
            node = trail[--depth];
        }
        node = node == json ? NULL : kith_json_next(node);
    }
    return KITH_OK;
}
