/* SPDX-License-Identifier: Apache-2.0 */
/* Names of interfaces: see ifname.h. */
#include "compiler/grammar/ifname.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TYPE(name, help, max)                                                                      \
	{                                                                                          \
		name, help, name " interface number", max                                          \
	}

/* The common ones first: they are what a letter or two stands for. */
const struct ifname_type ifname_types[IFNAME_TYPES] = {
    TYPE("Ethernet", "IEEE 802.3", 255),
    TYPE("FastEthernet", "FastEthernet IEEE 802.3", 255),
    TYPE("GigabitEthernet", "GigabitEthernet IEEE 802.3z", 255),
    TYPE("TenGigabitEthernet", "Ten Gigabit Ethernet", 255),
    TYPE("Loopback", "Loopback interface", 2147483647),
    TYPE("Serial", "Serial", 255),
    TYPE("Tunnel", "Tunnel interface", 2147483647),
    TYPE("Vlan", "Catalyst Vlans", 4094),
    TYPE("Port-channel", "Ethernet Channel of interfaces", 255),
    TYPE("Dialer", "Dialer interface", 255),
    TYPE("Null", "Null interface", 0),
    TYPE("BVI", "Bridge-Group Virtual Interface", 255),
    TYPE("Async", "Async interface", 255),
    TYPE("ATM", "ATM interface", 255),
    TYPE("BDI", "Bridge-domain interface", 16000),
    TYPE("BRI", "ISDN Basic Rate Interface", 255),
    TYPE("Cellular", "Cellular WAN Async interface", 255),
    TYPE("Dot11Radio", "Dot11 interface", 255),
    TYPE("Embedded-Service-Engine", "Embedded service engine Module", 255),
    TYPE("FortyGigabitEthernet", "Forty Gigabit Ethernet", 255),
    TYPE("HundredGigE", "Hundred Gigabit Ethernet", 255),
    TYPE("Multilink", "Multilink-group interface", 2147483647),
    TYPE("TwentyFiveGigE", "Twenty Five Gigabit Ethernet", 255),
    TYPE("TwoGigabitEthernet", "Two Gigabit Ethernet", 255),
    TYPE("Virtual-Template", "Virtual Template interface", 4096),
    TYPE("Wlan-GigabitEthernet", "WLAN GigabitEthernet IEEE 802.3z", 255),
};

#undef TYPE

size_t
ifname_letters(const char *word)
{
	size_t n = strncasecmp(word, "Dot11Radio", 10) ? 0 : 10; /* the one with digits in it */

	while (isalpha((unsigned char)word[n]) || word[n] == '-')
		n++;
	return n;
}

const struct ifname_type *
ifname_find(const char *word, size_t n)
{
	size_t i;

	for (i = 0; n && i < IFNAME_TYPES; i++)
		if (!strncasecmp(ifname_types[i].name, word, n))
			return &ifname_types[i];
	return NULL;
}

const struct ifname_type *
ifname_alone(const char *word)
{
	size_t n = ifname_letters(word);

	return word[n] ? NULL : ifname_find(word, n);
}

bool
ifname_unit(const char *text)
{
	bool digit = false;

	if (strlen(text) > 16)
		return false;
	for (; *text; text++) {
		if (isdigit((unsigned char)*text)) {
			digit = true;
		} else if ((*text == '/' || *text == '.' || *text == ':') && digit) {
			digit = false;
		} else {
			return false;
		}
	}
	return digit;
}
