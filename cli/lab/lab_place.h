/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a lab's nodes live. Two places: the virtual network (lab_sim.c) and namespaces of this
 * machine (lab_netns.c). Inside the lab only.
 */
#ifndef TESTUDO_LAB_PLACE_H
#define TESTUDO_LAB_PLACE_H

#include "cli/lab/lab.h"

struct lab_place; /* each kind begins with `const struct lab_place_ops *ops` */

struct lab_place_ops {
	/* A node's host, owned by the place; NULL and *ret_error when there can be none. */
	struct host *(*node)(struct lab_place *p, const struct lab_node_spec *spec,
	                     const struct host_events *events, const char **ret_error);
	/* NULL: the place has made all links. */
	int (*link)(struct lab_place *p, const struct lab_link *link);
	int (*link_set)(struct lab_place *p, const char *node, const char *interface, bool up);
	void (*power)(struct lab_place *p, const char *node, bool on);
	int (*faults)(struct lab_place *p, const double faults[LAB_FAULTS]);
	msec (*now)(struct lab_place *p);
	void (*run_until)(struct lab_place *p, msec when);
	bool (*step)(struct lab_place *p, msec limit);
	void (*leave)(struct lab_place *p); /* hosts close; NULL: nothing to do */
	void (*close)(struct lab_place *p); /* all */
	msec line_time;
};

struct lab_place {
	const struct lab_place_ops *ops;
};

struct lab_place *lab_place_sim(const struct lab_options *o, const char **ret_error);
struct sim *lab_place_is_sim(struct lab_place *p); /* NULL: it is not */
struct lab_place *lab_place_netns(const struct lab_spec *spec, const struct lab_options *o,
                                  const char **ret_error);

#endif
