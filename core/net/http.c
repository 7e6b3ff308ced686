/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#include "crypto/base64.h"
#include "space/invite.h"

enum { CONNECT_SECONDS = 30, PIN_TEXT_SIZE = 64 };

/* What the kernel takes ahead of the network: a few seconds of 2G. With the megabyte that it would
 * take by itself, a slow upload looked finished at once and then stalled. It is also the least that
 * libcurl reads ahead of the kernel. */
enum { SEND_BUFFER_BYTES = 16 * 1024 };

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

/* libcurl's own state of the process, which it keeps until the end. */
static void start_libcurl(void)
{
    global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t give_body(char *out, size_t size, size_t count, void *user)
{
    kith_http *http = user;
    size_t length = 0;
    http->failure = http->calls.give(http->calls.user, (uint8_t *)out, size * count, &length);
    return http->failure == KITH_OK ? length : CURL_READFUNC_ABORT;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *user)
{
    kith_http *http = user;
    size_t length = size * count;
    http->failure = http->calls.take(http->calls.user, kith_slice_make(bytes, length));
    return http->failure == KITH_OK ? length : 0;
}

/* A connection that breaks between two headers is an answer without a body to libcurl. The empty
 * line behind the last one tells that it did not. */
static size_t take_header(char *line, size_t size, size_t count, void *user)
{
    kith_http *http = user;
    const kith_slice header = kith_slice_make(line, size * count);
    http->has_head = kith_slice_is(header, "\r\n") || kith_slice_is(header, "\n");
    return header.length;
}

static int tell_progress(void *user, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                         curl_off_t up)
{
    kith_http *http = user;
    (void)down_total;
    (void)down;
    (void)up_total;
    http->now_bytes = (uint64_t)up;
    http->failure = http->calls.tell(http->calls.user);
    return http->failure == KITH_OK ? 0 : 1;
}

static int limit_send_buffer(void *user, curl_socket_t socket, curlsocktype purpose)
{
    const int bytes = SEND_BUFFER_BYTES;
    (void)user;
    (void)purpose;
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return CURL_SOCKOPT_OK;
}

/* Sets one option unless an earlier one failed, so that options are a list and not a staircase. */
#define SET(code, curl, option, value) \
    ((code) = (code) != CURLE_OK ? (code) : curl_easy_setopt((curl), (option), (value)))

static CURLcode set_pin(CURL *curl, const uint8_t pin[KITH_PIN_BYTES])
{
    char letters[KITH_BASE64_SIZE(KITH_PIN_BYTES)];
    char text[PIN_TEXT_SIZE];
    CURLcode code = CURLE_OK;
    kith_base64_write(kith_slice_make(pin, KITH_PIN_BYTES), letters, sizeof letters);
    for (char *at = letters; *at != '\0'; at++) { /* libcurl takes the older alphabet */
        *at = (char)(*at == '-' ? '+' : *at == '_' ? '/' : *at);
    }
    (void)snprintf(text, sizeof text, "sha256//%s=", letters);
    SET(code, curl, CURLOPT_PINNEDPUBLICKEY, text);
    SET(code, curl, CURLOPT_SSL_VERIFYPEER, 0L);
    SET(code, curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return code;
}

static CURLcode set_calls(CURL *curl, kith_http *http)
{
    CURLcode code = CURLE_OK;
    SET(code, curl, CURLOPT_WRITEFUNCTION, take_body);
    SET(code, curl, CURLOPT_WRITEDATA, http);
    SET(code, curl, CURLOPT_HEADERFUNCTION, take_header);
    SET(code, curl, CURLOPT_HEADERDATA, http);
    SET(code, curl, CURLOPT_READFUNCTION, give_body);
    SET(code, curl, CURLOPT_READDATA, http);
    SET(code, curl, CURLOPT_XFERINFOFUNCTION, tell_progress);
    SET(code, curl, CURLOPT_XFERINFODATA, http);
    SET(code, curl, CURLOPT_NOPROGRESS, 0L);
    SET(code, curl, CURLOPT_SOCKOPTFUNCTION, limit_send_buffer);
    SET(code, curl, CURLOPT_POST, http->calls.give != NULL ? 1L : 0L);
    return code;
}

static CURLcode set_limits(CURL *curl, uint32_t stall_seconds)
{
    CURLcode code = CURLE_OK;
    SET(code, curl, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(code, curl, CURLOPT_FOLLOWLOCATION, 0L);
    SET(code, curl, CURLOPT_NOSIGNAL, 1L);
    SET(code, curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    SET(code, curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(code, curl, CURLOPT_LOW_SPEED_TIME, (long)stall_seconds);
    SET(code, curl, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(code, curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER_BYTES);
    SET(code, curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    return code;
}

static kith_status report_libcurl(kith_context *cx, CURLcode code)
{
    return kith_fail(cx, KITH_E_INTERNAL, "libcurl: %s", curl_easy_strerror(code));
}

kith_status kith_http_open(kith_http *http, kith_context *cx, const kith_http_calls *calls,
                           const uint8_t *pin, uint32_t stall_seconds)
{
    *http = (kith_http){.cx = cx, .calls = *calls};
    (void)pthread_once(&global_once, start_libcurl);
    KITH_ENSURE(global_code == CURLE_OK, report_libcurl(cx, global_code));
    CURL *curl = curl_easy_init();
    KITH_ENSURE(curl != NULL, report_libcurl(cx, CURLE_FAILED_INIT));
    http->curl = curl;
    CURLcode code = set_limits(curl, stall_seconds);
    code = code != CURLE_OK ? code : set_calls(curl, http);
    code = code != CURLE_OK || pin == NULL ? code : set_pin(curl, pin);
    KITH_ENSURE(code == CURLE_OK, report_libcurl(cx, code));
    return KITH_OK;
}

void kith_http_close(kith_http *http)
{
    curl_easy_cleanup(http->curl);
    *http = (kith_http){0};
}

static bool is_loopback_host(const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1) {
        return ntohl(address.s_addr) >> 24 == 127;
    }
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

/* Takes the address. Proxies that the environment names are for hosts elsewhere. */
static CURLcode set_address(CURL *curl, const char *url)
{
    char *host = NULL;
    CURLU *parts = curl_url();
    bool is_url = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                  curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    CURLcode code = is_url ? CURLE_OK : parts == NULL ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT;
    SET(code, curl, CURLOPT_URL, url);
    SET(code, curl, CURLOPT_PROXY, is_url && is_loopback_host(host) ? "" : NULL);
    curl_free(host);
    curl_url_cleanup(parts);
    return code;
}

static struct curl_slist *make_headers(const char *authorization)
{
    /* Each takes out what libcurl would add, and nothing needs. */
    static const char *const lines[] = {"Accept:", "Expect:", "Content-Type:"};
    struct curl_slist *headers = curl_slist_append(NULL, authorization);
    for (size_t i = 0; headers != NULL && i < KITH_ARRAY_LENGTH(lines); i++) {
        struct curl_slist *longer = curl_slist_append(headers, lines[i]);
        if (longer == NULL) {
            curl_slist_free_all(headers);
        }
        headers = longer;
    }
    return headers;
}

/* libcurl takes a body ahead of what it sends: what a broken request has sent, it alone knows. */
static void count_sent(kith_http *http)
{
    curl_off_t sent = 0;
    (void)curl_easy_getinfo(http->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    http->sent_bytes += (uint64_t)sent;
    http->now_bytes = 0;
}

/* Why no answer came. The detail is set in any case; a status only where trying again is of no use.
 */
static kith_status judge_failure(kith_context *cx, CURLcode code)
{
    switch (code) {
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return kith_fail(cx, KITH_E_NETWORK,
                         "the relay at that address is not the one of the invite; if it was "
                         "replaced, its new pin is needed");
    case CURLE_PEER_FAILED_VERIFICATION:
        return kith_fail(cx, KITH_E_NETWORK,
                         "nobody vouches for the relay at that address; its pin is needed");
    case CURLE_URL_MALFORMAT:
        return kith_fail(cx, KITH_E_ARGUMENT, "the relay's address is none");
    case CURLE_OUT_OF_MEMORY:
        return kith_fail(cx, KITH_E_MEMORY, "out of memory");
    default:
        (void)kith_fail(cx, KITH_E_NETWORK, "the relay could not be reached: %s",
                        curl_easy_strerror(code));
        return KITH_OK;
    }
}

kith_status kith_http_perform(kith_http *http, const char *url, const char *authorization,
                              int64_t length, int32_t *code_out)
{
    CURL *curl = http->curl;
    struct curl_slist *headers = make_headers(authorization);
    long answer = 0;
    *code_out = 0;
    http->failure = KITH_OK;
    http->has_head = false;
    KITH_ENSURE(headers != NULL, kith_fail(http->cx, KITH_E_MEMORY, "out of memory"));
    CURLcode code = set_address(curl, url);
    SET(code, curl, CURLOPT_HTTPHEADER, headers);
    if (http->calls.give != NULL) {
        SET(code, curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    }
    code = code != CURLE_OK ? code : curl_easy_perform(curl);
    curl_slist_free_all(headers);
    count_sent(http);
    KITH_TRY(http->failure);
    code = code == CURLE_OK && !http->has_head ? CURLE_PARTIAL_FILE : code;
    if (code != CURLE_OK) {
        return judge_failure(http->cx, code);
    }
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    *code_out = (int32_t)answer;
    return KITH_OK;
}
