/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real clients, telnet and ssh, for a router on a machine: somebody starts one on a terminal of its
 * own (cli/app/client_loop.h), and the session's keys go there as they are typed (outbound.h).
 */
#ifndef TESTUDO_CLIENT_H
#define TESTUDO_CLIENT_H

#include "cli/shell/line.h"

struct client;

struct client_call {
	enum line_transport how;
	uint32_t dst, src; /* src 0: any of the machine's */
	uint16_t port;     /* 0: the protocol's own */
	const char *user;  /* of SSH */
	unsigned rows, columns;
};

/* What the session hears; never while it calls one of the functions below. */
struct client_told {
	/* Once, and first. why: a line for the user, and the client is over; NULL: it runs. */
	void (*opened)(void *arg, const char *why);
	void (*says)(void *arg, const char *octets, size_t n);
	void (*ended)(void *arg);
	void *arg;
};

struct client_starter {
	/* One that is being started; close ends and frees it, at any time. NULL: none can be. */
	struct client *(*open)(void *arg, const struct client_call *call,
	                       const struct client_told *told);
	void (*close)(struct client *c);
	void (*type)(struct client *c, const char *octets, size_t n);
	void (*pause)(struct client *c, bool paused); /* it says nothing meanwhile, and waits */
	void (*resize)(struct client *c, unsigned rows, unsigned columns);
	void *arg;
};

#endif
