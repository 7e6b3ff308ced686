/* All that a replica tells, as one text: its whole history and each record as it stands. Does not
 * make the replica write what it put off. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_DUMP_H
#define KITH_TESTS_DUMP_H

#include <kith/history.h>

#include "harness.h"

/** The text, to be freed with free(3); on failure NULL with the status of the call that failed. */
kith_status dump_replica(kith_replica *replica, char **text_out);

/** Fails the test unless the two are the same; tells where they part. */
void dump_assert_equal(const char *actual, const char *expected);

#endif
