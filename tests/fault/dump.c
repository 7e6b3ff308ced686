/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <inttypes.h>
#include <stdlib.h>

/* Characters that are shown around the place where two dumps part. */
enum { SHOWN_BEFORE = 200, SHOWN_AFTER = 300 };

static void put_id(kith_buf *out, kith_id id)
{
    char text[KITH_ID_TEXT_SIZE];
    kith_id_format(id, text);
    kith_buf_format(out, " %s", text);
}

static void put_entry(kith_buf *out, const kith_history_entry *entry)
{
    kith_buf_append_text(out, "change");
    put_id(out, entry->id);
    put_id(out, entry->record);
    kith_buf_format(out, " %s did %d takes back %u at %" PRId64 " trust %d by %s (%s)\n",
                    entry->kind, entry->did, entry->takes_back, entry->written.unix_ms,
                    entry->written.trust, entry->written.author, entry->written.device_name);
    for (uint32_t i = 0; i < entry->op_count; i++) {
        kith_buf_format(out, "  %s %d ", entry->ops[i].field, entry->ops[i].did);
        kith_buf_append_text(out, entry->ops[i].text);
        kith_buf_append_text(out, "\n");
    }
}

static kith_status put_record(kith_buf *out, kith_replica *replica, kith_id id)
{
    kith_record *record = NULL;
    kith_slice json;
    KITH_TRY(kith_record_get(replica, id, NULL, &record));
    kith_status status = kith_record_json(record, &json);
    if (status == KITH_OK) {
        kith_buf_append_slice(out, json);
        kith_buf_append_text(out, "\n");
    }
    kith_record_free(record);
    return status;
}

static kith_status put_history(kith_buf *out, kith_replica *replica, const kith_history *history)
{
    for (size_t i = 0; i < kith_history_count(history); i++) {
        const kith_history_entry *entry = kith_history_entry_at(history, i);
        put_entry(out, entry);
        if (entry->did == KITH_DID_CREATE) {
            KITH_TRY(put_record(out, replica, entry->record));
        }
    }
    return KITH_OK;
}

kith_status dump_replica(kith_replica *replica, char **text_out)
{
    static const kith_id all = {{0}};
    kith_history *history = NULL;
    kith_buf out;
    *text_out = NULL;
    KITH_TRY(kith_history_get(replica, all, UINT32_MAX, &history));
    kith_buf_init(&out, test_context(), (size_t)64 << 20);
    kith_status status = put_history(&out, replica, history);
    kith_history_free(history);
    kith_buf_append(&out, "", 1);
    assert_ok(kith_buf_status(&out));
    if (status == KITH_OK) {
        *text_out = strdup((const char *)out.data);
        assert_non_null(*text_out);
    }
    kith_buf_deinit(&out);
    return status;
}

void dump_assert_equal(const char *actual, const char *expected)
{
    size_t place = 0;
    while (actual[place] == expected[place] && actual[place] != '\0') {
        place++;
    }
    if (actual[place] == expected[place]) {
        return;
    }
    size_t start = place > SHOWN_BEFORE ? place - SHOWN_BEFORE : 0;
    print_error("the replica tells:\n…%.*s\nand should:\n…%.*s\n", SHOWN_BEFORE + SHOWN_AFTER,
                actual + start, SHOWN_BEFORE + SHOWN_AFTER, expected + start);
    fail_msg("it differs at byte %zu", place);
}
