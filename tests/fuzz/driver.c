/* Runs a target over files and folders of files, where libFuzzer is not there to do it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned inputs;

static int run_file(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)walk;
    static uint8_t data[1 << 20];
    if (type != FTW_F) {
        return 0;
    }
    FILE *file = fopen(path, "rb");
    FUZZ_ENSURE(file != NULL);
    size_t size = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    inputs++;
    return 0;
}

int main(int argument_count, char **arguments)
{
    for (int i = 1; i < argument_count; i++) {
        if (nftw(arguments[i], run_file, 16, FTW_PHYS) != 0) {
            return EXIT_FAILURE;
        }
    }
    (void)printf("%u inputs\n", inputs);
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
