/* kith bundle: carry records by hand, in a file. SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <kith/bundle.h>

#include "cmd/device.h"
#include "cmd/sync.h"
#include "commands.h"
#include "term/file.h"
#include "term/output.h"
#include "term/report.h"
#include "term/stream.h"

static void print_written(const cli *app, const kith_bundle_written *w, const char *reader)
{
    if (app->is_json) {
        json_value *object = json_object();
        json_put_integer(object, "spaces", w->space_count);
        json_put_integer(object, "entries", (int64_t)w->entry_count);
        json_put_integer(object, "segments", (int64_t)w->segment_count);
        json_put_integer(object, "carried", (int64_t)w->carried_count);
        json_put_integer(object, "left_out", (int64_t)w->left_out_count);
        json_put_integer(object, "held", (int64_t)w->held_count);
        json_put_integer(object, "bytes", (int64_t)w->byte_count);
        json_print(stdout, object);
        return;
    }
    if (app->is_quiet) {
        return;
    }
    print("%" PRIu64 " segments in %.1f KB", w->segment_count, (double)w->byte_count / 1e3);
    if (w->carried_count > 0) {
        print(", %" PRIu64 " of them carried for others", w->carried_count);
    }
    if (w->left_out_count > 0) {
        print(", %" PRIu64 " left out that %s has", w->left_out_count, reader);
    }
    print("\n");
    if (w->held_count > 0) {
        print(WARNING
              "%" PRIu64 " changes of this device are not in it" PLAIN
              ": it was put back from a backup; sync first, or take in a bundle of somebody "
              "who has had one of it (--go-on if nobody has)\n",
              w->held_count);
    }
    if (reader != NULL && w->is_device_known == 0) {
        print("nothing was left out: no bundle of %s has been here\n", reader);
    }
}

/* The first replica tells what went wrong in any. */
static exit_code report_bundle(const cli *app, kith_status status, const char *what)
{
    const kith_error *error = kith_replica_error(app->replicas[0]);
    const char *why = error->status == status ? error->message : kith_status_name(status);
    return report_failure(app, status, what, why, NULL);
}

static exit_code write_bundle(const cli *app, stream *out, kith_bundle_export_options options,
                              kith_bundle_written *written)
{
    options.write = write_stream;
    options.progress = show_progress;
    options.user = out;
    out->bar = begin_progress(app, "writing");
    kith_status status = kith_bundle_export(app->replicas, app->replica_count, &options, written);
    hide_progress(&out->bar);
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, out->path, "stopped", "no file was made");
    }
    if (out->failure != 0) {
        return report_stream(app, out);
    }
    return status == KITH_OK ? EXIT_DONE : report_bundle(app, status, app->command);
}

static exit_code export_bundle(const cli *app, const char *path, const char *reader, bool goes_on)
{
    stream out = {.path = path};
    kith_bundle_written written = {.struct_size = sizeof written};
    kith_bundle_export_options options = KITH_BUNDLE_EXPORT_OPTIONS_INIT;
    char key[KITH_DEVICE_KEY_SIZE] = "";
    output_file output;
    exit_code code = reader == NULL ? EXIT_DONE : find_device_key(app, reader, key);
    if (code == EXIT_DONE) {
        code = open_output(app, path, &output);
    }
    if (code != EXIT_DONE) {
        return code;
    }
    out.file = output.file;
    options.key = kith_slice_of(key);
    options.goes_on = goes_on;
    code = close_output(app, &output, write_bundle(app, &out, options, &written));
    if (code == EXIT_DONE) {
        print_written(app, &written, reader);
    }
    return code;
}

static void print_taken_json(const kith_bundle_taken *t)
{
    json_value *object = json_object();
    json_put_integer(object, "spaces", t->space_count);
    json_put_integer(object, "own", t->own_count);
    json_put_integer(object, "segments", (int64_t)t->segment_count);
    json_put_integer(object, "new", (int64_t)t->new_count);
    json_put_integer(object, "changes", (int64_t)t->change_count);
    json_put_integer(object, "entries", (int64_t)t->entry_count);
    json_put_integer(object, "carried", (int64_t)t->carried_count);
    json_put_integer(object, "refused", (int64_t)t->refused_count);
    json_put_integer(object, "set_aside", (int64_t)t->waiting_count);
    json_put_bool(object, "was_restored", t->was_restored != 0);
    if (t->is_damaged != 0) {
        json_put_integer(object, "damaged_at", (int64_t)t->damaged_at);
    }
    json_print(stdout, object);
}

static void print_taken(const cli *app, const kith_bundle_taken *t)
{
    if (app->is_json) {
        print_taken_json(t);
        return;
    }
    if (app->is_quiet) {
        return;
    }
    if (t->own_count > 0) {
        print("%" PRIu64 " changes in %" PRIu64 " new segments of %" PRIu64 "\n", t->change_count,
              t->new_count, t->segment_count);
    }
    if (t->space_count > t->own_count) {
        print("%sof another space: %" PRIu64 " parts are new, kept unread and handed on\n",
              t->own_count > 0 ? "and something " : "", t->carried_count);
    }
    if (t->was_restored != 0) {
        print_restored();
    }
    if (t->refused_count > 0) {
        print(WARNING "%" PRIu64 " segments were refused" PLAIN
                      ": no member made them, or they are damaged\n",
              t->refused_count);
    }
    if (t->waiting_count > 0) {
        print(WARNING "%" PRIu64 " segments are set aside" PLAIN "; `kith status` says more\n",
              t->waiting_count);
    }
    flush_output();
}

/* What to do about something that is wrong with the bundle, all the rest of which was taken. */
static const char *advice_on(kith_status status)
{
    switch (status) {
    case KITH_E_DAMAGED:
        return "have it written again";
    case KITH_E_FORKED:
        return "the rest was taken; tell the office, and keep the file";
    case KITH_E_LIMIT:
        return "the rest was taken; `kith bundle forget` makes room";
    case KITH_E_NEWER:
        return "update this program, and take the bundle in again";
    case KITH_E_SYNTAX:
        return "give a file that `kith bundle export` wrote";
    default:
        return "the rest was taken";
    }
}

static exit_code report_import(const cli *app, const stream *in, kith_status status)
{
    const kith_error *error = kith_replica_error(app->replicas[0]);
    if (status == KITH_E_STOPPED) {
        return report_failure(app, status, in->path, "stopped",
                              "what was taken stays; import again to go on");
    }
    if (in->failure != 0) {
        return report_stream(app, in);
    }
    bool is_about_bundle = error->status == status && error->domain == KITH_DOMAIN_KITH;
    return is_about_bundle
               ? report_failure(app, status, in->path, error->message, advice_on(status))
               : report_bundle(app, status, in->path);
}

static exit_code import_bundle(const cli *app, const char *path)
{
    stream in = {.path = path};
    kith_bundle_import_options options = KITH_BUNDLE_IMPORT_OPTIONS_INIT;
    kith_bundle_taken taken = {.struct_size = sizeof taken};
    exit_code code = open_input(app, path, &in.file, &options.total_bytes);
    if (code != EXIT_DONE) {
        return code;
    }
    options.read = read_stream;
    options.progress = show_progress;
    options.user = &in;
    in.bar = begin_progress(app, "taking in");
    kith_status status = kith_bundle_import(app->replicas, app->replica_count, &options, &taken);
    hide_progress(&in.bar);
    if (status == KITH_OK || taken.space_count > 0) {
        print_taken(app, &taken);
    }
    code = status == KITH_OK ? EXIT_DONE : report_import(app, &in, status);
    close_input(in.file);
    return code;
}

static exit_code forget(const cli *app)
{
    for (size_t i = 0; i < app->replica_count; i++) {
        if (kith_bundle_forget_carried(app->replicas[i]) != KITH_OK) {
            return report_error(app, kith_replica_error(app->replicas[i]), app->command);
        }
    }
    return EXIT_DONE;
}

exit_code run_bundle(cli *app, const call *given)
{
    const char *verb = given->words[0];
    bool has_file = given->word_count == 2;
    bool is_export = strcmp(verb, "export") == 0 && has_file;
    bool is_import = strcmp(verb, "import") == 0 && has_file;
    bool is_forget = strcmp(verb, "forget") == 0 && !has_file;
    const char *reader = option_value(given, "--for");
    bool goes_on = has_option(given, "--go-on");
    if ((!is_export && !is_import && !is_forget) || ((reader != NULL || goes_on) && !is_export)) {
        return usage_error(app, "export FILE [--for DEVICE] [--go-on], import FILE or forget is "
                                "needed");
    }
    exit_code code = open_replicas(app);
    if (code != EXIT_DONE) {
        return code;
    }
    return is_export   ? export_bundle(app, given->words[1], reader, goes_on)
           : is_import ? import_bundle(app, given->words[1])
                       : forget(app);
}
