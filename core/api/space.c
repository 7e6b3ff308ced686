/* The functions of kith/space.h. SPDX-License-Identifier: Apache-2.0 */
#include <kith/space.h>

#include "engine/devices.h"
#include "engine/membership.h"

kith_status kith_space_found(kith_replica *replica, kith_slice name, const kith_relay *relay,
                             const char *token)
{
    return kith_engine_found(replica, name, relay, token);
}

kith_status kith_space_set_relay(kith_replica *replica, const kith_relay *relay, const char *token)
{
    return kith_engine_set_relay(replica, relay, token);
}

kith_status kith_space_invite(kith_replica *replica, uint32_t role, int64_t expires_ms,
                              uint32_t uses, char text[KITH_INVITE_SIZE])
{
    return kith_engine_invite(replica, role, expires_ms, uses, text);
}

kith_status kith_space_join(kith_replica *replica, kith_slice invite)
{
    return kith_engine_join(replica, invite);
}

kith_status kith_space_revoke(kith_replica *replica, kith_slice key, uint32_t wipe)
{
    return kith_engine_revoke(replica, key, wipe != 0);
}

kith_status kith_space_rotate(kith_replica *replica)
{
    return kith_engine_rotate(replica);
}

kith_status kith_space_withdraw(kith_replica *replica, uint32_t entry)
{
    return kith_engine_withdraw(replica, entry);
}

kith_status kith_space_list_invitations(kith_replica *replica, kith_space_invitation_function visit,
                                        void *user)
{
    kith_charter *charter = NULL;
    KITH_TRY(kith_engine_begin_read(replica));
    kith_status status = kith_engine_end_read(replica, kith_engine_charter(replica, &charter));
    for (size_t i = 0; status == KITH_OK && i < charter->invite_count; i++) {
        const kith_charter_invite *invite = &charter->invites[i];
        kith_space_invitation invitation = {sizeof invitation, invite->entry, invite->role,
                                            invite->uses_left, invite->expires_ms};
        if (invite->expires_ms == KITH_EXPIRES_NEVER) {
            invitation.expires_ms = 0;
        }
        status = invite->uses_left > 0 ? visit(user, &invitation) : KITH_OK;
    }
    return status;
}

kith_status kith_space_read_status(kith_replica *replica, kith_space_status *status_out)
{
    KITH_ENSURE(status_out->struct_size == sizeof *status_out,
                kith_fail(&replica->cx, KITH_E_ARGUMENT, "kith_space_status has another size"));
    *status_out = (kith_space_status){.struct_size = sizeof *status_out};
    KITH_TRY(kith_engine_begin_read(replica));
    kith_status status =
        kith_engine_end_read(replica, kith_engine_space_status(replica, status_out));
    if (status != KITH_OK) {
        *status_out = (kith_space_status){.struct_size = sizeof *status_out};
    }
    return status;
}

kith_status kith_space_list_devices(kith_replica *replica, kith_space_device_function visit,
                                    void *user)
{
    kith_arena arena;
    kith_space_device *devices = NULL;
    size_t count = 0;
    KITH_TRY(kith_engine_begin_read(replica));
    kith_arena_init(&arena, &replica->cx);
    kith_status status =
        kith_engine_end_read(replica, kith_engine_list_devices(replica, &arena, &devices, &count));
    for (size_t i = 0; status == KITH_OK && i < count; i++) {
        status = visit(user, &devices[i]);
    }
    kith_arena_deinit(&arena);
    return status;
}
