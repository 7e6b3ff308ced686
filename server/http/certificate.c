/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <unistd.h>

enum { PEM_BYTES_MAX = 64 * 1024, PATH_BYTES = 4096, SERIAL_BYTES = 16 };

static kith_status failed(kith_context *cx, int code)
{
    return kith_fail(cx, KITH_E_IO, "the certificate: %s", gnutls_strerror(code));
}

static kith_status read_file(kith_context *cx, const char *path, kith_buf *out)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    KITH_ENSURE(file >= 0, kith_fail_native(cx, KITH_E_NOT_FOUND, KITH_DOMAIN_POSIX, errno,
                                            "there is no file %s", path));
    ssize_t length = 0;
    do {
        uint8_t bytes[4096];
        length = read(file, bytes, sizeof bytes);
        if (length > 0) {
            kith_buf_append(out, bytes, (size_t)length);
        }
    } while (length > 0 && kith_buf_status(out) == KITH_OK);
    (void)close(file);
    KITH_ENSURE(length == 0, kith_fail_native(cx, KITH_E_IO, KITH_DOMAIN_POSIX, errno,
                                              "%s could not be read", path));
    kith_buf_append(out, "", 1);
    return kith_buf_status(out);
}

static gnutls_datum_t datum_of(const kith_buf *pem)
{
    return (gnutls_datum_t){.data = pem->data, .size = (unsigned)(pem->length - 1)};
}

static int export_public_key(gnutls_x509_crt_t certificate, gnutls_datum_t *der)
{
    gnutls_pubkey_t key = NULL;
    int code = gnutls_pubkey_init(&key);
    if (code == 0) {
        code = gnutls_pubkey_import_x509(key, certificate, 0);
    }
    if (code == 0) {
        code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, der);
    }
    gnutls_pubkey_deinit(key);
    return code;
}

static int read_pin(const kith_buf *pem, uint8_t pin[KITHD_PIN_BYTES])
{
    gnutls_x509_crt_t certificate = NULL;
    gnutls_datum_t text = datum_of(pem);
    gnutls_datum_t der = {NULL, 0};
    int code = gnutls_x509_crt_init(&certificate);
    if (code == 0) {
        code = gnutls_x509_crt_import(certificate, &text, GNUTLS_X509_FMT_PEM);
    }
    if (code == 0) {
        code = export_public_key(certificate, &der);
    }
    if (code == 0) {
        code = gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, pin);
    }
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(certificate);
    return code;
}

kith_status kithd_certificate_read(kith_context *cx, const char *certificate_path,
                                   const char *key_path, kithd_certificate *out)
{
    *out = (kithd_certificate){.pin = {0}};
    kith_buf_init(&out->key, cx, PEM_BYTES_MAX);
    kith_buf_init(&out->certificate, cx, PEM_BYTES_MAX);
    kith_status status = read_file(cx, key_path, &out->key);
    if (status == KITH_OK) {
        status = read_file(cx, certificate_path, &out->certificate);
    }
    if (status == KITH_OK && read_pin(&out->certificate, out->pin) != 0) {
        status = kith_fail(cx, KITH_E_DAMAGED, "%s holds no certificate", certificate_path);
    }
    if (status != KITH_OK) {
        kithd_certificate_deinit(out);
    }
    return status;
}

void kithd_certificate_deinit(kithd_certificate *certificate)
{
    kith_buf_deinit(&certificate->key);
    kith_buf_deinit(&certificate->certificate);
}

/* Writes a file that only the relay reads; under another name first, so that it is whole. */
static kith_status write_file(kith_context *cx, const char *path, const gnutls_datum_t *pem)
{
    char fresh[PATH_BYTES];
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done =
        file >= 0 && write(file, pem->data, pem->size) == (ssize_t)pem->size && fsync(file) == 0;
    if (file >= 0) {
        (void)close(file);
    }
    KITH_ENSURE(
        done && rename(fresh, path) == 0,
        kith_fail_native(cx, KITH_E_IO, KITH_DOMAIN_POSIX, errno, "%s could not be written", path));
    return KITH_OK;
}

/* Who is named and until when does not matter: clients know the key. */
static int fill_certificate(kith_context *cx, gnutls_x509_crt_t certificate,
                            gnutls_x509_privkey_t key)
{
    static const char name[] = "kithd";
    static const time_t end = 253402300799; /* 9999 */
    uint8_t serial[SERIAL_BYTES];
    if (cx->env.random(cx->env.user, serial, sizeof serial) != KITH_OK) {
        return GNUTLS_E_RANDOM_FAILED;
    }
    serial[0] &= 0x7f; /* serial numbers are positive (RFC 5280, 4.1.2.2) */
    int code = gnutls_x509_crt_set_version(certificate, 3);
    code = code != 0 ? code
                     : gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                     name, sizeof name - 1);
    code = code != 0 ? code : gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
    code = code != 0 ? code : gnutls_x509_crt_set_activation_time(certificate, 0);
    code = code != 0 ? code : gnutls_x509_crt_set_expiration_time(certificate, end);
    code = code != 0 ? code : gnutls_x509_crt_set_key(certificate, key);
    return code != 0 ? code
                     : gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
}

static int make_pair(kith_context *cx, gnutls_datum_t *key_pem, gnutls_datum_t *certificate_pem)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t certificate = NULL;
    int code = gnutls_x509_privkey_init(&key);
    code = code != 0 ? code : gnutls_x509_crt_init(&certificate);
    code = code != 0
               ? code
               : gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    code = code != 0 ? code : fill_certificate(cx, certificate, key);
    code = code != 0 ? code : gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, key_pem);
    code = code != 0 ? code
                     : gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, certificate_pem);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
    return code;
}

kith_status kithd_certificate_make(kith_context *cx, const char *certificate_path,
                                   const char *key_path)
{
    gnutls_datum_t key = {NULL, 0};
    gnutls_datum_t certificate = {NULL, 0};
    if (access(certificate_path, F_OK) == 0 && access(key_path, F_OK) == 0) {
        return KITH_OK;
    }
    int code = make_pair(cx, &key, &certificate);
    kith_status status = code == 0 ? write_file(cx, key_path, &key) : failed(cx, code);
    if (status == KITH_OK) {
        status = write_file(cx, certificate_path, &certificate);
    }
    if (key.data != NULL) {
        gnutls_memset(key.data, 0, key.size);
    }
    gnutls_free(key.data);
    gnutls_free(certificate.data);
    return status;
}
