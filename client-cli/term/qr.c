/* SPDX-License-Identifier: Apache-2.0 */
#include "term/qr.h"

#include <qrencode.h>

#include "term/output.h"

/* Modules of quiet around the code, as ISO/IEC 18004 asks for. */
enum { QUIET = 4 };

static bool is_dark(const QRcode *code, int x, int y)
{
    bool is_inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return is_inside && (code->data[y * code->width + x] & 1) != 0;
}

/* Two rows of modules in one line of text: half blocks. Light modules are drawn, so that the code
 * is dark on light on the dark terminals that most have; phones read the other way round too. */
static void print_rows(const QRcode *code, int y)
{
    static const char *const blocks[2][2] = {{"█", "▀"}, {"▄", " "}};
    for (int x = -QUIET; x < code->width + QUIET; x++) {
        print("%s", blocks[is_dark(code, x, y)][is_dark(code, x, y + 1)]);
    }
    print("\n");
}

bool print_qr(const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
    if (code == NULL) {
        return false;
    }
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        print_rows(code, y);
    }
    QRcode_free(code);
    return true;
}
