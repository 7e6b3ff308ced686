/* Definitions that extend the schema: what strict reading takes, lenient reading takes too, and
 * what was read can be written and read again. SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "schema/schema.h"

static kith_context cx;

static void write_and_read(const kith_schema *schema, kith_schema_mode mode)
{
    kith_buf text;
    kith_schema again;
    kith_buf_init(&text, &cx, (size_t)1 << 24);
    FUZZ_ENSURE(kith_schema_write(schema, NULL, NULL, &text) == KITH_OK);
    if (text.length <= (size_t)1 << 20) { /* what one JSON text may hold */
        FUZZ_ENSURE(kith_schema_init(&again, &cx) == KITH_OK);
        FUZZ_ENSURE(kith_schema_extend(&again, kith_buf_slice(&text), mode) == KITH_OK);
        FUZZ_ENSURE(again.kind_count == schema->kind_count);
        kith_schema_deinit(&again);
    }
    kith_buf_deinit(&text);
}

static kith_status extend(kith_slice definition, kith_schema_mode mode)
{
    kith_schema schema;
    FUZZ_ENSURE(kith_schema_init(&schema, &cx) == KITH_OK);
    kith_status status = kith_schema_extend(&schema, definition, mode);
    if (status == KITH_OK) {
        write_and_read(&schema, mode);
    }
    kith_schema_deinit(&schema);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_slice definition = {data, size};
    FUZZ_ENSURE(kith_context_init(&cx, NULL) == KITH_OK);
    kith_status strict = extend(definition, KITH_SCHEMA_STRICT);
    kith_status lenient = extend(definition, KITH_SCHEMA_LENIENT);
    FUZZ_ENSURE(strict != KITH_OK || lenient == KITH_OK);
    FUZZ_ENSURE(strict == KITH_OK || strict == KITH_E_SYNTAX || strict == KITH_E_REFUSED ||
                strict == KITH_E_LIMIT);
    return 0;
}
