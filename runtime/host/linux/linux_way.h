/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an address is this machine's own or somebody else's, as its kernel's routes have it. */
#ifndef TESTUDO_LINUX_WAY_H
#define TESTUDO_LINUX_WAY_H

#include "compiler/base/base.h"

enum linux_way {
	LINUX_WAY_OUT,  /* it is somebody else's, and a route leads there */
	LINUX_WAY_OWN,  /* what is sent there is delivered on this machine */
	LINUX_WAY_NONE, /* no route leads there, or it is no single host's */
};

/*
 * Asks the kernel about an IPv4 address (host order), in the network namespace that the caller is
 * in. It needs no rights, and opens a socket for it. 0 or -errno: it cannot be asked.
 */
int linux_way_to(uint32_t addr, enum linux_way *ret);

#endif
