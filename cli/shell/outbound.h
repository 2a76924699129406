/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions that a user holds on other routers of the same process: `telnet` and `ssh` from a
 * router. Each is a shell there, on a vty that let it in; while one is active, what is typed into
 * the shell here goes to it, and what it says comes from here. Whoever feeds the shell (a console,
 * a document) notices nothing: the functions of shell.h that take keys and lines lead to the front.
 *
 *     console --- shell of R1 --- outbound --- shell of R2 --- outbound --- shell of R3 (the front)
 *
 * A router on a machine has no others beside it: there an outbound is a real client (client.h), and
 * while it is in front the session's line is held, and the keys go to it as octets.
 */
#ifndef TESTUDO_OUTBOUND_H
#define TESTUDO_OUTBOUND_H

#include "cli/shell/client.h"
#include "cli/shell/shell.h"

#define OUTBOUND_MAX   16 /* connections of one session */
#define OUTBOUND_CHAIN 8  /* routers behind one another */

/* Where, how and as whom. */
struct outbound_call {
	struct router *to;
	const char *host;    /* as it was typed */
	const char *address; /* where it leads to */
	const char *source;  /* the address from which the other router sees it come */
	enum line_transport how;
	const char *user; /* of SSH, which asks for the password; NULL: the line asks as it likes */
};

/* May one more be opened? NULL, or why not: a line. */
const char *outbound_refusal(struct shell *sh);
/*
 * Opens and enters one, when the other router's lines let it in. What that says first has then been
 * shown, and the session may be over already.
 */
enum line_refusal outbound_open(struct shell *sh, const struct outbound_call *call);
/*
 * Starts a real client, and holds the shell until it is refused or leaves: NULL. Else why not: a
 * line. host, address: as of an outbound_call.
 */
const char *outbound_start(struct shell *sh, const char *host, const char *address,
                           const struct client_call *call);
/* 0: the one used last. False: there is none. resume enters it, disconnect ends it. */
bool outbound_resume(struct shell *sh, unsigned number);
bool outbound_disconnect(struct shell *sh, unsigned number);
/*
 * Does a line at the prompt of EXEC stand for `resume`? An empty one resumes the connection used
 * last, a bare number that one. False: it does not, or there is no such connection.
 */
bool outbound_resume_by(struct shell *sh, const char *line);

struct outbound_info {
	unsigned number;
	bool last; /* the one that `resume` means */
	const char *host, *address;
	msec idle;
};
/* The i-th of them by number; false: there are no more. */
bool outbound_at(struct shell *sh, size_t i, struct outbound_info *ret);

/* For the shell. */
void outbound_reap(struct shell *sh);    /* frees what is over */
void outbound_settle(struct shell *sh);  /* after a line: is the active one over? */
void outbound_end_all(struct shell *sh); /* the session is over */
void outbound_free_all(struct shell *sh);

#endif
