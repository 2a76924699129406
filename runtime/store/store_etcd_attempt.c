/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* One call at one endpoint: see store_etcd_attempt.h. */
#include "runtime/store/store_etcd_attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct answer {
	char *p;
	size_t n, capacity;
	bool too_long;
};

static void
set_blob(CURL *easy, CURLoption option, struct span pem)
{
	struct curl_blob blob = {
	    .data = (void *)(uintptr_t)pem.p, .len = pem.n, .flags = CURL_BLOB_NOCOPY};

	if (pem.n)
		curl_easy_setopt(easy, option, &blob);
}

/* Of itself libcurl trusts the machine's CAs, also beside those that it is given. */
static void
set_tls(struct etcd_http *h, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	set_blob(easy, CURLOPT_CAINFO_BLOB, h->ca);
	set_blob(easy, CURLOPT_SSLCERT_BLOB, h->certificate);
	set_blob(easy, CURLOPT_SSLKEY_BLOB, secret_span(&h->key));
	curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
	curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* What every call has in common but its body. */
struct curl_slist *
etcd_attempt_set(struct etcd_http *h, CURL *easy, const char *path, size_t endpoint)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char *url;

	pthread_mutex_lock(&h->lock);
	url = x_asprintf("%s%s", h->endpoints[endpoint], path);
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
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ETCD_CONNECT);
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

/* Nothing of the call can have reached etcd. libcurl may have begun anew by itself. */
static bool
was_not_sent(CURL *easy, CURLcode code)
{
	long sent = 1;

	return code && !curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent) && sent == 0;
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

static void
read_answer(struct etcd_attempt *a, struct span text)
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

bool
etcd_attempt_was_read(const struct etcd_attempt *a)
{
	return a->answer || (a->commit && a->commit->read);
}

void
etcd_attempt_drop(struct etcd_attempt *a)
{
	json_decref(a->answer);
	a->answer = NULL;
	if (a->commit)
		*a->commit = (struct etcd_commit){0};
}

/*
 * Notes what the answer's header says of etcd. False: it is another etcd than the one that we began
 * with, and what it holds is no word of the group's.
 */
static bool
learn_header(struct etcd_attempt *a)
{
	struct etcd_header header = {0};
	struct etcd_http *h = a->h;
	bool same;

	if (a->answer)
		etcd_json_header(a->answer, &header);
	else if (etcd_attempt_was_read(a))
		header = a->commit->header;
	pthread_mutex_lock(&h->lock);
	if (!h->cluster)
		h->cluster = header.cluster;
	same = !header.cluster || header.cluster == h->cluster;
	if (same && header.cluster) {
		h->term = header.term;
		h->current_known |= a->endpoint == h->current;
	}
	pthread_mutex_unlock(&h->lock);
	return same;
}

/* libcurl cannot send it again by itself, as it does where a kept connection ends. */
static size_t
give_octets(char *to, size_t size, size_t n, void *arg)
{
	struct etcd_attempt *a = arg;
	size_t left = a->body.n - a->n_sent;

	(void)size; /* 1 */
	if (n > left)
		n = left;
	memcpy(to, a->body.p + a->n_sent, n);
	a->n_sent += n;
	return n;
}

static void
set_body(struct etcd_attempt *a, CURL *easy)
{
	a->n_sent = 0;
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)a->body.n);
	if (a->commit) {
		curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_octets);
		curl_easy_setopt(easy, CURLOPT_READDATA, a);
	} else {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, a->body.p); /* not copied */
	}
}

static bool was_led_by_another(void *arg);

int
etcd_attempt_try(struct etcd_attempt *a)
{
	struct answer got = {0};
	struct etcd_line line = etcd_line_take(&a->h->lines);
	CURL *easy = line.easy;
	struct curl_slist *headers = etcd_attempt_set(a->h, easy, a->path, a->endpoint);
	CURLcode code;

	a->why[0] = '\0';
	set_body(a, easy);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, a->timeout ? a->timeout : a->h->timeout);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->why);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_octets);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &got);
	code = etcd_line_call(line, a->timeout ? NULL : was_led_by_another, a);
	a->distrust = code ? find_distrust(easy, code, a->why) : 0;
	a->not_sent = a->distrust || was_not_sent(easy, code);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_reset(easy);
	etcd_http_headers_free(headers);
	etcd_line_give(&a->h->lines, line);
	if (code && !a->why[0])
		snprintf(a->why, sizeof(a->why), "%s", curl_easy_strerror(code));
	if (code == CURLE_ABORTED_BY_CALLBACK)
		snprintf(a->why, sizeof(a->why), "etcd elected another leader meanwhile");
	if (!code)
		read_answer(a, SPAN(got.p ? got.p : "", got.n));
	if (got.p)
		wipe(got.p, got.n); /* it may be a token */
	free(got.p);
	if (got.too_long)
		return -EMSGSIZE;
	if (!etcd_attempt_was_read(a))
		return -EHOSTUNREACH;
	if (learn_header(a))
		return 0;
	etcd_attempt_drop(a);
	snprintf(a->why, sizeof(a->why), "%s", store_error_text(-STORE_STRANGE));
	return -STORE_STRANGE;
}

/* --- what etcd says of itself ----------------------------------------------------------------- */

/* Each endpoint answers this alone, also where etcd has no leader. */
static int
ask_status(struct etcd_attempt *status)
{
	status->path = "/v3/maintenance/status";
	status->body = SPAN("{}", 2);
	return etcd_attempt_try(status);
}

/*
 * What etcd passed on to a leader that has died is never answered: who asks again has an answer as
 * soon as there is another leader. A slow one is waited for.
 */
static bool
was_led_by_another(void *arg)
{
	struct etcd_attempt *call = arg,
			    status = {.h = call->h, .timeout = 200, .endpoint = call->endpoint};
	uint64_t leader = 0, term = 0;

	if (!ask_status(&status) && etcd_json_number(status.answer, "leader", &leader))
		etcd_json_number(status.answer, "raftTerm", &term);
	json_decref(status.answer);
	if (!call->term)
		call->term = term;
	return leader && term > call->term;
}

int
etcd_attempt_check(struct etcd_attempt *call)
{
	struct etcd_http *h = call->h;
	struct etcd_attempt status = {.h = h, .timeout = ETCD_CONNECT, .endpoint = call->endpoint};
	bool known;
	int error;

	pthread_mutex_lock(&h->lock);
	known = !h->cluster || (h->current_known && h->current == call->endpoint);
	pthread_mutex_unlock(&h->lock);
	if (known)
		return 0;
	error = ask_status(&status);
	json_decref(status.answer);
	if (error) {
		call->distrust = status.distrust;
		call->not_sent = true;
		memcpy(call->why, status.why, sizeof(call->why));
	}
	return error;
}
