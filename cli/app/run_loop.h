/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `testudo run`: this machine, or one of its network namespaces, is a router. One libuv loop serves
 * the node, its console on the terminal, telnet and SSH consoles.
 */
#ifndef TESTUDO_RUN_LOOP_H
#define TESTUDO_RUN_LOOP_H

#include "runtime/host/linux/linux.h"

struct run_options {
	const char *name;        /* of the router, until it is configured */
	const char *config;      /* startup configuration, written by `write memory`; NULL: none */
	const char *flash;       /* the folder of flash:; NULL: beside the configuration */
	const char *telnet_addr; /* NULL: no telnet consoles */
	uint16_t telnet_port;
	const char *ssh_addr; /* in the namespace; NULL: no SSH, but on port 22 of a namespace */
	uint16_t ssh_port;
	const char *socket; /* a path, for `testudo sh`; NULL: none */
	const char *netns;  /* name under /run/netns, or a path; NULL: this process's own */
	enum linux_dataplane dataplane;
	size_t n_interfaces;
	const struct linux_interface *interfaces; /* none: all Ethernet devices by their order */
	bool keep;
	bool system_routing; /* the machine's own FRR speaks, and none of the router's */
	bool no_cage;        /* keeps every right that it was started with */
	bool terminal;       /* a console on stdin and stdout */
};

/* Until SIGINT, SIGTERM, SIGQUIT or `exit`. The exit status; what failed is on stderr. */
int run_router(const struct run_options *options);

#endif
