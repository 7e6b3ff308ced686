/* Measures what DESIGN §9 sets budgets for, as far as one replica goes. Each speed is measured in
 * the same run, folder and settings as what it is compared with. Prints one JSON object on standard
 * output and a table on standard error; asserts nothing.
 *
 * usage: bench FOLDER [RECORDS]      FOLDER on the disk that counts; 100,000 records unless given
 * SPDX-License-Identifier: Apache-2.0 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <kith/edit.h>
#include <kith/query.h>
#include <kith/transfer.h>

#include "workload.h"

/* Ours and raw SQLite take turns of so many edits, short against how a shared machine drifts. */
enum { EDITS = 100, TURNS = 200 };

enum { SMALL_RECORDS = 10000, SMALL_EDITS = 20000, QUESTIONS = 300 };

static const char *folder;

static _Noreturn void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

#define NEEDED(replica, expression)                                 \
    do {                                                            \
        if ((expression) != KITH_OK) {                              \
            die(#expression, kith_replica_error(replica)->message); \
        }                                                           \
    } while (0)

static double seconds(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}

/* One measured figure; `is_most` says that the budget is the most it may be. */
static void figure(const char *name, double value, const char *unit, double budget, bool is_most)
{
    static bool is_later;
    (void)printf("%s  \"%s\": {\"value\": %.4g, \"unit\": \"%s\", \"budget\": %.4g}",
                 is_later ? ",\n" : "{\n", name, value, unit, budget);
    is_later = true;
    const char *verdict = budget == 0                                     ? ""
                          : (is_most ? value <= budget : value >= budget) ? "met"
                                                                          : "NOT MET";
    (void)fprintf(stderr, "%-34s %12.4g %-10s %s %-10.4g %s\n", name, value, unit,
                  budget == 0 ? " " : (is_most ? "<=" : ">="), budget, verdict);
}

static kith_replica *open_fresh(const char *name, char *path, size_t size)
{
    kith_open_options options = KITH_OPEN_OPTIONS_INIT;
    kith_replica *replica = NULL;
    kith_error error;
    char side[4200];
    static const char *const tails[] = {"", "-wal", "-shm"};
    (void)snprintf(path, size, "%s/%s.db", folder, name);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(side, sizeof side, "%s%s", path, tails[i]);
        (void)unlink(side);
    }
    options.create = 1;
    if (kith_replica_open(path, &options, &replica, &error) != KITH_OK) {
        die(path, error.message);
    }
    NEEDED(replica,
           kith_schema_add(replica, kith_slice_of("bench"), kith_slice_of(workload_schema)));
    return replica;
}

/* Lines of the workload, as a file would give them. */
typedef struct line_stream {
    workload w;
    uint64_t left;
    char line[2048];
    size_t at;
    size_t length;
} line_stream;

static kith_status read_lines(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    line_stream *s = user;
    size_t filled = 0;
    while (filled < capacity) {
        if (s->at == s->length) {
            if (s->left == 0) {
                break;
            }
            s->left--;
            s->at = 0;
            s->length = workload_record(&s->w, s->line, sizeof s->line - 1);
            s->line[s->length++] = '\n';
        }
        size_t part = s->length - s->at < capacity - filled ? s->length - s->at : capacity - filled;
        memcpy(buffer + filled, s->line + s->at, part);
        s->at += part;
        filled += part;
    }
    *length_out = filled;
    return KITH_OK;
}

static double import_records(kith_replica *replica, uint64_t count)
{
    line_stream stream = {.w = workload_of(7), .left = count};
    kith_import_options options = KITH_IMPORT_OPTIONS_INIT;
    kith_import_report report = {.struct_size = sizeof report};
    options.read = read_lines;
    options.user = &stream;
    double start = wall();
    NEEDED(replica, kith_import_jsonl(replica, &options, &report));
    double taken = wall() - start;
    if (report.added_count != count) {
        die("import", "not every record was added");
    }
    return taken;
}

static kith_id *list_ids(kith_replica *replica, size_t *count_out)
{
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    kith_list *list = NULL;
    options.kind = kith_slice_of("bench_case");
    NEEDED(replica, kith_list_records(replica, &options, &list));
    *count_out = kith_list_count(list);
    kith_id *ids = calloc(*count_out, sizeof *ids);
    for (size_t i = 0; ids != NULL && i < *count_out; i++) {
        ids[i] = kith_list_row_at(list, i)->id;
    }
    kith_list_free(list);
    return ids;
}

/* An edit as a program has it at hand when it makes it. */
typedef struct planned_edit {
    kith_id id;
    const char *field;
    char value[512];
} planned_edit;

static planned_edit plan_edit(workload *w, kith_id id)
{
    planned_edit plan = {.id = id};
    workload_edit(w, &plan.field, plan.value, sizeof plan.value);
    return plan;
}

static void edit_one(kith_replica *replica, kith_edit *edit, const planned_edit *plan)
{
    uint32_t record = 0;
    kith_edit_reset(edit);
    NEEDED(replica, kith_edit_open(edit, plan->id, &record));
    NEEDED(replica,
           kith_edit_set(edit, record, kith_slice_of(plan->field), kith_slice_of(plan->value)));
    NEEDED(replica, kith_edit_commit(edit));
}

static double time_edits(kith_replica *replica, const kith_id *ids, size_t count, workload *w)
{
    static planned_edit plans[EDITS];
    kith_edit *edit = NULL;
    for (int i = 0; i < EDITS; i++) {
        plans[i] = plan_edit(w, ids[workload_below(w, count)]);
    }
    NEEDED(replica, kith_edit_begin(replica, &edit));
    double start = wall();
    for (int i = 0; i < EDITS; i++) {
        edit_one(replica, edit, &plans[i]);
    }
    double taken = wall() - start;
    kith_edit_free(edit);
    return taken;
}

/* The plainest thing SQLite can do with as many bytes, with the settings that Kith uses. */
static sqlite3 *open_raw(void)
{
    char path[4096];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/raw.db", folder);
    (void)unlink(path);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA secure_delete = FAST; PRAGMA cache_size = -512;"
                     "CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB NOT NULL)",
                     NULL, NULL, NULL) != SQLITE_OK) {
        die("raw SQLite", sqlite3_errmsg(db));
    }
    return db;
}

static double time_raw(sqlite3 *db, size_t bytes)
{
    sqlite3_stmt *begin = NULL;
    sqlite3_stmt *insert = NULL;
    sqlite3_stmt *commit = NULL;
    char blob[1024];
    memset(blob, 'x', sizeof blob);
    (void)sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
    (void)sqlite3_prepare_v2(db, "INSERT INTO t(b) VALUES(?)", -1, &insert, NULL);
    (void)sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
    double start = wall();
    for (int i = 0; i < EDITS; i++) {
        (void)sqlite3_step(begin);
        (void)sqlite3_reset(begin);
        (void)sqlite3_bind_blob(insert, 1, blob, (int)bytes, SQLITE_STATIC);
        (void)sqlite3_step(insert);
        (void)sqlite3_reset(insert);
        if (sqlite3_step(commit) != SQLITE_DONE) {
            die("raw SQLite", sqlite3_errmsg(db));
        }
        (void)sqlite3_reset(commit);
    }
    double taken = wall() - start;
    (void)sqlite3_finalize(begin);
    (void)sqlite3_finalize(insert);
    (void)sqlite3_finalize(commit);
    return taken;
}

/* How many bytes a stored edit has on average: read off the log of a replica that made some. */
static size_t bytes_of_edit(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    double bytes = 0;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT avg(length(block)) FROM tail", -1, &stmt, NULL) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        bytes = sqlite3_column_double(stmt, 0);
    }
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return (size_t)bytes;
}

static int compare_doubles(const void *a, const void *b)
{
    double first = *(const double *)a;
    double second = *(const double *)b;
    return (first > second) - (first < second);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    return values[count / 2];
}

static void measure_edits(void)
{
    char path[4096];
    double ours = 0;
    double raws = 0;
    size_t count = 0;
    kith_replica *replica = open_fresh("edits", path, sizeof path);
    (void)import_records(replica, SMALL_RECORDS);
    kith_id *ids = list_ids(replica, &count);
    workload w = workload_of(11);
    (void)time_edits(replica, ids, count, &w);
    size_t bytes = bytes_of_edit(path);
    sqlite3 *raw = open_raw();
    for (int i = 0; i < TURNS; i++) {
        ours += time_edits(replica, ids, count, &w);
        raws += time_raw(raw, bytes);
    }
    (void)sqlite3_close(raw);
    figure("bytes of a stored edit", (double)bytes, "B", 0, true);
    figure("raw SQLite inserts, durable", EDITS * TURNS / raws, "1/s", 0, false);
    figure("single edits, durable", EDITS * TURNS / ours, "1/s", 0, false);
    figure("single edits against raw SQLite", raws / ours, "x", 0.8, false);
    free(ids);
    kith_replica_close(replica);
}

/* 10,000 records and 20,000 edits: history, state and search in one file. */
static void measure_size(void)
{
    char path[4096];
    size_t count = 0;
    kith_replica_status status = {.struct_size = sizeof status};
    kith_replica *replica = open_fresh("size", path, sizeof path);
    (void)import_records(replica, SMALL_RECORDS);
    kith_id *ids = list_ids(replica, &count);
    workload w = workload_of(13);
    kith_edit *edit = NULL;
    NEEDED(replica, kith_edit_begin(replica, &edit));
    for (int i = 0; i < SMALL_EDITS; i++) {
        if (i % 1000 == 0) {
            NEEDED(replica, kith_batch_begin(replica));
        }
        planned_edit plan = plan_edit(&w, ids[workload_below(&w, count)]);
        edit_one(replica, edit, &plan);
        if (i % 1000 == 999) {
            NEEDED(replica, kith_batch_end(replica));
        }
    }
    kith_edit_free(edit);
    free(ids);
    NEEDED(replica, kith_replica_read_status(replica, &status));
    figure("file, 10,000 records, 20,000 edits", (double)status.file_bytes / 1e6, "MB", 8, true);
    kith_replica_close(replica);
}

static void measure_opening(const char *path)
{
    double times[21];
    for (size_t i = 0; i < 21; i++) {
        kith_replica *replica = NULL;
        kith_error error;
        double start = wall();
        if (kith_replica_open(path, NULL, &replica, &error) != KITH_OK) {
            die(path, error.message);
        }
        times[i] = (wall() - start) * 1e3;
        kith_replica_close(replica);
    }
    figure("open", median(times, 21), "ms", 50, true);
}

static void measure_showing(kith_replica *replica, const kith_id *ids, size_t count, workload *w)
{
    static double times[1000];
    for (size_t i = 0; i < 1000; i++) {
        kith_record *record = NULL;
        kith_slice json;
        double start = wall();
        NEEDED(replica, kith_record_get(replica, ids[workload_below(w, count)], NULL, &record));
        NEEDED(replica, kith_record_json(record, &json));
        times[i] = (wall() - start) * 1e3;
        kith_record_free(record);
    }
    figure("show", median(times, 1000), "ms", 1, true);
}

static void measure_finding(kith_replica *replica, workload *w)
{
    static double times[QUESTIONS];
    size_t hits = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        char words[256];
        kith_list *list = NULL;
        workload_question(w, words, sizeof words);
        double start = wall();
        NEEDED(replica,
               kith_find_records(replica, kith_slice_of(words), kith_slice_of(""), 0, NULL, &list));
        times[i] = (wall() - start) * 1e3;
        hits += kith_list_count(list) > 0;
        kith_list_free(list);
    }
    figure("find, median", median(times, QUESTIONS), "ms", 20, true);
    figure("find, slowest of twenty", times[QUESTIONS * 19 / 20], "ms", 20, true);
    figure("questions with an answer", 100.0 * (double)hits / QUESTIONS, "%", 0, false);
}

static void measure_listing(kith_replica *replica, const char *name, uint32_t limit,
                            const char *sort, const char *where)
{
    kith_list_options options = KITH_LIST_OPTIONS_INIT;
    kith_where condition = {kith_slice_of("destination"), kith_slice_of(where)};
    double times[7];
    options.kind = kith_slice_of("bench_case");
    options.limit = limit;
    options.sort = kith_slice_of(sort);
    options.where = &condition;
    options.where_count = where == NULL ? 0 : 1;
    for (size_t i = 0; i < 7; i++) {
        kith_list *list = NULL;
        double start = wall();
        NEEDED(replica, kith_list_records(replica, &options, &list));
        times[i] = (wall() - start) * 1e3;
        kith_list_free(list);
    }
    figure(name, median(times, 7), "ms", 0, true);
}

/* What a process uses that opens the replica and works with it. */
static void measure_memory(const char *path)
{
    struct rusage usage;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        kith_replica *replica = NULL;
        workload w = workload_of(17);
        kith_list *list = NULL;
        kith_edit *edit = NULL;
        kith_list_options options = KITH_LIST_OPTIONS_INIT;
        options.kind = kith_slice_of("bench_case");
        options.limit = 100;
        options.sort = kith_slice_of("name");
        bool fine = kith_replica_open(path, NULL, &replica, NULL) == KITH_OK &&
                    kith_list_records(replica, &options, &list) == KITH_OK &&
                    kith_edit_begin(replica, &edit) == KITH_OK;
        for (int i = 0; fine && i < 1000; i++) {
            planned_edit plan = plan_edit(&w, kith_list_row_at(list, (size_t)i % 100)->id);
            edit_one(replica, edit, &plan);
        }
        for (int i = 0; fine && i < 50; i++) {
            char words[256];
            kith_list *found = NULL;
            workload_question(&w, words, sizeof words);
            fine = kith_find_records(replica, kith_slice_of(words), kith_slice_of(""), 0, NULL,
                                     &found) == KITH_OK;
            kith_list_free(found);
        }
        kith_edit_free(edit);
        kith_list_free(list);
        kith_replica_close(replica);
        _exit(fine ? 0 : 1);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
        die("memory", "the child failed");
    }
    figure("memory, open to close", (double)usage.ru_maxrss / 1024, "MB", 64, true);
}

static void measure_large(uint64_t count)
{
    char path[4096];
    size_t found = 0;
    kith_replica_status status = {.struct_size = sizeof status};
    kith_replica *replica = open_fresh("large", path, sizeof path);
    double taken = import_records(replica, count);
    figure("import of JSON Lines", (double)count / taken, "records/s", 30000, false);
    NEEDED(replica, kith_replica_read_status(replica, &status));
    figure("records", (double)status.record_count, "", 0, false);
    figure("file of them", (double)status.file_bytes / 1e6, "MB", 0, true);
    kith_replica_close(replica);
    measure_memory(path);
    measure_opening(path);
    if (kith_replica_open(path, NULL, &replica, NULL) != KITH_OK) {
        die(path, "cannot be opened");
    }
    workload w = workload_of(19);
    kith_id *ids = list_ids(replica, &found);
    measure_showing(replica, ids, found, &w);
    measure_listing(replica, "list, last 50 changed", 50, "", NULL);
    measure_listing(replica, "list, first 50 by name", 50, "name", NULL);
    measure_listing(replica, "list where a field holds a value", 50, "", "Muscat");
    measure_finding(replica, &w);
    free(ids);
    kith_replica_close(replica);
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 2) {
        die("usage", "bench FOLDER [RECORDS]");
    }
    folder = arguments[1];
    uint64_t count = argument_count > 2 ? strtoull(arguments[2], NULL, 10) : 100000;
    measure_edits();
    measure_size();
    measure_large(count);
    (void)printf("\n}\n");
    return EXIT_SUCCESS;
}
