/* The relay's own certificate: made at its first start, known to clients by the pin of its key, so
 * that a district needs no domain and no certificate authority (DESIGN §5).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_HTTP_CERTIFICATE_H
#define KITHD_HTTP_CERTIFICATE_H

#include "base/buf.h"

enum { KITHD_PIN_BYTES = 32 };

typedef struct kithd_certificate {
    kith_buf key;                 /* PEM, NUL-terminated */
    kith_buf certificate;         /* PEM, NUL-terminated */
    uint8_t pin[KITHD_PIN_BYTES]; /* SHA-256 of its SubjectPublicKeyInfo */
} kithd_certificate;

/** Reads key and certificate from files. KITH_E_NOT_FOUND; KITH_E_DAMAGED. */
KITH_MUST_USE kith_status kithd_certificate_read(kith_context *cx, const char *certificate_path,
                                                 const char *key_path, kithd_certificate *out);

/** Makes a key and a certificate of it, durably, where neither is there. KITH_E_IO. */
KITH_MUST_USE kith_status kithd_certificate_make(kith_context *cx, const char *certificate_path,
                                                 const char *key_path);

void kithd_certificate_deinit(kithd_certificate *certificate);

#endif
