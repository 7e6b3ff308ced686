/* Dates as other programs write them, read by a form such as "%d-%b-%y".
 *
 * The letters mean what they mean to strptime(3): %d day, %m month, %b and %B month by its English
 * name or its first letters, %Y year, %y its last two digits (69 to 99 are 1969 to 1999). strptime
 * itself would read names by the host program's locale and make up a day where only a month is
 * given. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITH_TRANSFER_DATE_FORM_H
#define KITH_TRANSFER_DATE_FORM_H

#include "base/arena.h"

/** NULL if dates can be read by the form, else what is wrong with it, static. */
const char *kith_date_form_fault(kith_slice form);

/** Reads a date and writes it in our form: to the day, the month or the year, as the form has it.
 *  The days of months are not checked.
 *
 *  @param why_out  on KITH_E_REFUSED what is wrong with the text, static */
KITH_MUST_USE kith_status kith_date_form_read(kith_slice form, kith_slice text, kith_arena *arena,
                                              kith_slice *date_out, const char **why_out);

#endif
