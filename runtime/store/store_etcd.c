/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, reading, leases by etcd's gateway: see store_etcd.h. */
#include "runtime/store/store_etcd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"
#include "runtime/crypto/base64.h"
#include "runtime/store/store_etcd_parts.h"
#include "runtime/store/store_parts.h"

#define PAGE 512 /* records that are asked for at once */
/* Of one reading: a million members have a record each. An etcd that never ends lies. */
#define RECORDS_MAX 2000000

/* --- keys ------------------------------------------------------------------------------------- */

json_t *
etcd_key(const struct store_etcd *s, const char *name)
{
	char key[sizeof(s->root) + STORE_NAME_MAX];
	int n = snprintf(key, sizeof(key), "%s%s", s->root, name);

	return etcd_json_base64(SPAN(key, n));
}

/* Names are ASCII: the last octet never overflows. */
json_t *
etcd_range_end(const struct store_etcd *s, const char *prefix)
{
	char key[sizeof(s->root) + STORE_NAME_MAX];
	int n = snprintf(key, sizeof(key), "%s%s", s->root, prefix);

	key[n - 1]++;
	return etcd_json_base64(SPAN(key, n));
}

static bool
is_below(const struct store_etcd *s, const uint8_t *key, size_t n)
{
	size_t root = strlen(s->root);

	return n >= root && memcmp(key, s->root, root) == 0;
}

/* The name behind the root of a key that is below it, to be freed; NULL: it is none of ours. */
static char *
key_name(const struct store_etcd *s, const uint8_t *key, size_t n)
{
	size_t root = strlen(s->root);
	const char *name = (const char *)key + root;

	return n == root || store_name_valid(name, n - root) ? strndup(name, n - root) : NULL;
}

bool
etcd_kv_make(const struct store_etcd *s, struct span key, struct span value, uint64_t revision,
             uint64_t lease, struct etcd_kv *ret)
{
	uint8_t *octets;
	size_t n;
	bool ours;

	*ret = (struct etcd_kv){.revision = revision, .lease = lease};
	if (!base64_decode(key, &octets, &n))
		return false;
	ours = is_below(s, octets, n);
	ret->name = ours ? key_name(s, octets, n) : NULL;
	free(octets);
	if (ours && revision && (!ret->name || base64_decode(value, &ret->value, &ret->n)))
		return true;
	etcd_kv_fini(ret);
	return false;
}

bool
etcd_kv_take(const struct store_etcd *s, const json_t *kv, struct etcd_kv *ret)
{
	struct span key, value;
	uint64_t revision, lease;

	*ret = (struct etcd_kv){0};
	if (!etcd_json_number(kv, "lease", &lease))
		lease = UINT64_MAX; /* etcd's are signed; none of ours is below 0 */
	return etcd_json_text(kv, "key", &key) && etcd_json_text(kv, "value", &value) &&
	       etcd_json_number(kv, "mod_revision", &revision) &&
	       etcd_kv_make(s, key, value, revision, lease, ret);
}

void
etcd_kv_fini(struct etcd_kv *kv)
{
	free(kv->name);
	free(kv->value);
	*kv = (struct etcd_kv){0};
}

/* --- transactions ----------------------------------------------------------------------------- */

static void
put_base64(struct text *t, struct span octets)
{
	char *text = base64_encode(octets);

	text_puts(t, text);
	free(text);
}

static void
put_key(struct text *t, const struct store_etcd *s, const char *name)
{
	char key[sizeof(s->root) + STORE_NAME_MAX];
	int n = snprintf(key, sizeof(key), "%s%s", s->root, name);

	text_puts(t, "\"key\":\"");
	put_base64(t, SPAN(key, n));
	text_puts(t, "\"");
}

static void
put_compare(struct text *t, const struct store_etcd *s, const struct store_check *c)
{
	text_puts(t, "{\"result\":\"EQUAL\",\"target\":\"MOD\",");
	put_key(t, s, c->name);
	text_printf(t, ",\"mod_revision\":\"%" PRIu64 "\"}", c->revision);
}

static void
put_write(struct text *t, const struct store_etcd *s, const struct store_write *w)
{
	text_puts(t, w->value.p ? "{\"request_put\":{" : "{\"request_delete_range\":{");
	put_key(t, s, w->name);
	if (w->value.p) {
		text_puts(t, ",\"value\":\"");
		put_base64(t, w->value);
		text_puts(t, "\"");
	}
	if (w->value.p && w->lease)
		text_printf(t, ",\"lease\":\"%" PRIu64 "\"", w->lease);
	text_puts(t, "}}");
}

static int
by_name(const void *a, const void *b)
{
	const struct store_write *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : *x < *y ? -1 : *x > *y;
}

/* etcd refuses a transaction that writes a key twice: the last one counts. Then the mark. */
static void
put_writes(struct text *t, const struct store_etcd *s, const struct store_txn *txn)
{
	const struct store_write mark = {.name = "", .value = SPAN("", 0)}, **sorted;
	const size_t one = sizeof(*sorted); /* NOLINT(bugprone-sizeof-expression): a pointer */

	if (!txn->n_writes)
		return;
	sorted = x_alloc(txn->n_writes * one);
	for (size_t i = 0; i < txn->n_writes; i++)
		sorted[i] = &txn->writes[i];
	qsort(sorted, txn->n_writes, one, by_name);
	for (size_t i = 0; i < txn->n_writes; i++) {
		if (i + 1 < txn->n_writes && strcmp(sorted[i]->name, sorted[i + 1]->name) == 0)
			continue;
		put_write(t, s, sorted[i]);
		text_puts(t, ",");
	}
	put_write(t, s, &mark);
	free(sorted);
}

/* As text at once: a tree of it would cost as much as the rest of the transaction. */
static void
put_txn(struct text *t, const struct store_etcd *s, const struct store_txn *txn)
{
	text_puts(t, "{\"compare\":[");
	for (size_t i = 0; i < txn->n_checks; i++) {
		text_puts(t, i ? "," : "");
		put_compare(t, s, &txn->checks[i]);
	}
	text_puts(t, "],\"success\":[");
	put_writes(t, s, txn);
	text_puts(t, "]}");
}

static int
commit_txn(struct store *store, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct store_etcd *s = (struct store_etcd *)store;
	int error = store_txn_check(store, txn);
	struct text t = TEXT_INIT;
	uint64_t revision;
	bool done;

	if (error)
		return error;
	put_txn(&t, s, txn);
	error = etcd_http_commit(s->http, SPAN(t.p, t.n), &done, &revision);
	text_fini(&t);
	if (error)
		return error;
	if (!done)
		return -EAGAIN;
	if (ret_revision)
		*ret_revision = revision;
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reading {
	struct store_etcd *s;
	const char *prefix;
	uint64_t revision;             /* of the first page; 0: that is still to come */
	char last[STORE_NAME_MAX + 1]; /* of our names */
	uint8_t *key;                  /* the last one of the pages before; NULL: there were none */
	size_t n_key;
	size_t page;
	size_t n; /* records, also of others */
	store_each *each;
	void *arg;
	bool done;
};

/* From the key behind the last page's: also where that was none of ours. */
static int
ask_page(struct reading *r, json_t **ret)
{
	/* The next key in etcd's order: this one and an octet 0. */
	json_t *key =
	    r->key ? etcd_json_base64(SPAN(r->key, r->n_key + 1)) : etcd_key(r->s, r->prefix);
	json_t *request = json_pack("{s:o, s:o, s:I}", "key", key, "range_end",
	                            etcd_range_end(r->s, r->prefix), "limit", (json_int_t)r->page);

	if (r->revision)
		json_object_set_new(request, "revision", etcd_json_string(r->revision));
	return etcd_http_call(r->s->http, "/v3/kv/range", request, ETCD_REPEAT, ret);
}

/* False: the record is none of ours, or stands where it should not. */
static bool
tell_record(struct reading *r, const json_t *json)
{
	struct etcd_kv kv;
	bool right = etcd_kv_take(r->s, json, &kv);

	if (!right)
		return false;
	if (kv.name && kv.name[0]) {
		right = strncmp(kv.name, r->prefix, strlen(r->prefix)) == 0 &&
		        strcmp(kv.name, r->last) > 0 && kv.revision <= r->revision;
		if (right) {
			struct store_record record = {.name = kv.name,
			                              .value = SPAN(kv.value, kv.n),
			                              .revision = kv.revision,
			                              .leased = kv.lease != 0};

			snprintf(r->last, sizeof(r->last), "%s", kv.name);
			r->done = !r->each(r->arg, &record);
		}
	}
	etcd_kv_fini(&kv);
	return right;
}

/* False: the page's last key is not behind that of the page before. */
static bool
turn_page(struct reading *r, const json_t *kvs)
{
	uint8_t *key;
	size_t n, shorter;
	int order = 1;

	if (!json_array_size(kvs))
		return true;
	if (!etcd_json_octets(json_array_get(kvs, json_array_size(kvs) - 1), "key", &key, &n))
		return false;
	shorter = n < r->n_key ? n : r->n_key;
	if (r->key)
		order = memcmp(key, r->key, shorter);
	if (order < 0 || (order == 0 && n <= r->n_key)) {
		free(key);
		return false;
	}
	free(r->key);
	r->key = x_alloc(n + 1); /* it is asked for with an octet 0 */
	memcpy(r->key, key, n);
	free(key);
	r->n_key = n;
	return true;
}

static int
read_page(struct reading *r)
{
	json_t *answer;
	const json_t *kvs;
	int error = ask_page(r, &answer);

	if (error == -EMSGSIZE && r->page > 1) {
		r->page /= 8; /* long values */
		r->page += !r->page;
		return 0;
	}
	if (error == -ESTALE)
		return -EBUSY; /* etcd forgot the moment of the first page */
	if (error)
		return error;
	if (!r->revision)
		r->revision = etcd_json_revision(answer);
	if (r->page < PAGE)
		r->page *= 2;
	kvs = json_object_get(answer, "kvs");
	r->n += json_array_size(kvs);
	if (r->n > RECORDS_MAX)
		error = -STORE_TORN;
	for (size_t i = 0; i < json_array_size(kvs) && !r->done && !error; i++)
		if (!tell_record(r, json_array_get(kvs, i)))
			error = -STORE_TORN;
	if (!error && !turn_page(r, kvs))
		error = -STORE_TORN;
	if (!json_is_true(json_object_get(answer, "more")) || !json_array_size(kvs))
		r->done = true;
	json_decref(answer);
	return error;
}

static int
read_records(struct store *store, const char *prefix, store_each *each, void *arg,
             uint64_t *ret_revision)
{
	struct reading r = {.s = (struct store_etcd *)store,
	                    .prefix = prefix,
	                    .page = PAGE,
	                    .each = each,
	                    .arg = arg};
	int error = store_prefix_check(prefix);

	while (!error && !r.done)
		error = read_page(&r);
	if (!error && ret_revision)
		*ret_revision = r.revision;
	free(r.key);
	return error;
}

/* --- leases ----------------------------------------------------------------------------------- */

static int
begin_lease(struct store *store, unsigned ttl, uint64_t *ret_lease)
{
	struct store_etcd *s = (struct store_etcd *)store;
	json_t *answer;
	int error;

	if (!ttl)
		return -EINVAL;
	/* Done twice, one of them ends by itself. */
	error = etcd_http_call(s->http, "/v3/lease/grant",
	                       json_pack("{s:o}", "TTL", etcd_json_string((ttl + 999) / 1000)),
	                       ETCD_REPEAT, &answer);
	if (error)
		return error;
	if (!etcd_json_number(answer, "ID", ret_lease) || !*ret_lease)
		error = -EIO;
	json_decref(answer);
	return error;
}

static int
keep_lease(struct store *store, uint64_t lease)
{
	struct store_etcd *s = (struct store_etcd *)store;
	uint64_t ttl = 0;
	json_t *answer;
	int error =
	    etcd_http_call(s->http, "/v3/lease/keepalive",
	                   json_pack("{s:o}", "ID", etcd_json_string(lease)), ETCD_REPEAT, &answer);

	if (error)
		return error;
	etcd_json_number(json_object_get(answer, "result"), "TTL", &ttl);
	json_decref(answer);
	return ttl ? 0 : -ENOENT;
}

static int
end_lease(struct store *store, uint64_t lease)
{
	struct store_etcd *s = (struct store_etcd *)store;
	json_t *answer;
	int error =
	    etcd_http_call(s->http, "/v3/lease/revoke",
	                   json_pack("{s:o}", "ID", etcd_json_string(lease)), ETCD_REPEAT, &answer);

	if (!error)
		json_decref(answer);
	return error == -ENOENT ? 0 : error;
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void
close_store(struct store *store)
{
	struct store_etcd *s = (struct store_etcd *)store;

	etcd_watches_free(s);
	etcd_http_free(s->http);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static void
describe_etcd(struct store *store, struct store_state *ret)
{
	const struct store_etcd *s = (const struct store_etcd *)store;

	etcd_http_state(s->http, ret);
	ret->engine = "etcd";
	snprintf(ret->prefix, sizeof(ret->prefix), "%.*s", (int)strlen(s->root) - 1, s->root);
}

static const struct store_ops etcd_ops = {
    .commit = commit_txn,
    .read = read_records,
    .changes = etcd_changes,
    .listen = etcd_listen,
    .lease_begin = begin_lease,
    .lease_keep = keep_lease,
    .lease_end = end_lease,
    .describe = describe_etcd,
    .close = close_store,
};

int
store_etcd_open(const struct store_etcd_options *o, struct store **ret)
{
	struct store_etcd *s;
	size_t n = strnlen(o->prefix, STORE_ETCD_PREFIX_MAX + 1);
	const char *name = o->prefix + (o->prefix[0] == '/');
	int error;

	if (n > STORE_ETCD_PREFIX_MAX || !store_name_valid(name, strlen(name)))
		return -EINVAL;
	s = x_alloc(sizeof(*s));
	s->store.ops = &etcd_ops;
	pthread_mutex_init(&s->lock, NULL);
	snprintf(s->root, sizeof(s->root), "%s/", o->prefix);
	error = etcd_http_new(o, &s->http);
	if (error) {
		close_store(&s->store);
		return error;
	}
	*ret = &s->store;
	return 0;
}
