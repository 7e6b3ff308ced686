/* A replica for one more space, as founding and joining need it. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef KITH_CLI_CMD_SPACE_H
#define KITH_CLI_CMD_SPACE_H

#include "app.h"

/** Opens all replicas, to work in one that has no space yet, or has not joined it; makes one if
 * there is none. */
exit_code prepare_replica(cli *app, bool *is_added_out);

/** Takes the replica back if it was made for a space that did not come about. Returns the code. */
exit_code give_up_replica(cli *app, bool is_added, exit_code code);

#endif
