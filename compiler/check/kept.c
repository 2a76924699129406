/* SPDX-License-Identifier: Apache-2.0 */
/* See kept.h. */
#include "compiler/check/kept.h"

#include <string.h>

#include "compiler/base/base.h"

/* By how a line begins, `no` aside; what stands first counts. */
static const struct {
	const char *begin, *subject;
} subjects[] = {
    /* clang-format off */
    {"router ",             "routing-kept"},
    {"route-map ",          "routing-kept"},
    {"ip prefix-list ",     "routing-kept"},
    {"ip ospf ",            "routing-kept"},
    {"ip rip ",             "routing-kept"},
    {"ip eigrp ",           "routing-kept"},
    {"ip bgp",              "routing-kept"},
    {"ip bandwidth-percent ", "routing-kept"},
    {"ip summary-address ", "routing-kept"},
    {"ip policy ",          "routing-kept"},
    {"key chain ",          "routing-kept"},
    {"mpls ",               "routing-kept"},
    {"ip multicast ",       "multicast-kept"},
    {"ip pim ",             "multicast-kept"},
    {"ip igmp ",            "multicast-kept"},
    {"ip msdp ",            "multicast-kept"},
    {"pim ",                "multicast-kept"},
    {"igmp ",               "multicast-kept"},
    {"ip nat ",             "nat-kept"},
    {"nat ",                "nat-kept"},
    {"ip dhcp ",            "dhcp-kept"},
    {"ip helper-address ",  "dhcp-kept"},
    {"ip vrf ",             "vrf-kept"},
    {"vrf ",                "vrf-kept"},
    {"class-map ",          "qos-kept"},
    {"policy-map ",         "qos-kept"},
    {"service-policy ",     "qos-kept"},
    {"bandwidth ",          "qos-kept"},
    {"random-detect",       "qos-kept"},
    {"snmp-server ",        "management-kept"},
    {"ip http",             "management-kept"},
    {"ip flow",             "management-kept"},
    {"flow ",               "management-kept"},
    {"event manager ",      "management-kept"},
    {"call-home",           "management-kept"},
    {"cdp ",                "management-kept"},
    {"lldp ",               "management-kept"},
    {"ntp ",                "time-kept"},
    {"aaa ",                "aaa-kept"},
    {"radius",              "aaa-kept"},
    {"tacacs",              "aaa-kept"},
    {"ldap ",               "aaa-kept"},
    {"track ",              "tracking-kept"},
    {"ip sla ",             "tracking-kept"},
    {"standby ",            "tracking-kept"},
    {"vrrp ",               "tracking-kept"},
    {"glbp ",               "tracking-kept"},
    {"vlan ",               "switching-kept"},
    {"switchport",          "switching-kept"},
    {"spanning-tree ",      "switching-kept"},
    {"channel-group ",      "switching-kept"},
    {"encapsulation ",      "switching-kept"},
    {"mac ",                "switching-kept"},
    {"ipv6 ",               "ipv6-kept"},
    {"zone",                "firewall-kept"},
    {"parameter-map ",      "firewall-kept"},
    {"ip inspect ",         "firewall-kept"},
    {"tunnel ",             "tunnels-kept"},
    {"ip nhrp ",            "tunnels-kept"},
    {"dial-peer ",          "voice-kept"},
    {"voice",               "voice-kept"},
    {"ip host ",            "names-kept"},
    {"ip name-server ",     "names-kept"},
    {"ip domain",           "names-kept"},
    /* clang-format on */
};

const char *
kept_subject(const char *line)
{
	if (!strncmp(line, "no ", 3))
		line += 3;
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		if (!strncmp(line, subjects[i].begin, strlen(subjects[i].begin)))
			return subjects[i].subject;
	return NULL;
}
