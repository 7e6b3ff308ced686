/* Records and edits of the shape of workload W1 (DESIGN §9): fifteen short fields and one note a
 * record, edits mostly of notes, dates and phones. Deterministic. The words are those of field
 * notes from the region, so that text is measured on text. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_BENCH_WORKLOAD_H
#define KITH_BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

typedef struct workload {
    uint64_t state;
    uint64_t made; /* records so far */
} workload;

/** A schema file for the kind bench_case. */
extern const char workload_schema[];

workload workload_of(uint64_t seed);

/** The next record as a line of JSON Lines with a key, NUL-terminated. Returns its length. */
size_t workload_record(workload *w, char *line, size_t size);

/** A field and a new value for it. */
void workload_edit(workload *w, const char **field_out, char *value, size_t size);

/** Words that somebody might look for: names, misspelt names, places, words of notes, phones. */
void workload_question(workload *w, char *words, size_t size);

uint64_t workload_below(workload *w, uint64_t bound);

#endif
