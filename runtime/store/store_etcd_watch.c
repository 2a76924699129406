/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes, by etcd's watch: a stream of JSON lines, one for every revision that touched our keys.
 * The stream stays open between two calls where the second goes on at the revision that the first
 * has told.
 *
 * etcd does not say when a stream has caught up. The mark (store_etcd.h) does: it is read first,
 * and what is written up to its revision is awaited. The end of a lease does not write the mark:
 * where etcd's revision is beyond all that came, the stream is given a moment (GRACE) to tell.
 *
 * Who listens between two calls reads the stream already; what comes is told by the next call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_events.h"
#include "runtime/store/store_etcd_line.h"
#include "runtime/store/store_parts.h"

#define GRACE       250        /* milliseconds; etcd looks at streams that are behind every 100 */
#define ANSWER_WAIT 2000       /* for what is known to come */
#define STREAM_MAX  (32 << 20) /* octets in one call; what many members answer goes in */
#define STOP_WAIT   20         /* milliseconds until who listens notices that he is to stop */
#define IDLE_TURNS  8          /* in which all streams are used but one, which is closed then */

struct etcd_watch {
	struct etcd_watch *next; /* of those that wait for their next use */
	uint64_t used;           /* by this look, the last time */
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	size_t endpoint;
	char *prefix;
	uint64_t told;    /* up to here the last call has told all */
	uint64_t awaited; /* up to here etcd had its moment to tell */
	bool ended;
	int error;
	char *p;                     /* what came */
	size_t n, capacity, scanned; /* octets; without a line's end */
	size_t received;             /* octets, in this call */
	struct etcd_events events;   /* what is to be told */
};

static void
free_watch(struct etcd_watch *w)
{
	if (!w)
		return;
	if (w->easy)
		curl_multi_remove_handle(w->multi, w->easy);
	curl_easy_cleanup(w->easy);
	curl_multi_cleanup(w->multi);
	etcd_http_headers_free(w->headers);
	etcd_events_fini(&w->events);
	free(w->p);
	free(w->prefix);
	free(w);
}

static void
free_watches(struct etcd_watch *w)
{
	while (w) {
		struct etcd_watch *next = w->next;

		free_watch(w);
		w = next;
	}
}

void
etcd_watches_free(struct store_etcd *s)
{
	free_watches(s->watches);
	s->watches = NULL;
}

/* --- what comes ------------------------------------------------------------------------------- */

static size_t
take_stream(char *from, size_t size, size_t n, void *arg)
{
	struct etcd_watch *w = arg;

	(void)size; /* 1 */
	if (n > STREAM_MAX - w->received) {
		w->error = -ESTALE;
		return 0;
	}
	w->received += n;
	x_grow(&w->p, &w->capacity, w->n + n, 1);
	memcpy(w->p + w->n, from, n);
	w->n += n;
	return n;
}

static void
take_lines(const struct store_etcd *s, struct etcd_watch *w)
{
	size_t done = 0, from = w->scanned;
	char *end;

	while (!w->error && (end = memchr(w->p + from, '\n', w->n - from))) {
		size_t n = (size_t)(end - (w->p + done));

		w->error = n ? etcd_events_take(s, &w->events, SPAN(w->p + done, n)) : 0;
		done += n + 1;
		from = done;
	}
	w->n -= done;
	w->scanned = w->n;
	if (w->n > ETCD_ANSWER_MAX && !w->error)
		w->error = -ESTALE; /* by reading it comes in pages */
	if (w->n)
		memmove(w->p, w->p + done, w->n);
}

/* Waits for more, until then at most. */
static void
hear_stream(const struct store_etcd *s, struct etcd_watch *w, msec until)
{
	msec left = until - etcd_now();
	int running = 0;

	curl_multi_perform(w->multi, &running);
	if (w->n == w->scanned && running && left > 0) {
		curl_multi_poll(w->multi, NULL, 0, (int)(left < 60000 ? left : 60000), NULL);
		curl_multi_perform(w->multi, &running);
	}
	if (w->n)
		take_lines(s, w);
	if (!running)
		w->ended = true;
}

/* --- streams ---------------------------------------------------------------------------------- */

static int
open_watch(struct store_etcd *s, const char *prefix, uint64_t since, struct etcd_watch **ret)
{
	struct etcd_watch *w = x_alloc(sizeof(*w));
	json_t *create =
	    json_pack("{s:o, s:o, s:o}", "key", etcd_key(s, ""), "range_end", etcd_range_end(s, ""),
	              "start_revision", etcd_json_string(since + 1));
	int error =
	    etcd_http_stream(s->http, "/v3/watch", json_pack("{s:o}", "create_request", create),
	                     &w->easy, &w->headers, &w->endpoint);

	if (error) {
		free_watch(w);
		return error;
	}
	w->prefix = x_strdup(prefix);
	w->told = since;
	w->events = (struct etcd_events){.prefix = w->prefix, .position = since};
	w->multi = curl_multi_init();
	curl_easy_setopt(w->easy, CURLOPT_WRITEFUNCTION, take_stream);
	curl_easy_setopt(w->easy, CURLOPT_WRITEDATA, w);
	curl_easy_setopt(w->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_multi_add_handle(w->multi, w->easy);
	*ret = w;
	return 0;
}

/* One that goes on where the caller is. */
static struct etcd_watch *
find_watch(struct store_etcd *s, const char *prefix, uint64_t since)
{
	struct etcd_watch **at, *w = NULL;

	pthread_mutex_lock(&s->lock);
	for (at = &s->watches; *at; at = &(*at)->next)
		if ((*at)->told == since && strcmp((*at)->prefix, prefix) == 0) {
			w = *at;
			*at = w->next;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	return w;
}

static size_t
count_watches(const struct store_etcd *s)
{
	size_t n = 0;

	for (const struct etcd_watch *w = s->watches; w; w = w->next)
		n++;
	return n;
}

/* Those of this prefix, and those that nobody asks for any more: what comes is not read there. */
static struct etcd_watch *
take_idle(struct store_etcd *s, const char *prefix)
{
	struct etcd_watch **at = &s->watches, *idle = NULL;
	const uint64_t looks = IDLE_TURNS * (count_watches(s) + 1);

	while (*at) {
		struct etcd_watch *w = *at;

		if (s->looks - w->used > looks || strcmp(w->prefix, prefix) == 0) {
			*at = w->next;
			w->next = idle;
			idle = w;
		} else {
			at = &w->next;
		}
	}
	return idle;
}

/* For the next call; of one prefix one stream is enough. */
static void
put_watch(struct store_etcd *s, struct etcd_watch *w)
{
	struct etcd_watch *idle;

	pthread_mutex_lock(&s->lock);
	w->used = ++s->looks;
	idle = take_idle(s, w->prefix);
	w->next = s->watches;
	s->watches = w;
	pthread_mutex_unlock(&s->lock);
	free_watches(idle);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* The revision of the mark (0: it was never written) and of etcd. */
static int
read_mark(struct store_etcd *s, uint64_t *ret_mark, uint64_t *ret_revision)
{
	json_t *answer;
	const json_t *kv;
	int error =
	    etcd_http_call(s->http, "/v3/kv/range", json_pack("{s:o}", "key", etcd_key(s, "")),
	                   ETCD_REPEAT, &answer);

	if (error)
		return error;
	*ret_revision = etcd_json_revision(answer);
	kv = json_array_get(json_object_get(answer, "kvs"), 0);
	if (!etcd_json_number(kv, "mod_revision", ret_mark) || *ret_mark > *ret_revision)
		error = -STORE_TORN;
	json_decref(answer);
	return error;
}

static int
by_name_and_age(const void *a, const void *b)
{
	const struct etcd_kv *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->revision > y->revision) - (x->revision < y->revision);
}

/* Each name once, as it is now. */
static void
tell_changes(struct etcd_watch *w, store_each *each, void *arg)
{
	if (w->events.n)
		qsort(w->events.kvs, w->events.n, sizeof(*w->events.kvs), by_name_and_age);
	for (size_t i = 0; i < w->events.n; i++) {
		struct etcd_kv *kv = &w->events.kvs[i];
		struct store_record r = {.name = kv->name,
		                         .value = {kv->value, kv->n},
		                         .revision = kv->revision,
		                         .leased = kv->lease != 0};

		if (i + 1 < w->events.n && strcmp(kv->name, kv[1].name) == 0)
			continue;
		if (!kv->value)
			r.value.n = 0;
		if (!each(arg, &r))
			break;
	}
}

/* How long to wait for what may still come. */
static msec
find_limit(const struct etcd_watch *w, uint64_t mark, uint64_t revision, msec begin, msec until)
{
	msec limit = begin;

	if (w->events.position < mark)
		limit += ANSWER_WAIT;
	else if (w->events.position < revision && w->awaited < revision)
		limit += GRACE;
	return limit > until ? limit : until;
}

/*
 * Until all up to the mark has come, and something of the prefix, or the time is over. What is
 * there is heard also where there is no time to wait.
 */
static int
follow_watch(struct store_etcd *s, struct etcd_watch *w, uint64_t mark, uint64_t revision,
             msec until)
{
	msec begin = etcd_now(), now;

	while (!w->error && !w->ended) {
		const bool enough = w->events.position >= mark && w->events.n;

		hear_stream(s, w, enough ? begin : find_limit(w, mark, revision, begin, until));
		now = etcd_now();
		if (w->events.position >= mark && w->events.n)
			break;
		if (now < find_limit(w, mark, revision, begin, until))
			continue;
		if (w->events.position < mark)
			return -EHOSTUNREACH; /* the mark does not come */
		w->awaited = revision;
		break;
	}
	return w->error;
}

/* A stream that was kept: has it what we ask for, or said something for good? */
static bool
is_of_use(const struct etcd_watch *w, int error, uint64_t revision)
{
	if (error)
		return error == -ESTALE || error == -STORE_TORN;
	return !w->ended || w->events.position >= revision || w->events.n;
}

/*
 * One that was kept goes on, if calls still go to its endpoint: at one that stands still nothing
 * would come, and take its time for that.
 */
static struct etcd_watch *
find_live_watch(struct store_etcd *s, const char *prefix, uint64_t since)
{
	struct etcd_watch *w = find_watch(s, prefix, since);

	if (!w || etcd_http_uses(s->http, w->endpoint))
		return w;
	free_watch(w);
	return NULL;
}

/* One that was kept may have ended or been refused since, or come to nothing: then by a new one. */
static int
follow_any(struct store_etcd *s, const char *prefix, uint64_t since, uint64_t mark,
           uint64_t revision, msec until, struct etcd_watch **ret)
{
	struct etcd_watch *w = find_live_watch(s, prefix, since);
	int error = w ? follow_watch(s, w, mark, revision, until) : 0;

	if (w && is_of_use(w, error, revision)) {
		*ret = w;
		return error;
	}
	if (w)
		etcd_http_turn(s->http, w->endpoint, "the stream of changes ended");
	free_watch(w);
	error = open_watch(s, prefix, since, ret);
	return error ? error : follow_watch(s, *ret, mark, revision, until);
}

int
etcd_changes(struct store *store, const char *prefix, uint64_t since, unsigned wait,
             store_each *each, void *arg, uint64_t *ret_revision)
{
	struct store_etcd *s = (struct store_etcd *)store;
	msec until = etcd_now() + wait;
	uint64_t mark = 0, revision = 0;
	struct etcd_watch *w = NULL;
	int error = store_prefix_check(prefix);

	if (!error)
		error = read_mark(s, &mark, &revision);
	if (!error && since > revision)
		error = -ESTALE;
	if (!error)
		error = follow_any(s, prefix, since, mark, revision, until, &w);
	if (!w)
		return error;
	if (w->ended || (error && error != -ESTALE && error != -STORE_TORN))
		etcd_http_turn(s->http, w->endpoint, "the stream of changes ended");
	if (!error && w->events.position < mark)
		error = -EHOSTUNREACH;
	if (!error) {
		tell_changes(w, each, arg);
		if (ret_revision)
			*ret_revision = w->events.position;
	}
	if (error || w->ended) {
		free_watch(w);
		return error;
	}
	etcd_events_forget(&w->events, 0);
	w->told = w->events.position;
	w->received = 0;
	put_watch(s, w);
	return 0;
}

/* --- listening -------------------------------------------------------------------------------- */

static bool
has_gone(const struct etcd_events *e, const char *last)
{
	for (size_t i = 0; i < e->n; i++) {
		const char *word = strrchr(e->kvs[i].name, '/');

		if (!e->kvs[i].value && strcmp(word ? word + 1 : e->kvs[i].name, last) == 0)
			return true;
	}
	return false;
}

int
etcd_listen(struct store *store, const char *prefix, const char *last, uint64_t since,
            unsigned wait, const atomic_bool *stop)
{
	struct store_etcd *s = (struct store_etcd *)store;
	const msec until = etcd_now() + wait;
	struct etcd_watch *w = find_watch(s, prefix, since);
	bool gone = false;

	for (msec now = etcd_now(); w && !gone && now < until; now = etcd_now()) {
		if (w->error || w->ended || atomic_load(stop))
			break;
		hear_stream(s, w, until - now < STOP_WAIT ? until : now + STOP_WAIT);
		gone = has_gone(&w->events, last);
	}
	if (w)
		put_watch(s, w);
	return gone;
}
