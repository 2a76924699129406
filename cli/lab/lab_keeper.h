/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of a lab's network: a process of its own (helper_process.h) that makes the lab's
 * namespaces and the links between them, waits until the lab has ended, in whatever way, and takes
 * them away. The lab needs no right to make or remove them, and once they are there what it could
 * tell its keeper is one thing: that it ended.
 */
#ifndef TESTUDO_LAB_KEEPER_H
#define TESTUDO_LAB_KEEPER_H

#include "cli/lab/lab.h"

#define LAB_DEVICE_MAX 16 /* octets of a device's name, the NUL too */

struct lab_keeper;

/* Starts it, before the topology is read; NULL: it cannot be had. */
struct lab_keeper *lab_keeper_new(void);
/*
 * Tells it the names and links of the lab, once, and waits until the network is there. What a lab
 * of this name left is taken away before. False and *ret_error (static), and then nothing is left.
 */
bool lab_keeper_build(struct lab_keeper *k, const struct lab_spec *spec, const char **ret_error);
/*
 * Waits until the network is taken away, when nothing of it is open here any more; what is left is
 * told on stderr. NULL is fine.
 */
void lab_keeper_free(struct lab_keeper *k);

/* "testudo-LAB.NODE", below /run/netns; the caller frees it. */
char *lab_keeper_namespace(const struct lab_spec *spec, const char *node);

/* "FastEthernet0/0" is Fa0-0: a device's name is short and has no slash. */
void lab_keeper_device(const char *interface, char ret[static LAB_DEVICE_MAX]);

#endif
