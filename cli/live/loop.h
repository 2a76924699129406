/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop of a live router or of many: `testudo run` has one router, `testudo lab` all those
 * of a lab. It serves their consoles (the terminal, telnet, SSH, a Unix socket), compiles what was
 * typed once a paste pauses, runs Diffie-Hellman and RSA in the thread pool, and ends by SIGINT,
 * SIGTERM, SIGQUIT, SIGHUP (unless that is to reload) or with the terminal's session. Other signals
 * that would end a process are ignored. What the two do differently they hand over as hooks. All of
 * it runs in one thread but job->run.
 */
#ifndef TESTUDO_LOOP_H
#define TESTUDO_LOOP_H

#include <uv.h>

#include "cli/term/console.h"

struct loop;

/* Each may be NULL. */
struct loop_hooks {
	/*
	 * Before and after anything is done to a router: a console's line, a job's end, a commit.
	 */
	void (*enter)(void *arg);
	void (*leave)(void *arg);
	void (*after_line)(void *arg); /* called after a console's line, after leave */
	void (*reload)(void *arg);     /* SIGHUP came; NULL: it ends the loop */
	/* Called once, when the loop ends: closes whatever else keeps it running. */
	void (*end)(void *arg);
	void *arg;
	bool check_in_pool; /* logins are checked in the thread pool as well; false: at once */
};

struct loop *loop_new(void);
uv_loop_t *loop_uv(struct loop *l);
/* From now on signals end the loop, and loop_touched has an effect. hooks: copied. */
void loop_start(struct loop *l, const struct loop_hooks *hooks);
/* Returns when the loop has been stopped, every handle is closed and every job is done. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
bool loop_stopping(const struct loop *l);
void loop_free(struct loop *l); /* after loop_run, and after the routers are freed; NULL is fine */

/* A node's `submit`, with the loop as arg. */
void loop_submit(void *loop, struct node *node, struct job *job);
/* A router's configuration was changed: it is compiled when input pauses. */
void loop_touched(struct loop *l, struct router *router);

/* The consoles of one router; vty: virtual lines. Owned by the loop. */
struct loop_consoles;
struct loop_consoles *loop_consoles_new(struct loop *l, struct router *router, bool vty);
/* A socket for a console, or a negative libuv error: listener_bind. */
int loop_bind(const char *addr, uint16_t port);
/* Listens for telnet. take_bound: what loop_bind gave, its error too, which is then returned. */
int loop_listen_telnet(struct loop_consoles *c, int take_bound);
/* Likewise for SSH. open_door: while the router has no user, everybody is let in, for labs. */
int loop_listen_ssh(struct loop_consoles *c, int take_bound, bool open_door);
/* Listens at a Unix socket, for `testudo sh`: cli/local/local.h. */
int loop_listen_local(struct loop_consoles *c, const char *path);
/* At a socket that was made before (-errno: none), for the user of the process and root. */
int loop_bind_local(const char *path);
int loop_listen_own(struct loop_consoles *c, int take_bound, const char *path);
uint16_t loop_telnet_port(const struct loop_consoles *c); /* 0: does not listen */
uint16_t loop_ssh_port(const struct loop_consoles *c);
/* Its telnet consoles and its terminal stay when a user exits: console.h. */
void loop_consoles_stay(struct loop_consoles *c);
/*
 * Opens a console on stdin and stdout; the loop ends with it. what: that ends then, as the user is
 * told ("the lab"). 0 or a negative libuv error.
 */
int loop_open_terminal(struct loop_consoles *c, const char *what);
/* Was it the user at the terminal who ended the loop? */
bool loop_was_left(const struct loop *l);

#endif
