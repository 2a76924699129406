/* SPDX-License-Identifier: Apache-2.0 */
/* `show version`, `inventory`, `clock`, `logging`, `history`, `testudo drops`. */
#include "cli/show/show_cmd.h"
#include "cli/files/files.h"
#include "compiler/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- drops ------------------------------------------------------------------------------------ */

void
cmd_show_testudo_drops(struct shell *sh, const struct command *cmd)
{
	const uint64_t *drops = node_drops(router_node(shell_router(sh)));

	(void)cmd;
	shell_puts(sh, "Messages that IKE and GDOI did not take:\n");
	for (int i = DROP_NONE + 1; i < DROP_COUNT; i++)
		if (drops[i])
			shell_printf(sh, "%10llu  %s\n", (unsigned long long)drops[i],
			             drop_text((enum drop)i));
}

/* --- the box ---------------------------------------------------------------------------------- */

/* "2 FastEthernet interfaces": the interfaces of a type stand together. */
static void
count_interfaces(struct text *t, const struct host_interface *ifs, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t type = strcspn(ifs[i].name, "0123456789"), end = i + 1;

		while (end < n && !strncmp(ifs[end].name, ifs[i].name, type))
			end++;
		text_printf(t, "%zu %.*s interface%s\n", end - i, (int)type, ifs[i].name,
		            end - i == 1 ? "" : "s");
		i = end;
	}
}

/*
 * Scripts find a router's kind by "Cisco IOS Software", its version by what stands in the first
 * line, its model behind a "cisco" at a line's beginning, and the kind of its image by the years of
 * a copyright: these words are there, and who we are as well.
 */
void
cmd_show_version(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct host_interface *ifs;
	struct show_machine machine = show_machine();
	char clock[CLOCK_TEXT_MAX];
	size_t n;
	struct clock_zone zone;

	(void)cmd;
	router_zone(s.router, &zone);
	ifs = s.host->ops->interfaces(s.host, s.arena, &n);
	text_puts(
	    &s.text,
	    "Cisco IOS Software [syntax], Testudo Software (testudo), Version " TESTUDO_VERSION
	    ", GET VPN for Linux\n"
	    "Testudo takes the commands of Cisco IOS Software. It is no product of Cisco.\n"
	    "Copyright (c) 2026-2026 the authors of Testudo; Apache License, Version 2.0\n\n"
	    "ROM: none, Testudo is a program on Linux\n\n");
	text_printf(&s.text, "%s uptime is ", router_hostname(s.router));
	show_uptime(&s.text, router_uptime(s.router));
	text_printf(
	    &s.text, "\nSystem restarted at %s\n",
	    clock_text_seconds(&zone, router_wall(s.router) - router_uptime(s.router), clock));
	text_printf(&s.text,
	            "System image file is \"system:testudo\"\n\n"
	            "cisco Testudo (%s) processor with %" PRIu64 "K bytes of memory.\n",
	            machine.processor, machine.memory / 1024);
	count_interfaces(&s.text, ifs, n);
	text_printf(&s.text,
	            "%uK bytes of flash memory.\n\n"
	            "Configuration register is 0x2102\n",
	            FILES_TOTAL_MAX / 1024);
	showing_end(&s);
}

void
cmd_show_inventory(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "NAME: \"Testudo\", DESCR: \"GET VPN router on Linux\"\n"
	               "PID: TESTUDO           , VID: " TESTUDO_VERSION ", SN: \n\n");
}

/* The moment at which summer time ends, by the clock of the summer that ends. */
static const char *
ends_text(const struct clock_zone *zone, int64_t end, char buf[static CLOCK_TEXT_MAX])
{
	struct clock_zone summer = *zone;

	summer.summer = false;
	summer.offset += zone->shift;
	snprintf(summer.name, sizeof(summer.name), "%s", zone->summer_name);
	return clock_text_seconds(&summer, end, buf);
}

/* What sets the clock, and when summer time begins and ends this year. */
static void
show_clock_detail(struct shell *sh)
{
	const struct router *r = shell_router(sh);
	const struct host *h = node_host(router_node(shell_router(sh)));
	int64_t begin, end;
	struct clock_zone zone, winter;
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];

	shell_puts(sh, *router_clock_mark(r) ? "No time source\n"
	               : h->ops->set_wall    ? "Time source is user configuration\n"
	                                     : "Time source is hardware calendar\n");
	router_zone(r, &zone);
	if (!clock_summer(&zone, router_wall(r), &begin, &end))
		return;
	/* As IOS tells it: each by the clock that ends then. */
	winter = zone;
	winter.summer = false;
	shell_printf(sh, "Summer time starts %s\nSummer time ends %s\n",
	             clock_text_seconds(&winter, begin, from), ends_text(&zone, end, to));
}

void
cmd_show_clock(struct shell *sh, const struct command *cmd)
{
	char buf[CLOCK_TEXT_MAX];

	shell_printf(sh, "%s%s\n", router_clock_mark(shell_router(sh)),
	             router_clock_text(shell_router(sh), router_wall(shell_router(sh)), buf));
	if (command_has(cmd, ARG_DETAIL))
		show_clock_detail(sh);
}

void
cmd_show_history(struct shell *sh, const struct command *cmd)
{
	size_t n = 0;

	(void)cmd;
	while (shell_recall(sh, n))
		n++;
	while (n--)
		shell_printf(sh, "  %s\n", shell_recall(sh, n));
}

/* "xml" and "filtering" are other forms of the log in IOS, which scripts expect to hear of. */
static void
logging_to(struct showing *s, const char *name, enum log_to to)
{
	int level = router_log_level(s->router, to);

	if (level < 0)
		text_printf(&s->text, "    %-16s disabled%s\n", name,
		            to == LOG_TO_BUFFER ? ", xml disabled,\n                    filtering "
		                                  "disabled"
		                                : "");
	else
		text_printf(&s->text,
		            "    %-16s level %s, %" PRIu64 " messages logged, xml disabled,\n"
		            "                     filtering disabled\n",
		            name, log_level_names[level], router_log_written(s->router, to));
}

static void
logging_to_host(struct showing *s, const struct router_log_host *h)
{
	char addr[ADDR_TEXT_MAX];

	text_printf(&s->text,
	            "        Logging to %s  (%s port %u, audit disabled,\n"
	            "              link %s),\n"
	            "              %" PRIu64 " message lines logged, \n"
	            "              %" PRIu64 " message lines rate-limited, \n"
	            "              0 message lines dropped-by-MD, \n"
	            "              xml disabled, sequence number disabled\n"
	            "              filtering disabled\n",
	            addr_text(h->addr, addr), h->tcp ? "tcp" : "udp", h->port,
	            h->sends ? "up" : "down", h->sent, h->dropped);
	if (!h->sends)
		text_puts(&s->text, "              (a lab sends nothing to syslog servers)\n");
}

static void
logging_to_hosts(struct showing *s, const struct router_log_host *hosts, size_t n)
{
	int level = router_log_level(s->router, LOG_TO_TRAP);

	if (level < 0)
		text_puts(&s->text, "    Trap logging: disabled\n");
	else
		text_printf(&s->text,
		            "    Trap logging: level %s, %" PRIu64 " message lines logged\n",
		            log_level_names[level], router_log_written(s->router, LOG_TO_TRAP));
	for (size_t i = 0; i < n; i++)
		logging_to_host(s, &hosts[i]);
}

void
cmd_show_logging(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct router_log_host hosts[ROUTER_LOG_HOSTS_MAX];
	const size_t n_hosts = router_log_hosts(s.router, hosts, ARRAY_SIZE(hosts));
	size_t n = router_log_count(s.router);
	uint64_t dropped = 0;

	(void)cmd;
	for (size_t i = 0; i < n_hosts; i++)
		dropped += hosts[i].dropped;
	text_printf(&s.text,
	            "Syslog logging: enabled (%" PRIu64 " messages dropped, 0 messages "
	            "rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)\n\n"
	            "No Active Message Discriminator.\n\n"
	            "No Inactive Message Discriminator.\n\n",
	            dropped);
	logging_to(&s, "Console logging:", LOG_TO_CONSOLE);
	logging_to(&s, "Monitor logging:", LOG_TO_MONITOR);
	logging_to(&s, "Buffer logging:", LOG_TO_BUFFER);
	text_puts(&s.text, "    Exception Logging: Disabled\n"
	                   "    Count and timestamp logging messages: enabled\n"
	                   "    Persistent logging: disabled\n\n"
	                   "No active filter modules.\n\n");
	logging_to_hosts(&s, hosts, n_hosts);
	text_printf(&s.text, "\nLog Buffer (%d bytes):\n\n", ROUTER_LOG_MAX * LOG_TEXT_MAX);
	for (size_t i = 0; i < n; i++)
		text_printf(&s.text, "%s\n", router_log_line(s.router, i));
	showing_end(&s);
}

/* --- how often each message came -------------------------------------------------------------- */

/* "*Mar  1 00:00:00.123: %GDOI-5-GM_REGS_COMPL: ..."; false: no message of that form. */
static bool
read_message(const char *line, struct show_counted *ret)
{
	const char *percent = strstr(line, ": %");
	char severity[2];

	*ret = (struct show_counted){.n = 1};
	if (!percent || sscanf(percent, ": %%%23[A-Z0-9_]-%1[0-7]-%39[A-Z0-9_]:", ret->facility,
	                       severity, ret->mnemonic) != 3)
		return false;
	ret->severity = (unsigned)(*severity - '0');
	line += *line == '*';
	snprintf(ret->time, sizeof(ret->time), "%.*s", (int)(percent - line), line);
	return true;
}

static int
compare_counted(const void *a, const void *b)
{
	const struct show_counted *x = a, *y = b;
	int order = strcmp(x->facility, y->facility);

	return order ? order : strcmp(x->mnemonic, y->mnemonic);
}

const struct show_counted *
showing_counts(struct showing *s, size_t *ret_n)
{
	struct show_counted *list, one;
	size_t n = 0, at;

	list = arena_alloc(s->arena, router_log_count(s->router) * sizeof(*list));
	for (size_t i = 0; i < router_log_count(s->router); i++) {
		if (!read_message(router_log_line(s->router, i), &one))
			continue;
		for (at = 0; at < n && compare_counted(&list[at], &one); at++)
			;
		if (at < n)
			one.n += list[at].n;
		list[at] = one;
		n += at == n;
	}
	if (n)
		qsort(list, n, sizeof(*list), compare_counted);
	*ret_n = n;
	return list;
}

void
cmd_show_logging_count(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	size_t n, total = 0;
	const struct show_counted *list = showing_counts(&s, &n);

	(void)cmd;
	text_puts(
	    &s.text,
	    "Facility        Message Name                     Sev Occur     Last Time\n"
	    "=============================================================================\n");
	for (size_t i = 0; i < n; i++) {
		const struct show_counted *c = &list[i];

		text_printf(&s.text, "%-15s %-33s %u %6zu     %s\n", c->facility, c->mnemonic,
		            c->severity, c->n, c->time);
		total += c->n;
		if (i + 1 < n && !strcmp(c->facility, list[i + 1].facility))
			continue;
		text_printf(
		    &s.text,
		    "-------------   -------------------------------------------------------\n"
		    "%s TOTAL%*zu\n\n",
		    c->facility, 51 - (int)strlen(c->facility), total);
		total = 0;
	}
	showing_end(&s);
}
