/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of a node on Linux. nftables does the work, in a table of the node's own, which is
 * replaced as a whole whenever the rules change. Its counters are read into a filter of ours that
 * sees no packets; that one keeps the counts over changes and explains decisions. The kernel keeps
 * the connections. When the kernel refuses the rules, this is logged, and the table stays as it
 * was. A node that has no table yet then has none: a router's access groups have no effect, and a
 * firewall forwards nothing, because linux.c does not apply the rest of its policy.
 */
#define _GNU_SOURCE
#include "runtime/host/linux/linux_filter.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/dataplane/kernel/nft.h"
#include "runtime/host/linux/linux_priv.h"

#define FRESH 100 /* milliseconds: counters that were read so lately are good enough */

/* --- counters --------------------------------------------------------------------------------- */

/* What the kernel's rules have counted, by the rules' numbers. */
struct counts {
	uint64_t *packets; /* of number 1 first */
	size_t n;
	bool seen; /* any at all */
};

/* Adds a rule's count to its entry's; an entry may have two rules. */
static void
on_counter(void *arg, uint32_t number, uint64_t packets, uint64_t bytes)
{
	struct counts *c = arg;

	(void)bytes;
	if (!number || number > c->n)
		return;
	c->packets[number - 1] += packets;
	c->seen = true;
}

static void
take_counts(struct linux_host *h, const struct ruleset_list *lists, const struct counts *c)
{
	for (size_t k = 0; k < h->filter_policy->n_acls; k++)
		for (size_t i = 0; lists[k].place && i < h->filter_policy->acls[k].n_aces; i++)
			filter_set_count(h->filter, k, i, c->packets[lists[k].first - 1 + i]);
}

/*
 * Reads the kernel's counters into the filter. What cannot be read, or is not there because
 * somebody emptied the table, leaves the filter's counts as they were.
 */
static void
read_counters(struct linux_host *h)
{
	struct counts c = {.seen = false};
	struct ruleset_list *lists;

	if (!h->filter_policy || !h->filter_rules || linux_now() - h->filter_read_at < FRESH)
		return;
	lists = ruleset_lists(h->filter_policy, &c.n);
	c.packets = x_alloc(c.n * sizeof(*c.packets));
	if (!nft_counters(h->filter_nft, on_counter, &c) && c.seen)
		take_counts(h, lists, &c);
	free(c.packets);
	free(lists);
	h->filter_read_at = linux_now();
}

/* --- apply ------------------------------------------------------------------------------------ */

static const char *
kernel_device(void *arg, const char *interface)
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

static bool
build_rules(struct linux_host *h, const struct policy *p, bool counts)
{
	const struct ruleset_options o = {.device = kernel_device,
	                                  .count = counts ? count_kept : count_none,
	                                  .arg = h,
	                                  .xfrm = !h->why,
	                                  .alone = h->netns >= 0};

	return ruleset_build(h->filter_nft, p, &o);
}

/* The socket is opened when there is first something to do. 0 or -errno. */
static int
open_nft(struct linux_host *h)
{
	return h->filter_nft ? 0 : nft_new(h->netns, h->filter_table, &h->filter_nft);
}

/* Takes the table out; nothing is left to do for the socket. */
static void
remove_table(struct linux_host *h)
{
	if (!open_nft(h))
		nft_remove(h->filter_nft);
	nft_free(h->filter_nft);
	h->filter_nft = NULL;
	h->filter_there = false;
}

static int
commit_rules(struct linux_host *h)
{
	int error = open_nft(h);
	char text[128];

	if (!error) {
		build_rules(h, h->filter_policy, true);
		error = nft_commit(h->filter_nft);
	}
	h->filter_there = h->filter_there || !error;
	if (error) {
		snprintf(text, sizeof(text), "%s: %s", strerror(-error),
		         h->filter_policy->firewall ? "the firewall's rules are not in the kernel"
		                                    : "ip access-group is not in the kernel");
		LOG(&h->events.log, HOST_ERROR, "nftables", text);
	}
	return error;
}

/* Turns on the kernel's count of the octets of connections; only in a namespace of our own. */
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

static void
forget_rules(struct linux_host *h)
{
	free(h->filter_rules);
	h->filter_rules = NULL;
	h->filter_rules_len = 0;
}

/*
 * The rules of a policy without their counts, to see whether they change. NULL: it filters nothing.
 */
static char *
copy_rules(struct linux_host *h, const struct policy *p, size_t *ret_len)
{
	const char *built;
	char *copy;

	*ret_len = 0;
	if (!ruleset_wanted(p) || open_nft(h) || !build_rules(h, p, false))
		return NULL;
	built = nft_built(h->filter_nft, ret_len);
	copy = x_alloc(*ret_len + 1);
	if (built)
		memcpy(copy, built, *ret_len);
	return copy;
}

/* Never of a host that has no policy: it comes up again, and its counts begin anew. */
static bool
rules_same(const struct linux_host *h, const char *rules, size_t len)
{
	return rules && h->filter_policy && h->filter_rules && len == h->filter_rules_len &&
	       !memcmp(rules, h->filter_rules, len);
}

int
linux_filter_apply(struct linux_host *h, const struct policy *p)
{
	size_t len;
	char *rules = copy_rules(h, p, &len);
	int error = 0;

	if (rules_same(h, rules, len)) {
		free(rules);
		read_counters(h); /* the filter keeps counts over the change by the entries' keys */
		filter_apply(h->filter, p, linux_now());
		h->filter_policy = p;
		return 0;
	}
	h->filter_read_at = -FRESH;
	read_counters(h);
	filter_apply(h->filter, p, linux_now());
	h->filter_policy = p;
	if (ruleset_wanted(p))
		error = commit_rules(h);
	else if (h->filter_there || !h->filter_cleaned)
		remove_table(h); /* ours, or of an earlier run that was killed */
	if (rules && !error && p->firewall && h->netns >= 0)
		linux_inside(h, accounting_on, h); /* else `show conn` says 0 bytes */
	h->filter_cleaned = true;
	forget_rules(h);
	if (!error) {
		h->filter_rules = rules;
		h->filter_rules_len = len;
	} else {
		free(rules);
	}
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
	if (h->filter_there && !h->keep)
		remove_table(h);
	nft_free(h->filter_nft);
	forget_rules(h);
	free(h->filter_table);
	filter_free(h->filter);
	h->filter_nft = NULL;
	h->filter_table = NULL;
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

	read_counters(linux_of(host));
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
	uint64_t sum = 0;
	size_t n;

	read_counters(h);
	hits = filter_counters(h->filter, acl, &n);
	for (size_t i = 0; list && hits && i < n; i++)
		if (list->aces[i].seq == seq)
			sum += hits[i];
	return sum;
}

size_t
linux_filter_clear(struct host *host, enum filter_clear what, const char *acl)
{
	struct linux_host *h = linux_of(host);
	size_t n;

	if (what == FILTER_CLEAR_CONNS)
		return linux_conns_clear(h);
	h->filter_read_at = -FRESH;
	read_counters(h);
	n = filter_clear(h->filter, what, acl, linux_now());
	if (h->filter_policy && h->filter_rules)
		commit_rules(h);
	return n;
}
