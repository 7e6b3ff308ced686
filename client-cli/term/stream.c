/* SPDX-License-Identifier: Apache-2.0 */
#include "term/stream.h"

#include <errno.h>
#include <unistd.h>

#include "term/report.h"

static kith_status note_failure(stream *s)
{
    s->failure = errno;
    return was_interrupted() ? KITH_E_STOPPED : KITH_E_IO;
}

/* Past the buffer of the file: filling that would go on waiting when an interrupt came just as some
 * bytes did. */
kith_status read_stream(void *user, uint8_t *buffer, size_t capacity, size_t *length_out)
{
    stream *s = user;
    ssize_t length = -1;
    errno = EINTR;
    while (length < 0 && errno == EINTR && !was_interrupted()) {
        length = read(fileno(s->file), buffer, capacity);
    }
    *length_out = length > 0 ? (size_t)length : 0;
    return length >= 0 ? KITH_OK : note_failure(s);
}

kith_status write_stream(void *user, kith_slice bytes)
{
    stream *s = user;
    size_t written = fwrite(bytes.data, 1, bytes.length, s->file);
    return written == bytes.length ? KITH_OK : note_failure(s);
}

exit_code report_stream(const cli *app, const stream *s)
{
    errno = s->failure;
    return report_file(app, s->path);
}
