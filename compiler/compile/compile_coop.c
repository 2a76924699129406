/* SPDX-License-Identifier: Apache-2.0 */
/* Key servers that cooperate: `redundancy` of a group, and the store that they share. */
#include <string.h>

#include "compiler/base/endpoint.h"
#include "compiler/base/store_file.h"
#include "compiler/compile/compile_parts.h"

#define DEFAULT_PRIORITY 1
#define DEFAULT_PREFIX   "/testudo"
#define ENDPOINTS_MAX    8

/* No host has such an address. */
static bool
is_no_host(uint32_t addr)
{
	return !addr || addr >> 28 >= 0xe || addr >> 24 == 127;
}

void
read_coop(struct compiler *c, const struct tnode *server, struct policy_coop *ret)
{
	const struct tnode *mode = tnode_first(server, KEY_SERVER_REDUNDANCY), *n;

	*ret = (struct policy_coop){.configured = mode, .priority = DEFAULT_PRIORITY};
	if (!mode)
		return;
	n = tnode_first(mode, KEY_COOP_PRIORITY);
	if (n)
		ret->priority = (uint8_t)tnode_u32(n, ARG_PRIORITY);
	n = tnode_first(mode, KEY_COOP_RETRANSMIT);
	if (n)
		ret->retransmit = (uint8_t)tnode_u32(n, ARG_NUMBER);
	ret->optimize = tnode_says(tnode_first(mode, KEY_COOP_VERSION), ARG_VERSION, "optimize");
	for (n = tnode_first(mode, KEY_COOP_TIMEOUT); n; n = tnode_next(n)) {
		uint16_t seconds = (uint16_t)tnode_u32(n, ARG_SECONDS);

		if (tnode_says(n, ARG_TIMER, "refresh"))
			ret->refresh = seconds;
		else
			ret->periodic = seconds;
	}
	for (n = tnode_first(mode, KEY_COOP_PEER); n; n = tnode_next(n)) {
		struct word at = read_word(c, n, ARG_ADDRESS);

		if (is_no_host(tnode_u32(n, ARG_ADDRESS))) {
			complain(c, DIAG_ERROR, "coop-peer-address", &at, NULL,
			         "%s is no key server's address: it is left out", at.text);
			continue;
		}
		if (ret->n_peers == POLICY_SERVERS_MAX - 1) {
			complain(c, DIAG_ERROR, "coop-peers-too-many", &at, NULL,
			         "a group has at most %d key servers: %s is left out",
			         POLICY_SERVERS_MAX, at.text);
			continue;
		}
		ret->peers[ret->n_peers++] = tnode_u32(n, ARG_ADDRESS);
	}
}

/* The words of a line, in the arena; *ret_n of them. */
static const char *const *
split_words(struct compiler *c, const char *line, size_t *ret_n)
{
	const char **words = arena_alloc(c->arena, ENDPOINTS_MAX * sizeof(*words));
	char *text = arena_strdup(c->arena, line), *save = NULL, *word;

	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (*ret_n < ENDPOINTS_MAX)
			words[*ret_n] = word;
		++*ret_n;
	}
	return words;
}

static void
check_endpoints(struct compiler *c, const struct word *at, struct policy_etcd *e)
{
	if (e->n_endpoints > ENDPOINTS_MAX) {
		complain(c, DIAG_ERROR, "store-endpoints-too-many", at, NULL,
		         "a store has at most %d endpoints: what is behind them is left out",
		         ENDPOINTS_MAX);
		e->n_endpoints = ENDPOINTS_MAX;
	}
	for (size_t i = 0; i < e->n_endpoints; i++)
		if (!endpoint_valid(e->endpoints[i])) {
			complain(
			    c, DIAG_ERROR, "store-endpoint", at, NULL,
			    "%s is no URL such as https://10.0.0.11:2379: there is no store to "
			    "share",
			    e->endpoints[i]);
			e->n_endpoints = 0;
		}
}

/* Whose certificate is right nobody could tell. */
static void
check_https(struct compiler *c, const struct word *at, const struct policy_etcd *e)
{
	for (size_t i = 0; i < e->n_endpoints && !e->trustpoint; i++)
		if (!strncmp(e->endpoints[i], "https://", 8)) {
			complain(
			    c, DIAG_ERROR, "store-no-trustpoint", at, "trustpoint",
			    "%s needs a trustpoint, whose CA vouches for it: it is not reached",
			    e->endpoints[i]);
			return;
		}
}

static void
check_trustpoint(struct compiler *c, const struct tnode *n, const struct policy_etcd *e)
{
	struct word at = read_word(c, n, ARG_TRUSTPOINT);

	for (size_t i = 0; i < e->n_endpoints; i++)
		if (strncmp(e->endpoints[i], "https://", 8) != 0) {
			complain(
			    c, DIAG_WARNING, "store-trustpoint-unused", &at, NULL,
			    "trustpoint %s is not used with %s: only https:// has certificates",
			    e->trustpoint, e->endpoints[i]);
			return;
		}
}

/* Nothing at all is sent there then: store_etcd_open. */
static void
check_username(struct compiler *c, const struct word *at, const struct policy_etcd *e)
{
	for (size_t i = 0; i < e->n_endpoints; i++)
		if (endpoint_clear(e->endpoints[i])) {
			complain(c, DIAG_ERROR, "store-password-clear", at, NULL,
			         "the password would cross the network in clear to %s: etcd is not "
			         "reached",
			         e->endpoints[i]);
			return;
		}
}

/* What `crypto gdoi store etcd` and the lines below it say. */
static void
read_etcd(struct compiler *c, const struct tnode *store, struct policy_etcd *ret)
{
	const struct word at = read_word(c, store, ARG_ENDPOINTS);
	const struct tnode *n;

	ret->endpoints = split_words(c, tnode_str(store, ARG_ENDPOINTS), &ret->n_endpoints);
	check_endpoints(c, &at, ret);
	n = tnode_first(store, KEY_STORE_ETCD_PREFIX);
	if (n)
		ret->prefix = arena_strdup(c->arena, tnode_str(n, ARG_PREFIX));
	n = tnode_first(store, KEY_STORE_ETCD_TRUSTPOINT);
	if (n) {
		ret->trustpoint = arena_strdup(c->arena, tnode_str(n, ARG_TRUSTPOINT));
		c->raw.store_trustpoint = read_word(c, n, ARG_TRUSTPOINT);
		check_trustpoint(c, n, ret);
	}
	check_https(c, &at, ret);
	n = tnode_first(store, KEY_STORE_ETCD_USERNAME);
	if (n) {
		const struct word place = read_word(c, n, ARG_USERNAME);
		const char *key = read_key(c, n, &place);

		ret->username = arena_strdup(c->arena, tnode_str(n, ARG_USERNAME));
		if (key)
			ret->password = SPAN(key, strlen(key));
		check_username(c, &place, ret);
	}
}

void
read_shared_store(struct compiler *c, const struct tnode *top, struct policy_store *ret)
{
	const struct tnode *etcd = tnode_first(top, KEY_GDOI_STORE_ETCD);
	const struct tnode *own = tnode_first(top, KEY_GDOI_STORE);
	const char *typed = own ? tnode_str(own, ARG_FILE) : NULL;
	struct word at;

	ret->etcd = (struct policy_etcd){.prefix = DEFAULT_PREFIX};
	if (etcd)
		read_etcd(c, etcd, &ret->etcd);
	if (!typed)
		return;
	at = read_word(c, own, ARG_FILE);
	if (etcd)
		complain(c, DIAG_ERROR, "store-shared-twice", &at, "crypto gdoi store sqlite",
		         "key servers share one store: etcd counts, and %s is not used", typed);
	else if (store_file_named(typed)) /* another name is refused as it is typed */
		ret->file = arena_strdup(c->arena, store_file_named(typed));
}

void
check_store(struct compiler *c)
{
	const struct word *name = &c->raw.store_trustpoint;

	for (size_t i = 0; i < c->raw.n_trustpoints; i++)
		if (name->text && !strcmp(c->raw.trustpoints[i].name.text, name->text))
			return;
	if (name->text)
		complain(c, DIAG_ERROR, "store-trustpoint-undefined", name,
		         NEAREST(c, name->text, c->raw.trustpoints, c->raw.n_trustpoints),
		         "there is no trustpoint %s: etcd is not reached", name->text);
}
