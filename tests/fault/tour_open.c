/* Making, opening and closing replicas. SPDX-License-Identifier: Apache-2.0 */
#include "tour.h"

static kith_status open_beside(tour *t, const char *path, uint32_t create, kith_replica *device_of,
                               kith_replica **replica_out)
{
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    options.create = create;
    options.device_of = device_of;
    options.env = &t->outside.env;
    options.device_name = "Asha's phone";
    t->detail = &t->open_error;
    return kith_replica_open(path, &options, replica_out, &t->open_error);
}

static kith_status open_file(tour *t, const char *path, uint32_t create, kith_replica **replica_out)
{
    return open_beside(t, path, create, NULL, replica_out);
}

/* The platform's environment, which the tour's own stands in for. */
static kith_status ask_platform(tour *t)
{
    uint8_t bytes[8];
    const kith_env env = kith_env_default();
    (void)t;
    assert_int_equal(env.struct_size, sizeof env);
    assert_true(env.wall_ms(env.user) > 0);
    return env.random(env.user, bytes, sizeof bytes);
}

/* A creation that was said to have failed may be there all the same: then it is whole. */
static kith_status make(tour *t, const char *path, kith_replica **replica_out)
{
    kith_status status = open_file(t, path, 1, replica_out);
    return status == KITH_E_EXISTS ? open_file(t, path, 0, replica_out) : status;
}

static kith_status make_a(tour *t)
{
    return make(t, "a", &t->a);
}

static kith_status make_b(tour *t)
{
    return make(t, "b", &t->b);
}

/* Another of A's device, for another space. */
static kith_status make_beside(tour *t)
{
    kith_replica *beside = NULL;
    kith_status status = open_beside(t, "d", 1, t->a, &beside);
    kith_replica_close(beside);
    return status == KITH_E_EXISTS ? KITH_OK : status;
}

static kith_status open_none(tour *t)
{
    kith_replica *none = NULL;
    kith_status status = open_file(t, "c", 0, &none);
    assert_null(none);
    return status == KITH_E_NOT_FOUND ? KITH_OK : status;
}

kith_status tour_reopen(tour *t)
{
    kith_replica_close(t->a);
    t->a = NULL;
    return open_file(t, "a", 0, &t->a);
}

static kith_status write_as_another(kith_replica *replica, kith_id place)
{
    return tour_change(replica, place, (const tour_value[]){{"population", "210"}, {NULL, NULL}});
}

/* A second handle stands for another process: what it writes is seen by the next call on A. */
static kith_status share(tour *t)
{
    kith_replica *other = NULL;
    char text[16];
    KITH_TRY(open_file(t, "a", 0, &other));
    kith_status status = write_as_another(other, t->places[0]);
    if (status != KITH_OK) {
        t->open_error = *kith_replica_error(other);
    }
    kith_replica_close(other);
    KITH_TRY(status);
    t->detail = kith_replica_error(t->a);
    KITH_TRY(tour_read(t->a, t->places[0], "population", text, sizeof text));
    assert_string_equal(text, "210");
    return KITH_OK;
}

const tour_step tour_begin_steps[] = {{"ask the platform", ask_platform, true},
                                      {"make A", make_a, false},
                                      {"make B", make_b, false},
                                      {"make one beside A", make_beside, false},
                                      {"open what is not there", open_none, true},
                                      {NULL, NULL, false}};

const tour_step tour_end_steps[] = {
    {"share A", share, false}, {"reopen A", tour_reopen, true}, {NULL, NULL, false}};
