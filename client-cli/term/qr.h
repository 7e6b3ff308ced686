/* A QR code on a terminal. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_QR_H
#define KITH_CLI_QR_H

#include <stdbool.h>

/** Prints a text as a QR code; false if it is too long for one. */
bool print_qr(const char *text);

#endif
