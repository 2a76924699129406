/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks passwords of logins in libuv's thread pool, few at once: the pool is there for the key
 * exchanges of IKE, and many users who log in must not keep those waiting. Those who wait get their
 * turns by the address they come from, so that a crowd from one does not keep the others out.
 */
#ifndef TESTUDO_LOGIN_LOOP_H
#define TESTUDO_LOGIN_LOOP_H

#include <uv.h>

#include "cli/shell/login.h"

#define LOGIN_CHECKS_MAX        256 /* that wait; more are denied */
#define LOGIN_CHECKS_SOURCE_MAX 128 /* of them from one address, which many users may share */

struct login_work;

struct login_loop {
	struct login_checker checker; /* for console_service */
	uv_loop_t *loop;
	uv_timer_t timer; /* until the next of those that are delayed is due */
	bool started, stopped;
	unsigned running;
	struct login_work *waiting; /* in the order of their turns */
};

/* l must live as long as the loop. */
void login_loop_init(struct login_loop *l, uv_loop_t *loop);
/* What has not begun is denied, and nothing more is taken; the loop can end. */
void login_loop_stop(struct login_loop *l);

#endif
