/* A walk through the whole public API, in steps that can fail and be taken again. Two replicas on
 * one disk: A, which is in the hands of the tour, and B, which it exchanges changes with.
 *
 * A step stands for one piece of work of a program. It answers KITH_OK when the work is done, else
 * the status that stopped it, and then can be tried again. What it leaves follows from its number
 * alone (outside.h): however often steps failed before they were done, in the end the replicas must
 * tell exactly what they tell when nothing ever failed. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TESTS_TOUR_H
#define KITH_TESTS_TOUR_H

#include <kith/edit.h>
#include <kith/history.h>
#include <kith/query.h>
#include <kith/space.h>
#include <kith/transfer.h>

#include "disk.h"
#include "outside.h"

/** Places that the tour makes to begin with. */
enum { TOUR_PLACES = 12 };

typedef struct tour {
    outside outside;
    test_disk *disk;
    kith_replica *a; /* NULL until it is made */
    kith_replica *b;
    kith_error open_error;
    const kith_error *detail; /* where a step's failure is told: A's, unless the step says else */
    kith_id places[TOUR_PLACES];
    kith_id person;
    char invite[KITH_INVITE_SIZE];
    uint64_t told_count; /* calls of A's watcher */
} tour;

typedef struct tour_step {
    const char *name;
    kith_status (*take)(tour *t);
    bool is_repeatable; /* leaves the replicas as they were */
} tour_step;

/** The steps of each part, ended by one without a name, in the order in which they are taken. */
extern const tour_step tour_begin_steps[];    /* tour_open.c */
extern const tour_step tour_place_steps[];    /* tour_edit.c */
extern const tour_step tour_edit_steps[];     /* tour_edit.c */
extern const tour_step tour_log_steps[];      /* tour_edit.c */
extern const tour_step tour_batch_steps[];    /* tour_batch.c */
extern const tour_step tour_transfer_steps[]; /* tour_transfer.c */
extern const tour_step tour_read_steps[];     /* tour_read.c */
extern const tour_step tour_share_steps[];    /* tour_share.c */
extern const tour_step tour_end_steps[];      /* tour_open.c */

/* Steps of tour_bundle.c that stand among those of tour_share.c. */
kith_status tour_write_bundle(tour *t);
kith_status tour_write_bundle_for(tour *t);
kith_status tour_carry(tour *t);
kith_status tour_hand_on(tour *t);
kith_status tour_adopt(tour *t);
kith_status tour_take_bundle(tour *t);
kith_status tour_forget_carried(tour *t);

/** A kind of fault. */
typedef struct tour_fault {
    const char *name;
    /** Lets the n-th chance for it from now be taken, counted from 1. */
    void (*arm)(tour *t, uint64_t nth);
    /** No further fault. Whether it struck. */
    bool (*disarm)(tour *t);
    /** Whether the fault may make a call answer so. */
    bool (*explains)(kith_status status);
    /** How many chances are passed over each time: 1 takes every one. */
    uint64_t stride;
} tour_fault;

/** Which way to go. */
typedef struct tour_route {
    const tour_step *const *parts; /* ended by NULL */
    size_t spared_count; /* so many of them, from the first on, are taken without faults */
} tour_route;

extern const tour_route tour_of_all;
/** To the edit that fills the tail of the log: what is put off until then is written then. */
extern const tour_route tour_of_full_log;

/** Takes a tour with the fault striking at each chance it gets: a step is tried with its first,
 *  second, third … chance, or those a stride apart, until it gets by. Where a step gets by in spite
 * of the fault, the whole tour is taken once more for what comes after that chance. */
void tour_take(const tour_route *route, const tour_fault *fault);

/** Closes A and opens it again. */
kith_status tour_reopen(tour *t);

/** One field of a record as text; "" where it holds nothing. */
typedef struct tour_value {
    const char *field;
    const char *text;
} tour_value;

/** Puts values into an edit's record, up to one without a field. */
kith_status tour_set(kith_edit *edit, uint32_t record, const tour_value *values);

/** Sets values of one record in a commit of its own. */
kith_status tour_change(kith_replica *replica, kith_id id, const tour_value *values);

/** The text that a field of a record shows, its first if it holds several; "" for none. Fails with
 *  the status of the call that failed. */
kith_status tour_read(kith_replica *replica, kith_id id, const char *field, char *text,
                      size_t size);

#endif
