/* SPDX-License-Identifier: Apache-2.0 */
#include "term/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "term/legible.h"
#include "term/output.h"

/* What a failure is about is named in full if it is a path, not if a file was pasted in. */
enum { SUBJECT_SIZE = 4200 };

exit_code exit_code_of(kith_status status)
{
    switch (status) {
    case KITH_OK:
        return EXIT_DONE;
    case KITH_E_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case KITH_E_DAMAGED:
    case KITH_E_FORKED:
    case KITH_E_INTERNAL:
        return EXIT_DAMAGED;
    case KITH_E_NETWORK:
    case KITH_E_TIME:
        return EXIT_NETWORK;
    default:
        return EXIT_REFUSED;
    }
}

/* What a person can do about a status, where the message does not say it. */
static const char *advice(kith_status status)
{
    switch (status) {
    case KITH_E_BUSY:
        return "nothing was changed; try again";
    case KITH_E_NETWORK:
    case KITH_E_TIME:
        return "nothing is lost; try again later";
    case KITH_E_QUOTA:
        return "nothing is lost; ask the relay's operator for room";
    case KITH_E_FULL:
        return "free some space; nothing was changed";
    case KITH_E_READ_ONLY:
        return "the folder cannot be written; nothing was changed";
    case KITH_E_EXISTS:
        return "use it, or name another folder with --home";
    case KITH_E_NEWER:
        return "update this program";
    case KITH_E_DAMAGED:
        return "keep the folder as it is, and see `kith help check`";
    case KITH_E_MEMORY:
        return "close other programs; nothing was changed";
    case KITH_E_INTERNAL:
        return "please report this";
    default:
        return NULL;
    }
}

exit_code report_failure(const cli *app, kith_status status, const char *what, const char *why,
                         const char *todo)
{
    char subject[SUBJECT_SIZE];
    shorten(what, subject, sizeof subject);
    todo = todo != NULL ? todo : advice(status);
    if (app->is_json) {
        json_value *object = json_object();
        json_put_text(object, "status", kith_status_name(status));
        json_put_text(object, "what", subject);
        json_put_text(object, "why", why);
        if (todo != NULL) {
            json_put_text(object, "todo", todo);
        }
        json_print(stderr, object);
    } else {
        complain("%s: %s%s%s", subject, why, todo == NULL ? "" : "; ", todo == NULL ? "" : todo);
    }
    return exit_code_of(status);
}

exit_code report_error(const cli *app, const kith_error *error, const char *what)
{
    return report_failure(app, error->status, what, error->message, NULL);
}

exit_code report_status(const cli *app, kith_status status, const char *what)
{
    const kith_error *error = kith_replica_error(app->replica);
    bool agrees = error->status == status;
    return report_failure(app, status, what, agrees ? error->message : kith_status_name(status),
                          NULL);
}

exit_code report_file(const cli *app, const char *path)
{
    bool missing = errno == ENOENT;
    (void)report_failure(app, missing ? KITH_E_NOT_FOUND : KITH_E_IO, path, strerror(errno), NULL);
    return missing ? EXIT_NOT_FOUND : EXIT_REFUSED;
}

void print_fault(const char *where, const fault *f)
{
    complain("%s: %s %s%s%s", where, f->field[0] == '\0' ? "the record" : f->field, f->message,
             f->accepted[0] == '\0' ? "" : "; give ", f->accepted);
}

void put_fault(json_value *object, const fault *f)
{
    json_put_text(object, "field", f->field);
    json_put_text(object, "message", f->message);
    json_put_text(object, "accepted", f->accepted);
}

static fault fault_of(const kith_problem *problem)
{
    return (fault){problem->field, problem->message, problem->accepted};
}

void print_problems(const char *where, const kith_edit *edit)
{
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        fault f = fault_of(kith_edit_problem(edit, i));
        print_fault(where, &f);
    }
}

json_value *problems_json(const kith_edit *edit)
{
    json_value *problems = json_array();
    for (size_t i = 0; i < kith_edit_problem_count(edit); i++) {
        fault f = fault_of(kith_edit_problem(edit, i));
        json_value *object = json_object();
        json_put_integer(object, "record", kith_edit_problem(edit, i)->record);
        put_fault(object, &f);
        json_add(problems, object);
    }
    return problems;
}

exit_code report_edit(const cli *app, kith_status status, const kith_edit *edit)
{
    if (status != KITH_E_REFUSED || kith_edit_problem_count(edit) == 0) {
        return report_status(app, status, app->command);
    }
    if (!app->is_json) {
        print_problems(app->command, edit);
        return EXIT_REFUSED;
    }
    json_value *object = json_object();
    json_put_text(object, "status", kith_status_name(status));
    json_put_text(object, "what", app->command);
    json_put_text(object, "why", kith_replica_error(app->replica)->message);
    json_put(object, "problems", problems_json(edit));
    json_print(stderr, object);
    return EXIT_REFUSED;
}
