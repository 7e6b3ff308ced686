/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/handed.h"

#include "engine/membership.h"

static bool has_relay(const kith_replica *replica)
{
    return replica->space.relay[0] != '\0';
}

/* The number of the own admission that another entry may take the place of; 0 for none. */
static kith_status own_admission(kith_replica *replica, uint32_t *number_out)
{
    const kith_member *member = NULL;
    const kith_space *space = &replica->space;
    *number_out = 0;
    KITH_TRY(kith_engine_membership(replica, &member));
    if (member != NULL && space->is_joining && member->admitted > space->firm_entries) {
        *number_out = member->admitted;
    }
    return KITH_OK;
}

static kith_status append(kith_replica *replica, kith_slice entry)
{
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_take_entry(replica, entry);
    kith_status ended = kith_engine_end(replica, status);
    return status != KITH_OK ? status : ended;
}

/* Another entry came first: the own admission is taken back, to be made anew behind it. */
static kith_status yield(kith_replica *replica, uint32_t admission, kith_slice entry)
{
    KITH_TRY(kith_engine_begin(replica));
    kith_status status = kith_engine_drop_entries(replica, admission - 1);
    if (status == KITH_OK) {
        status = kith_engine_take_entry(replica, entry);
    }
    kith_status ended = kith_engine_end(replica, status);
    return status != KITH_OK ? status : ended;
}

/* Somebody else's bundle holds the own admission: it is everybody's. Where there is a relay, that
 * says so itself. */
static kith_status note_admitted(kith_replica *replica, uint32_t number)
{
    uint32_t admission = 0;
    kith_space *space = &replica->space;
    KITH_TRY(own_admission(replica, &admission));
    if (has_relay(replica) || admission == 0 || number != admission) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(replica));
    space->is_joining = false;
    kith_wipe(space->secret, sizeof space->secret);
    return kith_engine_end(replica, kith_engine_save_space(replica));
}

/* What a second entry under one number means. */
static kith_status judge_fork(kith_replica *replica, const kith_entry_head *head,
                              kith_status *problem)
{
    uint32_t firm = 0;
    kith_charter *charter = NULL;
    kith_context *cx = &replica->cx;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_firm_entries(replica, &firm, NULL));
    if (head->number > firm && firm < charter->entry_count) {
        *problem = kith_fail(cx, KITH_E_BUSY,
                             "the membership was changed here and elsewhere; sync, so that the "
                             "relay says which counts");
    } else if (head->kind == KITH_ENTRY_ADMIT && !has_relay(replica)) {
        *problem = kith_fail(cx, KITH_E_BUSY,
                             "a device joined by an older state of the space; hand it a bundle of "
                             "this one's, and it joins anew");
    } else {
        *problem = kith_fail(cx, KITH_E_FORKED,
                             "the bundle has another membership of the space than this device");
    }
    return KITH_OK;
}

static kith_status take_second(kith_replica *replica, kith_slice entry, const kith_entry_head *head,
                               bool *is_new, kith_status *problem)
{
    uint32_t admission = 0;
    KITH_TRY(own_admission(replica, &admission));
    if (admission == 0 || admission != head->number) {
        return judge_fork(replica, head, problem);
    }
    KITH_TRY(yield(replica, admission, entry));
    *is_new = true;
    *problem = KITH_OK;
    return KITH_OK;
}

kith_status kith_engine_take_handed_entry(kith_replica *replica, kith_slice entry, bool *is_new_out,
                                          kith_status *problem_out)
{
    kith_charter *charter = NULL;
    kith_entry_head head = {.number = 0};
    *is_new_out = false;
    *problem_out = KITH_OK;
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(kith_engine_charter(replica, &charter));
    (void)kith_entry_read_head(entry, &head);
    kith_status judged = kith_charter_judge(charter, entry);
    switch (judged) {
    case KITH_OK:
        KITH_TRY(append(replica, entry));
        *is_new_out = true;
        return KITH_OK;
    case KITH_E_EXISTS:
        return note_admitted(replica, head.number);
    case KITH_E_FORKED:
        *problem_out = judged;
        return take_second(replica, entry, &head, is_new_out, problem_out);
    default:
        *problem_out = judged;
        return KITH_OK;
    }
}

/* Where no relay admits devices, a joining one appends its admission when it has a charter. */
static kith_status admit(kith_replica *replica)
{
    kith_charter *charter = NULL;
    const kith_member *member = NULL;
    const kith_space *space = &replica->space;
    if (!space->is_joining || has_relay(replica)) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_membership(replica, &member));
    bool is_invited = kith_charter_find_invite(charter, space->invite) != NULL;
    return member == NULL && is_invited ? kith_engine_admit(replica) : KITH_OK;
}

kith_status kith_engine_end_handed(kith_replica *replica, kith_taken *taken_out)
{
    KITH_TRY(kith_engine_retry_aside(replica, taken_out));
    KITH_TRY(kith_engine_refresh(replica));
    return admit(replica);
}

kith_status kith_engine_note_holding(kith_replica *replica, const kith_holds_frame *holds)
{
    kith_charter *charter = NULL;
    uint8_t own[KITH_KEY_BYTES];
    KITH_TRY(kith_engine_refresh(replica));
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_TRY(kith_engine_sign_key(replica, own));
    if (kith_charter_find(charter, holds->device) == NULL ||
        memcmp(own, holds->device, sizeof own) == 0) {
        return KITH_OK;
    }
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(
        replica,
        kith_holding_put(replica->store, kith_slice_make(holds->device, sizeof own), holds->heads));
}
