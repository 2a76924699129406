/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists, read and fetched: see crl_cache.h. */
#include "runtime/node/crl_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/prf.h"

#define FETCHED_MAX 8           /* addresses; the one that was wanted longest ago gives way */
#define FETCH_AGAIN SECONDS(60) /* after a try, whatever became of it */
#define FETCH_LOST  SECONDS(90) /* a host that was closed does not answer */
#define WHY_MAX     160
#define SIGNERS_MAX 8 /* CAs of one name that may have signed what comes */

/* One of the keystore. */
struct kept {
	char *label;
	struct crl *crl; /* NULL: it cannot be read */
};

/* The certificates that a list may be checked with: the first is that of who asks. */
struct signers {
	size_t n;
	struct span der[SIGNERS_MAX]; /* ours */
};

struct fetched {
	char url[CRL_URL_MAX]; /* "": free */
	struct crl *crl;
	uint8_t signer[HASH_SIZE_MAX]; /* SHA-256 of the certificate of who signed it */
	struct crl *former; /* the last of another key: a CA that has changed its own. Or NULL */
	bool going;
	msec began;
	char why[WHY_MAX]; /* the last try failed; "": it did not */
};

struct crl_cache {
	bool read; /* the keystore has been */
	size_t n_kept, kept_capacity;
	struct kept *kept;
	struct fetched fetched[FETCHED_MAX];
	uint64_t fetches, failed, busy;
};

/* Reads one list in a thread. */
struct reading {
	struct node_task task;
	struct node *node;
	struct crl_cache *cache;
	char url[CRL_URL_MAX];
	struct crl *crl;
	const char *why; /* NULL: it is taken */
	struct signers signers;
	size_t by; /* the one who has signed it */
	size_t n;
	uint8_t bytes[];
};

/* What a request comes back to. */
struct fetching {
	struct node *node;
	struct crl_cache *cache;
	char url[CRL_URL_MAX];
	struct signers signers;
};

static void
signers_fini(struct signers *s)
{
	while (s->n)
		free((void *)(uintptr_t)s->der[--s->n].p);
}

static void
add_signer(struct signers *s, struct span der)
{
	for (size_t i = 0; i < s->n; i++)
		if (span_equal_ct(s->der[i], der))
			return;
	if (s->n < SIGNERS_MAX)
		s->der[s->n++] = SPAN(x_memdup(der.p, der.n), der.n);
}

static bool
has_subject(struct span der, struct span subject)
{
	struct cert *c = cert_from_der(der);
	bool same = c && span_equal_ct(cert_subject_der(c), subject);

	cert_free(c);
	return same;
}

/* A CA that changes its key goes on under its name: any certificate of it may fit what comes. */
static void
collect_signers(const struct policy *p, struct span issuer, struct signers *ret)
{
	struct cert *asks = cert_from_der(issuer);

	*ret = (struct signers){0};
	add_signer(ret, issuer);
	for (size_t i = 0; asks && p && i < p->n_trustpoints; i++)
		for (size_t k = 0; k < p->trustpoints[i].n_cas; k++)
			if (has_subject(p->trustpoints[i].cas[k], cert_subject_der(asks)))
				add_signer(ret, p->trustpoints[i].cas[k]);
	cert_free(asks);
}

static void
fetched_fini(struct fetched *f)
{
	crl_free(f->crl);
	crl_free(f->former);
	*f = (struct fetched){0};
}

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

/* What is under way comes still; everything else may be asked for at once. */
void
crl_cache_clear(struct crl_cache *c)
{
	crl_cache_forget(c);
	for (size_t i = 0; i < FETCHED_MAX; i++) {
		struct fetched *f = &c->fetched[i];

		if (!f->going) {
			fetched_fini(f);
			continue;
		}
		crl_free(f->crl);
		crl_free(f->former);
		f->crl = f->former = NULL;
	}
}

void
crl_cache_free(struct crl_cache *c)
{
	crl_cache_forget(c);
	for (size_t i = 0; i < FETCHED_MAX; i++)
		fetched_fini(&c->fetched[i]);
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
	for (size_t i = 0; i < FETCHED_MAX && !l; i++) {
		if (c->fetched[i].crl && n++ == nth)
			l = c->fetched[i].crl;
		else if (c->fetched[i].former && n++ == nth)
			l = c->fetched[i].former;
	}
	return l;
}

void
crl_cache_counts(const struct crl_cache *c, struct snap_pki *add)
{
	add->fetches += c->fetches;
	add->fetches_failed += c->failed;
	add->fetches_busy += c->busy;
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
	fetched_fini(f);
	snprintf(f->url, sizeof(f->url), "%s", url);
	return f;
}

/* In the place of the one before, which stays beside it when another key has signed that. */
static void
keep_list(struct fetched *f, struct crl *take_crl, struct span signer)
{
	uint8_t digest[HASH_SIZE_MAX];
	size_t n = HASH(HASH_SHA256, digest, signer);

	if (f->crl && memcmp(f->signer, digest, n) != 0) {
		crl_free(f->former);
		f->former = f->crl;
	} else {
		crl_free(f->crl);
	}
	f->crl = take_crl;
	memcpy(f->signer, digest, n);
}

/*
 * The request is over. What is older than what is there is not taken; nobody hears of what is not.
 */
static void
end_request(struct crl_cache *c, struct node *node, const char *url, struct crl *take_crl,
            struct span signer, const char *why)
{
	struct fetched *f = find_fetched(c, url);
	bool takes;

	c->failed += why != NULL;
	if (f && why) {
		snprintf(f->why, sizeof(f->why), "%s", why);
		LOG(node_log_sink(node), CRL_HTTP_FAIL, url, why);
	}
	takes = f && take_crl && (!f->crl || crl_this_update(take_crl) >= crl_this_update(f->crl));
	if (takes) {
		keep_list(f, take_crl, signer);
		take_crl = NULL;
	}
	if (f)
		f->going = false;
	crl_free(take_crl);
	if (takes)
		node_crl_came(node);
}

static bool
is_signed_by(struct crl *l, struct span der)
{
	struct cert *ca = cert_from_der(der);
	bool is = ca && crl_is_of(l, ca);

	cert_free(ca);
	return is;
}

static void
run_reading(struct node_task *task)
{
	struct reading *r = (struct reading *)task;

	r->crl = crl_read(SPAN(r->bytes, r->n));
	if (!r->crl) {
		r->why = "what came is no CRL";
		return;
	}
	while (r->by < r->signers.n && !is_signed_by(r->crl, r->signers.der[r->by]))
		r->by++;
	if (r->by < r->signers.n)
		return;
	r->why = "the certificate's CA has not signed the CRL that came";
	crl_free(r->crl);
	r->crl = NULL;
}

static void
reading_done(struct node_task *task)
{
	struct reading *r = (struct reading *)task;

	end_request(r->cache, r->node, r->url, r->crl,
	            r->crl ? r->signers.der[r->by] : (struct span){0}, r->why);
	signers_fini(&r->signers);
	free(r);
}

static void
fetch_done(void *arg, struct span bytes, const char *why)
{
	struct fetching *f = arg;
	struct reading *r;

	if (why) {
		end_request(f->cache, f->node, f->url, NULL, (struct span){0}, why);
		signers_fini(&f->signers);
		free(f);
		return;
	}
	r = x_alloc(sizeof(*r) + bytes.n);
	*r = (struct reading){.task = {run_reading, reading_done},
	                      .node = f->node,
	                      .cache = f->cache,
	                      .n = bytes.n,
	                      .signers = f->signers};
	memcpy(r->url, f->url, sizeof(r->url));
	if (bytes.n)
		memcpy(r->bytes, bytes.p, bytes.n);
	free(f);
	node_do(r->node, &r->task);
}

static bool
start_request(struct crl_cache *c, struct node *node, struct fetched *f, const struct policy *p,
              struct span issuer)
{
	struct host *host = node_host(node);
	struct fetching *arg = x_alloc(sizeof(*arg));
	struct fetch_request r = {
	    .url = arg->url, .size_max = CRL_SIZE_MAX, .done = fetch_done, .arg = arg};

	*arg = (struct fetching){.node = node, .cache = c};
	collect_signers(p, issuer, &arg->signers);
	memcpy(arg->url, f->url, sizeof(arg->url));
	f->why[0] = '\0';
	c->fetches++;
	f->going = host->ops->fetch(host, &r) == 0;
	if (!f->going) {
		c->failed++;
		snprintf(f->why, sizeof(f->why), "it cannot be asked for");
		signers_fini(&arg->signers);
		free(arg);
	}
	return f->going;
}

bool
crl_cache_want(struct crl_cache *c, struct node *node, const struct policy *p, const char *url,
               struct span issuer)
{
	struct fetched *f = find_fetched(c, url);
	msec now = node_now(node);

	if (!node_host(node)->ops->fetch || !*url || strlen(url) >= CRL_URL_MAX)
		return false;
	if (f && f->going && now - f->began < FETCH_LOST) {
		c->busy++;
		return true;
	}
	if (f && now - f->began < FETCH_AGAIN)
		return false;
	f = f ? f : take_place(c, url);
	if (!f)
		return false;
	f->began = now;
	return start_request(c, node, f, p, issuer);
}
