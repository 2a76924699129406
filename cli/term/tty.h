/* SPDX-License-Identifier: Apache-2.0 */
/* A session on the process's own terminal; stdin and stdout may also be pipes or files. */
#ifndef TESTUDO_TTY_H
#define TESTUDO_TTY_H

#include "cli/term/term.h"

struct tty;

/*
 * Raw mode until the session is over: the user's `exit`, the end of stdin when all of its lines are
 * done, nobody left who reads stdout, or tty_close. Then the terminal is as it was, and `closed` is
 * called, once. It is restored on exit(3) as well, and before a signal ends the process, of those
 * that nobody else handles when this is called. The program must ignore SIGPIPE. 0 or a libuv
 * error.
 */
int tty_open(uv_loop_t *loop, const struct term_ops *ops, void *service, void (*closed)(void *arg),
             void *arg, struct tty **ret);
/* Ends the session; what the terminal has not yet taken is lost. Not after `closed`. */
void tty_close(struct tty *tty);

#endif
