/* Bundles that devices hand to each other, in memory. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_BUNDLES_H
#define KITH_TESTS_BUNDLES_H

#include <kith/bundle.h>

#include "base/buf.h"
#include "device.h"

/** Writes a bundle, for the device that has a key or, with "", for anybody, in place of what is in
 *  `bytes`. `written` may be NULL. */
kith_status bundle_write(test_device *device, const char *key, kith_buf *bytes,
                         kith_bundle_written *written);

/** The same with other options; what it is written to is filled in. */
kith_status bundle_write_with(test_device *device, kith_bundle_export_options options,
                              kith_buf *bytes, kith_bundle_written *written);

/** Takes a bundle in, in pieces of so many bytes; `taken` may be NULL. */
kith_status bundle_read(test_device *device, kith_slice bytes, size_t piece,
                        kith_bundle_taken *taken);

/** Hands all that a device has to another; both must go well. */
kith_bundle_taken bundle_hand(test_device *from, test_device *to);

/** Room for a bundle. */
void bundle_init(kith_buf *bytes);

#endif
