/* Reading one record: its fields, its conflicts, when it was made, who points to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef KITH_RECORD_H
#define KITH_RECORD_H

#include <kith/replica.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far a time can be trusted. */
enum {
    KITH_TIME_UNKNOWN = 0,  /* the device's clock showed a time before this program was written */
    KITH_TIME_CLAIMED = 1,  /* what the device's clock showed */
    KITH_TIME_CONFIRMED = 2 /* checked or corrected against a trusted time */
};

/** When something was written, and by whom. */
typedef struct kith_written {
    int64_t unix_ms;         /* corrected where a correction is known */
    int32_t trust;           /* KITH_TIME_… */
    const char *author;      /* sixteen letters */
    const char *device_name; /* "" if it is not known here */
} kith_written;

/** One of several values that people wrote without sight of each other. */
typedef struct kith_rival {
    const char *text; /* "" where the field was cleared */
    kith_written written;
} kith_rival;

/** One field of a record. */
typedef struct kith_record_field {
    const char *name;
    const kith_field *field;  /* NULL if the schema does not know it */
    const char *const *texts; /* values in their text form: one, or those of a set; ended by NULL */
    uint32_t text_count;
    uint32_t rival_count;     /* 0 unless the field is in conflict */
    const kith_rival *rivals; /* the one shown first */
} kith_record_field;

/** A record as it stood when it was read. */
typedef struct kith_record kith_record;

/** Reads a record.
 *
 *  @param language    for its title, ISO 639-3; NULL for English
 *  @param record_out  free with kith_record_free(), before the replica is closed; NULL on failure
 *  @return KITH_OK, also for a removed record; KITH_E_NOT_FOUND; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_record_get(kith_replica *replica, kith_id id,
                                                   const char *language, kith_record **record_out);
KITH_API void kith_record_free(kith_record *record);

/* What the record is. Texts and structures live as long as the record. */
KITH_API kith_id kith_record_id(const kith_record *record);
/** "" while the change that created it has not arrived. */
KITH_API const char *kith_record_kind(const kith_record *record);
/** Its title fields, as people read them, on one line. */
KITH_API const char *kith_record_title(const kith_record *record);
KITH_API const kith_written *kith_record_created(const kith_record *record);
KITH_API const kith_written *kith_record_updated(const kith_record *record);
/** 1 if it was removed. */
KITH_API uint32_t kith_record_is_removed(const kith_record *record);
/** 1 if it was removed by somebody and changed by somebody else who had not seen that. */
KITH_API uint32_t kith_record_is_revived(const kith_record *record);

/** Fields that hold something or are in conflict, in the schema's order, unknown ones last. */
KITH_API uint32_t kith_record_field_count(const kith_record *record);
KITH_API const kith_record_field *kith_record_field_at(const kith_record *record, uint32_t index);
/** By name; NULL if the field holds nothing. */
KITH_API const kith_record_field *kith_record_find_field(const kith_record *record,
                                                         kith_slice name);

/** The record as one JSON object: {"id", "kind", "space", "title", "fields": {…}, "conflicts":
 *  {field: [{"value", "author", "device", "time"}]}, "created", "updated"}, with "removed" or
 *  "revived" if so. Times that are not known are null.
 *
 *  @param json_out  lives as long as the record
 *  @return KITH_OK; KITH_E_MEMORY */
KITH_API KITH_MUST_USE kith_status kith_record_json(kith_record *record, kith_slice *json_out);

/** The id that a person may have abbreviated: the first letters of the author and the number, or
 * the number alone for a record made on this device.
 *
 *  @return KITH_OK; KITH_E_SYNTAX; KITH_E_NOT_FOUND; KITH_E_AMBIGUOUS; storage statuses */
KITH_API KITH_MUST_USE kith_status kith_id_resolve(kith_replica *replica, kith_slice text,
                                                   kith_id *id_out);

#ifdef __cplusplus
}
#endif

#endif
