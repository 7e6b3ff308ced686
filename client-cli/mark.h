/* The marks of replicas (kith_mark in kith/replica.h): files in the user's folder for state, apart
 * from the replicas, so that putting these back from a backup leaves them alone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_MARK_H
#define KITH_CLI_MARK_H

#include <kith/replica.h>

extern const kith_mark file_mark;

#endif
