/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At the end of a lab that was played at a terminal, what `write memory` has saved is offered to be
 * kept beside the topology, where `testudo lab LAB.yaml --keep DIR` finds it.
 *
 * Nobody knows at the start whether anything will be saved, and the cage lets a lab write nowhere.
 * So a process of its own (helper_process.h) is started before that, in a cage of its own: the
 * folder of the topology. It is told what was saved, asks the user itself, and takes files of the
 * lab's nodes after a yes alone, 64 MiB at most. It ends with the lab.
 */
#ifndef TESTUDO_KEEP_OFFER_H
#define TESTUDO_KEEP_OFFER_H

#include "cli/lab/lab.h"

struct keep_offer;

/*
 * Starts the process, before the topology is read; NULL: it cannot be had. The name of its file
 * outlives what is returned. caged: as the lab itself.
 */
struct keep_offer *keep_offer_new(const char *file, bool caged);
/* Tells it whose files it may take. The topology outlives the offer. */
void keep_offer_nodes(struct keep_offer *o, const struct lab_spec *spec);
/* Has the user asked, and it written. False after saying on stderr what could not be. */
bool keep_offer_make(struct keep_offer *o, struct lab *lab);
void keep_offer_free(struct keep_offer *o); /* NULL is fine */

#endif
