/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node of a lab starts with, its own saved configuration and keys or else what the topology
 * says of it; and what it saves, where the lab keeps that.
 */
#ifndef TESTUDO_LAB_START_H
#define TESTUDO_LAB_START_H

#include "cli/lab/lab.h"

struct lab_start {
	/* Of the node; all three are borrowed. */
	const struct lab_node_spec *spec;
	const struct lab_options *options;
	struct router *router;
	bool starting; /* what is set is no `write memory` */
	bool saved;    /* there was one */
};

/* Loads keys and configuration. Lines that are refused, and files, go to the options' refused. */
void lab_start_node(struct lab_start *n);
/* For router_hooks: keeps what was saved. 0 or -errno. */
int lab_start_saved(struct lab_start *n);

#endif
