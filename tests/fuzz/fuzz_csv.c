/* CSV and its mapping: up to the first NUL byte the mapping, behind it the file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <kith/transfer.h>

#include "fuzz.h"

static const char mapping[] =
    "{\"source\":\"fuzz\",\"columns\":[\"a\",\"b\",\"c\"],\"records\":["
    "{\"name\":\"p\",\"kind\":\"place\",\"key\":\"{a}\",\"fields\":{\"name\":\"{a}\",\"type\":"
    "{\"from\":\"{b}\",\"codes\":{\"v\":\"village\"},\"else\":\"other\"},\"remarks\":\"{b}[, "
    "{c}]\"}},"
    "{\"kind\":\"visit\",\"when\":\"{c}\",\"fields\":{\"place\":{\"ref\":\"p\"},\"date\":{\"from\":"
    "\"{c}\",\"date\":\"%d-%b-%y\"},\"purpose\":\"mapping\",\"result\":\"done\"}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
    fuzz_stream stream = {data, size};
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    options.mapping = kith_slice_of(mapping);
    if (nul != NULL) {
        options.mapping = (kith_slice){data, (size_t)(nul - data)};
        stream = (fuzz_stream){nul + 1, size - (size_t)(nul - data) - 1};
    }
    options.read = fuzz_read;
    options.user = &stream;
    kith_status status = kith_import_csv(fuzz_replica(), &options, &report);
    FUZZ_ENSURE(status == KITH_OK || status == KITH_E_SYNTAX || status == KITH_E_REFUSED ||
                status == KITH_E_LIMIT);
    FUZZ_ENSURE(status == KITH_OK || nul != NULL);
    return 0;
}
