/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/checksum.h"

#define ZLIB_CONST /* input is const, as it should be */
#include <zlib.h>

uint32_t kith_checksum(uint32_t before, kith_slice bytes)
{
    return bytes.length == 0 ? before : (uint32_t)crc32_z(before, bytes.data, bytes.length);
}
