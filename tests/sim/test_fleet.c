/* Fleets of devices with a relay, thousands of them, each from one seed: links that break at any
 * byte, clocks decades wrong, power cuts, full disks, backups put back on devices and relay, a lost
 * relay, new keys, revocations. Afterwards all members are equal, nothing that anybody had is
 * missing or doubled, and nobody is stuck. SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cases.h"
#include "fleet.h"

static void check_fleet(uint64_t seed)
{
    fleet f;
    fleet_begin(&f, seed);
    uint64_t steps = 30 + test_below(&f.random, 40);
    for (uint64_t i = 0; i < steps; i++) {
        cases_note("seed %llu, step %llu", (unsigned long long)seed, (unsigned long long)i);
        fleet_step(&f);
    }
    cases_note("seed %llu, healing", (unsigned long long)seed);
    fleet_heal(&f);
    fleet_end(&f);
}

static void test_fleet__ends_with_all_members_equal(void **state)
{
    const char *wanted = getenv("KITH_SIM_CASES");
    (void)state;
    cases_run(wanted == NULL ? 2500 : strtoul(wanted, NULL, 10), check_fleet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        property_test(test_fleet__ends_with_all_members_equal),
    };
    return cmocka_run_group_tests_name("sim/fleet", tests, NULL, NULL);
}
