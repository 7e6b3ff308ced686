/* What json.c has checked before cJSON parses. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CODEC_JSON_CHECK_H
#define KITH_CODEC_JSON_CHECK_H

#include "codec/json.h"

/* Stands before a number's characters in the marked text: a byte that no UTF-8 text holds. */
#define KITH_JSON_NUMBER_MARK 0xff

/** Checks the text against RFC 8259 and the limits, and appends it to `marked` with every number
 *  turned into a string that starts with the mark. KITH_E_SYNTAX names the place. */
KITH_MUST_USE kith_status kith_json_check(kith_context *cx, kith_slice text, kith_buf *marked);

/** KITH_E_SYNTAX if a name stands twice in one object of the tree. */
KITH_MUST_USE kith_status kith_json_check_names(kith_context *cx, const kith_json *json);

#endif
