/* SPDX-License-Identifier: Apache-2.0 */
/* What a type of interface stands for: what tables call it, what routing reckons with. */
#ifndef TESTUDO_PORT_H
#define TESTUDO_PORT_H

#include "compiler/base/base.h"

struct port_type {
	const char *name, *abbreviation;
	uint32_t bandwidth, delay; /* kbit/s, microseconds: what routing reckons with by default */
};

/* By an interface's full name, "FastEthernet0/0"; NULL: no type that is known. */
const struct port_type *port_type_of(const char *interface);

#endif
