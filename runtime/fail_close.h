/*
 * Fail-close mode: from the policy's crypto maps, and what groups have keys, to the doors of the
 * dataplane. A door is open when every group of its map has keys.
 */
#ifndef TESTUDO_FAIL_CLOSE_H
#define TESTUDO_FAIL_CLOSE_H

#include "runtime/core/core.h"
#include "runtime/dataplane/dataplane.h"

struct fail_close { /* what the dataplane was told last */
	uint64_t open;
};

/*
 * Tells the dataplane (NULL: none yet) when a door opened or shut, or in any case when `anew`. core
 * NULL: nobody has keys. 0 or -errno.
 */
int fail_close_apply(struct fail_close *f, struct dataplane *dp, const struct policy *p,
		     const struct core *core, bool anew);
bool fail_close_open(const struct policy *p, const char *map, const struct core *core);

#endif
