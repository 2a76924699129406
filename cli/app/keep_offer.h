/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At the end of a lab that was played at a terminal, what `write memory` has saved is offered to be
 * kept beside the topology, where `testudo lab LAB.yaml --keep DIR` finds it.
 *
 * Nobody knows at the start whether anything will be saved, and the cage lets a lab write nowhere.
 * So a process of its own is started before the cage is shut; it writes that one folder and nothing
 * else, when it is told to, and ends with the lab.
 */
#ifndef TESTUDO_KEEP_OFFER_H
#define TESTUDO_KEEP_OFFER_H

#include "cli/lab/lab.h"

struct keep_offer;

/* Starts the process, while there is one thread; NULL: it cannot be had. */
struct keep_offer *keep_offer_new(const char *lab_file);
/* Asks, and has it written. False after saying on stderr what could not be. */
bool keep_offer_make(struct keep_offer *o, struct lab *lab);
void keep_offer_free(struct keep_offer *o); /* NULL is fine */

#endif
