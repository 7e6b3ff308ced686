/* A record's state as every replica with the same changes writes it: authors by id, names as text,
 * everything in an order that does not depend on what arrived first. Used to compare replicas and
 * to prove that a rebuild equals the state. SPDX-License-Identifier: Apache-2.0 */
#include "merge/state.h"

typedef struct canonical {
    const kith_state *record;
    const kith_known *known;
    const kith_slice *names;
    kith_buf *out;
} canonical;

static void write_id(canonical *c, kith_dot dot)
{
    kith_id id = kith_known_id(c->known, dot);
    kith_buf_append(c->out, id.bytes, sizeof id.bytes);
}

static void write_stamp(canonical *c, kith_stamp stamp)
{
    kith_write_zigzag(c->out, stamp.ms);
    kith_write_varint(c->out, (uint64_t)stamp.counter << 2 | stamp.trust);
}

/* Writes items in the order that `compare` gives, by repeatedly taking the least one above the
 * last: the lists are short, and nothing needs to be allocated. */
typedef int (*item_compare)(canonical *c, const void *owner, size_t a, size_t b);

static size_t next_item(canonical *c, const void *owner, size_t count, item_compare compare,
                        size_t last)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++) {
        bool later = last == count || compare(c, owner, i, last) > 0;
        if (later && (best == count || compare(c, owner, i, best) < 0)) {
            best = i;
        }
    }
    return best;
}

static int compare_dots(canonical *c, const void *owner, size_t a, size_t b)
{
    const kith_dots *dots = owner;
    return kith_known_compare(c->known, dots->items[a], dots->items[b]);
}

static int compare_heads(canonical *c, const void *owner, size_t a, size_t b)
{
    const kith_cell *cell = owner;
    return kith_known_compare(c->known, cell->heads[a].id, cell->heads[b].id);
}

static int compare_cells(canonical *c, const void *owner, size_t a, size_t b)
{
    const kith_state *record = owner;
    const kith_cell *first = &record->cells[a];
    const kith_cell *second = &record->cells[b];
    int order = kith_slice_compare(c->names[first->field], c->names[second->field]);
    return order != 0 ? order : kith_value_compare(first->element, second->element);
}

static int compare_removals(canonical *c, const void *owner, size_t a, size_t b)
{
    const kith_state *record = owner;
    return kith_known_compare(c->known, record->removals[a].id, record->removals[b].id);
}

/* Dots that count: `skip_known` leaves out what has arrived since, a write named in the wrong
 * place. */
static bool dot_counts(canonical *c, kith_dot dot, bool skip_known)
{
    return !skip_known || !kith_known_has(c->known, dot);
}

static void write_dots(canonical *c, const kith_dots *dots, bool skip_known)
{
    size_t count = 0;
    for (size_t i = 0; i < dots->count; i++) {
        count += dot_counts(c, dots->items[i], skip_known);
    }
    kith_write_varint(c->out, count);
    size_t at = next_item(c, dots, dots->count, compare_dots, dots->count);
    while (at < dots->count) {
        if (dot_counts(c, dots->items[at], skip_known)) {
            write_id(c, dots->items[at]);
        }
        at = next_item(c, dots, dots->count, compare_dots, at);
    }
}

static bool has_content(canonical *c, const kith_cell *cell)
{
    for (size_t i = 0; i < cell->missing.count; i++) {
        if (dot_counts(c, cell->missing.items[i], true)) {
            return true;
        }
    }
    return cell->head_count > 0;
}

static void write_cell(canonical *c, const kith_cell *cell)
{
    kith_write_slice(c->out, c->names[cell->field]);
    kith_value_write(c->out, cell->element);
    kith_write_varint(c->out, cell->head_count);
    size_t at = next_item(c, cell, cell->head_count, compare_heads, cell->head_count);
    while (at < cell->head_count) {
        write_id(c, cell->heads[at].id);
        write_stamp(c, cell->heads[at].stamp);
        kith_value_write(c->out, cell->heads[at].value);
        at = next_item(c, cell, cell->head_count, compare_heads, at);
    }
    write_dots(c, &cell->missing, true);
}

static void write_removals(canonical *c)
{
    const kith_state *record = c->record;
    kith_write_varint(c->out, record->removal_count);
    size_t at =
        next_item(c, record, record->removal_count, compare_removals, record->removal_count);
    while (at < record->removal_count) {
        write_id(c, record->removals[at].id);
        write_stamp(c, record->removals[at].stamp);
        write_dots(c, &record->removals[at].seen, false);
        at = next_item(c, record, record->removal_count, compare_removals, at);
    }
    write_dots(c, &record->missing_removals, true);
}

void kith_state_write_canonical(const kith_state *record, const kith_known *known,
                                const kith_slice *names, kith_buf *out)
{
    canonical context = {.record = record, .known = known, .names = names, .out = out};
    canonical *c = &context;
    write_id(c, record->id);
    kith_write_slice(out, record->kind == 0 ? (kith_slice){NULL, 0} : names[record->kind]);
    write_stamp(c, record->created);
    write_stamp(c, record->changed);
    write_dots(c, &record->changes, false);
    size_t at = next_item(c, record, record->cell_count, compare_cells, record->cell_count);
    while (at < record->cell_count) {
        if (has_content(c, &record->cells[at])) {
            write_cell(c, &record->cells[at]);
        }
        at = next_item(c, record, record->cell_count, compare_cells, at);
    }
    write_removals(c);
}
