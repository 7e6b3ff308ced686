/* How long to wait before a broken transfer is taken up again. On a road in the hills the network
 * comes and goes by seconds: pauses are short, grow while nothing gets through, and are short again
 * once something did. Pure. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_NET_PAUSE_H
#define KITH_NET_PAUSE_H

#include <stdint.h>

/** The pause in milliseconds after `failures` tries in a row that moved nothing; `chance` is any
 *  number, so that devices that broke off together do not come back together. */
uint32_t kith_pause_ms(uint32_t failures, uint32_t chance);

#endif
