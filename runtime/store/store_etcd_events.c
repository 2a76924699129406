/* SPDX-License-Identifier: Apache-2.0 */
/* Changes, line by line: see store_etcd_events.h. */
#include "runtime/store/store_etcd_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_scan.h"

/* Members of objects that are wanted, or may stand there: each once. */
enum { LINE_HEADER = 1, LINE_EVENTS = 2 };
enum { EVENT_KV = 1, EVENT_TYPE = 2 };
enum {
	KV_KEY = 1,
	KV_VALUE = 2,
	KV_MOD_REVISION = 4,
	KV_CREATE_REVISION = 8,
	KV_VERSION = 16,
	KV_LEASE = 32
};

void
etcd_events_forget(struct etcd_events *e, size_t n)
{
	for (size_t i = n; i < e->n; i++)
		etcd_kv_fini(&e->kvs[i]);
	e->n = n;
}

void
etcd_events_fini(struct etcd_events *e)
{
	etcd_events_forget(e, 0);
	free(e->kvs);
	*e = (struct etcd_events){0};
}

static void
note_event(struct etcd_events *e, struct etcd_kv *take_kv, bool deleted)
{
	if (take_kv->revision > e->position)
		e->position = take_kv->revision;
	if (!take_kv->name || !take_kv->name[0] ||
	    strncmp(take_kv->name, e->prefix, strlen(e->prefix)) != 0) {
		etcd_kv_fini(take_kv);
		return;
	}
	if (deleted) {
		free(take_kv->value);
		take_kv->value = NULL;
	}
	x_grow(&e->kvs, &e->capacity, e->n + 1, sizeof(*take_kv));
	e->kvs[e->n++] = *take_kv;
}

/* --- where it stands -------------------------------------------------------------------------- */

/* A number that nobody wants. */
static void
pass_number(struct etcd_scan *scan, unsigned *seen, unsigned member)
{
	etcd_scan_once(scan, seen, member);
	etcd_scan_number(scan);
}

static void
scan_kv(const struct store_etcd *s, struct etcd_scan *scan, struct etcd_kv *ret)
{
	struct span key = {0}, value = SPAN("", 0);
	uint64_t revision = 0, lease = 0;
	unsigned seen = 0;
	bool more = etcd_scan_open(scan, '{', '}');

	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "key")) {
			etcd_scan_once(scan, &seen, KV_KEY);
			key = etcd_scan_string(scan);
		} else if (etcd_scan_is(name, "value")) {
			etcd_scan_once(scan, &seen, KV_VALUE);
			value = etcd_scan_string(scan);
		} else if (etcd_scan_is(name, "mod_revision")) {
			etcd_scan_once(scan, &seen, KV_MOD_REVISION);
			revision = etcd_scan_number(scan);
		} else if (etcd_scan_is(name, "create_revision")) {
			pass_number(scan, &seen, KV_CREATE_REVISION);
		} else if (etcd_scan_is(name, "version")) {
			pass_number(scan, &seen, KV_VERSION);
		} else if (etcd_scan_is(name, "lease")) {
			etcd_scan_once(scan, &seen, KV_LEASE);
			lease = etcd_scan_number(scan);
		} else {
			scan->odd = true;
		}
	}
	*ret = (struct etcd_kv){0};
	if (!scan->odd && !etcd_kv_make(s, key, value, revision, lease, ret))
		scan->odd = true;
}

static void
scan_event(const struct store_etcd *s, struct etcd_events *e, struct etcd_scan *scan)
{
	struct etcd_kv kv = {0};
	unsigned seen = 0;
	bool deleted = false, more = etcd_scan_open(scan, '{', '}');

	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "kv")) {
			etcd_scan_once(scan, &seen, EVENT_KV);
			etcd_kv_fini(&kv);
			scan_kv(s, scan, &kv);
		} else if (etcd_scan_is(name, "type")) {
			etcd_scan_once(scan, &seen, EVENT_TYPE);
			deleted = etcd_scan_is(etcd_scan_string(scan), "DELETE");
		} else {
			scan->odd = true;
		}
	}
	scan->odd |= !(seen & EVENT_KV);
	if (scan->odd)
		etcd_kv_fini(&kv);
	else
		note_event(e, &kv, deleted);
}

/* The usual line: {"result":{"header":{...},"events":[...]}}. */
static void
scan_line(const struct store_etcd *s, struct etcd_events *e, struct etcd_scan *scan)
{
	unsigned seen = 0;
	bool more, events;

	scan->odd = !etcd_scan_open(scan, '{', '}') ||
	            !etcd_scan_is(etcd_scan_name(scan), "result") || scan->odd;
	more = etcd_scan_open(scan, '{', '}');
	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "header")) {
			etcd_scan_once(scan, &seen, LINE_HEADER);
			etcd_scan_skip(scan);
		} else if (etcd_scan_is(name, "events")) {
			etcd_scan_once(scan, &seen, LINE_EVENTS);
			events = etcd_scan_open(scan, '[', ']');
			for (; events; events = etcd_scan_more(scan, ']'))
				scan_event(s, e, scan);
		} else {
			scan->odd = true; /* "created", "canceled" ... */
		}
	}
	if (etcd_scan_more(scan, '}'))
		scan->odd = true;
}

bool
etcd_events_scan(const struct store_etcd *s, struct etcd_events *e, struct span line)
{
	struct etcd_scan scan = etcd_scan_of(line);
	const uint64_t position = e->position;
	const size_t n = e->n;

	scan_line(s, e, &scan);
	if (etcd_scan_done(&scan))
		return true;
	e->position = position;
	etcd_events_forget(e, n);
	return false;
}

/* --- as a tree -------------------------------------------------------------------------------- */

/* An event: {"kv":{...}} or {"type":"DELETE","kv":{...}}. */
static bool
take_event(const struct store_etcd *s, struct etcd_events *e, const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	struct etcd_kv kv;

	if (!etcd_kv_take(s, json_object_get(event, "kv"), &kv))
		return false;
	note_event(e, &kv, type && strcmp(type, "DELETE") == 0);
	return true;
}

static int
take_result(const struct store_etcd *s, struct etcd_events *e, const json_t *result)
{
	const json_t *events = json_object_get(result, "events");
	uint64_t compacted = 0;

	if (!result)
		return -EIO;
	if (json_is_true(json_object_get(result, "canceled"))) {
		etcd_json_number(result, "compact_revision", &compacted);
		return compacted ? -ESTALE : -EIO;
	}
	for (size_t i = 0; i < json_array_size(events); i++)
		if (!take_event(s, e, json_array_get(events, i)))
			return -STORE_TORN;
	return 0;
}

int
etcd_events_parse(const struct store_etcd *s, struct etcd_events *e, struct span line)
{
	json_t *json;
	int error;

	if (line.n > ETCD_ANSWER_MAX)
		return -ESTALE;
	json = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	error = json_is_object(json) ? etcd_json_error(json) : -EIO;
	if (!error)
		error = take_result(s, e, json_object_get(json, "result"));
	json_decref(json);
	return error;
}

int
etcd_events_take(const struct store_etcd *s, struct etcd_events *e, struct span line)
{
	return etcd_events_scan(s, e, line) ? 0 : etcd_events_parse(s, e, line);
}
