/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/membership.h"

#include <stdio.h>

#include "engine/carry.h"
#include "engine/devices.h"
#include "space/keys.h"
#include "text/utf8.h"

/* Every write here is bracketed alike: what `work` does is durable together or not at all. */
typedef kith_status (*membership_work)(kith_replica *replica, void *order);

static kith_status in_write(kith_replica *replica, membership_work work, void *order)
{
    KITH_ENSURE(!replica->is_in_batch, kith_fail(&replica->cx, KITH_E_STATE, "a batch is open"));
    KITH_TRY(kith_engine_begin(replica));
    return kith_engine_end(replica, work(replica, order));
}

static bool is_address(kith_slice url)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(schemes); i++) {
        kith_slice scheme = kith_slice_of(schemes[i]);
        if (kith_slice_equal(kith_slice_head(url, scheme.length), scheme)) {
            return url.length > scheme.length;
        }
    }
    return false;
}

static kith_status check_relay(kith_replica *replica, const kith_relay *relay, const char *token)
{
    kith_context *cx = &replica->cx;
    kith_slice url = relay == NULL ? (kith_slice){NULL, 0} : kith_slice_of(relay->url);
    KITH_ENSURE(relay == NULL || relay->struct_size == sizeof *relay,
                kith_fail(cx, KITH_E_ARGUMENT, "kith_relay has another size"));
    KITH_ENSURE(url.length <= KITH_RELAY_URL_BYTES_MAX,
                kith_fail(cx, KITH_E_ARGUMENT, "the relay's address is longer than %zu bytes",
                          KITH_RELAY_URL_BYTES_MAX));
    KITH_ENSURE(
        url.length == 0 || (is_address(url) && !kith_utf8_has_control(url)),
        kith_fail(cx, KITH_E_ARGUMENT, "a relay's address begins with https:// or http://"));
    KITH_ENSURE(kith_slice_of(token).length <= KITH_TOKEN_BYTES_MAX,
                kith_fail(cx, KITH_E_ARGUMENT, "a registration token has at most %d letters",
                          KITH_TOKEN_BYTES_MAX));
    return KITH_OK;
}

static void note_relay(kith_space *space, const kith_relay *relay, const char *token)
{
    (void)snprintf(space->relay, sizeof space->relay, "%s",
                   relay == NULL || relay->url == NULL ? "" : relay->url);
    (void)snprintf(space->token, sizeof space->token, "%s", token == NULL ? "" : token);
    /* Plain HTTP shows no key. */
    bool is_sealed = strncmp(space->relay, "https:", strlen("https:")) == 0;
    space->has_pin = is_sealed && relay != NULL && relay->pin != NULL;
    memset(space->pin, 0, sizeof space->pin);
    if (space->has_pin) {
        memcpy(space->pin, relay->pin, sizeof space->pin);
    }
}

static kith_status check_no_space(kith_replica *replica)
{
    KITH_ENSURE(!replica->space.exists,
                kith_fail(&replica->cx, KITH_E_STATE,
                          "this replica has a space already; another needs a replica of its own"));
    return KITH_OK;
}

typedef struct founding {
    kith_slice name;
    const kith_relay *relay;
    const char *token;
} founding;

/* The entry gives the space its id, so it is made before the space exists. */
static kith_status found_with(kith_replica *replica, const founding *order, kith_buf *entry,
                              uint8_t key[KITH_KEY_BYTES])
{
    uint8_t seed[KITH_SEED_BYTES];
    uint8_t hash[KITH_HASH_BYTES];
    kith_space *space = &replica->space;
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status = kith_charter_write_found(&replica->cx, seed, order->name, entry, key);
    kith_wipe(seed, sizeof seed);
    KITH_TRY(status);
    kith_hash("kith space", kith_buf_slice(entry), hash);
    replica->is_touched = true;
    space->exists = true;
    memcpy(space->id.bytes, hash, sizeof space->id.bytes);
    note_relay(space, order->relay, order->token);
    KITH_TRY(kith_engine_take_entry(replica, kith_buf_slice(entry)));
    return kith_engine_take_key(replica, 1, key);
}

static kith_status found(kith_replica *replica, void *user)
{
    uint8_t key[KITH_KEY_BYTES] = {0};
    kith_buf entry;
    KITH_TRY(check_no_space(replica));
    kith_buf_init(&entry, &replica->cx, KITH_ENTRY_BYTES_MAX);
    kith_status status = found_with(replica, user, &entry, key);
    kith_buf_deinit(&entry);
    kith_wipe(key, sizeof key);
    return status;
}

kith_status kith_engine_found(kith_replica *replica, kith_slice name, const kith_relay *relay,
                              const char *token)
{
    founding order = {name, relay, token};
    bool is_name = name.length > 0 && name.length <= KITH_SPACE_NAME_BYTES_MAX &&
                   kith_utf8_valid_bytes(name) == name.length && !kith_utf8_has_control(name);
    KITH_TRY(check_relay(replica, relay, token));
    KITH_ENSURE(is_name, kith_fail(&replica->cx, KITH_E_ARGUMENT,
                                   "a space's name is one line of 1 to %zu bytes of UTF-8",
                                   KITH_SPACE_NAME_BYTES_MAX));
    return in_write(replica, found, &order);
}

static kith_status set_relay(kith_replica *replica, void *user)
{
    const founding *order = user;
    kith_space *space = &replica->space;
    KITH_ENSURE(space->exists, kith_fail(&replica->cx, KITH_E_STATE,
                                         "this replica has no space; found one or join one"));
    replica->is_touched = true;
    note_relay(space, order->relay, order->token);
    return kith_engine_save_space(replica);
}

kith_status kith_engine_set_relay(kith_replica *replica, const kith_relay *relay, const char *token)
{
    founding order = {.relay = relay, .token = token};
    KITH_TRY(check_relay(replica, relay, token));
    return in_write(replica, set_relay, &order);
}

/* An invite that did not hold is forgotten with all that it brought. */
static kith_status forget_joining(kith_replica *replica)
{
    KITH_TRY(kith_engine_drop_entries(replica, 0));
    KITH_TRY(kith_epoch_clear(replica->store, KITH_SPACE_ORDINAL, 0));
    kith_keyring_clear(&replica->keys);
    kith_wipe(&replica->space, sizeof replica->space);
    return KITH_OK;
}

static kith_status join(kith_replica *replica, void *user)
{
    const kith_invite *invite = user;
    kith_space *space = &replica->space;
    if (space->is_joining) {
        KITH_TRY(forget_joining(replica));
    }
    KITH_TRY(check_no_space(replica));
    replica->is_touched = true;
    space->exists = true;
    space->id = invite->space;
    space->is_joining = true;
    space->invite = invite->entry;
    memcpy(space->secret, invite->secret, sizeof space->secret);
    kith_relay relay = {sizeof relay, invite->relay, invite->has_pin ? invite->pin : NULL};
    note_relay(space, &relay, NULL);
    return kith_engine_save_space(replica);
}

kith_status kith_engine_join(kith_replica *replica, kith_slice text)
{
    kith_invite invite;
    KITH_TRY(kith_invite_parse(&replica->cx, text, &invite));
    kith_status status = in_write(replica, join, &invite);
    kith_wipe(&invite, sizeof invite);
    KITH_TRY(status);
    /* What was carried unread of that space can be read now. */
    return kith_engine_adopt_carried(replica, replica);
}

/* The current epoch's key. */
static kith_status current_key(kith_replica *replica, const kith_charter *charter,
                               const uint8_t **key_out)
{
    *key_out = kith_keyring_find(&replica->keys, replica->space.id, (uint32_t)charter->epoch_count);
    KITH_ENSURE(*key_out != NULL, kith_fail(&replica->cx, KITH_E_DENIED,
                                            "this device does not hold the space's key"));
    return KITH_OK;
}

/* What making an entry needs; the maker appends one to `entry`. */
typedef struct entry_order {
    kith_status (*make)(kith_replica *replica, struct entry_order *order,
                        const kith_charter *charter, const uint8_t seed[KITH_SEED_BYTES],
                        const uint8_t key[KITH_KEY_BYTES]);
    kith_buf entry;
    uint8_t next_key[KITH_KEY_BYTES]; /* of the epoch that the entry begins */
    bool begins_epoch;
    /* Of an invite, or of one that is withdrawn its number: */
    uint32_t role;
    int64_t expires_ms;
    uint32_t uses;
    uint8_t secret[KITH_INVITE_SECRET_BYTES];
    uint32_t number;
    /* Of a revocation: */
    kith_slice device; /* its key in hexadecimal */
    bool must_wipe;
} entry_order;

/* A new key is sealed to every invite that can still admit, and the charter knows no time: who kept
 * the text of one that has expired would read on. */
static kith_status withdraw_expired(kith_replica *replica, const uint8_t seed[KITH_SEED_BYTES],
                                    kith_buf *entry)
{
    const kith_env *env = &replica->cx.env;
    const kith_charter *charter = &replica->space.charter;
    int64_t now_ms = env->wall_ms(env->user);
    for (size_t i = 0; i < charter->invite_count; i++) {
        const kith_charter_invite *invite = &charter->invites[i];
        if (invite->uses_left == 0 || invite->expires_ms >= now_ms) {
            continue;
        }
        kith_buf_clear(entry);
        KITH_TRY(kith_charter_write_withdraw(charter, seed, invite->entry, entry));
        KITH_TRY(kith_engine_take_entry(replica, kith_buf_slice(entry)));
    }
    kith_buf_clear(entry);
    return KITH_OK;
}

static kith_status make_entry(kith_replica *replica, entry_order *order,
                              const kith_charter *charter)
{
    const uint8_t *key = NULL;
    uint8_t seed[KITH_SEED_BYTES];
    KITH_TRY(current_key(replica, charter, &key));
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status =
        order->begins_epoch ? withdraw_expired(replica, seed, &order->entry) : KITH_OK;
    if (status == KITH_OK) {
        status = order->make(replica, order, charter, seed, key);
    }
    kith_wipe(seed, sizeof seed);
    return status;
}

static kith_status make_and_take(kith_replica *replica, entry_order *order)
{
    kith_charter *charter = NULL;
    KITH_TRY(kith_engine_charter(replica, &charter));
    KITH_ENSURE(!replica->space.is_joining,
                kith_fail(&replica->cx, KITH_E_DENIED, "this device has not joined yet; sync"));
    KITH_TRY(make_entry(replica, order, charter));
    KITH_TRY(kith_engine_take_entry(replica, kith_buf_slice(&order->entry)));
    order->number = charter->entry_count;
    return order->begins_epoch
               ? kith_engine_take_key(replica, (uint32_t)charter->epoch_count, order->next_key)
               : KITH_OK;
}

static kith_status run_order(kith_replica *replica, void *user)
{
    return make_and_take(replica, user);
}

/* Makes an entry and appends it to the charter, durably. */
static kith_status add_entry(kith_replica *replica, entry_order *order)
{
    kith_buf_init(&order->entry, &replica->cx, KITH_ENTRY_BYTES_MAX);
    kith_status status = in_write(replica, run_order, order);
    kith_buf_deinit(&order->entry);
    kith_wipe(order->next_key, sizeof order->next_key);
    return status;
}

static kith_status make_invite(kith_replica *replica, entry_order *order,
                               const kith_charter *charter, const uint8_t seed[KITH_SEED_BYTES],
                               const uint8_t key[KITH_KEY_BYTES])
{
    (void)replica;
    return kith_charter_write_invite(charter, seed, key, (kith_role)order->role, order->expires_ms,
                                     order->uses, &order->entry, order->secret);
}

kith_status kith_engine_invite(kith_replica *replica, uint32_t role, int64_t expires_ms,
                               uint32_t uses, char text[KITH_INVITE_SIZE])
{
    text[0] = '\0';
    KITH_ENSURE(role >= KITH_ROLE_READER && role <= KITH_ROLE_ADMIN && uses >= 1 &&
                    uses <= UINT16_MAX && expires_ms >= 0 && expires_ms < KITH_EXPIRES_NEVER,
                kith_fail(&replica->cx, KITH_E_ARGUMENT,
                          "an invite has a role, 1 to 65535 uses and a time at which it ends"));
    entry_order order = {.make = make_invite,
                         .role = role,
                         .expires_ms = expires_ms == 0 ? KITH_EXPIRES_NEVER : expires_ms,
                         .uses = uses};
    KITH_TRY(add_entry(replica, &order));
    const kith_space *space = &replica->space;
    kith_invite invite = {.space = space->id, .entry = order.number, .has_pin = space->has_pin};
    memcpy(invite.secret, order.secret, sizeof invite.secret);
    memcpy(invite.pin, space->pin, sizeof invite.pin);
    memcpy(invite.relay, space->relay, sizeof invite.relay);
    kith_invite_format(&invite, text);
    kith_wipe(&invite, sizeof invite);
    kith_wipe(order.secret, sizeof order.secret);
    return KITH_OK;
}

static kith_status make_rotation(kith_replica *replica, entry_order *order,
                                 const kith_charter *charter, const uint8_t seed[KITH_SEED_BYTES],
                                 const uint8_t key[KITH_KEY_BYTES])
{
    (void)replica;
    return kith_charter_write_rotate(charter, seed, key, &order->entry, order->next_key);
}

kith_status kith_engine_rotate(kith_replica *replica)
{
    entry_order order = {.make = make_rotation, .begins_epoch = true};
    return add_entry(replica, &order);
}

static kith_status make_withdrawal(kith_replica *replica, entry_order *order,
                                   const kith_charter *charter, const uint8_t seed[KITH_SEED_BYTES],
                                   const uint8_t key[KITH_KEY_BYTES])
{
    (void)replica;
    (void)key;
    return kith_charter_write_withdraw(charter, seed, order->number, &order->entry);
}

kith_status kith_engine_withdraw(kith_replica *replica, uint32_t entry)
{
    entry_order order = {.make = make_withdrawal, .number = entry};
    return add_entry(replica, &order);
}

/* The last segments that are here of each of a device's authors. A device that made itself more
 * authors than an entry names was restored as often, or floods us: the rest does not count then. */
static kith_status gather_last(kith_replica *replica, const uint8_t sign[KITH_KEY_BYTES],
                               kith_arena *arena, kith_revocation *revocation)
{
    const kith_directory *directory = &replica->directory;
    kith_last_segment *items = kith_arena_array(arena, KITH_INCARNATIONS_MAX, sizeof *items);
    KITH_ENSURE(items != NULL, KITH_E_MEMORY);
    revocation->last_segments = items;
    for (uint32_t i = 1; i < directory->author_count; i++) {
        kith_segment_header header;
        if (directory->chains[i].segment == 0) {
            continue;
        }
        KITH_TRY(kith_engine_last_header(replica, i, &header));
        if (memcmp(header.sign, sign, KITH_KEY_BYTES) != 0 ||
            revocation->last_segment_count == KITH_INCARNATIONS_MAX) {
            continue;
        }
        kith_last_segment *last = &items[revocation->last_segment_count++];
        memcpy(last->incarnation, header.incarnation, sizeof last->incarnation);
        memcpy(last->header, directory->chains[i].header, sizeof last->header);
        last->number = header.number;
    }
    return KITH_OK;
}

static kith_status make_revocation(kith_replica *replica, entry_order *order,
                                   const kith_charter *charter, const uint8_t seed[KITH_SEED_BYTES],
                                   const uint8_t key[KITH_KEY_BYTES])
{
    kith_arena arena;
    const kith_member *member = NULL;
    KITH_TRY(kith_engine_find_member(replica, order->device, &member));
    kith_revocation revocation = {.device = member->sign, .must_wipe = order->must_wipe};
    kith_arena_init(&arena, &replica->cx);
    kith_status status = gather_last(replica, member->sign, &arena, &revocation);
    if (status == KITH_OK) {
        status = kith_charter_write_revoke(charter, seed, key, &revocation, &order->entry,
                                           order->next_key);
    }
    kith_arena_deinit(&arena);
    return status;
}

kith_status kith_engine_revoke(kith_replica *replica, kith_slice key, bool wipe)
{
    entry_order order = {
        .make = make_revocation, .begins_epoch = true, .device = key, .must_wipe = wipe};
    return add_entry(replica, &order);
}

static kith_status make_admission(kith_replica *replica, kith_charter *charter, kith_buf *entry)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_space *space = &replica->space;
    KITH_TRY(kith_engine_seed(replica, seed));
    kith_status status =
        kith_charter_write_admit(charter, seed, space->invite, space->secret, entry);
    kith_wipe(seed, sizeof seed);
    return status;
}

static kith_status admit(kith_replica *replica, void *user)
{
    kith_buf entry;
    kith_charter *charter = NULL;
    (void)user;
    KITH_TRY(kith_engine_charter(replica, &charter));
    kith_buf_init(&entry, &replica->cx, KITH_ENTRY_BYTES_MAX);
    kith_status status = make_admission(replica, charter, &entry);
    if (status == KITH_OK) {
        status = kith_engine_take_entry(replica, kith_buf_slice(&entry));
    }
    kith_buf_deinit(&entry);
    return status;
}

kith_status kith_engine_admit(kith_replica *replica)
{
    return in_write(replica, admit, NULL);
}
