/* Bundles in a file (proto/spec/bundle.md). Both ways stream: a segment at a time stands in memory,
 * and no transaction is open while the host's callbacks run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BUNDLE_BUNDLE_H
#define KITH_BUNDLE_BUNDLE_H

#include <kith/bundle.h>

#include "engine/share.h"
#include "wire/bundle.h"

/** As the functions of kith/bundle.h; options and figures have been checked. */
KITH_MUST_USE kith_status kith_bundle_write(kith_replica *replica,
                                            const kith_bundle_export_options *options,
                                            kith_bundle_written *written);
KITH_MUST_USE kith_status kith_bundle_read(kith_replica *replica,
                                           const kith_bundle_import_options *options,
                                           kith_bundle_taken *taken);

#endif
