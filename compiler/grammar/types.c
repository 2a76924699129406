/* SPDX-License-Identifier: Apache-2.0 */
/* Argument types: see types.h. */
#include "compiler/grammar/types.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compiler/grammar/ifname.h"
#include "compiler/policy/prefix.h"
#include "compiler/policy/protocol.h"

/* --- ports ------------------------------------------------------------------------------------ */

struct port_name {
	const char *name;
	uint16_t port;
};

/* IOS prints the first name of a number; all names are read. */
static const struct port_name tcp_names[] = {
    /* clang-format off */
    {"bgp",      179},
    {"chargen",  19},
    {"cmd",      514},
    {"daytime",  13},
    {"discard",  9},
    {"domain",   53},
    {"echo",     7},
    {"exec",     512},
    {"finger",   79},
    {"ftp",      21},
    {"ftp-data", 20},
    {"gopher",   70},
    {"hostname", 101},
    {"ident",    113},
    {"irc",      194},
    {"klogin",   543},
    {"kshell",   544},
    {"login",    513},
    {"lpd",      515},
    {"nntp",     119},
    {"pop2",     109},
    {"pop3",     110},
    {"smtp",     25},
    {"sunrpc",   111},
    {"tacacs",   49},
    {"talk",     517},
    {"telnet",   23},
    {"time",     37},
    {"uucp",     540},
    {"whois",    43},
    {"www",      80},
    /* clang-format on */
};

static const struct port_name udp_names[] = {
    /* clang-format off */
    {"biff",          512},
    {"bootpc",        68},
    {"bootps",        67},
    {"discard",       9},
    {"dnsix",         195},
    {"domain",        53},
    {"echo",          7},
    {"isakmp",        ISAKMP_PORT},
    {"mobile-ip",     434},
    {"nameserver",    42},
    {"netbios-dgm",   138},
    {"netbios-ns",    137},
    {"netbios-ss",    139},
    {"ntp",           123},
    {"pim-auto-rp",   496},
    {"rip",           520},
    {"snmp",          161},
    {"snmptrap",      162},
    {"sunrpc",        111},
    {"syslog",        514},
    {"tacacs",        49},
    {"talk",          517},
    {"tftp",          69},
    {"time",          37},
    {"who",           513},
    {"xdmcp",         177},
    {"non500-isakmp", 4500},
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

static bool
port_match(const struct port_name *names, size_t n, const char *text, struct arena *a,
           struct typed *ret)
{
	size_t i;

	if (number_in(text, 0, UINT16_MAX, &ret->number)) {
		for (i = 0; i < n; i++)
			if (names[i].port == ret->number)
				break;
		ret->text = i < n ? names[i].name : arena_printf(a, "%u", ret->number);
		return true;
	}
	for (i = 0; i < n; i++)
		if (!strcasecmp(names[i].name, text)) {
			ret->number = names[i].port;
			ret->text = names[i].name;
			return true;
		}
	return false;
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
	case TYPE_TCP_PORT:
		return port_match(tcp_names, ARRAY_SIZE(tcp_names), text, a, ret);
	case TYPE_UDP_PORT:
		return port_match(udp_names, ARRAY_SIZE(udp_names), text, a, ret);
	case TYPE_INTERFACE:
		return interface_match(t, i, a, ret);
	case TYPE_HEX:
		ret->text = text;
		return hex_match(text);
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
		snprintf(buf, n, "A.B.C.D");
		return;
	case TYPE_INTERFACE: /* help lists the types */
	case TYPE_LINE:
		snprintf(buf, n, "LINE");
		return;
	case TYPE_HEX:
		snprintf(buf, n, "Hex-data");
		return;
	case TYPE_KEYWORD:
		snprintf(buf, n, "%s", e->text);
		return;
	default:
		snprintf(buf, n, "WORD");
	}
}
