/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes, by etcd's watch: a stream of JSON lines, one for every revision that touched our keys.
 * The stream stays open between two calls where the second goes on at the revision that the first
 * has told.
 *
 * etcd does not say when a stream has caught up. The mark (store_etcd.h) does: it is read first,
 * and what is written up to its revision is awaited. The end of a lease does not write the mark:
 * where etcd's revision is beyond all that came, the stream is given a moment (GRACE) to tell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_parts.h"
#include "runtime/store/store_etcd_scan.h"
#include "runtime/store/store_parts.h"

#define GRACE       250        /* milliseconds; etcd looks at streams that are behind every 100 */
#define ANSWER_WAIT 2000       /* for what is known to come */
#define STREAM_MAX  (32 << 20) /* octets in one call; what many members answer goes in */
#define IDLE_TURNS  8          /* in which all streams are used but one, which is closed then */

struct etcd_watch {
	struct etcd_watch *next; /* of those that wait for their next use */
	uint64_t used;           /* by this look, the last time */
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	size_t endpoint;
	char *prefix;
	uint64_t position; /* all up to this revision has come */
	uint64_t awaited;  /* up to here etcd had its moment to tell */
	bool ended;
	int error;
	char *p;                     /* what came */
	size_t n, capacity, scanned; /* octets; without a line's end */
	size_t received;             /* octets, in this call */
	struct etcd_kv *kvs;         /* what is to be told; value NULL: removed */
	size_t n_kvs, kvs_capacity;
};

/* Those behind the first ones. */
static void
forget_kvs(struct etcd_watch *w, size_t first)
{
	for (size_t i = first; i < w->n_kvs; i++)
		etcd_kv_fini(&w->kvs[i]);
	w->n_kvs = first;
}

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
	forget_kvs(w, 0);
	free(w->kvs);
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
note_event(struct etcd_watch *w, struct etcd_kv *take_kv, bool deleted)
{
	if (take_kv->revision > w->position)
		w->position = take_kv->revision;
	if (!take_kv->name || !take_kv->name[0] ||
	    strncmp(take_kv->name, w->prefix, strlen(w->prefix)) != 0) {
		etcd_kv_fini(take_kv);
		return;
	}
	if (deleted) {
		free(take_kv->value);
		take_kv->value = NULL;
	}
	x_grow(&w->kvs, &w->kvs_capacity, w->n_kvs + 1, sizeof(*take_kv));
	w->kvs[w->n_kvs++] = *take_kv;
}

/* An event: {"kv":{...}} or {"type":"DELETE","kv":{...}}. */
static bool
take_event(const struct store_etcd *s, struct etcd_watch *w, const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	struct etcd_kv kv;

	if (!etcd_kv_take(s, json_object_get(event, "kv"), &kv))
		return false;
	note_event(w, &kv, type && strcmp(type, "DELETE") == 0);
	return true;
}

static void
scan_kv(const struct store_etcd *s, struct etcd_scan *scan, struct etcd_kv *ret)
{
	struct span key = {0}, value = SPAN("", 0);
	uint64_t revision = 0;
	unsigned seen = 0;
	bool more = etcd_scan_open(scan, '{', '}');

	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "key")) {
			etcd_scan_once(scan, &seen, 1);
			key = etcd_scan_string(scan);
		} else if (etcd_scan_is(name, "value")) {
			etcd_scan_once(scan, &seen, 2);
			value = etcd_scan_string(scan);
		} else if (etcd_scan_is(name, "mod_revision")) {
			etcd_scan_once(scan, &seen, 4);
			revision = etcd_scan_number(scan);
		} else {
			etcd_scan_skip(scan);
		}
	}
	*ret = (struct etcd_kv){0};
	if (!scan->odd && !etcd_kv_make(s, key, value, revision, ret))
		scan->odd = true;
}

static void
scan_event(const struct store_etcd *s, struct etcd_watch *w, struct etcd_scan *scan)
{
	struct etcd_kv kv = {0};
	unsigned seen = 0;
	bool deleted = false, more = etcd_scan_open(scan, '{', '}');

	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "kv")) {
			etcd_scan_once(scan, &seen, 1);
			etcd_kv_fini(&kv);
			scan_kv(s, scan, &kv);
		} else if (etcd_scan_is(name, "type")) {
			etcd_scan_once(scan, &seen, 2);
			deleted = etcd_scan_is(etcd_scan_string(scan), "DELETE");
		} else {
			scan->odd = true;
		}
	}
	scan->odd |= !(seen & 1);
	if (scan->odd)
		etcd_kv_fini(&kv);
	else
		note_event(w, &kv, deleted);
}

/* The usual line: {"result":{"header":{...},"events":[...]}}. */
static void
scan_line(const struct store_etcd *s, struct etcd_watch *w, struct etcd_scan *scan)
{
	unsigned seen = 0;
	bool more, events;

	scan->odd = !etcd_scan_open(scan, '{', '}') ||
	            !etcd_scan_is(etcd_scan_name(scan), "result") || scan->odd;
	more = etcd_scan_open(scan, '{', '}');
	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "header")) {
			etcd_scan_once(scan, &seen, 1);
			etcd_scan_skip(scan);
		} else if (etcd_scan_is(name, "events")) {
			etcd_scan_once(scan, &seen, 2);
			events = etcd_scan_open(scan, '[', ']');
			for (; events; events = etcd_scan_more(scan, ']'))
				scan_event(s, w, scan);
		} else {
			scan->odd = true; /* "created", "canceled" ... */
		}
	}
	if (etcd_scan_more(scan, '}'))
		scan->odd = true;
}

/* False: it is another line, and nothing of it was taken. */
static bool
take_usual_line(const struct store_etcd *s, struct etcd_watch *w, const char *line, size_t n)
{
	struct etcd_scan scan = {.at = line, .end = line + n};
	const uint64_t position = w->position;
	const size_t n_kvs = w->n_kvs;

	scan_line(s, w, &scan);
	if (etcd_scan_done(&scan))
		return true;
	w->position = position;
	forget_kvs(w, n_kvs);
	return false;
}

static int
take_other_line(const struct store_etcd *s, struct etcd_watch *w, const char *line, size_t n)
{
	json_t *json =
	    n <= ETCD_ANSWER_MAX ? json_loadb(line, n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *result = json_object_get(json, "result"), *events;
	uint64_t compacted = 0;
	int error = n > ETCD_ANSWER_MAX    ? -ESTALE
	            : json_is_object(json) ? etcd_json_error(json)
	                                   : -EIO;

	if (!error && !result)
		error = -EIO;
	if (!error && json_is_true(json_object_get(result, "canceled"))) {
		etcd_json_number(result, "compact_revision", &compacted);
		error = compacted ? -ESTALE : -EIO;
	}
	events = json_object_get(result, "events");
	for (size_t i = 0; i < json_array_size(events) && !error; i++)
		if (!take_event(s, w, json_array_get(events, i)))
			error = -STORE_TORN;
	json_decref(json);
	return error;
}

static int
take_line(const struct store_etcd *s, struct etcd_watch *w, const char *line, size_t n)
{
	return take_usual_line(s, w, line, n) ? 0 : take_other_line(s, w, line, n);
}

static void
take_lines(const struct store_etcd *s, struct etcd_watch *w)
{
	size_t done = 0, from = w->scanned;
	char *end;

	while (!w->error && (end = memchr(w->p + from, '\n', w->n - from))) {
		size_t n = (size_t)(end - (w->p + done));

		w->error = n ? take_line(s, w, w->p + done, n) : 0;
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
	w->position = since;
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
		if ((*at)->position == since && strcmp((*at)->prefix, prefix) == 0) {
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

	forget_kvs(w, 0);
	w->received = 0;
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
	if (w->n_kvs)
		qsort(w->kvs, w->n_kvs, sizeof(*w->kvs), by_name_and_age);
	for (size_t i = 0; i < w->n_kvs; i++) {
		struct etcd_kv *kv = &w->kvs[i];
		struct store_record r = {
		    .name = kv->name, .value = {kv->value, kv->n}, .revision = kv->revision};

		if (i + 1 < w->n_kvs && strcmp(kv->name, kv[1].name) == 0)
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

	if (w->position < mark)
		limit += ANSWER_WAIT;
	else if (w->position < revision && w->awaited < revision)
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
		hear_stream(s, w, find_limit(w, mark, revision, begin, until));
		now = etcd_now();
		if (w->position >= mark && w->n_kvs)
			break;
		if (now < find_limit(w, mark, revision, begin, until))
			continue;
		if (w->position < mark)
			return -EHOSTUNREACH; /* the mark does not come */
		w->awaited = revision;
		break;
	}
	return w->error;
}

/* A stream that was kept may have ended since: then by a new one. */
static int
follow_any(struct store_etcd *s, const char *prefix, uint64_t since, uint64_t mark,
           uint64_t revision, msec until, struct etcd_watch **ret)
{
	struct etcd_watch *w = find_watch(s, prefix, since);
	int error = w ? follow_watch(s, w, mark, revision, until) : 0;

	if (w && (error || !w->ended || w->position >= revision || w->n_kvs)) {
		*ret = w;
		return error;
	}
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
	if (w->ended)
		etcd_http_turn(s->http, w->endpoint, "the stream of changes ended");
	if (!error && w->position < mark)
		error = -EHOSTUNREACH;
	if (!error) {
		tell_changes(w, each, arg);
		if (ret_revision)
			*ret_revision = w->position;
	}
	if (error || w->ended)
		free_watch(w);
	else
		put_watch(s, w);
	return error;
}
