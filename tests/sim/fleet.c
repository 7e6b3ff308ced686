/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "bundles.h"
#include "cases.h"
#include "engine/replica.h"

enum { ADMIT_IN = 3, ROUNDS_MAX = 8 };

static uint64_t below(fleet *f, uint64_t bound)
{
    return test_below(&f->random, bound);
}

static bool one_in(fleet *f, uint64_t bound)
{
    return below(f, bound) == 0;
}

void fleet_begin(fleet *f, uint64_t seed)
{
    *f = (fleet){.random = test_random_of(seed)};
    f->device_count = 2 + (size_t)below(f, 4);
    if (one_in(f, 50)) {
        f->device_count += (size_t)below(f, FLEET_DEVICES_MAX - f->device_count + 1);
    }
    relay_init(&f->relay);
    f->devices = calloc(f->device_count, sizeof *f->devices);
    assert_non_null(f->devices);
    for (size_t i = 0; i < f->device_count; i++) {
        phone_init(&f->devices[i].phone, test_next(&f->random));
    }
    relay_found(&f->relay, &f->devices[0].phone.device);
    f->devices[0].is_member = true;
}

void fleet_end(fleet *f)
{
    for (size_t i = 0; i < f->device_count; i++) {
        phone_close(&f->devices[i].phone);
    }
    free(f->devices);
    relay_close(&f->relay);
    if (f->relay_backup != NULL) {
        disk_free(f->relay_backup);
    }
}

static size_t index_of(const fleet *f, const fleet_device *d)
{
    return (size_t)(d - f->devices);
}

/* Only what a fault of the sim explains may stop a sync. */
static void sync_device(fleet *f, fleet_device *d, bool is_clean)
{
    test_link link = is_clean ? (test_link){.cuts = 0} : link_draw(&f->random);
    kith_status status = relay_sync(&f->relay, &d->phone.device, &link);
    bool was_revoked = (status == KITH_E_DENIED || status == KITH_E_HELD) && d->is_revoked;
    bool is_outsider = status == KITH_E_STATE && !d->is_member;
    /* Another changed the membership first: said to whoever did so too. */
    bool is_second = status == KITH_E_BUSY;
    d->is_behind = d->is_behind && status != KITH_OK;
    d->has_given = d->has_given && status != KITH_OK;
    if (status != KITH_OK && !was_revoked && !is_outsider && !is_second) {
        fail_msg("device %zu cannot sync: %s (%s)", index_of(f, d), kith_status_name(status),
                 kith_replica_error(d->phone.device.replica)->message);
    }
}

static void admit(fleet *f, fleet_device *d)
{
    if (d->is_member || f->devices[0].is_revoked) {
        return;
    }
    relay_admit(&f->relay, &f->devices[0].phone.device, &d->phone.device, KITH_MAY_WRITE);
    d->is_member = true;
}

static void add_record(fleet *f, fleet_device *d)
{
    char name[64];
    assert_in_range(f->name_count, 0, FLEET_NAMES_MAX - 2);
    (void)snprintf(name, sizeof name, "Village %u", ++f->name_count);
    f->makers[f->name_count] = index_of(f, d);
    (void)device_add_place(&d->phone.device, name);
}

/* A record that the device shows, of anybody's; false if it shows none. */
static bool draw_record(fleet *f, fleet_device *d, kith_id *id_out)
{
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    kith_status status = kith_list_records(d->phone.device.replica, &options, &list);
    bool found = status == KITH_OK && kith_list_count(list) > 0;
    if (found) {
        *id_out = kith_list_row_at(list, (size_t)below(f, kith_list_count(list)))->id;
    }
    kith_list_free(list);
    return found;
}

static void edit_record(fleet *f, fleet_device *d)
{
    kith_id id;
    char text[64];
    if (!draw_record(f, d, &id)) {
        add_record(f, d);
        return;
    }
    switch (below(f, 5)) {
    case 0:
        device_remove(&d->phone.device, id);
        return;
    case 1:
        (void)snprintf(text, sizeof text, "remarks=seen by %zu", index_of(f, d));
        break;
    case 2: { /* refers to another, perhaps one that will get another number */
        char other[KITH_ID_TEXT_SIZE];
        kith_id parent;
        (void)draw_record(f, d, &parent);
        kith_id_format(parent, other);
        (void)snprintf(text, sizeof text, "parent=%s", other);
        break;
    }
    default:
        (void)snprintf(text, sizeof text, "households=%u", (unsigned)below(f, 90));
        break;
    }
    device_set(&d->phone.device, id, text);
}

static void set_clock(fleet *f, fleet_device *d)
{
    static const int64_t years[] = {-56, -20, -1, 0, 0, 1, 30};
    int64_t year = years[below(f, KITH_ARRAY_LENGTH(years))];
    device_set_clock(&d->phone.device, DEVICE_START_MS + year * DEVICE_YEAR_MS);
}

static void back_up_device(fleet_device *d)
{
    phone_back_up(&d->phone);
    d->was_sealed = kith_directory_unsealed(&d->phone.device.replica->directory) == 0;
    d->was_member = d->is_member;
}

/* What the device made since, and nobody else got, is gone with the phone. What is in the backup
 * and, under a number, only on a card, would get another number when the relay does not know of it,
 * and come to light twice with the card. */
static void restore_device(fleet_device *d)
{
    if (d->phone.backup == NULL || (d->has_given && !d->was_sealed)) {
        return;
    }
    phone_restore(&d->phone);
    d->is_member = d->was_member;
    d->is_behind = true;
}

/* Switches a device on again after its power went. */
static void restart(fleet_device *d)
{
    device_close(&d->phone.device);
    (void)disk_mend(d->phone.disk);
    disk_restart(d->phone.disk);
    device_open_again(&d->phone.device);
}

/* A card is read: whole, cut off or scratched, by a member, a stranger or one that was restored;
 * now and then the power goes meanwhile. */
static void take_card(fleet *f, fleet_device *d, kith_buf *card)
{
    bool is_damaged = one_in(f, 5);
    bool loses_power = one_in(f, 10);
    if (is_damaged && one_in(f, 2)) {
        card->length = (size_t)below(f, card->length);
    } else if (is_damaged) {
        card->data[below(f, card->length)] ^= (uint8_t)(1 << below(f, 8));
    }
    if (loses_power) {
        disk_fail(d->phone.disk, DISK_POWER_CUT, 1 + below(f, 60), true);
    }
    kith_status status =
        bundle_read(&d->phone.device, kith_buf_slice(card), 1 + (size_t)below(f, 9000), NULL);
    if (status != KITH_OK && !is_damaged && !loses_power) {
        fail_msg("device %zu cannot take a bundle: %s (%s)", index_of(f, d),
                 kith_status_name(status), kith_replica_error(d->phone.device.replica)->message);
    }
    if (loses_power) {
        restart(d);
    }
}

/* A card goes from hand to hand, if it is not lost. */
static void hand_over(fleet *f, fleet_device *d)
{
    kith_buf card;
    fleet_device *other = &f->devices[below(f, f->device_count)];
    fleet_device *from = one_in(f, 2) ? d : other;
    fleet_device *to = from == d ? other : d;
    if (from == to) {
        return;
    }
    bundle_init(&card);
    const char *key = one_in(f, 3) ? device_key(&to->phone.device) : "";
    kith_status status = bundle_write(&from->phone.device, key, &card, NULL);
    bool has_nothing = status == KITH_E_STATE || status == KITH_E_NOT_FOUND;
    if (status != KITH_OK && !has_nothing) {
        fail_msg("device %zu cannot write a bundle: %s (%s)", index_of(f, from),
                 kith_status_name(status), kith_replica_error(from->phone.device.replica)->message);
    }
    from->has_given = from->has_given || !has_nothing;
    if (!has_nothing && !one_in(f, 4)) {
        take_card(f, to, &card);
    }
    kith_buf_deinit(&card);
}

/* The power goes while the device writes. What it acknowledged before stays. */
static void cut_power(fleet *f, fleet_device *d)
{
    kith_id id;
    bool has_record = draw_record(f, d, &id);
    disk_fail(d->phone.disk, DISK_POWER_CUT, 1 + below(f, 12), true);
    if (has_record) {
        kith_edit *edit = NULL;
        uint32_t record = 0;
        if (kith_edit_begin(d->phone.device.replica, &edit) == KITH_OK &&
            kith_edit_open(edit, id, &record) == KITH_OK &&
            kith_edit_set(edit, record, kith_slice_of("population"), kith_slice_of("7")) ==
                KITH_OK) {
            (void)!kith_edit_commit(edit);
        }
        kith_edit_free(edit);
        (void)!relay_sync(&f->relay, &d->phone.device, NULL);
    }
    restart(d);
}

static void work_with_full_disk(fleet *f, fleet_device *d)
{
    disk_fail(d->phone.disk, DISK_FULL, 1 + below(f, 20), true);
    kith_status status = relay_sync(&f->relay, &d->phone.device, NULL);
    (void)status;
    (void)disk_mend(d->phone.disk);
}

static void revoke_somebody(fleet *f)
{
    fleet_device *admin = &f->devices[0];
    fleet_device *d = &f->devices[below(f, f->device_count)];
    sync_device(f, admin, true);
    if (d == admin || !d->is_member || d->is_revoked) {
        return;
    }
    kith_status status = device_revoke(&admin->phone.device, &d->phone.device);
    if (status == KITH_OK) {
        d->is_revoked = true;
        sync_device(f, admin, true);
    }
}

/* A relay that lost something is made whole before anybody changes the membership: by the office
 * first, whose charter all others follow, then by whoever else is there. */
static void make_whole(fleet *f)
{
    for (size_t i = 0; i < f->device_count; i++) {
        if (f->devices[i].is_member) {
            sync_device(f, &f->devices[i], true);
        }
    }
}

/* A device that was restored sends what others may know otherwise, unless somebody can tell it. If
 * all that could is lost at the same time, the histories part for good, and syncs say so. */
static bool is_anybody_behind(const fleet *f)
{
    for (size_t i = 0; i < f->device_count; i++) {
        if (f->devices[i].is_behind) {
            return true;
        }
    }
    return false;
}

static void change_relay(fleet *f)
{
    switch (below(f, is_anybody_behind(f) ? 2 : 4)) {
    case 0:
        relay_reopen(&f->relay);
        return;
    case 1:
        if (f->relay_backup != NULL) {
            disk_free(f->relay_backup);
        }
        f->relay_backup = relay_back_up(&f->relay);
        return;
    case 2:
        if (f->relay_backup != NULL) {
            relay_restore(&f->relay, f->relay_backup);
            make_whole(f);
        }
        return;
    default: /* lost, and replaced by an empty one */
        relay_close(&f->relay);
        relay_init(&f->relay);
        if (f->relay_backup != NULL) {
            disk_free(f->relay_backup);
            f->relay_backup = NULL;
        }
        make_whole(f);
        return;
    }
}

static void rotate_key(fleet *f)
{
    fleet_device *admin = &f->devices[0];
    sync_device(f, admin, true);
    must(&admin->phone.device, kith_space_rotate(admin->phone.device.replica));
    sync_device(f, admin, true);
}

void fleet_step(fleet *f)
{
    fleet_device *d = &f->devices[below(f, f->device_count)];
    uint64_t what = below(f, 100);
    if (getenv("KITH_SIM_TRACE") != NULL) {
        print_message("device %zu of %zu, what %llu, records %u%s\n", index_of(f, d),
                      f->device_count, (unsigned long long)what, f->name_count,
                      d->is_revoked  ? ", revoked"
                      : d->is_member ? ""
                                     : ", outside");
    }
    device_wait(&d->phone.device, (int64_t)below(f, 100000));
    f->relay.wall_ms += (int64_t)below(f, 100000);
    if (d->is_revoked || what < 28) {
        add_record(f, d);
    } else if (what < 50) {
        edit_record(f, d);
    } else if (what < 69) {
        sync_device(f, d, false);
    } else if (what < 76) {
        hand_over(f, d);
    } else if (what < 80) {
        admit(f, d);
    } else if (what < 83) {
        set_clock(f, d);
    } else if (what < 85) {
        device_reopen(&d->phone.device);
    } else if (what < 89) {
        back_up_device(d);
    } else if (what < 93) {
        restore_device(d);
    } else if (what < 95) {
        cut_power(f, d);
    } else if (what < 96) {
        work_with_full_disk(f, d);
    } else if (what < 98) {
        change_relay(f);
    } else if (what < 99) {
        rotate_key(f);
    } else if (one_in(f, 3)) {
        revoke_somebody(f);
    }
}

/* Names of all places that a device has, in order. */
typedef struct names {
    char **items;
    size_t count;
    size_t capacity;
} names;

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void gather_names(fleet_device *d, names *into)
{
    kith_list *list = NULL;
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    options.kind = kith_slice_of("place");
    options.with_removed = 1;
    kith_status status = kith_list_records(d->phone.device.replica, &options, &list);
    assert_true(status == KITH_OK || status == KITH_E_NOT_FOUND);
    for (size_t i = 0; status == KITH_OK && i < kith_list_count(list); i++) {
        if (into->count == into->capacity) {
            into->capacity = into->capacity == 0 ? 64 : into->capacity * 2;
            into->items = realloc(into->items, into->capacity * sizeof *into->items);
            assert_non_null(into->items);
        }
        into->items[into->count++] = strdup(kith_list_row_at(list, i)->title);
    }
    kith_list_free(list);
}

static void sort_names(names *of)
{
    if (of->count > 1) {
        qsort(of->items, of->count, sizeof *of->items, compare_names);
    }
}

static void free_names(names *of)
{
    for (size_t i = 0; i < of->count; i++) {
        free(of->items[i]);
    }
    free(of->items);
}

/* What a revoked device sent late does not count, wherever it had come by then. */
static bool is_of_revoked(const fleet *f, const char *name)
{
    unsigned long number = strtoul(name + strlen("Village "), NULL, 10);
    return f->devices[f->makers[number % FLEET_NAMES_MAX]].is_revoked;
}

/* Every name of `all`, which may hold some several times, stands in `own` just once. */
static void assert_has_each_once(const fleet *f, const fleet_device *d, const names *own,
                                 const names *all)
{
    for (size_t i = 1; i < own->count; i++) {
        if (strcmp(own->items[i - 1], own->items[i]) == 0) {
            fail_msg("device %zu has %s twice", index_of(f, d), own->items[i]);
        }
    }
    for (size_t i = 0; i < all->count; i++) {
        if (!is_of_revoked(f, all->items[i]) &&
            bsearch(&all->items[i], own->items, own->count, sizeof *own->items, compare_names) ==
                NULL) {
            fail_msg("device %zu lacks %s", index_of(f, d), all->items[i]);
        }
    }
}

static bool counts(const fleet_device *d)
{
    return d->is_member && !d->is_revoked;
}

/* What a revoked device sent late stays set aside, for a supervisor to judge. */
static bool has_revoked(const fleet *f)
{
    for (size_t i = 0; i < f->device_count; i++) {
        if (f->devices[i].is_revoked) {
            return true;
        }
    }
    return false;
}

static void assert_is_level(const fleet *f, fleet_device *d, const kith_check_report *expected)
{
    kith_space_status space = device_space(&d->phone.device);
    kith_waiting waiting = {.reason = 0};
    kith_buf bytes;
    kith_check_report report = device_check(&d->phone.device, true);
    kith_buf_init(&bytes, test_context(), KITH_FRAME_BYTES_MAX);
    (void)!kith_waiting_next(d->phone.device.replica->store, 0, &bytes, &waiting);
    kith_buf_deinit(&bytes);
    if (space.unsent_count != 0 || (space.waiting_count != 0 && !has_revoked(f)) ||
        report.rebuilt_differs != 0 ||
        memcmp(report.state_hash, expected->state_hash, sizeof report.state_hash) != 0) {
        fail_msg("device %zu: %llu unsent, %llu set aside (reason %u), rebuilt differs %u, %llu "
                 "changes; "
                 "device 0 has %llu",
                 index_of(f, d), (unsigned long long)space.unsent_count,
                 (unsigned long long)space.waiting_count, waiting.reason, report.rebuilt_differs,
                 (unsigned long long)report.change_count,
                 (unsigned long long)expected->change_count);
    }
}

/* True if a sync has brought the device anything, or taken anything from it. */
static bool sync_brings_news(fleet *f, fleet_device *d)
{
    kith_space_status before = device_space(&d->phone.device);
    uint64_t changes_before = device_status(&d->phone.device).change_count;
    sync_device(f, d, true);
    kith_space_status after = device_space(&d->phone.device);
    return before.unsent_count != after.unsent_count ||
           before.waiting_count != after.waiting_count ||
           before.member_count != after.member_count || before.epoch != after.epoch ||
           changes_before != device_status(&d->phone.device).change_count;
}

/* Everybody syncs in turn until a round has brought nobody anything. */
static void sync_until_level(fleet *f)
{
    bool is_level = false;
    for (int round = 0; round < ROUNDS_MAX && !is_level; round++) {
        is_level = round > 0;
        for (size_t i = 0; i < f->device_count; i++) {
            is_level = !sync_brings_news(f, &f->devices[i]) && is_level;
        }
    }
}

/* What a device that was not restored has had acknowledged is there, with its numbers or others. */
void fleet_heal(fleet *f)
{
    names all = {NULL, 0, 0};
    for (size_t i = 0; i < f->device_count; i++) {
        if (!f->devices[i].is_revoked) {
            admit(f, &f->devices[i]);
            gather_names(&f->devices[i], &all);
        }
    }
    sync_until_level(f);
    kith_check_report expected = device_check(&f->devices[0].phone.device, true);
    for (size_t i = 0; i < f->device_count; i++) {
        names own = {NULL, 0, 0};
        fleet_device *d = &f->devices[i];
        if (!counts(d)) {
            continue;
        }
        gather_names(d, &own);
        sort_names(&own);
        assert_has_each_once(f, d, &own, &all);
        assert_is_level(f, d, &expected);
        free_names(&own);
    }
    free_names(&all);
}
