/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of a node on Linux: nftables does the work, in a table of the node's own, put there
 * by the command `nft` in one piece whenever the rules change. Its counters are read back into a
 * filter of ours that sees no packet: it keeps the counts over changes, and explains. Connections
 * are the kernel's. Without nft a firewall forwards nothing, and a router says what it does not do.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_filter.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/linux/linux_priv.h"

#define OUTPUT_MAX (64u << 20)
#define FRESH      100 /* counters that were read so lately are good enough */

extern char **environ;

/* --- nft -------------------------------------------------------------------------------------- */

struct nft_run {
	const char *input; /* NULL: list the table */
	const char *table;
	char *output; /* owned by whoever runs it */
};

static char *
read_all(int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *text;
	ssize_t got;

	n = n < 0 ? 0 : n > OUTPUT_MAX ? OUTPUT_MAX : n;
	text = x_alloc((size_t)n + 1);
	got = pread(fd, text, (size_t)n, 0);
	text[got < 0 ? 0 : got] = '\0';
	return text;
}

static int
spawn_nft(const struct nft_run *r, int in, int out)
{
	char *const feed[] = {"nft", "-f", "-", NULL};
	char *const list[] = {"nft", "-n", "list", "table", "ip", (char *)(uintptr_t)r->table,
	                      NULL};
	posix_spawn_file_actions_t actions;
	int error, status = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	error = posix_spawnp(&pid, "nft", &actions, NULL, r->input ? feed : list, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EINVAL;
}

/* Inside the namespace. Files in memory on both sides: neither end can wait for the other. */
static int
nft_inside(struct linux_host *h)
{
	struct nft_run *r = h->filter_run;
	int in = memfd_create("nft-in", MFD_CLOEXEC), out = memfd_create("nft-out", MFD_CLOEXEC);
	size_t n = r->input ? strlen(r->input) : 0;
	int error = -errno;

	if (in >= 0 && out >= 0) {
		error = write(in, r->input ? r->input : "", n) == (ssize_t)n ? 0 : -EIO;
		lseek(in, 0, SEEK_SET);
		if (!error)
			error = spawn_nft(r, in, out);
		r->output = read_all(out);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return error;
}

/* 0 or -errno: -ENOENT when there is no nft, -EINVAL when it refused; *ret_output may be NULL. */
static int
nft(struct linux_host *h, const char *input, char **ret_output)
{
	struct nft_run r = {.input = input, .table = h->filter_table};
	int error;

	h->filter_run = &r;
	error = linux_inside(h, nft_inside, h);
	h->filter_run = NULL;
	if (ret_output)
		*ret_output = r.output;
	else
		free(r.output);
	return error;
}

/* --- counters --------------------------------------------------------------------------------- */

static const char *
number_after(const char *line, const char *word, uint64_t *ret)
{
	const char *at = strstr(line, word);
	char *end;

	if (!at)
		return NULL;
	*ret = strtoull(at + strlen(word), &end, 10);
	return end;
}

static void
count_line(struct filter *f, const char *line)
{
	uint64_t packets, acl;
	const char *at;

	if (number_after(line, "counter packets ", &packets) &&
	    (at = number_after(line, "comment \"", &acl)) && *at == '/')
		filter_count(f, acl, strtoull(at + 1, NULL, 10), packets);
}

/* An entry can have two rules; their counts are one. */
static void
count_all(struct filter *f, char *text)
{
	char *state, *line;

	filter_clear(f, FILTER_CLEAR_COUNTERS, NULL, 0);
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		count_line(f, line);
}

static void
counters_read(struct linux_host *h)
{
	char *text = NULL;

	if (!h->filter_rules || linux_now() - h->filter_read_at < FRESH)
		return;
	if (!nft(h, NULL, &text) && text)
		count_all(h->filter, text);
	free(text);
	h->filter_read_at = linux_now();
}

/* --- apply ------------------------------------------------------------------------------------ */

static const char *
device(void *arg, const char *interface)
{
	return linux_device_of(arg, interface);
}

static uint64_t
count_none(void *arg, size_t acl, size_t entry)
{
	(void)arg;
	(void)acl;
	(void)entry;
	return 0;
}

static uint64_t
count_kept(void *arg, size_t acl, size_t entry)
{
	const struct linux_host *h = arg;
	size_t n;
	const uint64_t *hits = filter_counters(h->filter, h->filter_policy->acls[acl].name, &n);

	return hits && entry < n ? hits[entry] : 0;
}

static char *
rules_of(struct linux_host *h, const struct policy *p, bool counts)
{
	const struct ruleset_options o = {.table = h->filter_table,
	                                  .device = device,
	                                  .count = counts ? count_kept : count_none,
	                                  .arg = h,
	                                  .xfrm = !h->why,
	                                  .alone = h->netns >= 0};

	return ruleset_text(p, &o);
}

static void
table_remove(struct linux_host *h)
{
	char *text =
	    x_asprintf("table ip %s {\n}\ndelete table ip %s\n", h->filter_table, h->filter_table);

	nft(h, text, NULL);
	free(text);
}

static int
table_put(struct linux_host *h)
{
	char *text = rules_of(h, h->filter_policy, true), *output = NULL;
	int error = nft(h, text, &output);

	if (error == -ENOENT)
		LOG(&h->events.log, HOST_ERROR, "nft",
		    h->filter_policy->firewall
		        ? "not found (package nftables): the firewall forwards nothing"
		        : "not found (package nftables): ip access-group has no effect");
	else if (error)
		LOG(&h->events.log, HOST_ERROR, "nft",
		    output && *output ? output : strerror(-error));
	free(output);
	free(text);
	return error;
}

/* In a namespace of our own the kernel may as well count what connections carry. */
static int
accounting_on(struct linux_host *h)
{
	int fd = open("/proc/sys/net/netfilter/nf_conntrack_acct", O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, "1", 1);

	(void)h;
	if (fd >= 0)
		close(fd);
	return n == 1 ? 0 : -EIO;
}

int
linux_filter_apply(struct linux_host *h, const struct policy *p)
{
	char *rules = rules_of(h, p, false);
	int error = 0;

	if (rules && h->filter_rules && !strcmp(rules, h->filter_rules)) {
		free(rules);
		counters_read(
		    h); /* counts go over by the entries' own keys, nothing else changed */
		filter_apply(h->filter, p, linux_now());
		h->filter_policy = p;
		return 0;
	}
	h->filter_read_at = -FRESH;
	counters_read(h);
	filter_apply(h->filter, p, linux_now());
	h->filter_policy = p;
	if (rules)
		error = table_put(h);
	else if (h->filter_rules || !h->filter_cleaned)
		table_remove(h); /* ours, or of an earlier run that was killed */
	if (rules && !error && p->firewall && h->netns >= 0)
		linux_inside(h, accounting_on, h); /* else `show conn` says 0 bytes */
	h->filter_cleaned = true;
	free(h->filter_rules);
	h->filter_rules = error ? NULL : rules;
	if (error)
		free(rules);
	return error;
}

void
linux_filter_open(struct linux_host *h)
{
	char *at;

	h->filter = filter_new(NULL, (uint64_t)linux_now());
	h->filter_table = x_asprintf("testudo_%.40s", h->name);
	for (at = h->filter_table; *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
	h->filter_read_at = -FRESH;
}

void
linux_filter_forget(struct linux_host *h)
{
	filter_apply(h->filter, NULL, linux_now());
	h->filter_policy = NULL;
}

void
linux_filter_close(struct linux_host *h)
{
	if (h->filter_rules && !h->keep)
		table_remove(h);
	free(h->filter_rules);
	free(h->filter_table);
	filter_free(h->filter);
	h->filter_rules = h->filter_table = NULL;
	h->filter = NULL;
}

/* --- what can be seen ------------------------------------------------------------------------- */

static struct linux_host *
linux_of(struct host *host)
{
	return (struct linux_host *)host;
}

const uint64_t *
linux_filter_counters(struct host *host, const char *acl, struct arena *a, size_t *ret_n)
{
	const uint64_t *hits;

	counters_read(linux_of(host));
	hits = filter_counters(linux_of(host)->filter, acl, ret_n);
	return hits ? arena_memdup(a, hits, *ret_n * sizeof(*hits)) : NULL;
}

uint64_t
linux_filter_acl_matches(struct host *host, const char *acl, uint32_t seq)
{
	struct linux_host *h = linux_of(host);
	const struct policy_acl *list =
	    h->filter_policy ? policy_acl_find(h->filter_policy, acl) : NULL;
	const uint64_t *hits;
	size_t n;

	counters_read(h);
	hits = filter_counters(h->filter, acl, &n);
	for (size_t i = 0; list && hits && i < n; i++)
		if (list->aces[i].seq == seq)
			return hits[i];
	return 0;
}

size_t
linux_filter_clear(struct host *host, enum filter_clear what, const char *acl)
{
	struct linux_host *h = linux_of(host);
	size_t n;

	if (what == FILTER_CLEAR_CONNS)
		return linux_conns_clear(h);
	h->filter_read_at = -FRESH;
	counters_read(h);
	n = filter_clear(h->filter, what, acl, linux_now());
	if (h->filter_rules)
		table_put(h);
	return n;
}
