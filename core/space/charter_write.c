/* Making entries. What was made is held against the same rules as what is received.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/writer.h"
#include "crypto/aead.h"
#include "space/charter.h"
#include "space/invite.h"
#include "space/keys.h"
#include "text/utf8.h"

enum { VERSION = 1, EPOCH_BYTES = 4 };

/* An entry being written: where it began in the buffer, and who signs it. */
typedef struct draft {
    kith_context *cx;
    const kith_charter *charter; /* NULL for the founding entry */
    kith_buf *out;
    size_t start;
    const uint8_t *seed;
    kith_device_keys keys;
    uint8_t *secret; /* what comes with the entry, if it holds */
    size_t secret_bytes;
    bool has_misfit; /* a number is larger than its place */
} draft;

static void write_number(draft *d, uint64_t number, size_t length)
{
    d->has_misfit = d->has_misfit || (length < 8 && number >> (8 * length) != 0);
    for (size_t i = length; i > 0; i--) {
        kith_write_u8(d->out, (uint8_t)(number >> (8 * (i - 1))));
    }
}

static draft begin_entry(kith_context *cx, const kith_charter *charter,
                         const uint8_t seed[KITH_SEED_BYTES], kith_entry_kind kind, kith_buf *out)
{
    static const uint8_t zeros[KITH_HASH_BYTES];
    draft d = {.cx = cx, .charter = charter, .out = out, .start = out->length, .seed = seed};
    kith_device_keys_derive(seed, &d.keys);
    kith_write_u8(out, VERSION);
    kith_write_u8(out, (uint8_t)kind);
    kith_buf_append(out, charter == NULL ? zeros : charter->space.bytes, KITH_SPACE_ID_BYTES);
    write_number(&d, charter == NULL ? 1 : charter->entry_count + 1, 4);
    kith_buf_append(out, charter == NULL ? zeros : charter->head, KITH_HASH_BYTES);
    kith_buf_append(out, d.keys.sign, KITH_KEY_BYTES);
    return d;
}

static kith_slice written(const draft *d)
{
    return kith_slice_skip(kith_buf_slice(d->out), d->start);
}

static kith_status judge(const draft *d)
{
    kith_charter nothing;
    if (d->charter != NULL) {
        return kith_charter_judge(d->charter, written(d));
    }
    kith_charter_init(&nothing, d->cx, NULL);
    kith_status status = kith_charter_judge(&nothing, written(d));
    kith_charter_deinit(&nothing);
    return status;
}

static kith_status sign_and_judge(draft *d)
{
    uint8_t signature[KITH_SIGNATURE_BYTES];
    KITH_ENSURE(!d->has_misfit,
                kith_fail(d->cx, KITH_E_DENIED, "a number does not fit a charter's entry"));
    kith_device_sign(d->seed, "kith charter", written(d), signature);
    kith_buf_append(d->out, signature, sizeof signature);
    KITH_TRY(kith_buf_status(d->out));
    return judge(d);
}

/* Ends an entry, whose body was written with that status. Of one that does not hold nothing is left
 * behind, nor of its secret. */
static kith_status end_entry(draft *d, kith_status status)
{
    if (status == KITH_OK) {
        status = sign_and_judge(d);
    }
    if (status != KITH_OK && d->out->length > d->start) {
        d->out->length = d->start;
    }
    if (status != KITH_OK && d->secret != NULL) {
        kith_wipe(d->secret, d->secret_bytes);
    }
    return status;
}

static kith_status draw(kith_context *cx, uint8_t *bytes, size_t length)
{
    KITH_ENSURE(cx->env.random(cx->env.user, bytes, length) == KITH_OK,
                kith_fail(cx, KITH_E_IO, "the system gave no random bytes"));
    return KITH_OK;
}

/* Draws what comes with the entry. */
static kith_status draw_secret(draft *d, uint8_t *secret, size_t length)
{
    d->secret = secret;
    d->secret_bytes = length;
    return draw(d->cx, secret, length);
}

/* A wrong key would be passed on to all, and cut them off from what was sealed before. */
static kith_status need_current_key(const draft *d, const uint8_t key[KITH_KEY_BYTES])
{
    KITH_ENSURE(kith_epoch_key_is_good(d->charter, (uint32_t)d->charter->epoch_count, key),
                kith_fail(d->cx, KITH_E_DENIED, "that is not the key of the current epoch"));
    return KITH_OK;
}

static void write_commitment(kith_buf *out, const uint8_t key[KITH_KEY_BYTES])
{
    uint8_t commitment[KITH_HASH_BYTES];
    kith_hash("kith commitment", kith_slice_make(key, KITH_KEY_BYTES), commitment);
    kith_buf_append(out, commitment, sizeof commitment);
}

/* Appends nonce and sealed bytes under a key derived for one purpose. */
static kith_status write_sealed(draft *d, const char *purpose, const uint8_t key[KITH_KEY_BYTES],
                                kith_slice associated, kith_slice plain)
{
    uint8_t derived[KITH_AEAD_KEY_BYTES];
    uint8_t nonce[KITH_AEAD_NONCE_BYTES];
    KITH_TRY(draw(d->cx, nonce, sizeof nonce));
    kith_buf_append(d->out, nonce, sizeof nonce);
    uint8_t *sealed = kith_buf_extend(d->out, plain.length + KITH_AEAD_TAG_BYTES);
    KITH_ENSURE(sealed != NULL, kith_buf_status(d->out));
    kith_hash(purpose, kith_slice_make(key, KITH_KEY_BYTES), derived);
    kith_aead_seal(derived, nonce, associated, plain, sealed);
    kith_wipe(derived, sizeof derived);
    return KITH_OK;
}

static void put_epoch(uint32_t epoch, uint8_t bytes[EPOCH_BYTES])
{
    for (size_t i = 0; i < EPOCH_BYTES; i++) {
        bytes[i] = (uint8_t)(epoch >> (8 * (EPOCH_BYTES - 1 - i)));
    }
}

static kith_status write_key(draft *d, const uint8_t box[KITH_KEY_BYTES], uint32_t epoch,
                             const uint8_t key[KITH_KEY_BYTES])
{
    uint8_t plain[EPOCH_BYTES + KITH_KEY_BYTES];
    uint8_t *sealed = kith_buf_extend(d->out, KITH_SEALED_KEY_BYTES);
    KITH_ENSURE(sealed != NULL, kith_buf_status(d->out));
    put_epoch(epoch, plain);
    memcpy(plain + EPOCH_BYTES, key, KITH_KEY_BYTES);
    kith_status status = kith_box_seal(d->cx, box, kith_slice_make(plain, sizeof plain), sealed);
    kith_wipe(plain, sizeof plain);
    return status;
}

static kith_status write_found_body(draft *d, kith_slice name, uint8_t key_out[KITH_KEY_BYTES])
{
    enum { AROUND = KITH_AEAD_NONCE_BYTES + KITH_AEAD_TAG_BYTES };
    kith_slice nothing = {NULL, 0};
    KITH_TRY(draw_secret(d, key_out, KITH_KEY_BYTES));
    kith_buf_append(d->out, d->keys.box, KITH_KEY_BYTES);
    write_commitment(d->out, key_out);
    kith_write_varint(d->out, name.length + AROUND);
    return write_sealed(d, "kith space name", key_out, nothing, name);
}

kith_status kith_charter_write_found(kith_context *cx, const uint8_t seed[KITH_SEED_BYTES],
                                     kith_slice name, kith_buf *out,
                                     uint8_t key_out[KITH_KEY_BYTES])
{
    memset(key_out, 0, KITH_KEY_BYTES);
    KITH_ENSURE(name.length <= KITH_SPACE_NAME_BYTES_MAX,
                kith_fail(cx, KITH_E_LIMIT, "a space's name is longer than %zu bytes",
                          KITH_SPACE_NAME_BYTES_MAX));
    KITH_ENSURE(kith_utf8_valid_bytes(name) == name.length,
                kith_fail(cx, KITH_E_DENIED, "a space's name is not UTF-8"));
    draft d = begin_entry(cx, NULL, seed, KITH_ENTRY_FOUND, out);
    return end_entry(&d, write_found_body(&d, name, key_out));
}

/* The keys that an invite's secret makes. */
static void derive_invite(const uint8_t secret[KITH_INVITE_SECRET_BYTES], kith_device_keys *keys)
{
    uint8_t seed[KITH_SEED_BYTES];
    kith_invite_seed(secret, seed);
    kith_device_keys_derive(seed, keys);
    kith_wipe(seed, sizeof seed);
}

kith_status kith_charter_write_invite(const kith_charter *charter,
                                      const uint8_t seed[KITH_SEED_BYTES],
                                      const uint8_t key[KITH_KEY_BYTES], kith_role role,
                                      int64_t expires_ms, uint32_t uses, kith_buf *out,
                                      uint8_t secret_out[KITH_INVITE_SECRET_BYTES])
{
    kith_device_keys keys;
    memset(secret_out, 0, KITH_INVITE_SECRET_BYTES);
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_INVITE, out);
    kith_status status = need_current_key(&d, key);
    if (status == KITH_OK) {
        status = draw_secret(&d, secret_out, KITH_INVITE_SECRET_BYTES);
    }
    if (status == KITH_OK) {
        derive_invite(secret_out, &keys);
        write_number(&d, (uint64_t)role, 1);
        write_number(&d, (uint64_t)expires_ms, 6);
        write_number(&d, uses, 2);
        kith_buf_append(out, keys.sign, KITH_KEY_BYTES);
        kith_buf_append(out, keys.box, KITH_KEY_BYTES);
        status = write_key(&d, keys.box, (uint32_t)charter->epoch_count, key);
    }
    return end_entry(&d, status);
}

kith_status kith_charter_write_admit(const kith_charter *charter,
                                     const uint8_t seed[KITH_SEED_BYTES], uint32_t invite,
                                     const uint8_t secret[KITH_INVITE_SECRET_BYTES], kith_buf *out)
{
    uint8_t invite_seed[KITH_SEED_BYTES];
    uint8_t signature[KITH_SIGNATURE_BYTES];
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_ADMIT, out);
    kith_invite_seed(secret, invite_seed);
    kith_admission_sign(charter, invite_seed, &d.keys, signature);
    kith_wipe(invite_seed, sizeof invite_seed);
    write_number(&d, invite, 4);
    kith_buf_append(out, d.keys.box, KITH_KEY_BYTES);
    kith_buf_append(out, signature, sizeof signature);
    return end_entry(&d, KITH_OK);
}

/* The key of the next epoch, for those who remain. */
static kith_status write_rekey(draft *d, const uint8_t key[KITH_KEY_BYTES], const uint8_t *revoked,
                               uint8_t next_out[KITH_KEY_BYTES])
{
    const kith_charter *charter = d->charter;
    uint32_t epoch = (uint32_t)charter->epoch_count + 1;
    uint8_t associated[EPOCH_BYTES];
    memset(next_out, 0, KITH_KEY_BYTES);
    KITH_TRY(need_current_key(d, key));
    KITH_TRY(draw_secret(d, next_out, KITH_KEY_BYTES));
    put_epoch(epoch, associated);
    write_commitment(d->out, next_out);
    KITH_TRY(write_sealed(d, "kith old key", next_out,
                          kith_slice_make(associated, sizeof associated),
                          kith_slice_make(key, KITH_KEY_BYTES)));
    size_t count = kith_rekey_count(charter, revoked);
    kith_write_varint(d->out, count);
    for (size_t i = 0; i < count; i++) {
        KITH_TRY(write_key(d, kith_rekey_box(charter, revoked, i), epoch, next_out));
    }
    return KITH_OK;
}

kith_status kith_charter_write_revoke(const kith_charter *charter,
                                      const uint8_t seed[KITH_SEED_BYTES],
                                      const uint8_t key[KITH_KEY_BYTES],
                                      const kith_revocation *revocation, kith_buf *out,
                                      uint8_t key_out[KITH_KEY_BYTES])
{
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_REVOKE, out);
    kith_buf_append(out, revocation->device, KITH_KEY_BYTES);
    kith_write_u8(out, revocation->must_wipe);
    kith_write_varint(out, revocation->last_segment_count);
    for (size_t i = 0; i < revocation->last_segment_count; i++) {
        const kith_last_segment *last = &revocation->last_segments[i];
        kith_buf_append(out, last->incarnation, sizeof last->incarnation);
        write_number(&d, last->number, 6);
        kith_buf_append(out, last->header, sizeof last->header);
    }
    return end_entry(&d, write_rekey(&d, key, revocation->device, key_out));
}

kith_status kith_charter_write_rotate(const kith_charter *charter,
                                      const uint8_t seed[KITH_SEED_BYTES],
                                      const uint8_t key[KITH_KEY_BYTES], kith_buf *out,
                                      uint8_t key_out[KITH_KEY_BYTES])
{
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_ROTATE, out);
    return end_entry(&d, write_rekey(&d, key, NULL, key_out));
}

kith_status kith_charter_write_withdraw(const kith_charter *charter,
                                        const uint8_t seed[KITH_SEED_BYTES], uint32_t invite,
                                        kith_buf *out)
{
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_WITHDRAW, out);
    write_number(&d, invite, 4);
    return end_entry(&d, KITH_OK);
}

kith_status kith_charter_write_appoint(const kith_charter *charter,
                                       const uint8_t seed[KITH_SEED_BYTES],
                                       const uint8_t device[KITH_KEY_BYTES], kith_role role,
                                       kith_buf *out)
{
    draft d = begin_entry(charter->cx, charter, seed, KITH_ENTRY_APPOINT, out);
    kith_buf_append(out, device, KITH_KEY_BYTES);
    write_number(&d, (uint64_t)role, 1);
    return end_entry(&d, KITH_OK);
}
