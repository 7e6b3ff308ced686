/* What keeps requests from being repeated by others and from coming too often. Bounded, whoever
 * asks; any thread. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_HTTP_GUARD_H
#define KITHD_HTTP_GUARD_H

#include "wire/request.h"

typedef struct kithd_guard kithd_guard;

KITH_MUST_USE kith_status kithd_guard_new(kith_context *cx, kithd_guard **guard_out);
void kithd_guard_free(kithd_guard *guard);

/** Judges a proven request: its time, whether it was seen before, whether its device asks too
 *  often.
 *
 *  @return KITH_OK; KITH_E_TIME if its time is more than five minutes off; KITH_E_DENIED if it was
 *          seen; KITH_E_BUSY if the device must wait */
KITH_MUST_USE kith_status kithd_guard_judge(kithd_guard *guard, const kith_request_proof *proof,
                                            int64_t now_ms);

/** Judges by where a request comes from, before anything of it is looked at: KITH_E_BUSY if too
 *  many come from there. `address` is binary, of four or sixteen bytes. */
KITH_MUST_USE kith_status kithd_guard_judge_address(kithd_guard *guard, kith_slice address,
                                                    int64_t now_ms);

#endif
