/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks passwords of logins in libuv's thread pool, few at once: the pool is there for the key
 * exchanges of IKE, and many users who log in must not keep those waiting.
 */
#ifndef TESTUDO_LOGIN_LOOP_H
#define TESTUDO_LOGIN_LOOP_H

#include <uv.h>

#include "cli/shell/login.h"

struct login_work;

struct login_loop {
	struct login_checker checker; /* for console_service */
	uv_loop_t *loop;
	unsigned running;
	struct login_work *waiting;
};

/* l must live as long as the loop. */
void login_loop_init(struct login_loop *l, uv_loop_t *loop);

#endif
