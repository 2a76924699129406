/* SPDX-License-Identifier: Apache-2.0 */
/* What FRR answers to shows, as it prints it: see frr.h. What is not understood is left out. */
#include "compiler/frr/frr.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const frr_questions[FRR_QUESTIONS][FRR_COMMANDS_MAX + 1] = {
    [FRR_ASK_ROUTES] = {"show ip route", "show ip ospf route", NULL},
    [FRR_ASK_OSPF_NEIGHBORS] = {"show ip ospf neighbor", NULL},
};

/* The line at `*at`, at most 255 octets of it; false: there is none. */
static bool
next_line(const char **at, char line[static 256])
{
	size_t n = strcspn(*at, "\n");

	if (!**at)
		return false;
	snprintf(line, 256, "%.*s", (int)(n < 255 ? n : 255), *at);
	*at += n + ((*at)[n] != 0);
	return true;
}

static size_t
count_lines(const char *text)
{
	size_t n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* --- routes ----------------------------------------------------------------------------------- */

static bool
read_prefix(const char *text, struct prefix *ret)
{
	char addr[ADDR_TEXT_MAX], len[3];

	if (sscanf(text, "%15[0-9.]/%2[0-9]", addr, len) != 2 || strtoul(len, NULL, 10) > 32)
		return false;
	ret->len = (uint8_t)strtoul(len, NULL, 10);
	return addr_parse(addr, &ret->addr);
}

/* "O>* 10.0.2.0/24 [110/20] via 10.0.1.2, eth0, weight 1, 00:00:01": of those, the selected. */
static bool
read_route(const char *line, struct frr_route *ret)
{
	char to[20], distance[4], metric[11];

	if (!*line || !strchr("OREB", line[0]) || line[1] != '>' || !line[2] ||
	    sscanf(line + 3, " %19[0-9./] [%3[0-9]/%10[0-9]]", to, distance, metric) != 3 ||
	    strtoul(distance, NULL, 10) > UINT8_MAX || strtoul(metric, NULL, 10) > UINT32_MAX)
		return false;
	*ret = (struct frr_route){.code = line[0],
	                          .distance = (uint8_t)strtoul(distance, NULL, 10),
	                          .metric = (uint32_t)strtoul(metric, NULL, 10)};
	return read_prefix(to, &ret->to);
}

static int
route_order(const void *x, const void *y)
{
	const struct frr_route *a = x, *b = y;

	if (a->to.addr != b->to.addr)
		return a->to.addr < b->to.addr ? -1 : 1;
	return a->to.len - b->to.len;
}

const struct frr_route *
frr_route_find(const struct frr_route *list, size_t n, struct prefix to)
{
	const struct frr_route key = {.to = to};

	return n ? bsearch(&key, list, n, sizeof(*list), route_order) : NULL;
}

/* "N IA 10.0.5.0/24           [20] area: 0.0.0.0": of which kind OSPF has it. */
static void
read_kind(const char *line, struct frr_route *list, size_t n)
{
	struct frr_route key = {.code = 'O'}, *found;
	char more[3], to[20];

	if (sscanf(line, "N %2[IAE12] %19[0-9./] [", more, to) != 2 || !read_prefix(to, &key.to) ||
	    !n)
		return;
	found = bsearch(&key, list, n, sizeof(*list), route_order);
	if (found && found->code == 'O')
		memcpy(found->more, more, sizeof(more));
}

size_t
frr_read_routes(const char *answer, struct arena *a, const struct frr_route **ret)
{
	struct frr_route *list = arena_alloc(a, count_lines(answer) * sizeof(*list));
	const char *at = answer;
	char line[256];
	size_t n = 0;

	while (next_line(&at, line))
		if (read_route(line, &list[n]))
			n++;
	if (n)
		qsort(list, n, sizeof(*list), route_order);
	for (at = answer; next_line(&at, line);)
		read_kind(line, list, n);
	*ret = list;
	return n;
}

/* --- neighbours of OSPF ----------------------------------------------------------------------- */

/* "3.683s", "1m02s", "2d03h04m". */
static msec
read_time(const char *text)
{
	static const struct {
		char unit;
		msec length;
	} units[] = {{'w', SECONDS(604800)},
	             {'d', SECONDS(86400)},
	             {'h', SECONDS(3600)},
	             {'m', SECONDS(60)},
	             {'s', SECONDS(1)}};
	msec time = 0;

	while (isdigit((unsigned char)*text)) {
		char *end;
		const unsigned long n = strtoul(text, &end, 10);

		if (*end == '.')
			end += 1 + strspn(end + 1, "0123456789");
		for (size_t k = 0; k < ARRAY_SIZE(units); k++)
			if (*end == units[k].unit && n < 100000)
				time += (msec)n * units[k].length;
		text = end + (*end != 0);
	}
	return time;
}

static const char *
role_of(const char *role)
{
	return strcmp(role, "DR") == 0       ? "DR"
	       : strcmp(role, "Backup") == 0 ? "BDR"
	       : strcmp(role, "-") == 0      ? "-"
	                                     : "DROTHER";
}

/* Identifier, priority, state/role, times, address, device:address ... */
static bool
read_neighbor(const char *line, struct arena *a, struct frr_neighbor *ret)
{
	char id[ADDR_TEXT_MAX], state[24], up[24], dead[24], addr[ADDR_TEXT_MAX], at[40];
	char priority[4], *role, *text;

	if (sscanf(line, "%15s %3[0-9] %23s %23s %23s %15s %39[^: ]", id, priority, state, up, dead,
	           addr, at) != 7 ||
	    strtoul(priority, NULL, 10) > UINT8_MAX || !(role = strchr(state, '/')))
		return false;
	*role++ = 0;
	text = arena_strdup(a, state);
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	*ret = (struct frr_neighbor){.priority = (uint8_t)strtoul(priority, NULL, 10),
	                             .state = text,
	                             .role = role_of(role),
	                             .up = read_time(up),
	                             .dead = read_time(dead),
	                             .device = arena_strdup(a, at)};
	return addr_parse(id, &ret->id) && addr_parse(addr, &ret->addr);
}

size_t
frr_read_neighbors(const char *answer, struct arena *a, const struct frr_neighbor **ret)
{
	struct frr_neighbor *list = arena_alloc(a, count_lines(answer) * sizeof(*list));
	char line[256];
	size_t n = 0;

	while (next_line(&answer, line))
		if (read_neighbor(line, a, &list[n]))
			n++;
	*ret = list;
	return n;
}
