/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminal lines: con 0, aux 0, vty 0 ... This is what the configuration says of a line, who may
 * use it, and which line somebody who connects gets. A session is on its line from its shell's
 * beginning to its end (shell_set_line); nothing else is kept of it. Everything belongs to the
 * loop's thread.
 *
 * There are as many vtys as `line vty` has configured, five at least; where it has configured none,
 * LINE_VTY_MAX. The console may have any number of terminals, as on a console server.
 */
#ifndef TESTUDO_LINE_H
#define TESTUDO_LINE_H

#include "cli/device/router.h"
#include "compiler/grammar/command.h"

struct shell;

#define LINE_VTY_MAX       1442
#define LINE_PEER_MAX      64
#define LINE_USER_MAX      64
#define LINE_EXEC_TIMEOUT  (10 * 60) /* seconds, without `exec-timeout` */
#define LINE_LOGIN_TIMEOUT 30        /* without `timeout login response` */
#define LINE_SPEED         9600      /* without `speed` */

enum line_type { LINE_CON, LINE_AUX, LINE_VTY };
enum line_transport { LINE_TELNET, LINE_SSH, LINE_LOCAL };

/* The port that a transport's users are told of in the log. */
unsigned line_port(enum line_transport how);

/* A line by type and number: "vty" 3 is tty 5. */
struct line_id {
	enum line_type type;
	unsigned number;
};

const char *line_type_text(enum line_type type); /* "con", "aux", "vty" */
unsigned line_tty(struct line_id id);
bool line_of_tty(unsigned tty, struct line_id *ret);
/* The line that a command names: a tty, or a type and a number. */
struct line_id line_of_command(const struct command *cmd);
/* The session on a line; NULL: none. The console may have several: nth counts them. */
struct shell *shell_on(const struct router *r, struct line_id id, size_t nth);

enum line_login { LINE_LOGIN_UNSET, LINE_LOGIN_NONE, LINE_LOGIN_PASSWORD, LINE_LOGIN_LOCAL };

/* A line's settings: as configured, else IOS's defaults. Text belongs to the configuration. */
struct line_settings {
	enum line_login login;
	bool has_password;
	unsigned exec_timeout, absolute_timeout; /* seconds; 0: never */
	unsigned login_timeout;                  /* seconds for an answer; 0: never */
	int length, width;                       /* -1: as the terminal is */
	int level;                               /* of privilege; -1: not said */
	int history;                             /* lines; -1: not said */
	uint32_t speed;                          /* baud, of a serial line: only told */
	const char *access_class, *class_out;    /* incoming, outgoing; NULL: none */
	bool telnet, ssh;                        /* `transport input` */
	bool telnet_out, ssh_out;                /* `transport output` */
	bool exec;
};
void line_settings(const struct router *r, struct line_id id, struct line_settings *ret);

unsigned line_shown_vtys(const struct router *r);              /* as configured, five at least */
unsigned line_uses(const struct router *r, struct line_id id); /* sessions there have been */

/* Why nobody is let in. */
enum line_refusal { LINE_ADMITTED, LINE_TRANSPORT, LINE_ACCESS_CLASS, LINE_QUIET, LINE_BUSY };

/* Somebody who connects. peer: an IPv4 or IPv6 address in text, NULL: not known. */
struct line_caller {
	enum line_transport how;
	const char *peer;
	bool known; /* has logged in already (SSH), or need not (`testudo sh`) */
};

/*
 * May they have a line now? As in IOS, the first vty that is free and takes the transport decides:
 * its access-class is matched against the address, a standard list or the source of an extended
 * one; a list that does not exist lets everybody in. No IPv4 list matches an IPv6 address. Quiet
 * mode (login_guard.h) refuses who has not logged in. A vty with `no login` takes no telnet.
 *
 * LINE_LOCAL is the way in on the machine itself (`testudo sh`): it gets the first free vty,
 * whatever that takes, and one beyond those configured when they are taken, so that nobody from
 * elsewhere shuts it.
 *
 * Where no line is free, a session in which nobody has logged in yet is ended for who has logged
 * in, and for who comes from an address that holds fewer such lines. *ret: the vty. It is not
 * reserved: shell_set_line takes it.
 */
enum line_refusal line_find(struct router *r, const struct line_caller *who, struct line_id *ret);
/* May they begin to log in, without a line (SSH)? Whether one is free, line_find tells later. */
bool line_admits(struct router *r, const struct line_caller *who);

/*
 * How a line lets users in. As in IOS, without `login` or `no login` the console lets everybody in,
 * and a vty nobody: it asks for a password that is not set.
 */
enum line_login line_login_of(const struct line_settings *s, struct line_id id);

/*
 * What somebody by telnet would meet: a question for a password (or `aaa new-model`, which asks in
 * a router's way), nobody who could answer one, or a vty with `no login`.
 */
enum line_guard { LINE_GUARDED, LINE_SHUT, LINE_OPEN };
enum line_guard line_guard_of(const char *config); /* a text; NULL: none */
enum line_guard line_guard(const struct router *r);

#endif
