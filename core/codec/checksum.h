/* Finds bytes that changed by accident. It proves nothing against people who change them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CODEC_CHECKSUM_H
#define KITH_CODEC_CHECKSUM_H

#include "base/slice.h"

/** The CRC-32 of the bytes (RFC 1952 §8), going on from that of the bytes before; 0 at first. */
uint32_t kith_checksum(uint32_t before, kith_slice bytes);

#endif
