/* Files as the streams that the library reads and writes. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_CLI_FILE_H
#define KITH_CLI_FILE_H

#include <stdio.h>

#include "app.h"

/* The longest text that the library takes in one piece (proto/spec/limits.md: a JSON text), and one
 * byte more, so that it sees that a text is too long and names the limit itself; a wrong file does
 * not fill the memory. */
enum { TEXT_BYTES_MAX = (1 << 20) + 1 };

/** Opens a file for reading, "-" for standard input; reports what is wrong.
 *
 *  @param bytes_out  its length if it is known, else 0 */
exit_code open_input(const cli *app, const char *path, FILE **file_out, uint64_t *bytes_out);

/** Closes what open_input() opened; NULL is fine. */
void close_input(FILE *file);

/** Reads a file, at most TEXT_BYTES_MAX of it; reports what is wrong.
 *
 *  @param bytes_out  free it; NULL on failure */
exit_code read_file(const cli *app, const char *path, uint8_t **bytes_out, size_t *length_out);

/** Reads a stream line by line. Start from {.file = …}. */
typedef struct line_reader {
    FILE *file;
    char *text; /* the line without its end, also ended by a NUL; free it when all is read */
    size_t length;
    size_t capacity;
    uint64_t number; /* of the line, counted from 1 */
} line_reader;

/** Reads the next line, at most TEXT_BYTES_MAX of it. A byte order mark in front of the first line
 *  and carriage returns at the ends of lines are left out.
 *
 *  @return false at the end of the stream, or if it cannot be read (ferror) */
bool read_line(line_reader *reader);

/** A file being written. It comes into its place when it is complete: what was there before stays
 *  until then. */
typedef struct output_file {
    const char *path;
    char *part_path; /* where it is written meanwhile; NULL if that is `path` itself */
    FILE *file;
} output_file;

/** Begins to write a file; reports what is wrong. End it with close_output(). */
exit_code open_output(const cli *app, const char *path, output_file *out);

/** Ends a file: with EXIT_DONE puts it in its place, on the disk, else removes it. Returns the
 *  code, or why the file could not be completed after reporting that. */
exit_code close_output(const cli *app, output_file *out, exit_code code);

/** Writes a small file in the same way, and says nothing. False with errno if it could not; what
 * was there is there still. */
bool write_file(const char *path, const char *text);

#endif
