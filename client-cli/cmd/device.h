/* Finding a device of the space by what people call it. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_DEVICE_H
#define KITH_CLI_DEVICE_H

#include <kith/space.h>

#include "app.h"

/** The key of the device that a word means: an id of its record, or "key:" and the first digits of
 *  the key. Says so if there is none, or more than one. */
exit_code find_device_key(const cli *app, const char *word, char key_out[KITH_DEVICE_KEY_SIZE]);

#endif
