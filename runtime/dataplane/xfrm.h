/*
 * The kernel's dataplane: ESP by XFRM, with header preservation through two anchor addresses and
 * stateless nftables rules (nft.h). Everything it puts into the kernel carries its mark and is
 * taken out when it is closed, or by the next xfrm_new of the same name.
 */
#ifndef TESTUDO_XFRM_H
#define TESTUDO_XFRM_H

#include <uv.h>

#include "runtime/dataplane/dataplane.h"
#include "runtime/log.h"

/*
 * Packet marks that Testudo uses, and nothing else of the mark: the second octet. 0x7e..: steered to
 * userspace ESP; 0x7f01: the daemon's own GDOI datagrams, which no dataplane touches.
 */
#define MARK_FIELD 0xff00
#define MARK_STEER 0x7e00
#define MARK_OWN   0x7f01

struct kernel_dataplane_options {
	uv_loop_t *loop;
	const char *name; /* of the node */
	int netns;        /* borrowed; -1: the process's own */
	const struct log_sink *log;
	/* The kernel's name of an interface by its IOS name; NULL when it has none. */
	const char *(*device)(void *arg, const char *interface);
	void *arg;
};

/* Does the kernel of this namespace have ESP in XFRM? *ret_why: a static text when not. */
bool xfrm_available(int netns, const char **ret_why);
int xfrm_new(const struct kernel_dataplane_options *options, struct dataplane **ret);

#endif
