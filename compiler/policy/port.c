/* SPDX-License-Identifier: Apache-2.0 */
/* See port.h. */
#include "compiler/policy/port.h"

#include <ctype.h>
#include <string.h>

static const struct port_type types[] = {
    /* clang-format off */
    {"Ethernet",             "Et",  10000,     1000},
    {"FastEthernet",         "Fa",  100000,    100},
    {"GigabitEthernet",      "Gi",  1000000,   10},
    {"TenGigabitEthernet",   "Te",  10000000,  10},
    {"TwoGigabitEthernet",   "Tw",  2500000,   10},
    {"TwentyFiveGigE",       "Twe", 25000000,  10},
    {"FortyGigabitEthernet", "Fo",  40000000,  10},
    {"HundredGigE",          "Hu",  100000000, 10},
    {"Loopback",             "Lo",  8000000,   5000},
    {"Serial",               "Se",  1544,      20000},
    {"Tunnel",               "Tu",  100,       50000},
    {"Vlan",                 "Vl",  1000000,   10},
    {"Port-channel",         "Po",  1000000,   10}
    /* clang-format on */
};

const struct port_type *
port_type_of(const char *interface)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		size_t n = strlen(types[i].name);

		if (!strncmp(interface, types[i].name, n) && isdigit((unsigned char)interface[n]))
			return &types[i];
	}
	return NULL;
}
