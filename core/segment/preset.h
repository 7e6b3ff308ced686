/* The preset dictionary that tools/gen makes of proto/segment/preset-1.json.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SEGMENT_PRESET_H
#define KITH_SEGMENT_PRESET_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t kith_preset[];
extern const size_t kith_preset_bytes;

#endif
