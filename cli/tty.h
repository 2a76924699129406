/* A session on the process's own terminal. */
#ifndef TESTUDO_TTY_H
#define TESTUDO_TTY_H

#include "cli/term.h"

struct tty;

/* Raw mode until tty_close; `closed` is called once when the session is over. 0 or a libuv error.
 */
int tty_open(uv_loop_t *loop, const struct term_ops *ops, void *service, void (*closed)(void *arg),
	     void *arg, struct tty **ret);
void tty_close(struct tty *tty); /* ends the session, restores the terminal */

#endif
