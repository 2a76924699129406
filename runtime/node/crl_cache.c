/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists, read and fetched: see crl_cache.h. */
#include "runtime/node/crl_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/cert.h"

#define FETCHED_MAX 8           /* addresses; the one that was wanted longest ago gives way */
#define FETCH_AGAIN SECONDS(60) /* after a try, whatever became of it */
#define FETCH_LOST  SECONDS(90) /* a host that was closed does not answer */
#define WHY_MAX     160

/* One of the keystore. */
struct kept {
	char *label;
	struct crl *crl; /* NULL: it cannot be read */
};

struct fetched {
	char url[CRL_URL_MAX]; /* "": free */
	struct crl *crl;
	bool going;
	msec began;
	char why[WHY_MAX]; /* the last try failed; "": it did not */
};

struct crl_cache {
	bool read; /* the keystore has been */
	size_t n_kept, kept_capacity;
	struct kept *kept;
	struct fetched fetched[FETCHED_MAX];
};

/* Reads one list in a thread. */
struct reading {
	struct node_task task;
	struct node *node;
	struct crl_cache *cache;
	char url[CRL_URL_MAX];
	struct crl *crl;
	const char *why; /* NULL: it is taken */
	uint8_t *issuer; /* ours */
	size_t issuer_n, n;
	uint8_t bytes[];
};

/* What a request comes back to. */
struct fetching {
	struct node *node;
	struct crl_cache *cache;
	char url[CRL_URL_MAX];
	uint8_t *issuer; /* DER of who must have signed what comes; ours */
	size_t issuer_n;
};

struct crl_cache *
crl_cache_new(void)
{
	return x_alloc(sizeof(struct crl_cache));
}

void
crl_cache_forget(struct crl_cache *c)
{
	while (c->n_kept) {
		struct kept *k = &c->kept[--c->n_kept];

		crl_free(k->crl);
		free(k->label);
	}
	c->read = false;
}

void
crl_cache_free(struct crl_cache *c)
{
	crl_cache_forget(c);
	for (size_t i = 0; i < FETCHED_MAX; i++)
		crl_free(c->fetched[i].crl);
	free(c->kept);
	free(c);
}

/* --- those of the keystore -------------------------------------------------------------------- */

static void
read_keystore(struct crl_cache *c, const struct keystore *keys)
{
	for (size_t i = 0; i < keystore_text_count(keys); i++) {
		struct keystore_text t = keystore_text_at(keys, i);

		if (strcmp(t.kind, NODE_CRL_KIND) != 0)
			continue;
		x_grow(&c->kept, &c->kept_capacity, c->n_kept + 1, sizeof(*c->kept));
		c->kept[c->n_kept++] = (struct kept){x_strdup(t.label), crl_read(t.text)};
	}
	c->read = true;
}

static bool
is_of(const char *label, const char *trustpoint)
{
	size_t n = strlen(trustpoint);

	return !strncmp(label, "crl:", 4) && !strncmp(label + 4, trustpoint, n) &&
	       label[4 + n] == ':' && !strchr(label + 5 + n, ':');
}

/* The nth of the trustpoint's, or how many it has. */
static struct crl *
find_kept(const struct crl_cache *c, const char *trustpoint, size_t nth, size_t *ret_n)
{
	*ret_n = 0;
	for (size_t i = 0; i < c->n_kept; i++)
		if (c->kept[i].crl && is_of(c->kept[i].label, trustpoint) && (*ret_n)++ == nth)
			return c->kept[i].crl;
	return NULL;
}

struct crl *
crl_cache_kept(struct crl_cache *c, const struct keystore *keys, const char *trustpoint, size_t nth)
{
	size_t n;

	if (!c->read)
		read_keystore(c, keys);
	return find_kept(c, trustpoint, nth, &n);
}

struct crl *
crl_cache_get(struct crl_cache *c, const struct keystore *keys, const char *trustpoint, size_t nth)
{
	struct crl *l;
	size_t n;

	if (!c->read)
		read_keystore(c, keys);
	l = find_kept(c, trustpoint, nth, &n);
	for (size_t i = 0; i < FETCHED_MAX && !l; i++)
		if (c->fetched[i].crl && n++ == nth)
			l = c->fetched[i].crl;
	return l;
}

bool
crl_cache_fetch(const struct crl_cache *c, size_t nth, struct node_crl_fetch *ret)
{
	for (size_t i = 0; i < FETCHED_MAX; i++) {
		const struct fetched *f = &c->fetched[i];

		if (!f->url[0] || nth--)
			continue;
		*ret = (struct node_crl_fetch){
		    .url = f->url, .crl = f->crl, .why = f->why[0] ? f->why : NULL};
		return true;
	}
	return false;
}

/* --- those that are fetched ------------------------------------------------------------------- */

static struct fetched *
find_fetched(struct crl_cache *c, const char *url)
{
	for (size_t i = 0; i < FETCHED_MAX; i++)
		if (!strcmp(c->fetched[i].url, url))
			return &c->fetched[i];
	return NULL;
}

/* A place for another address; NULL: requests are under way to all of them. */
static struct fetched *
take_place(struct crl_cache *c, const char *url)
{
	struct fetched *f = NULL;

	for (size_t i = 0; i < FETCHED_MAX; i++)
		if (!c->fetched[i].going && (!f || c->fetched[i].began < f->began))
			f = &c->fetched[i];
	if (!f)
		return NULL;
	crl_free(f->crl);
	*f = (struct fetched){0};
	snprintf(f->url, sizeof(f->url), "%s", url);
	return f;
}

/*
 * The request is over. What is older than what is there is not taken; nobody hears of what is not.
 */
static void
end_request(struct crl_cache *c, struct node *node, const char *url, struct crl *take_crl,
            const char *why)
{
	struct fetched *f = find_fetched(c, url);
	bool takes;

	if (f && why) {
		snprintf(f->why, sizeof(f->why), "%s", why);
		LOG(node_log_sink(node), CRL_HTTP_FAIL, url, why);
	}
	takes = f && take_crl && (!f->crl || crl_this_update(take_crl) >= crl_this_update(f->crl));
	if (takes) {
		crl_free(f->crl);
		f->crl = take_crl;
		take_crl = NULL;
	}
	if (f)
		f->going = false;
	crl_free(take_crl);
	if (takes)
		node_crl_came(node);
}

static void
run_reading(struct node_task *task)
{
	struct reading *r = (struct reading *)task;
	struct cert *issuer = cert_from_der(SPAN(r->issuer, r->issuer_n));

	r->crl = crl_read(SPAN(r->bytes, r->n));
	if (!r->crl)
		r->why = "what came is no CRL";
	else if (!issuer || !crl_is_of(r->crl, issuer))
		r->why = "the certificate's CA has not signed the CRL that came";
	if (r->why) {
		crl_free(r->crl);
		r->crl = NULL;
	}
	cert_free(issuer);
}

static void
reading_done(struct node_task *task)
{
	struct reading *r = (struct reading *)task;

	end_request(r->cache, r->node, r->url, r->crl, r->why);
	free(r->issuer);
	free(r);
}

static void
fetch_done(void *arg, struct span bytes, const char *why)
{
	struct fetching *f = arg;
	struct reading *r;

	if (why) {
		end_request(f->cache, f->node, f->url, NULL, why);
		free(f->issuer);
		free(f);
		return;
	}
	r = x_alloc(sizeof(*r) + bytes.n);
	*r = (struct reading){.task = {run_reading, reading_done},
	                      .node = f->node,
	                      .cache = f->cache,
	                      .n = bytes.n,
	                      .issuer = f->issuer,
	                      .issuer_n = f->issuer_n};
	memcpy(r->url, f->url, sizeof(r->url));
	if (bytes.n)
		memcpy(r->bytes, bytes.p, bytes.n);
	free(f);
	node_do(r->node, &r->task);
}

static bool
start_request(struct crl_cache *c, struct node *node, struct fetched *f, struct span issuer)
{
	struct host *host = node_host(node);
	struct fetching *arg = x_alloc(sizeof(*arg));
	struct fetch_request r = {
	    .url = arg->url, .size_max = CRL_SIZE_MAX, .done = fetch_done, .arg = arg};

	*arg = (struct fetching){
	    .node = node, .cache = c, .issuer = x_memdup(issuer.p, issuer.n), .issuer_n = issuer.n};
	memcpy(arg->url, f->url, sizeof(arg->url));
	f->why[0] = '\0';
	f->going = host->ops->fetch(host, &r) == 0;
	if (!f->going) {
		snprintf(f->why, sizeof(f->why), "it cannot be asked for");
		free(arg->issuer);
		free(arg);
	}
	return f->going;
}

bool
crl_cache_want(struct crl_cache *c, struct node *node, const char *url, struct span issuer)
{
	struct fetched *f = find_fetched(c, url);
	msec now = node_now(node);

	if (!node_host(node)->ops->fetch || !*url || strlen(url) >= CRL_URL_MAX)
		return false;
	if (f && f->going && now - f->began < FETCH_LOST)
		return true;
	if (f && now - f->began < FETCH_AGAIN)
		return false;
	f = f ? f : take_place(c, url);
	if (!f)
		return false;
	f->began = now;
	return start_request(c, node, f, issuer);
}
