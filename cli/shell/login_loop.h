/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords of logins are checked in libuv's thread pool, few at once: it is there for the key
 * exchanges of IKE, and a crowd at the door must not keep them waiting.
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

/* It lives as long as the loop. */
void login_loop_init(struct login_loop *l, uv_loop_t *loop);

#endif
