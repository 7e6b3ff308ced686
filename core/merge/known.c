/* SPDX-License-Identifier: Apache-2.0 */
#include "merge/known.h"

int kith_known_compare(const kith_known *known, kith_dot a, kith_dot b)
{
    if (a.author == b.author) {
        return kith_dot_compare(a, b);
    }
    return kith_id_compare(kith_known_id(known, a), kith_known_id(known, b));
}

kith_stamp kith_known_stamp(const kith_known *known, kith_dot dot, kith_stamp stamp)
{
    for (size_t i = known->correction_count; i > 0; i--) {
        const kith_correction *correction = &known->corrections[i - 1];
        if (correction->author == dot.author && correction->first <= dot.number &&
            dot.number <= correction->last) {
            stamp.ms += correction->offset_ms;
            stamp.trust = KITH_TRUST_CONFIRMED;
            return stamp;
        }
    }
    return stamp;
}
