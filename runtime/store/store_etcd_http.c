/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Endpoints, TLS, tokens, calls: see store_etcd_http.h. */
#include "runtime/store/store_etcd_http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/store/store_etcd_commit.h"
#include "runtime/store/store_etcd_patience.h"

/*
 * Milliseconds for an answer, unless said otherwise. What etcd has passed on to a leader of its own
 * that dies is never answered; it has another one in a second or two, within our servers' lease.
 */
#define TIMEOUT     1500L
#define PATIENCE    400L /* at least: a disk that hesitates is no death */
#define CONNECT     700L /* for a connection */
#define HANDLES_MAX 16   /* that wait for their next call, with their connections */
#define TOKEN_MAX   1024

struct etcd_http {
	pthread_mutex_t lock; /* of all below that changes */
	size_t n_endpoints, current;
	char *endpoints[STORE_ETCD_ENDPOINTS_MAX];
	struct span ca, certificate; /* owned */
	struct secret key, password;
	char *user;
	struct secret
	    token; /* what the user's name and password were changed for; empty: not yet */
	long timeout;
	/* With transactions, and with all else: what reads many records takes longer. */
	struct etcd_patience transaction, other;
	CURL *idle[HANDLES_MAX];
	size_t n_idle;
	struct store_state state;
};

struct answer {
	char *p;
	size_t n, capacity;
	bool too_long;
};

/* --- endpoints -------------------------------------------------------------------------------- */

msec
etcd_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
note_error(struct etcd_http *h, const char *why)
{
	pthread_mutex_lock(&h->lock);
	snprintf(h->state.error, sizeof(h->state.error), "%s", why);
	pthread_mutex_unlock(&h->lock);
}

static void
note_success(struct etcd_http *h, uint64_t revision, msec took)
{
	pthread_mutex_lock(&h->lock);
	h->state.error[0] = '\0';
	h->state.lag = took;
	if (revision)
		h->state.revision = revision;
	pthread_mutex_unlock(&h->lock);
}

void
etcd_http_turn(struct etcd_http *h, size_t endpoint, const char *why)
{
	note_error(h, why);
	pthread_mutex_lock(&h->lock);
	if (h->current == endpoint)
		h->current = (endpoint + 1) % h->n_endpoints;
	pthread_mutex_unlock(&h->lock);
}

static CURL *
take_handle(struct etcd_http *h)
{
	CURL *easy;

	pthread_mutex_lock(&h->lock);
	easy = h->n_idle ? h->idle[--h->n_idle] : NULL;
	pthread_mutex_unlock(&h->lock);
	if (!easy)
		easy = curl_easy_init();
	if (!easy)
		abort();       /* as x_alloc: there is no memory */
	curl_easy_reset(easy); /* connections stay */
	return easy;
}

static void
give_handle(struct etcd_http *h, CURL *easy)
{
	pthread_mutex_lock(&h->lock);
	if (h->n_idle < HANDLES_MAX) {
		h->idle[h->n_idle++] = easy;
		easy = NULL;
	}
	pthread_mutex_unlock(&h->lock);
	if (easy)
		curl_easy_cleanup(easy);
}

static void
set_blob(CURL *easy, CURLoption option, struct span pem)
{
	struct curl_blob blob = {
	    .data = (void *)(uintptr_t)pem.p, .len = pem.n, .flags = CURL_BLOB_NOCOPY};

	if (pem.n)
		curl_easy_setopt(easy, option, &blob);
}

static void
set_tls(struct etcd_http *h, CURL *easy)
{
	set_blob(easy, CURLOPT_CAINFO_BLOB, h->ca);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, h->certificate);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, secret_span(&h->key));
	curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
	curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

void
etcd_http_headers_free(struct curl_slist *headers)
{
	for (struct curl_slist *at = headers; at; at = at->next)
		wipe(at->data, strlen(at->data));
	curl_slist_free_all(headers);
}

/* What every call has in common but its body. */
static struct curl_slist *
set_call(struct etcd_http *h, CURL *easy, const char *path, size_t *ret_endpoint)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char *url;

	pthread_mutex_lock(&h->lock);
	*ret_endpoint = h->current;
	url = x_asprintf("%s%s", h->endpoints[h->current], path);
	snprintf(h->state.place, sizeof(h->state.place), "%s", h->endpoints[h->current]);
	if (h->token.n) {
		char *line =
		    x_asprintf("Authorization: %.*s", (int)h->token.n, (const char *)h->token.p);

		headers = curl_slist_append(headers, line);
		wipe(line, strlen(line));
		free(line);
	}
	pthread_mutex_unlock(&h->lock);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	free(url);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L); /* any thread */
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT);
	set_tls(h, easy);
	return headers;
}

/* --- one call --------------------------------------------------------------------------------- */

static size_t
take_octets(char *from, size_t size, size_t n, void *arg)
{
	struct answer *a = arg;

	(void)size; /* 1 */
	if (n > ETCD_ANSWER_MAX - a->n) {
		a->too_long = true;
		return 0;
	}
	x_grow(&a->p, &a->capacity, a->n + n, 1);
	memcpy(a->p + a->n, from, n);
	a->n += n;
	return n;
}

/* Nothing of the call can have reached etcd. */
static bool
was_not_sent(CURL *easy, CURLcode code)
{
	long sent = 1;

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
		return sent == 0;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return true;
	default:
		return false;
	}
}

/* What OpenSSL says of a chain (X509_V_ERR_...), as libcurl hands it on. */
enum { CHAIN_GOOD = 0, CHAIN_UNSPECIFIED = 1, CHAIN_NOT_YET_VALID = 9, CHAIN_EXPIRED = 10 };

/*
 * What of TLS went wrong: -errno as store.h says, or 0. Who refuses our certificate says so in an
 * alert (RFC 8446 6.2), and libcurl tells of it in its text alone.
 */
static int
find_distrust(CURL *easy, CURLcode code, const char *why)
{
	long verified = CHAIN_GOOD;

	if (code != CURLE_PEER_FAILED_VERIFICATION)
		return strstr(why, " alert ") &&
		               (strstr(why, "certificate") || strstr(why, "unknown ca"))
		           ? -STORE_REFUSED
		           : 0;
	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
	if (verified == CHAIN_EXPIRED || verified == CHAIN_NOT_YET_VALID)
		return -STORE_OUTDATED;
	/* libcurl asks for the name itself: OpenSSL found no fault, or was not asked. */
	return verified == CHAIN_GOOD || verified == CHAIN_UNSPECIFIED ? -STORE_MISNAMED
	                                                               : -STORE_UNTRUSTED;
}

struct attempt {
	struct etcd_http *h;
	const char *path;
	struct span body;
	json_t *answer; /* NULL: there was none */
	/* Where it is known what the answer usually is: then it is read without a tree. */
	struct etcd_commit *commit;
	long status; /* of HTTP */
	size_t endpoint;
	char why[CURL_ERROR_SIZE];
	bool not_sent;
	int distrust; /* what is wrong with a certificate, -errno; 0: nothing */
};

static void
read_answer(struct attempt *a, struct span text)
{
	if (a->commit && a->status == 200 && etcd_commit_scan(text, a->commit))
		return;
	a->answer = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(a->answer)) {
		json_decref(a->answer);
		a->answer = NULL;
		snprintf(a->why, sizeof(a->why), "an answer that is none of etcd's");
	}
}

static bool
was_read(const struct attempt *a)
{
	return a->answer || (a->commit && a->commit->read);
}

static struct etcd_patience *
patience_of(const struct attempt *a)
{
	return a->commit ? &a->h->transaction : &a->h->other;
}

static long
find_timeout(const struct attempt *a)
{
	long timeout;

	pthread_mutex_lock(&a->h->lock);
	timeout = (long)etcd_patience_now(patience_of(a));
	pthread_mutex_unlock(&a->h->lock);
	return timeout;
}

static void
learn_patience(const struct attempt *a, CURLcode code, msec took)
{
	pthread_mutex_lock(&a->h->lock);
	if (code == CURLE_OPERATION_TIMEDOUT)
		etcd_patience_miss(patience_of(a));
	else if (!code)
		etcd_patience_hear(patience_of(a), took);
	pthread_mutex_unlock(&a->h->lock);
}

/* 0: *a has an answer, of whatever kind. */
static int
try_endpoint(struct attempt *a)
{
	struct answer got = {0};
	CURL *easy = take_handle(a->h);
	struct curl_slist *headers = set_call(a->h, easy, a->path, &a->endpoint);
	msec begin = etcd_now();
	CURLcode code;

	a->why[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body.n);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, a->body.p); /* not copied */
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, find_timeout(a));
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_octets);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &got);
	code = curl_easy_perform(easy);
	learn_patience(a, code, etcd_now() - begin);
	a->distrust = code ? find_distrust(easy, code, a->why) : 0;
	a->not_sent = a->distrust || was_not_sent(easy, code);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	etcd_http_headers_free(headers);
	give_handle(a->h, easy);
	if (code && !a->why[0])
		snprintf(a->why, sizeof(a->why), "%s", curl_easy_strerror(code));
	if (!code)
		read_answer(a, SPAN(got.p ? got.p : "", got.n));
	if (got.p)
		wipe(got.p, got.n); /* it may be a token */
	free(got.p);
	if (got.too_long)
		return -EMSGSIZE;
	return was_read(a) ? 0 : -EHOSTUNREACH;
}

/* What etcd says of it. An answer that tells no revision is no success. */
static int
answer_error(const struct attempt *a)
{
	int error = a->answer ? etcd_json_error(a->answer) : 0;

	if (!a->answer)
		return was_read(a) ? 0 : -EIO;
	return error || (a->status == 200 && etcd_json_revision(a->answer)) ? error : -EIO;
}

static int
take_token(struct etcd_http *h, const struct attempt *a)
{
	int error = answer_error(a);
	const char *token = error ? NULL : json_string_value(json_object_get(a->answer, "token"));

	if (error)
		return error;
	if (!token || strlen(token) > TOKEN_MAX)
		return -EACCES;
	pthread_mutex_lock(&h->lock);
	secret_copy(&h->token, SPAN(token, strlen(token)));
	pthread_mutex_unlock(&h->lock);
	wipe((void *)(uintptr_t)token, strlen(token));
	return 0;
}

static int
ask_token(struct attempt *call)
{
	struct etcd_http *h = call->h;
	struct attempt a = {.h = h, .path = "/v3/auth/authenticate"};
	struct secret text = {0};
	int error;

	pthread_mutex_lock(&h->lock);
	secret_fini(&h->token); /* the old one: it is not good any more */
	pthread_mutex_unlock(&h->lock);
	etcd_json_login(h->user, secret_span(&h->password), &text);
	a.body = secret_span(&text);
	error = try_endpoint(&a);
	secret_fini(&text);
	if (!error)
		error = take_token(h, &a);
	/* What went wrong is the call's to tell, and to go on from. */
	if (error) {
		call->endpoint = a.endpoint;
		call->answer = a.answer;
		call->status = a.status;
		call->distrust = a.distrust;
		memcpy(call->why, a.why, sizeof(call->why));
	} else {
		json_decref(a.answer);
	}
	return error;
}

static bool
wants_token(struct etcd_http *h)
{
	bool none;

	pthread_mutex_lock(&h->lock);
	none = h->user && !h->token.n;
	pthread_mutex_unlock(&h->lock);
	return none;
}

/* At one endpoint, with a new token if the one it was given is not good any more. */
static int
call_endpoint(struct attempt *a)
{
	struct etcd_http *h = a->h;
	bool asked = false;
	int error;

	if (wants_token(h)) {
		asked = true;
		error = ask_token(a);
		a->not_sent = true;
		if (error)
			return error;
	}
	error = try_endpoint(a);
	if (!error && h->user && !asked && a->answer && etcd_json_wants_token(a->answer)) {
		json_decref(a->answer);
		a->answer = NULL;
		error = ask_token(a);
		a->not_sent = true;
		if (!error)
			error = try_endpoint(a);
	}
	return error;
}

/* Is there any sense in asking another endpoint? */
static bool
may_try_next(const struct attempt *a, int error, enum etcd_repeat repeat)
{
	if (a->answer && etcd_json_no_leader(a->answer))
		return true;
	if (error == -EHOSTUNREACH)
		return a->not_sent || repeat == ETCD_REPEAT;
	return error == -EIO && repeat == ETCD_REPEAT;
}

/* At one endpoint after the other. 0: *a has an answer that is no error. */
static int
call_any(struct attempt *a, enum etcd_repeat repeat)
{
	struct etcd_http *h = a->h;
	msec begin = etcd_now();
	int error = -EHOSTUNREACH, distrust = 0;

	for (size_t i = 0; i < h->n_endpoints; i++) {
		json_decref(a->answer);
		a->answer = NULL;
		error = call_endpoint(a);
		if (!error)
			error = answer_error(a);
		if (error && a->distrust < distrust)
			distrust = a->distrust; /* the same one, whichever endpoint comes first */
		if (!error || !may_try_next(a, error, repeat))
			break;
		etcd_http_turn(h, a->endpoint, a->answer ? etcd_json_message(a->answer) : a->why);
	}
	if (!error) {
		note_success(h, a->answer ? etcd_json_revision(a->answer) : a->commit->revision,
		             etcd_now() - begin);
		return 0;
	}
	if (a->answer || a->why[0])
		note_error(h, a->answer ? etcd_json_message(a->answer) : a->why);
	if (error == -EHOSTUNREACH && !a->not_sent && repeat == ETCD_ONCE) {
		etcd_http_turn(h, a->endpoint, a->why);
		error = -EIO;
	}
	json_decref(a->answer);
	a->answer = NULL;
	return error == -EHOSTUNREACH && distrust ? distrust : error;
}

int
etcd_http_call(struct etcd_http *h, const char *path, json_t *take_request, enum etcd_repeat repeat,
               json_t **ret_answer)
{
	char *text = json_dumps(take_request, JSON_COMPACT);
	struct attempt a = {.h = h, .path = path};
	int error;

	json_decref(take_request);
	if (!text)
		return -ENOMEM;
	a.body = SPAN(text, strlen(text));
	error = call_any(&a, repeat);
	free(text);
	if (!error)
		*ret_answer = a.answer;
	return error;
}

int
etcd_http_commit(struct etcd_http *h, struct span text, bool *ret_done, uint64_t *ret_revision)
{
	struct etcd_commit commit = {0};
	struct attempt a = {.h = h, .path = "/v3/kv/txn", .body = text, .commit = &commit};
	int error = call_any(&a, ETCD_ONCE);

	if (!error && a.answer && !etcd_commit_parse(a.answer, &commit))
		error = -EIO;
	json_decref(a.answer);
	if (error)
		return error;
	*ret_done = commit.done;
	*ret_revision = commit.revision;
	return 0;
}

int
etcd_http_stream(struct etcd_http *h, const char *path, json_t *take_request, CURL **ret_easy,
                 struct curl_slist **ret_headers, size_t *ret_endpoint)
{
	char *text = json_dumps(take_request, JSON_COMPACT);
	CURL *easy = curl_easy_init();

	json_decref(take_request);
	if (!text || !easy) {
		free(text);
		curl_easy_cleanup(easy);
		return -ENOMEM;
	}
	*ret_headers = set_call(h, easy, path, ret_endpoint);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, text);
	*ret_easy = easy;
	free(text);
	return 0;
}

/* --- birth and end ---------------------------------------------------------------------------- */

static struct span
copy_span(struct span from)
{
	return from.n ? SPAN(x_memdup(from.p, from.n), from.n) : (struct span){0};
}

int
etcd_http_new(const struct store_etcd_options *o, struct etcd_http **ret)
{
	struct etcd_http *h;

	if (!o->n_endpoints || o->n_endpoints > STORE_ETCD_ENDPOINTS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < o->n_endpoints; i++)
		if (!endpoint_valid(o->endpoints[i]))
			return -EINVAL;
	h = x_alloc(sizeof(*h));
	pthread_mutex_init(&h->lock, NULL);
	h->n_endpoints = o->n_endpoints;
	for (size_t i = 0; i < o->n_endpoints; i++)
		h->endpoints[i] = x_strdup(o->endpoints[i]);
	h->ca = copy_span(o->ca);
	h->certificate = copy_span(o->certificate);
	if (o->key)
		secret_clone(&h->key, o->key);
	if (o->user)
		h->user = x_strdup(o->user);
	if (o->password)
		secret_clone(&h->password, o->password);
	h->timeout = o->timeout ? (long)o->timeout : TIMEOUT;
	h->other.least = o->timeout ? h->timeout : PATIENCE;
	h->other.most = h->timeout;
	h->transaction = h->other;
	*ret = h;
	return 0;
}

void
etcd_http_free(struct etcd_http *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n_idle; i++)
		curl_easy_cleanup(h->idle[i]);
	for (size_t i = 0; i < h->n_endpoints; i++)
		free(h->endpoints[i]);
	free((void *)(uintptr_t)h->ca.p);
	free((void *)(uintptr_t)h->certificate.p);
	secret_fini(&h->key);
	secret_fini(&h->password);
	secret_fini(&h->token);
	free(h->user);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

void
etcd_http_state(struct etcd_http *h, struct store_state *ret)
{
	pthread_mutex_lock(&h->lock);
	*ret = h->state;
	pthread_mutex_unlock(&h->lock);
}
