/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage of a process that serves a network: what it needs once it is running, and nothing else.
 * What is in it stands in runtime/cage; here is what Testudo needs of it.
 */
#ifndef TESTUDO_RUN_CAGE_H
#define TESTUDO_RUN_CAGE_H

#include "cli/app/run_loop.h"
#include "runtime/base/log.h"

/*
 * Shuts the cage of `testudo run`: everything that takes more rights has been done, no datagram was
 * read, and there is one thread. False after saying what failed: then nothing may be served. What a
 * kernel does not have is a warning.
 */
bool run_cage_shut(const struct run_options *options);

struct run_cage_lab {
	const char *pcap;    /* the folder of its captures; NULL: none */
	const char *keep;    /* the folder in which its nodes save; NULL: none */
	const char *sockets; /* the folder of its nodes' sockets; NULL: none */
	const char *export;  /* the file that it writes at the end; NULL: none */
	/*
	 * Its nodes live in network namespaces, whose descriptors are open: it leaves this
	 * machine's network for good, before it was in one of them.
	 */
	bool netns;
};

/* Shuts that of `testudo lab`, which is then silent but for what fails. */
bool run_cage_shut_lab(const struct run_cage_lab *lab);

/* Shuts that of a process that does no more than write what is beside this path. */
bool run_cage_shut_folder_of(const char *path);

/* Logs which system calls were refused since the last time. */
void run_cage_tell(const struct log_sink *sink);

#endif
