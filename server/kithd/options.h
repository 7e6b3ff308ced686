/* How kithd is called: options, which stand before or behind the command, and a file of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_KITHD_OPTIONS_H
#define KITHD_KITHD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Exit codes, as the kith command has them (DESIGN §8). */
enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NOT_FOUND = 3, EXIT_DAMAGED = 5 };

enum { WORDS_MAX = 4, TEXT_MAX = 1024 };

typedef struct server_options {
    char data[TEXT_MAX];
    char address[TEXT_MAX]; /* numeric */
    uint16_t port;
    char tls[TEXT_MAX]; /* auto, off, or certificate and key with a comma between */
    bool is_open;
    uint64_t quota;        /* bytes a space */
    uint64_t device_quota; /* bytes a device in a space; 0 for none */
    unsigned timeout;      /* seconds */
    unsigned threads;      /* 0: the server's own choice */
    const char *words[WORDS_MAX];
    int word_count;
    bool wants_help;
    bool wants_version;
} server_options;

/** Reads a command line, and the file that --config names before the rest of the line. Says on
 *  standard error what is wrong.
 *
 *  @return 0, or the exit code */
int read_options(int argument_count, char **arguments, server_options *options);

/** Says something in the form of all of kithd's errors. Returns the code. */
int say_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
