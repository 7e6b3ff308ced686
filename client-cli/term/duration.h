/* Lengths of time as people type them. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_DURATION_H
#define KITH_CLI_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/** Reads "7d", "12h" or "30m"; false if it is none, or longer than a hundred years. */
bool read_duration(const char *text, int64_t *ms_out);

#endif
