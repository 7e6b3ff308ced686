/* kithd: the relay. SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "server/http/server.h"
#include "server/kithd/admin.h"

/* Requests under way get so long when the relay is told to stop. */
enum { STOP_SECONDS = 10, PATH_BYTES = 2 * TEXT_MAX };

enum { CONNECTIONS_MAX = 12000, FILES_KEPT = 300 };

static const char usage[] =
    "kithd: keeps and hands on what it cannot read\n"
    "\n"
    "  kithd [OPTIONS]                serve until told to stop\n"
    "  kithd init [OPTIONS]           make the data folder; prints a registration token and the "
    "pin\n"
    "  kithd token                    print another registration token\n"
    "  kithd check                    check everything that is stored\n"
    "  kithd backup FILE              copy the database while it is in use\n"
    "  kithd space list               spaces, with their sizes\n"
    "  kithd device list SPACE        devices of a space, with what they stored\n"
    "  kithd quota SPACE [DEVICE] [BYTES]\n"
    "                                 show or set the room of a space, or of a device in it\n"
    "\n"
    "  --data DIR                     where everything is kept (/var/lib/kithd)\n"
    "  --listen ADDRESS:PORT          numeric; port 0 for any that is free (127.0.0.1:8443)\n"
    "  --tls auto|off|CERT,KEY        auto: a certificate of its own, known by its pin\n"
    "  --open                         let anybody found a space, without a token\n"
    "  --quota BYTES                  room of a space without one of its own (1 GiB)\n"
    "  --device-quota BYTES           the same of a device in a space; 0: no limit (256 MiB)\n"
    "  --timeout SECONDS              cut connections that bring nothing for so long (60)\n"
    "  --threads N                    0: 16, or as many as processors if those are more\n"
    "  --config FILE                  lines of: name = value\n";

/* A JSON line on standard error. Lines of the relay's own are members already; others are words. */
static void log_line(void *user, int32_t level, const char *line)
{
    static const char *const levels[] = {"error", "warning", "info"};
    char text[512];
    size_t length = 0;
    (void)user;
    if (line[0] == '"') {
        (void)fprintf(stderr, "{\"time\":%lld,\"level\":\"%s\",%s}\n", (long long)time(NULL),
                      levels[level], line);
        return;
    }
    for (const char *at = line; *at != '\0' && length + 2 < sizeof text; at++) {
        bool is_plain = *at >= ' ' && *at <= '~' && *at != '"' && *at != '\\';
        text[length] = '_';
        if (is_plain) {
            text[length] = *at;
        }
        length++;
    }
    text[length] = '\0';
    (void)fprintf(stderr, "{\"time\":%lld,\"level\":\"%s\",\"event\":\"%s\"}\n",
                  (long long)time(NULL), levels[level], text);
}

static void print_ready(const kithd_server *server, const server_options *options,
                        const kithd_certificate *certificate)
{
    (void)printf("listening on %s:%u", options->address, kithd_server_port(server));
    if (certificate != NULL) {
        (void)printf(" pin ");
        for (size_t i = 0; i < sizeof certificate->pin; i++) {
            (void)printf("%02x", certificate->pin[i]);
        }
    }
    (void)printf("\n");
    (void)fflush(stdout);
}

static kith_status read_certificate(kith_context *cx, const server_options *options,
                                    kithd_certificate *certificate)
{
    char certificate_path[PATH_BYTES];
    char key_path[PATH_BYTES];
    const char *comma = strchr(options->tls, ',');
    if (comma != NULL) {
        (void)snprintf(certificate_path, sizeof certificate_path, "%.*s",
                       (int)(comma - options->tls), options->tls);
        (void)snprintf(key_path, sizeof key_path, "%s", comma + 1);
    } else {
        (void)snprintf(certificate_path, sizeof certificate_path, "%s/tls.crt", options->data);
        (void)snprintf(key_path, sizeof key_path, "%s/tls.key", options->data);
        KITH_TRY(kithd_certificate_make(cx, certificate_path, key_path));
    }
    return kithd_certificate_read(cx, certificate_path, key_path, certificate);
}

/* Signals are taken by this thread alone, and only here. */
static void wait_for_end(const sigset_t *signals)
{
    int caught = 0;
    (void)sigwait(signals, &caught);
}

/* A file for each connection, and some for the database. */
static unsigned connections_allowed(void)
{
    struct rlimit files = {.rlim_cur = 0};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return 0;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    rlim_t allowed = files.rlim_cur > 2 * FILES_KEPT ? files.rlim_cur - FILES_KEPT : FILES_KEPT;
    return allowed < CONNECTIONS_MAX ? (unsigned)allowed : CONNECTIONS_MAX;
}

static int serve_with(kith_context *cx, kithd_relay *relay, const server_options *options,
                      const kithd_certificate *certificate, const sigset_t *signals)
{
    kithd_server *server = NULL;
    kithd_listen where = {.address = options->address,
                          .port = options->port,
                          .certificate = certificate,
                          .threads = options->threads,
                          .connections = connections_allowed(),
                          .timeout = options->timeout};
    kith_status status = kithd_server_start(relay, &where, &server, &cx->error);
    if (status != KITH_OK) {
        return report(cx, status, "starting");
    }
    print_ready(server, options, certificate);
    wait_for_end(signals);
    kith_note(cx, KITH_LOG_INFO, "\"event\":\"stopping\"");
    kithd_server_stop(server, STOP_SECONDS);
    return 0;
}

static int serve(kith_context *cx, const server_options *options)
{
    sigset_t signals;
    kithd_relay *relay = NULL;
    kithd_certificate certificate = {.pin = {0}};
    kithd_options relay_options = {.folder = options->data,
                                   .is_open = options->is_open,
                                   .quota = options->quota,
                                   .device_quota = options->device_quota,
                                   .env = &cx->env};
    bool has_tls = strcmp(options->tls, "off") != 0;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    kith_status status = kithd_relay_open(&relay_options, &relay, &cx->error);
    if (status == KITH_OK && has_tls) {
        status = read_certificate(cx, options, &certificate);
    }
    int code = status == KITH_OK
                   ? serve_with(cx, relay, options, has_tls ? &certificate : NULL, &signals)
                   : report(cx, status, options->data);
    kithd_certificate_deinit(&certificate);
    kithd_relay_close(relay);
    return code;
}

typedef struct named_command {
    const char *name;
    int (*run)(kith_context *cx, const server_options *options);
} named_command;

static int run(kith_context *cx, const server_options *options)
{
    static const named_command commands[] = {
        {"init", run_init},   {"token", run_token},   {"check", run_check}, {"backup", run_backup},
        {"space", run_space}, {"device", run_device}, {"quota", run_quota}};
    if (options->word_count == 0) {
        return serve(cx, options);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, options->words[0]) == 0) {
            return commands[i].run(cx, options);
        }
    }
    return say_error(EXIT_USAGE, "there is no command %s; see kithd --help", options->words[0]);
}

int main(int argument_count, char **arguments)
{
    server_options options;
    kith_context cx;
    int code = read_options(argument_count, arguments, &options);
    if (code != 0) {
        return code;
    }
    if (options.wants_help || options.wants_version) {
        (void)(options.wants_help ? fputs(usage, stdout) : printf("kithd %s\n", kith_version()));
        return 0;
    }
    (void)umask(077); /* what it writes is its own, backups too */
    kith_env env = kith_env_default();
    env.log = log_line;
    if (kith_context_init(&cx, &env) != KITH_OK || kith_crypto_init(&cx) != KITH_OK) {
        return say_error(EXIT_REFUSED, "the crypto library could not start");
    }
    return run(&cx, &options);
}
