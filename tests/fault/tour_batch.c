/* Batches: many edits, durable together or not at all. SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tour.h"

/* The last value of a list of them. */
#define END        \
    {              \
        NULL, NULL \
    }

/* Edits of a batch; each text is longer than what the tail of the log is made for. */
enum { BATCH_EDITS = 6, BATCH_TEXT_BYTES = 50000 };

static kith_status set_number(kith_replica *replica, kith_id id, const char *field, unsigned number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", number);
    return tour_change(replica, id, (const tour_value[]){{field, text}, END});
}

/* Ends a batch, or takes it back after a failure. The detail stays the failure's. */
static kith_status end_batch(kith_replica *replica, kith_status status)
{
    if (status == KITH_OK) {
        return kith_batch_end(replica);
    }
    kith_batch_cancel(replica);
    return status;
}

static kith_status work_in_batch(tour *t)
{
    char text[BATCH_TEXT_BYTES];
    memset(text, '-', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (unsigned i = 0; i < BATCH_EDITS; i++) {
        text[0] = (char)('!' + i);
        KITH_TRY(tour_change(t->a, t->places[6], (const tour_value[]){{"remarks", text}, END}));
        KITH_TRY(set_number(t->a, t->places[7], "population", 100 + i));
    }
    return KITH_OK;
}

static kith_status batch(tour *t)
{
    KITH_TRY(kith_batch_begin(t->a));
    return end_batch(t->a, work_in_batch(t));
}

static kith_status cancelled_batch(tour *t)
{
    char text[16];
    KITH_TRY(kith_batch_begin(t->a));
    kith_status status = set_number(t->a, t->places[8], "population", 4);
    kith_batch_cancel(t->a);
    KITH_TRY(status);
    KITH_TRY(tour_read(t->a, t->places[8], "population", text, sizeof text));
    assert_string_equal(text, "");
    return KITH_OK;
}

/* An edit that is refused takes nothing else of the batch with it. */
static kith_status refuse_in_batch(tour *t)
{
    KITH_TRY(set_number(t->a, t->places[8], "households", 8));
    kith_status status =
        tour_change(t->a, t->places[8], (const tour_value[]){{"households", "many"}, END});
    KITH_ENSURE(status == KITH_E_REFUSED, status);
    return set_number(t->a, t->places[9], "households", 9);
}

static kith_status batch_with_refusal(tour *t)
{
    KITH_TRY(kith_batch_begin(t->a));
    return end_batch(t->a, refuse_in_batch(t));
}

static kith_status read_and_list(tour *t)
{
    char text[16];
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    kith_status status = tour_read(t->a, t->places[0], "population", text, sizeof text);
    kith_status list_status = kith_list_records(t->a, &options, &list);
    kith_list_free(list);
    return status != KITH_OK ? status : list_status;
}

/* A read that fails may take the whole batch back. Then what follows says so, to a program that did
 * not look at what the read answered, and nothing is kept of what came after it alone. */
static kith_status work_between_reads(tour *t)
{
    KITH_TRY(set_number(t->a, t->places[10], "households", 10));
    (void)read_and_list(t);
    return set_number(t->a, t->places[11], "households", 11);
}

static kith_status stubborn_batch(tour *t)
{
    KITH_TRY(kith_batch_begin(t->a));
    return end_batch(t->a, work_between_reads(t));
}

const tour_step tour_batch_steps[] = {{"batch", batch, false},
                                      {"cancelled batch", cancelled_batch, true},
                                      {"batch with a refusal", batch_with_refusal, false},
                                      {"stubborn batch", stubborn_batch, false},
                                      {NULL, NULL, false}};
