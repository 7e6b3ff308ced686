/* Makes proto/vectors/charter.json, or with a file's name checks that it holds just what is made
 * today and that it reads as it says. tools/gen/charter.py reads the same file without any code of
 * ours. SPDX-License-Identifier: Apache-2.0 */
#include "vectors.h"

#include <stdio.h>

#include "base/writer.h"
#include "charters.h"
#include "crypto/base64.h"
#include "space/invite.h"
#include "space/keys.h"

static kith_context cx;
static test_random chance; /* vectors are the same each time they are made */
static kith_buf *text;     /* the file */
static charters_bench bench;

static const char *const device_names[CHARTERS_DEVICES] = {"Asha", "Ben", "Chitra", "Devi", "Ela"};

static void begin(void)
{
    chance = test_random_of(1);
    charters_context(&cx, &chance);
    charters_bench_begin(&bench, &cx);
}

static void end(void)
{
    charters_bench_end(&bench);
}

static void begin_list(const char *name)
{
    kith_buf_format(text, ",\n\"%s\": [", name);
}

static void put_text(kith_json_writer *json, const char *name, const char *value)
{
    kith_json_put_text(json, name, kith_slice_of(value));
}

static void put_devices(void)
{
    begin_list("devices");
    for (int i = 0; i < CHARTERS_DEVICES; i++) {
        uint8_t seed[KITH_SEED_BYTES];
        kith_device_keys keys = charters_keys((charters_device)i);
        kith_json_writer json = vectors_begin_item(text);
        charters_seed((charters_device)i, seed);
        put_text(&json, "name", device_names[i]);
        vectors_put_hex(&json, "seed", seed, sizeof seed);
        vectors_put_hex(&json, "sign", keys.sign, sizeof keys.sign);
        vectors_put_hex(&json, "box", keys.box, sizeof keys.box);
        vectors_end_item(&json, text);
    }
    kith_buf_append_text(text, "]");
}

static void put_entries(void)
{
    static const char *const names[CHARTERS_STORY_ENTRIES + 1] = {
        "",
        "Asha founds a space",
        "Asha invites two workers",
        "Ben joins",
        "Chitra joins",
        "Asha invites two supervisors",
        "Asha makes Ben an admin",
        "Ben revokes Chitra",
        "Devi joins",
        "Asha rotates the key",
        "Ben withdraws the invite of entry 5",
        "Asha makes Ben a worker"};
    begin_list("entries");
    for (uint32_t number = 1; number <= CHARTERS_STORY_ENTRIES; number++) {
        kith_slice entry = charters_entry(&bench.space, number);
        uint8_t hash[KITH_HASH_BYTES];
        kith_json_writer json = vectors_begin_item(text);
        kith_entry_hash(entry, hash);
        put_text(&json, "name", names[number]);
        vectors_put_hex(&json, "entry", entry.data, entry.length);
        vectors_put_hex(&json, "hash", hash, sizeof hash);
        vectors_end_item(&json, text);
    }
    kith_buf_append_text(text, "]");
}

static void put_members(void)
{
    const kith_charter *charter = &bench.space.charter;
    begin_list("members");
    for (size_t i = 0; i < charter->member_count; i++) {
        const kith_member *member = &charter->members[i];
        kith_json_writer json = vectors_begin_item(text);
        vectors_put_hex(&json, "sign", member->sign, sizeof member->sign);
        kith_json_put_integer(&json, "role", member->role);
        kith_json_put_integer(&json, "admitted", member->admitted);
        kith_json_put_integer(&json, "invite", member->invite);
        kith_json_put_integer(&json, "revoked", member->revoked);
        kith_json_put_bool(&json, "wipe", member->must_wipe);
        kith_json_put_array(&json, "last_segments");
        for (size_t j = 0; j < member->last_segment_count; j++) {
            const kith_last_segment *last = &member->last_segments[j];
            kith_json_put_object(&json, NULL);
            vectors_put_hex(&json, "incarnation", last->incarnation, sizeof last->incarnation);
            kith_json_put_integer(&json, "number", (int64_t)last->number);
            vectors_put_hex(&json, "header", last->header, sizeof last->header);
            kith_json_put_end(&json);
        }
        kith_json_put_end(&json);
        vectors_end_item(&json, text);
    }
    kith_buf_append_text(text, "]");
}

static void put_epochs(void)
{
    begin_list("epochs");
    for (uint32_t epoch = 1; epoch <= bench.space.charter.epoch_count; epoch++) {
        kith_json_writer json = vectors_begin_item(text);
        vectors_put_hex(&json, "key", bench.space.keys[epoch], KITH_KEY_BYTES);
        vectors_end_item(&json, text);
    }
    kith_buf_append_text(text, "]");
}

static void put_invite(const char *name, uint32_t entry, bool has_pin, const char *relay)
{
    char line[KITH_INVITE_TEXT_SIZE];
    kith_invite read;
    kith_invite invite = {.space = bench.space.charter.space, .entry = entry, .has_pin = has_pin};
    kith_json_writer json = vectors_begin_item(text);
    memcpy(invite.secret, bench.space.secrets[entry], sizeof invite.secret);
    memset(invite.pin, has_pin ? 'p' : 0, sizeof invite.pin);
    (void)snprintf(invite.relay, sizeof invite.relay, "%s", relay);
    kith_invite_format(&invite, line);
    assert_ok(kith_invite_parse(&cx, kith_slice_of(line), &read));
    put_text(&json, "name", name);
    put_text(&json, "text", line);
    kith_json_put_integer(&json, "entry", entry);
    vectors_put_hex(&json, "secret", invite.secret, sizeof invite.secret);
    vectors_put_hex(&json, "pin", invite.pin, has_pin ? sizeof invite.pin : 0);
    put_text(&json, "relay", relay);
    vectors_end_item(&json, text);
}

static void put_invites(void)
{
    begin_list("invites");
    put_invite("an invite without a relay", 2, false, "");
    put_invite("an invite with a relay and its pin", 5, true, "https://relay.example:8443/kith");
    kith_buf_append_text(text, "]");
}

static void put_refused_bytes(const char *name, kith_slice entry, kith_status expected)
{
    kith_status status = kith_charter_judge(&bench.charter, entry);
    if (status != expected) {
        fail_msg("%s: %s", name, kith_status_name(status));
    }
    kith_json_writer json = vectors_begin_item(text);
    put_text(&json, "name", name);
    kith_json_put_integer(&json, "after", bench.charter.entry_count);
    put_text(&json, "status", kith_status_name(expected));
    vectors_put_hex(&json, "entry", entry.data, entry.length);
    vectors_end_item(&json, text);
}

static void put_refused(const char *name, const charters_draft *draft, kith_status expected)
{
    charters_sign(draft, &bench.entry);
    put_refused_bytes(name, kith_buf_slice(&bench.entry), expected);
}

/* With the body that was changed by hand. */
static void put_refused_body(const char *name, charters_draft *draft, kith_status expected)
{
    draft->body = kith_buf_slice(&bench.body);
    put_refused(name, draft, expected);
}

static void put_refused_forms(void)
{
    charters_draft draft = charters_redraft(&bench, 6);
    charters_sign(&draft, &bench.entry);
    bench.entry.data[bench.entry.length - 1] ^= 1;
    put_refused_bytes("a bit of the signature", kith_buf_slice(&bench.entry), KITH_E_DAMAGED);
    bench.entry.data[bench.entry.length - 1] ^= 1;
    bench.entry.data[90] ^= 1;
    put_refused_bytes("a bit of the body", kith_buf_slice(&bench.entry), KITH_E_DAMAGED);
    put_refused_bytes("shorter than any entry",
                      kith_slice_head(kith_buf_slice(&bench.entry), KITH_ENTRY_FIXED_BYTES - 1),
                      KITH_E_DAMAGED);
    put_refused_bytes("nothing", KITH_SLICE(""), KITH_E_DAMAGED);
    draft.version = 0;
    put_refused("version 0", &draft, KITH_E_DAMAGED);
    draft.version = 2;
    put_refused("version 2", &draft, KITH_E_NEWER);
    draft = charters_redraft(&bench, 6);
    draft.kind = KITH_ENTRY_APPOINT + 1;
    put_refused("a kind that is not known", &draft, KITH_E_NEWER);
    draft = charters_redraft(&bench, 6);
    draft.body.length--;
    put_refused("a body that is cut short", &draft, KITH_E_DAMAGED);
    draft.body.length++;
    kith_write_u8(&bench.body, 0);
    put_refused_body("a byte behind the body", &draft, KITH_E_DAMAGED);
}

static void put_refused_places(void)
{
    charters_draft draft = charters_redraft(&bench, 6);
    draft.previous[0] ^= 1;
    put_refused("another entry before", &draft, KITH_E_FORKED);
    draft = charters_redraft(&bench, 6);
    draft.number = 7;
    put_refused("a number that is not the next", &draft, KITH_E_GAP);
    draft.number = 5;
    put_refused("another entry in a place that is taken", &draft, KITH_E_FORKED);
    draft.number = 0;
    put_refused("number 0", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 6);
    draft.space.bytes[0] ^= 1;
    put_refused("another space", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 6);
    draft.kind = KITH_ENTRY_FOUND;
    draft.body = charters_body(charters_entry(&bench.space, 1));
    put_refused("a second founding", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 1);
    draft.space.bytes[0] = 1;
    put_refused("a founding that names a space", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 1);
    draft.kind = KITH_ENTRY_APPOINT;
    put_refused("a first entry that founds nothing", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 1);
    bench.body.length = KITH_KEY_BYTES + KITH_HASH_BYTES;
    kith_write_varint(&bench.body, 39);
    assert_non_null(memset(kith_buf_extend(&bench.body, 39), 0, 39));
    put_refused_body("a sealed name that is too short", &draft, KITH_E_DAMAGED);
}

static void put_refused_issuers(void)
{
    charters_draft draft = charters_redraft(&bench, 6);
    draft.issuer = BEN;
    put_refused("an appointment by a worker", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 9);
    draft.issuer = DEVI;
    put_refused("a rotation by a supervisor", &draft, KITH_E_DENIED);
    draft.issuer = CHITRA;
    put_refused("a rotation by one who was revoked", &draft, KITH_E_DENIED);
    draft.issuer = ELA;
    put_refused("a rotation by a stranger", &draft, KITH_E_DENIED);
}

static void put_refused_joining(void)
{
    charters_draft draft = charters_redraft(&bench, 5);
    bench.body.data[0] = 5;
    put_refused("an invite for a role that is none", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 5);
    memset(bench.body.data + 7, 0, 2);
    put_refused("an invite without uses", &draft, KITH_E_DAMAGED);
    charters_go_to(&bench, 8);
    draft = charters_admission(&bench, ELA, 2);
    put_refused("an admission by an invite that is used up", &draft, KITH_E_DENIED);
    bench.body.data[3] = 5;
    put_refused("an admission by the secret of another invite", &draft, KITH_E_DENIED);
    bench.body.data[3] = 4;
    put_refused("an admission by what is no invite", &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, CHITRA, 5);
    put_refused("an admission of one who was revoked", &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, BEN, 5);
    put_refused("an admission of a member", &draft, KITH_E_DENIED);
    draft = charters_admission(&bench, DEVI, 5);
    draft.issuer = ELA;
    put_refused("an admission that was made for another device", &draft, KITH_E_DENIED);
    charters_go_to(&bench, 10);
    draft = charters_admission(&bench, ELA, 5);
    put_refused("an admission by an invite that was withdrawn", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 10);
    bench.body.data[3] = 2;
    put_refused("a withdrawal of an invite that is used up", &draft, KITH_E_DENIED);
}

/* The story's revocation: where things stand in its body. */
enum {
    FLAGS = 32,
    AUTHORS = 34,
    AUTHOR_BYTES = 54,
    KEY_COUNT = AUTHORS + 2 * AUTHOR_BYTES + KITH_HASH_BYTES + KITH_OLD_KEY_BYTES,
    KEYS = 3
};

static void put_refused_rekeys(void)
{
    charters_draft draft = charters_redraft(&bench, 7);
    bench.body.data[KEY_COUNT] = KEYS - 1;
    bench.body.length -= KITH_SEALED_KEY_BYTES;
    put_refused_body("a key less than there are recipients", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 7);
    bench.body.data[KEY_COUNT] = KEYS + 1;
    assert_non_null(
        memset(kith_buf_extend(&bench.body, KITH_SEALED_KEY_BYTES), 0, KITH_SEALED_KEY_BYTES));
    put_refused_body("a key more than there are recipients", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 7);
    bench.body.data[KEY_COUNT] = KEYS + 1;
    put_refused("fewer keys than are announced", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 7);
    kith_write_u8(&bench.body, 0);
    memmove(bench.body.data + KEY_COUNT + 2, bench.body.data + KEY_COUNT + 1,
            KEYS * KITH_SEALED_KEY_BYTES);
    bench.body.data[KEY_COUNT] = KEYS | 0x80;
    bench.body.data[KEY_COUNT + 1] = 0;
    put_refused_body("a count of keys in a longer form", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 9);
    draft.body =
        kith_slice_skip(charters_body(charters_entry(&bench.space, 7)), AUTHORS + 2 * AUTHOR_BYTES);
    put_refused("a rotation with the keys of the one before", &draft, KITH_E_DENIED);
}

static void put_refused_leaving(void)
{
    const kith_device_keys asha = charters_keys(ASHA);
    const kith_device_keys ela = charters_keys(ELA);
    charters_draft draft = charters_redraft(&bench, 7);
    bench.body.data[FLAGS] = 2;
    put_refused("a revocation with a flag that is none", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 7);
    memcpy(bench.body.data, ela.sign, sizeof ela.sign);
    put_refused("a revocation of a stranger", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 7);
    memcpy(bench.body.data + AUTHORS + AUTHOR_BYTES, bench.body.data + AUTHORS,
           KITH_INCARNATION_BYTES);
    put_refused("a revocation that names an author twice", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 7);
    charters_go_to(&bench, 5); /* when Ben was none */
    charters_move(&bench, &draft);
    memcpy(bench.body.data, asha.sign, sizeof asha.sign);
    draft.issuer = ASHA;
    put_refused("a revocation of the last admin", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 11);
    charters_go_to(&bench, 11);
    charters_move(&bench, &draft);
    memcpy(bench.body.data, asha.sign, sizeof asha.sign);
    put_refused("an appointment of the last admin to less", &draft, KITH_E_DENIED);
    draft = charters_redraft(&bench, 11);
    bench.body.data[KITH_KEY_BYTES] = 0;
    put_refused("an appointment to no role", &draft, KITH_E_DAMAGED);
    draft = charters_redraft(&bench, 11);
    memcpy(bench.body.data, ela.sign, sizeof ela.sign);
    put_refused("an appointment of a stranger", &draft, KITH_E_DENIED);
}

/* The text of any content, with the hash that belongs to it. */
static void put_refused_text(const char *name, kith_slice content, kith_status expected)
{
    uint8_t bytes[300];
    uint8_t hash[KITH_HASH_BYTES];
    char line[5 + KITH_BASE64_SIZE(sizeof bytes)] = "kith:";
    kith_invite read;
    kith_hash("kith invite text", content, hash);
    assert_in_range(content.length, 1, sizeof bytes - 4);
    memcpy(bytes, content.data, content.length);
    memcpy(bytes + content.length, hash, 4);
    kith_base64_write(kith_slice_make(bytes, content.length + 4), line + 5, sizeof line - 5);
    assert_status(kith_invite_parse(&cx, kith_slice_of(line), &read), expected);
    kith_json_writer json = vectors_begin_item(text);
    put_text(&json, "name", name);
    put_text(&json, "status", kith_status_name(expected));
    put_text(&json, "text", line);
    vectors_end_item(&json, text);
}

static void put_refused_texts(void)
{
    enum { FLAG = 37 };
    uint8_t content[FLAG + 1 + KITH_PIN_BYTES] = {1};
    kith_invite read;
    begin_list("refused_texts");
    put_refused_text("an invite that is cut short", kith_slice_make(content, FLAG), KITH_E_SYNTAX);
    content[FLAG] = 1;
    put_refused_text("a pin that is cut short", kith_slice_make(content, sizeof content - 1),
                     KITH_E_SYNTAX);
    content[FLAG] = 2;
    put_refused_text("a flag that is none", kith_slice_make(content, sizeof content),
                     KITH_E_SYNTAX);
    content[FLAG] = 0;
    memcpy(content + FLAG + 1, "ftp://relay", 11);
    put_refused_text("a relay that is no address", kith_slice_make(content, FLAG + 12),
                     KITH_E_SYNTAX);
    content[0] = 2;
    put_refused_text("version 2", kith_slice_make(content, FLAG + 1), KITH_E_NEWER);
    static const char *const wrong[] = {"kith:", "kith:AQABAgMEBQ=="};
    for (size_t i = 0; i < KITH_ARRAY_LENGTH(wrong); i++) {
        kith_json_writer json = vectors_begin_item(text);
        assert_status(kith_invite_parse(&cx, kith_slice_of(wrong[i]), &read), KITH_E_SYNTAX);
        put_text(&json, "name", wrong[i]);
        put_text(&json, "status", kith_status_name(KITH_E_SYNTAX));
        put_text(&json, "text", wrong[i]);
        vectors_end_item(&json, text);
    }
    kith_buf_append_text(text, "]");
}

static void make(kith_buf *file)
{
    kith_buf name;
    text = file;
    begin();
    kith_buf_init(&name, &cx, 1000);
    assert_ok(kith_space_name_open(&bench.space.charter, bench.space.keys[1], &name));
    kith_buf_append_text(text,
                         "{\"about\": \"Charters (proto/spec/charter.md): one with entries of "
                         "each kind, the keys in it and what it comes to; entries that must "
                         "be refused, each after so many of its entries. Bytes in "
                         "hexadecimal.\",\n\"name\": \"");
    kith_buf_append_slice(text, kith_buf_slice(&name));
    kith_buf_append_text(text, "\"");
    kith_buf_deinit(&name);
    put_devices();
    put_entries();
    put_epochs();
    put_members();
    put_invites();
    begin_list("refused");
    put_refused_forms();
    put_refused_places();
    put_refused_issuers();
    put_refused_joining();
    put_refused_rekeys();
    put_refused_leaving();
    kith_buf_append_text(text, "]");
    put_refused_texts();
    kith_buf_append_text(text, "\n}\n");
    end();
}

int main(int argument_count, char **arguments)
{
    return vectors_main(argument_count, arguments, "vectors/charter", make);
}
