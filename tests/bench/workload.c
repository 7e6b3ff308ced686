/* SPDX-License-Identifier: Apache-2.0 */
#include "workload.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char workload_schema[] =
    "{\"schema\":\"bench\",\"kinds\":{\"bench_case\":{\"label\":\"Benchmark case\","
    "\"default_sensitivity\":\"internal\",\"title_fields\":[\"name\"],\"fields\":["
    "{\"name\":\"name\",\"type\":\"text\",\"required\":true},"
    "{\"name\":\"aliases\",\"type\":\"text\"},{\"name\":\"sex\",\"type\":\"code\",\"list\":\"sex\"}"
    ","
    "{\"name\":\"birth_year\",\"type\":\"int\"},{\"name\":\"village\",\"type\":\"text\"},"
    "{\"name\":\"block\",\"type\":\"text\"},{\"name\":\"destination\",\"type\":\"text\"},"
    "{\"name\":\"reason\",\"type\":\"code\",\"list\":\"migration_reason\"},"
    "{\"name\":\"recruiter\",\"type\":\"text\"},{\"name\":\"work\",\"type\":\"text\"},"
    "{\"name\":\"phone\",\"type\":\"phone\"},{\"name\":\"notes\",\"type\":\"text\"},"
    "{\"name\":\"last_contact\",\"type\":\"date\"},{\"name\":\"position\",\"type\":\"geo\"}]}}}";

static const char *const given[] = {
    "Ibanri", "Daphisha", "Rina",     "Monalisa", "Jyoti",    "Bhanita",   "Deepali", "Lakhimi",
    "Swrang", "Iaishah",  "Silchi",   "Chekame",  "Malsawmi", "Thoibi",    "Chanu",   "Yanbeni",
    "Khumti", "Sushmita", "Phulmani", "Fatema",   "Sahida",   "Kughatoli", "Teronpi", "Hunpui",
    "Banker", "Kitbok",   "Wallam",   "Rakesh",   "Dipu",     "Lalrem",    "Tomba",   "Neikuo"};
static const char *const clans[] = {
    "Lyngdoh",    "Nongkynrih", "Kharkongor", "Syiem",   "Sangma",    "Marak",    "Momin",
    "Basumatary", "Narzary",    "Borah",      "Gogoi",   "Saikia",    "Laishram", "Ningthoujam",
    "Debbarma",   "Tamang",     "Chhetri",    "Pegu",    "Kathar",    "Khatun",   "Begum",
    "Chowdhury",  "Hembram",    "Murmu",      "Pohthmi", "Lalrinpuii"};
static const char *const villages[] = {
    "Nongblai", "Mawlynnong", "Nongriat",   "Kongthong",  "Mawsynram", "Rongjeng",
    "Baghmara", "Dadenggre",  "Silchar",    "Haflong",    "Umrangso",  "Diphu",
    "Bokajan",  "Kokrajhar",  "Gossaigaon", "Tamulpur",   "Moreh",     "Tengnoupal",
    "Ukhrul",   "Jessami",    "Champhai",   "Zokhawthar", "Sabroom",   "Belonia"};
static const char *const destinations[] = {
    "Delhi",  "Gurugram", "Guwahati", "Siliguri", "Kolkata", "Bengaluru", "Chennai", "Hyderabad",
    "Mumbai", "Pune",     "Goa",      "Jaipur",   "Rohtak",  "Dimapur",   "Muscat",  "Dubai"};
static const char *const works[] = {
    "house work",     "beauty parlour", "restaurant",     "brick kiln",     "garment factory",
    "security guard", "call centre",    "fish packing",   "construction",   "care of an old woman",
    "tea garden",     "shop assistant", "football trial", "nursing course", "driver's helper"};
static const char *const reasons[] = {"no_work",  "forest_restrict", "timber_ban", "flood_erosion",
                                      "debt",     "low_wage",        "job_offer",  "study",
                                      "marriage", "conflict",        "peer",       "unknown"};
static const char *const words[] = {
    "the",    "family",   "says",    "she",      "left",        "before",    "market",
    "day",    "with",     "a",       "woman",    "from",        "town",      "who",
    "paid",   "bus",      "fare",    "and",      "took",        "her",       "phone",
    "number", "mother",   "has",     "not",      "heard",       "since",     "the",
    "rains",  "began",    "brother", "went",     "to",          "police",    "outpost",
    "they",   "did",      "write",   "diary",    "entry",       "neighbour", "saw",
    "him",    "at",       "sumo",    "stand",    "carrying",    "one",       "bag",
    "agent",  "promised", "salary",  "monthly",  "advance",     "given",     "father",
    "owes",   "money",    "lender",  "school",   "fees",        "younger",   "sister",
    "still",  "home",     "headman", "informed", "durbar",      "met",       "visit",
    "again",  "in",       "two",     "weeks",    "no",          "photo",     "available",
    "scar",   "left",     "hand",    "speaks",   "Khasi",       "Garo",      "little",
    "Hindi",  "call",     "came",    "unknown",  "asked",       "for",       "afraid",
    "talk",   "needs",    "clinic",  "referral", "counselling", "legal",     "aid",
    "uncle",  "Shillong", "church",  "group",    "voice",       "message"};

uint64_t workload_below(workload *w, uint64_t bound)
{
    w->state ^= w->state >> 12;
    w->state ^= w->state << 25;
    w->state ^= w->state >> 27;
    return w->state * UINT64_C(2685821657736338717) % bound;
}

static const char *pick(workload *w, const char *const *list, size_t count)
{
    return list[workload_below(w, count)];
}
#define PICK(w, list) pick(w, list, COUNT(list))

workload workload_of(uint64_t seed)
{
    return (workload){.state = seed * 2 + 1};
}

static void note(workload *w, char *text, size_t size)
{
    size_t wanted = 85 + workload_below(w, 70);
    size_t used = 0;
    while (used < wanted && used + 24 < size) {
        const char *word = workload_below(w, 16) == 0 ? PICK(w, given) : PICK(w, words);
        int length = snprintf(text + used, size - used, "%s%s%s", used > 0 ? " " : "", word,
                              workload_below(w, 10) == 0 ? "," : "");
        used += (size_t)length;
    }
    (void)snprintf(text + used, size - used, ".");
}

static void date(workload *w, char *text, size_t size)
{
    (void)snprintf(text, size, "2026-%02u-%02u", 1 + (unsigned)workload_below(w, 11),
                   1 + (unsigned)workload_below(w, 28));
}

static void phone(workload *w, char *text, size_t size)
{
    (void)snprintf(text, size, "+91%010llu",
                   6000000000ull + (unsigned long long)workload_below(w, 3999999999ull));
}

size_t workload_record(workload *w, char *line, size_t size)
{
    char notes[256];
    char contact[32];
    char number[32];
    note(w, notes, sizeof notes);
    date(w, contact, sizeof contact);
    phone(w, number, sizeof number);
    int length = snprintf(line, size,
                          "{\"key\":\"b%llu\",\"kind\":\"bench_case\",\"fields\":{\"name\":\"%s "
                          "%s\",\"aliases\":\"%s\","
                          "\"sex\":\"%s\",\"birth_year\":%u,\"village\":\"%s\",\"block\":\"%s\","
                          "\"destination\":\"%s\","
                          "\"reason\":\"%s\",\"recruiter\":\"%s "
                          "%s\",\"work\":\"%s\",\"phone\":\"%s\",\"notes\":\"%s\","
                          "\"last_contact\":\"%s\",\"position\":\"%u.%05u,%u.%05u\"}}",
                          (unsigned long long)w->made++, PICK(w, given), PICK(w, clans),
                          workload_below(w, 2) == 0 ? "" : PICK(w, given),
                          workload_below(w, 4) > 0 ? "female" : "male",
                          1980 + (unsigned)workload_below(w, 34), PICK(w, villages),
                          PICK(w, villages), PICK(w, destinations), PICK(w, reasons),
                          workload_below(w, 2) == 0 ? "Madam" : PICK(w, given), PICK(w, clans),
                          PICK(w, works), workload_below(w, 5) == 0 ? "" : number, notes, contact,
                          23 + (unsigned)workload_below(w, 4), (unsigned)workload_below(w, 100000),
                          90 + (unsigned)workload_below(w, 5), (unsigned)workload_below(w, 100000));
    return (size_t)length;
}

void workload_edit(workload *w, const char **field_out, char *value, size_t size)
{
    static const char *const fields[] = {"notes",        "notes", "notes",  "last_contact",
                                         "last_contact", "phone", "phone",  "last_contact",
                                         "destination",  "work",  "village"};
    *field_out = PICK(w, fields);
    if (strcmp(*field_out, "notes") == 0) {
        note(w, value, size);
    } else if (strcmp(*field_out, "last_contact") == 0) {
        date(w, value, size);
    } else if (strcmp(*field_out, "phone") == 0) {
        phone(w, value, size);
    } else {
        (void)snprintf(value, size, "%s",
                       strcmp(*field_out, "work") == 0      ? PICK(w, works)
                       : strcmp(*field_out, "village") == 0 ? PICK(w, villages)
                                                            : PICK(w, destinations));
    }
}

void workload_question(workload *w, char *text, size_t size)
{
    static const char *const misspelt[] = {"eebanree lingdo", "reena",     "juti gogoy",
                                           "fulmoni",         "chaudhuri", "xoikia",
                                           "nongkinri",       "mowlinong", "lokhi"};
    switch (workload_below(w, 5)) {
    case 0:
        (void)snprintf(text, size, "%s %s", PICK(w, given), PICK(w, clans));
        break;
    case 1:
        (void)snprintf(text, size, "%s", PICK(w, misspelt));
        break;
    case 2:
        (void)snprintf(text, size, "%s %s", PICK(w, villages), PICK(w, given));
        break;
    case 3:
        (void)snprintf(text, size, "%s %s %s", PICK(w, words), PICK(w, words), PICK(w, given));
        break;
    default:
        phone(w, text, size);
        break;
    }
}
