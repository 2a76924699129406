/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs that a starter (starter.h) may run: a table, with what each role may do. What is
 * asked for is numbers and a user's name; the words of a command line are made here, and none of
 * them is somebody else's text that an option could begin with.
 */
#ifndef TESTUDO_STARTER_PROGRAMS_H
#define TESTUDO_STARTER_PROGRAMS_H

#include "compiler/base/base.h"

enum starter_program { STARTER_TELNET, STARTER_SSH, STARTER_PROGRAMS };

/* As whom, with what, and who hears it. */
enum starter_role {
	/*
	 * A user's: on a terminal of its own (a pty) as `nobody`, without rights, with the files
	 * that a client reads. It ends with whoever asked for it.
	 */
	STARTER_CLIENT,
};

#define STARTER_USER_MAX 64

/* What is asked for; from a process that may have been taken over, so nothing in it is believed. */
struct starter_call {
	uint32_t program;                /* enum starter_program */
	uint32_t dst, src;               /* IPv4, host order; src 0: any of ours */
	uint16_t port;                   /* 0: the program's own */
	uint16_t rows, columns;          /* of the terminal */
	char user[STARTER_USER_MAX + 1]; /* of SSH; 0-terminated */
};

/* Why not; the texts are for the user. */
enum starter_refusal {
	STARTER_STARTED,
	STARTER_MALFORMED, /* no such program, user or address */
	STARTER_LOOPBACK,  /* an address that never leaves a machine */
	STARTER_OWN,       /* one of this machine's own */
	STARTER_NO_WAY,
	STARTER_NO_SOURCE, /* src is none of this machine's */
	STARTER_ABSENT,    /* the program is not installed */
	STARTER_FULL,      /* too many run */
	STARTER_FAILED,    /* errno tells */
	STARTER_GONE,      /* there is no starter any more */
};

#define STARTER_ARGS_MAX 80

/* A command line; lives in itself. */
struct starter_command {
	const char *path;
	enum starter_role role;
	char *args[STARTER_ARGS_MAX]; /* ends with NULL */
	char dst[16], src[16], port[8], user[STARTER_USER_MAX + 1];
};

/*
 * May it be run, as far as its words tell? Makes the command line (that of ret, which must stay
 * where it is). What the kernel's routes say is not asked here.
 */
enum starter_refusal starter_command_make(const struct starter_call *call,
                                          struct starter_command *ret);

/* "telnet"; "?" of a number that is none. */
const char *starter_program_name(uint32_t program);
/* The package of Debian that has it. */
const char *starter_program_package(uint32_t program);

#endif
