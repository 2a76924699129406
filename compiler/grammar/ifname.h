/* SPDX-License-Identifier: Apache-2.0 */
/* The types of interfaces a router has, by name. Inside the compiler only. */
#ifndef TESTUDO_IFNAME_H
#define TESTUDO_IFNAME_H

#include "compiler/base/base.h"

struct ifname_type {
	const char *name, *help, *number; /* help for the type, and for its number */
	uint32_t max;                     /* the highest number, as `?` shows it */
};

#define IFNAME_TYPES 26
extern const struct ifname_type ifname_types[IFNAME_TYPES];

/* How much of a word may be the type's name: what stands before the number. */
size_t ifname_letters(const char *word);
/*
 * The type that the first n letters abbreviate: the first in the table, as IOS resolves "f", "g",
 * "t" and "lo". NULL: none.
 */
const struct ifname_type *ifname_find(const char *word, size_t n);
/* The type of a word that is a type alone, its number still to come; NULL: it is not. */
const struct ifname_type *ifname_alone(const char *word);
/* Is it a number of an interface: "0/0", "0", "0/1/0.52", "0/0/0:15"? */
bool ifname_unit(const char *text);

#endif
