/* SPDX-License-Identifier: Apache-2.0 */
#include "net/pause.h"

enum { FIRST_MS = 200, LAST_MS = 5000 };

uint32_t kith_pause_ms(uint32_t failures, uint32_t chance)
{
    uint32_t longest_ms = FIRST_MS;
    while (failures > 0 && longest_ms < LAST_MS) {
        longest_ms *= 2;
        failures--;
    }
    longest_ms = longest_ms < LAST_MS ? longest_ms : LAST_MS;
    /* Between half of it and all of it. */
    return longest_ms / 2 + chance % (longest_ms / 2 + 1);
}
