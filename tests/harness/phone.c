/* SPDX-License-Identifier: Apache-2.0 */
#include "phone.h"

static const char path[] = "kith.db";

void phone_init(test_phone *phone, uint64_t seed)
{
    *phone = (test_phone){.disk = disk_new(seed)};
    device_init_on(&phone->device, disk_name(phone->disk), path, seed);
}

void phone_close(test_phone *phone)
{
    if (phone->disk == NULL) {
        return;
    }
    device_close(&phone->device);
    disk_free(phone->disk);
    if (phone->backup != NULL) {
        disk_free(phone->backup);
    }
    *phone = (test_phone){.disk = NULL};
}

static test_disk *copy(test_phone *phone, test_disk *disk)
{
    return disk_copy(disk, test_next(&phone->device.random));
}

void phone_back_up(test_phone *phone)
{
    device_close(&phone->device);
    if (phone->backup != NULL) {
        disk_free(phone->backup);
    }
    phone->backup = copy(phone, phone->disk);
    device_open_again(&phone->device);
}

void phone_restore(test_phone *phone)
{
    device_close(&phone->device);
    disk_free(phone->disk);
    phone->disk = copy(phone, phone->backup);
    phone->device.env.storage = disk_name(phone->disk);
    device_open_again(&phone->device);
}

void phone_clone(test_phone *phone, test_phone *clone_out)
{
    device_close(&phone->device);
    *clone_out = (test_phone){.device = phone->device, .disk = copy(phone, phone->disk)};
    device_open_again(&phone->device);
    clone_out->device.env.user = &clone_out->device;
    clone_out->device.env.storage = disk_name(clone_out->disk);
    clone_out->device.random = test_random_of(test_next(&phone->device.random));
    device_open_again(&clone_out->device);
}
