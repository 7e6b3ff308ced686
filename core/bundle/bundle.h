/* Bundles in a file (proto/spec/bundle.md). Both ways stream: a segment at a time stands in memory,
 * and no transaction is open while the host's callbacks run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BUNDLE_BUNDLE_H
#define KITH_BUNDLE_BUNDLE_H

#include <kith/bundle.h>

#include "engine/share.h"
#include "wire/bundle.h"

/** As the functions of kith/bundle.h; options and figures have been checked. */
KITH_MUST_USE kith_status kith_bundle_write(kith_replica *const *replicas, size_t count,
                                            const kith_bundle_export_options *options,
                                            kith_bundle_written *written);
KITH_MUST_USE kith_status kith_bundle_read(kith_replica *const *replicas, size_t count,
                                           const kith_bundle_import_options *options,
                                           kith_bundle_taken *taken);

/** Takes in what replicas carried for each other before one of them joined the space. */
KITH_MUST_USE kith_status kith_bundle_adopt(kith_replica *const *replicas, size_t count);

/** Hands the detail of a failure of one replica to the first, which tells it. */
kith_status kith_bundle_failed(kith_replica *first, const kith_replica *failed, kith_status status);

#endif
