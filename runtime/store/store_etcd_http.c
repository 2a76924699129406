/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Endpoints, TLS, tokens, calls: see store_etcd_http.h. */
#include "runtime/store/store_etcd_http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_attempt.h"

/*
 * Milliseconds for an answer, unless said otherwise. What etcd has passed on to a leader of its own
 * that dies is never answered; it has another one in a second or two, within our servers' lease.
 */
#define TIMEOUT   1500L
#define TOKEN_MAX 1024

/* --- endpoints -------------------------------------------------------------------------------- */

/* What etcd says may command a terminal, or look like lines of ours. */
static void
note_error(struct etcd_http *h, const char *why)
{
	pthread_mutex_lock(&h->lock);
	snprintf(h->state.error, sizeof(h->state.error), "%s", why);
	for (char *at = h->state.error; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			*at = '?';
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
	if (h->current == endpoint) {
		h->current = (endpoint + 1) % h->n_endpoints;
		h->current_known = false;
	}
	pthread_mutex_unlock(&h->lock);
}

static size_t
current_endpoint(struct etcd_http *h)
{
	size_t endpoint;

	pthread_mutex_lock(&h->lock);
	endpoint = h->current;
	pthread_mutex_unlock(&h->lock);
	return endpoint;
}

bool
etcd_http_uses(struct etcd_http *h, size_t endpoint)
{
	return current_endpoint(h) == endpoint;
}

void
etcd_http_headers_free(struct curl_slist *headers)
{
	for (struct curl_slist *at = headers; at; at = at->next)
		wipe(at->data, strlen(at->data));
	curl_slist_free_all(headers);
}

/* --- one call, at one endpoint after the other ------------------------------------------------ */

/* What etcd says of it. An answer that tells no revision is no success. */
static int
answer_error(const struct etcd_attempt *a)
{
	int error = a->answer ? etcd_json_error(a->answer) : 0;

	if (!a->answer)
		return etcd_attempt_was_read(a) ? 0 : -EIO;
	return error || (a->status == 200 && etcd_json_revision(a->answer)) ? error : -EIO;
}

static int
take_token(struct etcd_http *h, const struct etcd_attempt *a)
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
ask_token(struct etcd_attempt *call)
{
	struct etcd_http *h = call->h;
	struct etcd_attempt a = {
	    .h = h, .path = "/v3/auth/authenticate", .endpoint = call->endpoint};
	struct secret text = {0};
	int error;

	pthread_mutex_lock(&h->lock);
	secret_fini(&h->token); /* the old one: it is not good any more */
	pthread_mutex_unlock(&h->lock);
	etcd_json_login(h->user, secret_span(&h->password), &text);
	a.body = secret_span(&text);
	error = etcd_attempt_try(&a);
	secret_fini(&text);
	if (!error)
		error = take_token(h, &a);
	/* What went wrong is the call's to tell, and to go on from. */
	if (error) {
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
call_endpoint(struct etcd_attempt *a)
{
	struct etcd_http *h = a->h;
	bool asked = false;
	int error = etcd_attempt_check(a);

	if (error)
		return error;
	if (wants_token(h)) {
		asked = true;
		error = ask_token(a);
		a->not_sent = true;
		if (error)
			return error;
	}
	error = etcd_attempt_try(a);
	if (!error && h->user && !asked && a->answer && etcd_json_wants_token(a->answer)) {
		json_decref(a->answer);
		a->answer = NULL;
		error = ask_token(a);
		a->not_sent = true;
		if (!error)
			error = etcd_attempt_try(a);
	}
	return error;
}

/* Is there any sense in asking another endpoint? */
static bool
may_try_next(const struct etcd_attempt *a, int error, enum etcd_repeat repeat)
{
	if (a->answer && etcd_json_no_leader(a->answer))
		return true;
	if (error == -EHOSTUNREACH || error == -STORE_STRANGE)
		return a->not_sent || repeat == ETCD_REPEAT;
	return error == -EIO && repeat == ETCD_REPEAT;
}

/* At one endpoint after the other. 0: *a has an answer that is no error. */
static int
call_any(struct etcd_attempt *a, enum etcd_repeat repeat)
{
	struct etcd_http *h = a->h;
	msec begin = etcd_now();
	int error = -EHOSTUNREACH, distrust = 0;

	for (size_t i = 0; i < h->n_endpoints; i++) {
		etcd_attempt_drop(a);
		pthread_mutex_lock(&h->lock);
		a->endpoint = h->current;
		a->term = h->term;
		pthread_mutex_unlock(&h->lock);
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
		note_success(h,
		             a->answer ? etcd_json_revision(a->answer) : a->commit->header.revision,
		             etcd_now() - begin);
		return 0;
	}
	if (a->answer || a->why[0])
		note_error(h, a->answer ? etcd_json_message(a->answer) : a->why);
	if ((error == -EHOSTUNREACH || error == -STORE_STRANGE) && !a->not_sent &&
	    repeat == ETCD_ONCE) {
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
	struct etcd_attempt a = {.h = h, .path = path};
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
	struct etcd_attempt a = {.h = h, .path = "/v3/kv/txn", .body = text, .commit = &commit};
	int error = call_any(&a, ETCD_ONCE);

	if (!error && a.answer && !etcd_commit_parse(a.answer, &commit))
		error = -EIO;
	json_decref(a.answer);
	if (error)
		return error;
	*ret_done = commit.done;
	*ret_revision = commit.header.revision;
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
	*ret_endpoint = current_endpoint(h);
	*ret_headers = etcd_attempt_set(h, easy, path, *ret_endpoint);
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

/* Would name, password and token cross a network in clear? */
static bool
any_clear(const struct store_etcd_options *o)
{
	for (size_t i = 0; i < o->n_endpoints; i++)
		if (endpoint_clear(o->endpoints[i]))
			return true;
	return false;
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
	if (o->user && any_clear(o))
		return -STORE_BARE;
	h = x_alloc(sizeof(*h));
	pthread_mutex_init(&h->lock, NULL);
	etcd_lines_init(&h->lines);
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
	*ret = h;
	return 0;
}

void
etcd_http_free(struct etcd_http *h)
{
	if (!h)
		return;
	etcd_lines_fini(&h->lines);
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
