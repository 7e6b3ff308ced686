/* kithd's commands besides serving. Each says what is wrong on standard error and returns an exit
 * code. SPDX-License-Identifier: Apache-2.0 */
#ifndef KITHD_KITHD_ADMIN_H
#define KITHD_KITHD_ADMIN_H

#include "base/context.h"
#include "server/kithd/options.h"

/** Reports a failure and turns it into an exit code. */
int report(const kith_context *cx, kith_status status, const char *what);

/** Makes the data folder, the database, the certificate and a token. */
int run_init(kith_context *cx, const server_options *options);
/** Makes another registration token. */
int run_token(kith_context *cx, const server_options *options);
int run_check(kith_context *cx, const server_options *options);
int run_backup(kith_context *cx, const server_options *options);
int run_space(kith_context *cx, const server_options *options);
int run_device(kith_context *cx, const server_options *options);
int run_quota(kith_context *cx, const server_options *options);

#endif
