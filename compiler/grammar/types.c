/* SPDX-License-Identifier: Apache-2.0 */
/* Argument types: see types.h. */
#include "compiler/grammar/types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/ifname.h"
#include "compiler/policy/prefix.h"
#include "compiler/policy/protocol.h"

/* --- ports ------------------------------------------------------------------------------------ */

/* IOS prints the first name of a number; all names are read. */
static const struct port_name tcp_names[] = {
    /* clang-format off */
    {"bgp",      179, "Border Gateway Protocol (179)"},
    {"chargen",  19,  "Character generator (19)"},
    {"cmd",      514, "Remote commands (rcmd, 514)"},
    {"daytime",  13,  "Daytime (13)"},
    {"discard",  9,   "Discard (9)"},
    {"domain",   53,  "Domain Name Service (53)"},
    {"echo",     7,   "Echo (7)"},
    {"exec",     512, "Exec (rsh, 512)"},
    {"finger",   79,  "Finger (79)"},
    {"ftp",      21,  "File Transfer Protocol (21)"},
    {"ftp-data", 20,  "FTP data connections (20)"},
    {"gopher",   70,  "Gopher (70)"},
    {"hostname", 101, "NIC hostname server (101)"},
    {"ident",    113, "Ident Protocol (113)"},
    {"irc",      194, "Internet Relay Chat (194)"},
    {"klogin",   543, "Kerberos login (543)"},
    {"kshell",   544, "Kerberos shell (544)"},
    {"login",    513, "Login (rlogin, 513)"},
    {"lpd",      515, "Printer service (515)"},
    {"nntp",     119, "Network News Transport Protocol (119)"},
    {"pop2",     109, "Post Office Protocol v2 (109)"},
    {"pop3",     110, "Post Office Protocol v3 (110)"},
    {"smtp",     25,  "Simple Mail Transport Protocol (25)"},
    {"sunrpc",   111, "Sun Remote Procedure Call (111)"},
    {"tacacs",   49,  "TAC Access Control System (49)"},
    {"talk",     517, "Talk (517)"},
    {"telnet",   23,  "Telnet (23)"},
    {"time",     37,  "Time (37)"},
    {"uucp",     540, "Unix-to-Unix Copy Program (540)"},
    {"whois",    43,  "Nicname (43)"},
    {"www",      80,  "World Wide Web (HTTP, 80)"},
    {NULL, 0, NULL}
    /* clang-format on */
};

static const struct port_name udp_names[] = {
    /* clang-format off */
    {"biff",          512,         "Biff (mail notification, 512)"},
    {"bootpc",        68,          "Bootstrap Protocol (BOOTP) client (68)"},
    {"bootps",        67,          "Bootstrap Protocol (BOOTP) server (67)"},
    {"discard",       9,           "Discard (9)"},
    {"dnsix",         195,         "DNSIX security protocol auditing (195)"},
    {"domain",        53,          "Domain Name Service (DNS, 53)"},
    {"echo",          7,           "Echo (7)"},
    {"isakmp",        ISAKMP_PORT, "Internet Security Association and Key Management (500)"},
    {"mobile-ip",     434,         "Mobile IP registration (434)"},
    {"nameserver",    42,          "IEN116 name service (obsolete, 42)"},
    {"netbios-dgm",   138,         "NetBios datagram service (138)"},
    {"netbios-ns",    137,         "NetBios name service (137)"},
    {"netbios-ss",    139,         "NetBios session service (139)"},
    {"ntp",           123,         "Network Time Protocol (123)"},
    {"pim-auto-rp",   496,         "PIM Auto-RP (496)"},
    {"rip",           520,         "Routing Information Protocol (520)"},
    {"snmp",          161,         "Simple Network Management Protocol (161)"},
    {"snmptrap",      162,         "SNMP Traps (162)"},
    {"sunrpc",        111,         "Sun Remote Procedure Call (111)"},
    {"syslog",        514,         "System Logger (514)"},
    {"tacacs",        49,          "TAC Access Control System (49)"},
    {"talk",          517,         "Talk (517)"},
    {"tftp",          69,          "Trivial File Transfer Protocol (69)"},
    {"time",          37,          "Time (37)"},
    {"who",           513,         "Who service (rwho, 513)"},
    {"xdmcp",         177,         "X Display Manager Control Protocol (177)"},
    {"non500-isakmp", 4500,        "ISAKMP through address translation (4500)"},
    {NULL, 0, NULL}
    /* clang-format on */
};

static bool
number_in(const char *text, uint32_t min, uint32_t max, uint32_t *ret)
{
	uint64_t value = 0;
	const char *p;

	for (p = text; isdigit((unsigned char)*p); p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			return false;
	}
	if (p == text || *p || value < min || value > max)
		return false;
	*ret = (uint32_t)value;
	return true;
}

const struct port_name *
type_port_names(enum arg_type type)
{
	return type == TYPE_TCP_PORT ? tcp_names : type == TYPE_UDP_PORT ? udp_names : NULL;
}

/* The name that the word is, or that it alone abbreviates; NULL: none. */
static const struct port_name *
find_port(const struct port_name *names, const char *word)
{
	const struct port_name *found = NULL;
	size_t n = strlen(word), fits = 0;

	for (; names->name; names++) {
		if (strncasecmp(names->name, word, n) != 0)
			continue;
		found = names;
		if (!names->name[n])
			return names;
		fits++;
	}
	return fits == 1 ? found : NULL;
}

static bool
port_match(const struct port_name *names, const char *text, struct arena *a, struct typed *ret)
{
	const struct port_name *name = NULL;

	if (number_in(text, 0, UINT16_MAX, &ret->number)) {
		for (; names->name && !name; names++)
			if (names->port == ret->number)
				name = names;
		ret->text = name ? name->name : arena_printf(a, "%u", ret->number);
		return true;
	}
	name = find_port(names, text);
	if (!name)
		return false;
	ret->number = name->port;
	ret->text = name->name;
	return true;
}

/* --- interfaces ------------------------------------------------------------------------------- */

static bool
interface_match(const struct tokens *t, size_t i, struct arena *a, struct typed *ret)
{
	const char *text = t->at[i].text, *unit;
	size_t n = ifname_letters(text);
	const struct ifname_type *type = ifname_find(text, n);

	unit = text + n;
	if (type && !*unit && i + 1 < t->n) {
		unit = t->at[i + 1].text;
		ret->words = 2;
	}
	if (!type || !ifname_unit(unit))
		return false;
	ret->text = arena_printf(a, "%s%s", type->name, unit);
	return true;
}

/* --- all types
 * ------------------------------------------------------------------------------------ */

static bool
address_match(const struct gram_elem *e, const char *text, struct arena *a, struct typed *ret)
{
	char buf[ADDR_TEXT_MAX];

	if (!addr_parse(text, &ret->number) ||
	    (e->type == TYPE_MASK && !mask_is_contiguous(ret->number)))
		return false;
	ret->text = arena_strdup(a, addr_text(ret->number, buf));
	return true;
}

/* "10.1.1.1/8" is 10.0.0.0/8. */
static bool
prefix_match(const char *text, struct arena *a, struct typed *ret)
{
	const char *slash = strchr(text, '/');
	char buf[ADDR_TEXT_MAX];
	uint32_t len;

	if (!slash || (size_t)(slash - text) >= sizeof(buf) || !number_in(slash + 1, 0, 32, &len) ||
	    !addr_parse(arena_strndup(a, text, (size_t)(slash - text)), &ret->number))
		return false;
	ret->number &= prefix_mask((uint8_t)len);
	ret->text = arena_printf(a, "%s/%u", addr_text(ret->number, buf), len);
	return true;
}

static bool
word_match(const struct gram_elem *e, const char *text, struct typed *ret)
{
	if (e->type == TYPE_NAME && !isalpha((unsigned char)text[0]))
		return false;
	if (text[0] == '|' && !text[1])
		return false;
	ret->text = text;
	return true;
}

static bool
hex_match(const char *text)
{
	size_t n = strspn(text, "0123456789abcdefABCDEF");

	return n && n <= 8 && n % 2 == 0 && !text[n];
}

/* "2:05", "02:05:00": `parts` numbers; *ret in the unit of the last. */
static bool
time_match(const char *text, unsigned parts, struct arena *a, struct typed *ret)
{
	unsigned part[3] = {0};
	const char *p = text;

	for (unsigned i = 0; i < parts; i++) {
		size_t digits = strspn(p, "0123456789");

		if (!digits || digits > 2 || p[digits] != (i + 1 < parts ? ':' : '\0'))
			return false;
		part[i] = (unsigned)strtoul(p, NULL, 10);
		p += digits + 1;
	}
	if (part[0] > 23 || part[1] > 59 || part[2] > 59)
		return false;
	ret->number = part[0] * 60 + part[1];
	if (parts == 3)
		ret->number = ret->number * 60 + part[2];
	ret->text = parts == 3 ? arena_printf(a, "%02u:%02u:%02u", part[0], part[1], part[2])
	                       : arena_printf(a, "%u:%02u", part[0], part[1]);
	return true;
}

static bool
hours_match(const char *text, struct arena *a, struct typed *ret)
{
	uint32_t hours;

	if (!number_in(text + (*text == '-'), 0, 23, &hours))
		return false;
	ret->number = *text == '-' ? 0 - hours : hours;
	ret->text = arena_printf(a, "%d", (int)ret->number);
	return true;
}

bool
type_match(const struct gram_elem *e, const struct tokens *t, size_t i, struct arena *a,
           struct typed *ret)
{
	const char *text = t->at[i].text;

	*ret = (struct typed){.words = 1};
	if (t->more && i + 1 == t->n && e->type != TYPE_LINE)
		return false;
	switch (e->type) {
	case TYPE_NUMBER:
		if (!number_in(text, e->min, e->max, &ret->number))
			return false;
		ret->text = arena_printf(a, "%u", ret->number);
		return true;
	case TYPE_IPV4:
	case TYPE_MASK:
	case TYPE_WILDCARD:
		return address_match(e, text, a, ret);
	case TYPE_PREFIX:
		return prefix_match(text, a, ret);
	case TYPE_IPV6:
		ret->text = text;
		return inet_pton(AF_INET6, text, &(struct in6_addr){0}) == 1;
	case TYPE_TCP_PORT:
		return port_match(tcp_names, text, a, ret);
	case TYPE_UDP_PORT:
		return port_match(udp_names, text, a, ret);
	case TYPE_INTERFACE:
		return interface_match(t, i, a, ret);
	case TYPE_HEX:
		ret->text = text;
		return hex_match(text);
	case TYPE_TIME:
		return time_match(text, 2, a, ret);
	case TYPE_CLOCK:
		return time_match(text, 3, a, ret);
	case TYPE_HOURS:
		return hours_match(text, a, ret);
	case TYPE_NAME:
	case TYPE_WORD:
		return word_match(e, text, ret);
	case TYPE_LINE:
		ret->text = arena_strndup(a, t->line + t->at[i].column, t->end - t->at[i].column);
		ret->words = t->n - i;
		return true;
	case TYPE_KEYWORD:
		break;
	}
	return false;
}

void
type_symbol(const struct gram_elem *e, char *buf, size_t n)
{
	switch (e->type) {
	case TYPE_NUMBER:
		snprintf(buf, n, "<%u-%u>", e->min, e->max);
		return;
	case TYPE_TCP_PORT:
	case TYPE_UDP_PORT:
		snprintf(buf, n, "<0-65535>");
		return;
	case TYPE_IPV4:
	case TYPE_MASK:
	case TYPE_WILDCARD:
	case TYPE_PREFIX:
		snprintf(buf, n, "A.B.C.D");
		return;
	case TYPE_IPV6:
		snprintf(buf, n, "X:X:X:X::X");
		return;
	case TYPE_INTERFACE: /* help lists the types */
	case TYPE_LINE:
		snprintf(buf, n, "LINE");
		return;
	case TYPE_HEX:
		snprintf(buf, n, "Hex-data");
		return;
	case TYPE_TIME:
		snprintf(buf, n, "hh:mm");
		return;
	case TYPE_CLOCK:
		snprintf(buf, n, "hh:mm:ss");
		return;
	case TYPE_HOURS:
		snprintf(buf, n, "<-23 - 23>");
		return;
	case TYPE_KEYWORD:
		snprintf(buf, n, "%s", e->text);
		return;
	default:
		snprintf(buf, n, "WORD");
	}
}
