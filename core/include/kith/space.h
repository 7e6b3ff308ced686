/* Spaces: who reads the records of a replica, and how devices come to do so.
 *
 * A space is founded by an office's device and joined by invite. A replica is of one space; what it
 * recorded before it had one goes to the one that it founds or joins. A device in several spaces
 * has a replica for each (kith_open_options.device_of), and syncs them together.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_SPACE_H
#define KITH_SPACE_H

#include <kith/replica.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a member may do; each also what those before it may. */
enum {
    KITH_MAY_READ = 1,
    KITH_MAY_WRITE = 2,
    KITH_MAY_SUPERVISE = 3, /* settle, close, erase */
    KITH_MAY_ADMINISTER = 4 /* change the membership */
};

/** Where a relay is, and how it is known. */
typedef struct kith_relay {
    uint32_t struct_size;
    const char *url;    /* http://… or https://…, at most 200 bytes; NULL or "" for none yet */
    const uint8_t *pin; /* SHA-256 of its public key (SubjectPublicKeyInfo), 32 bytes; NULL if a
                           certificate authority vouches for it, or for http */
} kith_relay;

/** Founds a space, with this device as its admin. It is at the relay after the next sync.
 *
 *  @param name   at most 200 bytes of UTF-8; sealed, so that the relay cannot read it
 *  @param relay  NULL for none yet
 *  @param token  the relay's registration token; NULL if it takes any
 *  @return KITH_OK; KITH_E_STATE if the replica has a space already; KITH_E_ARGUMENT; KITH_E_IO;
 *          storage statuses. Durable when it returns. */
KITH_API KITH_MUST_USE kith_status kith_space_found(kith_replica *replica, kith_slice name,
                                                    const kith_relay *relay, const char *token);

/** Says where the space's relay is from now on. Durable when it returns.
 *
 *  @return KITH_OK; KITH_E_STATE without a space; KITH_E_ARGUMENT; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_space_set_relay(kith_replica *replica,
                                                        const kith_relay *relay, const char *token);

/** Bytes that kith_space_invite() writes at the most, with the terminator. */
#define KITH_INVITE_SIZE 400

/** Makes an invite. It holds once it has reached the relay: sync before it is handed over. Whoever
 *  has the text may join, so it is shown to the one who is invited and to nobody else.
 *
 *  @param role        KITH_MAY_…
 *  @param expires_ms  since 1970; 0 for never. The relay's clock judges
 *  @param uses        how many devices may join by it; 1 … 65535
 *  @param text        receives the invite, NUL-terminated; "" on failure
 *  @return KITH_OK; KITH_E_STATE without a space; KITH_E_DENIED if this device may not;
 *          KITH_E_ARGUMENT; KITH_E_IO; storage statuses. Durable when it returns. */
KITH_API KITH_MUST_USE kith_status kith_space_invite(kith_replica *replica, uint32_t role,
                                                     int64_t expires_ms, uint32_t uses,
                                                     char text[KITH_INVITE_SIZE]);

/** Begins to join by an invite. The replica becomes a member when it has reached the relay: sync
 *  completes it. Durable when it returns.
 *
 *  @return KITH_OK; KITH_E_SYNTAX if the text is no invite; KITH_E_STATE if the replica has a space
 *          already; KITH_E_NEWER; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_space_join(kith_replica *replica, kith_slice invite);

/** A space as it stands. */
typedef struct kith_space_status {
    uint32_t struct_size; /* set by the caller */
    uint32_t role;        /* KITH_MAY_… of this device; 0 until it has joined, or if revoked */
    uint32_t is_joining;  /* 1 from kith_space_join() until the relay has admitted the device */
    uint32_t is_revoked;  /* 1 if this device was taken out */
    uint32_t is_behind; /* 1 if it was put back from a backup and lacks what others have seen of it
                           (kith_mark) */
    uint32_t epoch;     /* of the key, counted from 1 */
    uint32_t member_count;
    uint64_t unsent_count;  /* own changes that the relay is not known to have */
    uint64_t waiting_count; /* segments here that wait for others or could not be read */
    int64_t synced_ms;      /* when the last sync ended well, by this device's clock; 0 for never */
    char id[33];            /* hexadecimal: the space's fingerprint */
    char name[201];
    char relay[201];
} kith_space_status;

/** Reads it. KITH_OK; KITH_E_NOT_FOUND without a space; KITH_E_ARGUMENT; storage statuses. */
KITH_API KITH_MUST_USE kith_status kith_space_read_status(kith_replica *replica,
                                                          kith_space_status *status_out);

/** Bytes of a device's key as text, with the terminator. */
#define KITH_DEVICE_KEY_SIZE 65

/** A device of the space, as its members know it. */
typedef struct kith_space_device {
    uint32_t struct_size; /* sizeof, as the library has it */
    uint32_t role;
    uint32_t is_revoked;
    uint32_t is_own;
    uint32_t entry;   /* the charter's entry that admitted it */
    uint32_t invite;  /* that of the invite it came by; 0 for the founder */
    kith_id record;   /* of the device; all zero until its first changes have arrived */
    const char *name; /* "" until then */
    const char *key;  /* hexadecimal: its signing key, KITH_DEVICE_KEY_SIZE */
} kith_space_device;

/** Called for each device in the order in which they were admitted; anything but KITH_OK stops.
 *  Must not use the replica. */
typedef kith_status (*kith_space_device_function)(void *user, const kith_space_device *device);

/** Lists the devices of the space. KITH_OK; KITH_E_STATE without a space; storage statuses. */
KITH_API KITH_MUST_USE kith_status kith_space_list_devices(kith_replica *replica,
                                                           kith_space_device_function visit,
                                                           void *user);

/** Takes a device out of the space and gives the space a new key. Invites that have expired by this
 *  device's clock are withdrawn first, so that the new key is not sealed to them.
 *
 *  @param key   of the device, as kith_space_device has it
 *  @param wipe  1 to order it to wipe itself when it next syncs
 *  @return KITH_OK; KITH_E_NOT_FOUND if no device has that key; KITH_E_DENIED if this device may
 *          not, or that one is out already or the only admin; KITH_E_STATE; KITH_E_IO; storage
 *          statuses. Durable when it returns; in force once it has reached the relay. */
KITH_API KITH_MUST_USE kith_status kith_space_revoke(kith_replica *replica, kith_slice key,
                                                     uint32_t wipe);

/** Gives the space a new key without taking anybody out. As kith_space_revoke(). */
KITH_API KITH_MUST_USE kith_status kith_space_rotate(kith_replica *replica);

/** An invite that was not used up or withdrawn. */
typedef struct kith_space_invitation {
    uint32_t struct_size; /* sizeof, as the library has it */
    uint32_t entry;       /* the charter's entry that made it: its number */
    uint32_t role;        /* KITH_MAY_… */
    uint32_t uses_left;
    int64_t expires_ms; /* since 1970; 0 for never */
} kith_space_invitation;

/** Called for each in the order in which they were made; anything but KITH_OK stops. Must not use
 *  the replica. */
typedef kith_status (*kith_space_invitation_function)(void *user,
                                                      const kith_space_invitation *invitation);

/** Lists them. KITH_OK; KITH_E_STATE without a space; storage statuses. */
KITH_API KITH_MUST_USE kith_status kith_space_list_invitations(kith_replica *replica,
                                                               kith_space_invitation_function visit,
                                                               void *user);

/** Withdraws an invite: it admits nobody from then on, and later keys are not sealed to it.
 *
 *  @param entry  its number
 *  @return KITH_OK; KITH_E_DENIED if this device may not, or there is no such invite;
 *          KITH_E_STATE; storage statuses. Durable when it returns; in force once it has reached
 *          the relay. */
KITH_API KITH_MUST_USE kith_status kith_space_withdraw(kith_replica *replica, uint32_t entry);

#ifdef __cplusplus
}
#endif

#endif
