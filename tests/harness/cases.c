/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char running_case[256];

static void tell_case_and_abort(int signal_number)
{
    (void)signal(signal_number, SIG_DFL);
    ssize_t written = write(STDERR_FILENO, running_case, strlen(running_case));
    (void)written;
    (void)raise(signal_number);
}

void cases_note(const char *format, ...)
{
    va_list arguments;
    (void)signal(SIGABRT, tell_case_and_abort);
    va_start(arguments, format);
    int length = vsnprintf(running_case, sizeof running_case - 1, format, arguments);
    va_end(arguments);
    assert_in_range(length, 1, sizeof running_case - 2);
    running_case[length] = '\n';
    running_case[length + 1] = '\0';
}

void cases_done(void)
{
    running_case[0] = '\0';
}

int cases_tell_failed(void **state)
{
    (void)state;
    if (running_case[0] != '\0') {
        print_error("%s", running_case);
        cases_done();
    }
    return 0;
}

/* Steele et al., "Fast splittable pseudorandom number generators" (OOPSLA 2014): seeds that follow
 * each other give unlike cases. */
static uint64_t following_seed(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

void cases_run(size_t count, void (*check)(uint64_t seed))
{
    uint64_t seed = test_seed();
    uint64_t source = seed;
    const char *most = getenv("KITH_CASES");
    size_t limit = most == NULL ? count : strtoul(most, NULL, 10);
    for (size_t i = 0; i < count && i < limit; i++) {
        cases_note("the case has KITH_TEST_SEED=%llu", (unsigned long long)seed);
        check(seed);
        seed = following_seed(&source);
    }
    cases_done();
}
