/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, reading, leases by etcd's gateway: see store_etcd.h. */
#include "runtime/store/store_etcd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/store/store_etcd_parts.h"
#include "runtime/store/store_parts.h"

#define PAGE 512 /* records that are asked for at once */

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
etcd_kv_take(const struct store_etcd *s, const json_t *kv, struct etcd_kv *ret)
{
	uint8_t *key;
	size_t n;
	bool ours;

	*ret = (struct etcd_kv){0};
	if (!etcd_json_octets(kv, "key", &key, &n))
		return false;
	ours = is_below(s, key, n);
	ret->name = ours ? key_name(s, key, n) : NULL;
	free(key);
	if (ours && etcd_json_number(kv, "mod_revision", &ret->revision) && ret->revision &&
	    (!ret->name || etcd_json_octets(kv, "value", &ret->value, &ret->n)))
		return true;
	etcd_kv_fini(ret);
	return false;
}

void
etcd_kv_fini(struct etcd_kv *kv)
{
	free(kv->name);
	free(kv->value);
	*kv = (struct etcd_kv){0};
}

/* --- transactions ----------------------------------------------------------------------------- */

static json_t *
compare_json(const struct store_etcd *s, const struct store_check *c)
{
	return json_pack("{s:s, s:s, s:o, s:o}", "result", "EQUAL", "target", "MOD", "key",
	                 etcd_key(s, c->name), "mod_revision", etcd_json_string(c->revision));
}

static json_t *
write_json(const struct store_etcd *s, const struct store_write *w)
{
	json_t *put;

	if (!w->value.p)
		return json_pack("{s:{s:o}}", "request_delete_range", "key", etcd_key(s, w->name));
	put = json_pack("{s:o, s:o}", "key", etcd_key(s, w->name), "value",
	                etcd_json_base64(w->value));
	if (w->lease)
		json_object_set_new(put, "lease", etcd_json_string(w->lease));
	return json_pack("{s:o}", "request_put", put);
}

static int
by_name(const void *a, const void *b)
{
	const struct store_write *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : *x < *y ? -1 : *x > *y;
}

/* etcd refuses a transaction that writes a key twice: the last one counts. */
static json_t *
writes_json(const struct store_etcd *s, const struct store_txn *txn)
{
	const struct store_write **sorted;
	const size_t one = sizeof(*sorted); /* NOLINT(bugprone-sizeof-expression): a pointer */
	json_t *list = json_array();

	sorted = x_alloc((txn->n_writes + 1) * one);
	for (size_t i = 0; i < txn->n_writes; i++)
		sorted[i] = &txn->writes[i];
	if (txn->n_writes)
		qsort(sorted, txn->n_writes, one, by_name);
	for (size_t i = 0; i < txn->n_writes; i++)
		if (i + 1 == txn->n_writes || strcmp(sorted[i]->name, sorted[i + 1]->name) != 0)
			json_array_append_new(list, write_json(s, sorted[i]));
	if (txn->n_writes) {
		const struct store_write mark = {.name = "", .value = SPAN("", 0)};

		json_array_append_new(list, write_json(s, &mark));
	}
	free(sorted);
	return list;
}

static int
commit_txn(struct store *store, const struct store_txn *txn, uint64_t *ret_revision)
{
	struct store_etcd *s = (struct store_etcd *)store;
	int error = store_txn_check(store, txn);
	json_t *compares = json_array(), *answer = NULL;

	for (size_t i = 0; i < txn->n_checks && !error; i++)
		json_array_append_new(compares, compare_json(s, &txn->checks[i]));
	if (error) {
		json_decref(compares);
		return error;
	}
	error = etcd_http_call(
	    s->http, "/v3/kv/txn",
	    json_pack("{s:o, s:o}", "compare", compares, "success", writes_json(s, txn)), ETCD_ONCE,
	    &answer);
	if (error)
		return error;
	if (!json_is_true(json_object_get(answer, "succeeded")))
		error = -EAGAIN;
	else if (ret_revision)
		*ret_revision = etcd_json_revision(answer);
	json_decref(answer);
	return error;
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
			                              .revision = kv.revision};

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
