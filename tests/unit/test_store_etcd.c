/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* The store in etcd: what test_store's cases for every kind of store cannot ask of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

#include "cli/app/run_shared.h"
#include "runtime/store/store_etcd_http.h"
#include "tests/unit/store_kinds.h"

static struct etcd_server etcd;

static void
need_engine(void)
{
	if (!etcd.pid) {
		print_message("etcd is not installed\n");
		skip();
	}
}

static struct store *
door_at(const char *prefix, size_t n, const char *const *endpoints, unsigned timeout)
{
	struct store_etcd_options o = {
	    .n_endpoints = n, .endpoints = endpoints, .prefix = prefix, .timeout = timeout};
	struct store *s = NULL;

	assert_int_equal(store_etcd_open(&o, &s), 0);
	return s;
}

static struct store *
door_to(const char *prefix)
{
	const char *endpoints[] = {etcd.client};

	return door_at(prefix, 1, endpoints, 10000);
}

/* A call of etcd's own, as its administrator. */
static void
call_etcd(const char *path, json_t *request)
{
	const char *endpoints[] = {etcd.client};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 10000};
	struct etcd_http *h;
	json_t *answer = NULL;

	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_int_equal(etcd_http_call(h, path, request, ETCD_REPEAT, &answer), 0);
	json_decref(answer);
	etcd_http_free(h);
}

static void
put_foreign(const char *key, const char *value)
{
	call_etcd("/v3/kv/put", json_pack("{s:o, s:o}", "key", etcd_json_base64(TEXT_SPAN(key)),
	                                  "value", etcd_json_base64(TEXT_SPAN(value))));
}

/* --- what is typed ---------------------------------------------------------------------------- */

static void
wrong_options(void **state)
{
	static const char *const wrong[] = {
	    "",           "10.0.0.1:2379",         "ftp://10.0.0.1:2379", "http://10.0.0.1:2379/",
	    "http://a b", "http://10.0.0.1:99999", "http://10.0.0.1/x"};
	static const char *const prefixes[] = {"", "/", "//", "/a/", "a b", "/\xc3\xa9"};
	const char *right[] = {"http://10.0.0.1:2379"};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = right, .prefix = "/t"};
	struct store *s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		o.prefix = prefixes[i];
		assert_int_equal(store_etcd_open(&o, &s), -EINVAL);
	}
	o.prefix = "t";
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		o.endpoints = &wrong[i];
		assert_int_equal(store_etcd_open(&o, &s), -EINVAL);
	}
	o.endpoints = right;
	o.n_endpoints = 0;
	assert_int_equal(store_etcd_open(&o, &s), -EINVAL);
	o.n_endpoints = 1;
	assert_int_equal(store_etcd_open(&o, &s), 0);
	store_close(s);
}

/* --- endpoints -------------------------------------------------------------------------------- */

static void
dead_endpoint_is_passed(void **state)
{
	char dead[48];
	const char *endpoints[] = {dead, etcd.client}, *alone[] = {dead};
	struct store_etcd_state now;
	struct store *s;

	(void)state;
	need_engine();
	snprintf(dead, sizeof(dead), "http://127.0.0.1:%u", free_port());
	s = door_at("/dead", 2, endpoints, 10000);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_holds(s, "", "a=1 ");
	store_etcd_state(s, &now);
	assert_string_equal(now.endpoint, etcd.client);
	assert_string_equal(now.error, "");
	assert_int_equal(now.revision, revision_of(s));
	store_close(s);
	s = door_at("/dead", 1, alone, 10000);
	assert_int_equal(put_text(s, "a", "1"), -EHOSTUNREACH);
	assert_int_equal(s->ops->read(s, "", etcd_nothing, NULL, NULL), -EHOSTUNREACH);
	assert_int_equal(s->ops->changes(s, "", 0, 0, etcd_nothing, NULL, NULL), -EHOSTUNREACH);
	store_etcd_state(s, &now);
	assert_non_null(strstr(now.error, "connect"));
	store_close(s);
}

/* Whoever waits goes on when etcd is back; nothing is lost. */
static void
engine_starts_again(void **state)
{
	struct store *s;
	uint64_t since;

	(void)state;
	need_engine();
	s = door_to("/again");
	assert_int_equal(put_text(s, "a", "1"), 0);
	since = revision_of(s);
	assert_changed(s, "", since, 0, ""); /* the stream is open */
	kill(etcd.pid, SIGKILL);
	waitpid(etcd.pid, NULL, 0);
	assert_int_equal(put_text(s, "a", "2"), -EHOSTUNREACH);
	assert_int_equal(s->ops->changes(s, "", since, 0, etcd_nothing, NULL, NULL), -EHOSTUNREACH);
	etcd_run(&etcd);
	etcd_await(&etcd);
	assert_holds(s, "", "a=1 ");
	assert_int_equal(put_checked(s, "a", since, "3"), 0);
	assert_changed(s, "", since, 60000, "a=3 ");
	store_close(s);
}

/* A stream is used again where the next call goes on, and by who begins elsewhere not. */
static void
streams_go_on(void **state)
{
	struct text t = TEXT_INIT;
	struct store *s;
	uint64_t since, begin;

	(void)state;
	need_engine();
	s = door_to("/streams");
	begin = since = revision_of(s);
	for (int i = 0; i < 20; i++) {
		char value[16];

		snprintf(value, sizeof(value), "%d", i);
		assert_int_equal(put_text(s, "n/a", value), 0);
		assert_int_equal(put_text(s, "m", value), 0);
		text_clear(&t);
		assert_int_equal(s->ops->changes(s, "n/", since, 60000, add_record, &t, &since), 0);
		snprintf(value, sizeof(value), "n/a=%d ", i);
		assert_string_equal(text_string(&t), value);
	}
	assert_int_equal(since, begin + 40);
	assert_changed(s, "", begin, 0, "m=19 n/a=19 ");
	text_fini(&t);
	store_close(s);
}

/* --- etcd's own limits ------------------------------------------------------------------------ */

static void
changes_compacted(void **state)
{
	struct text t = TEXT_INIT;
	struct store *s;
	uint64_t since;

	(void)state;
	need_engine();
	s = door_to("/compact");
	since = revision_of(s);
	for (int i = 0; i < 5; i++)
		assert_int_equal(put_text(s, "a", "x"), 0);
	call_etcd("/v3/kv/compaction", json_pack("{s:o}", "revision", etcd_json_string(since + 4)));
	assert_int_equal(s->ops->changes(s, "", since, 0, add_record, &t, NULL), -ESTALE);
	assert_changed(s, "", since + 4, 0, "a=x ");
	assert_holds(s, "", "a=x ");
	text_fini(&t);
	store_close(s);
}

static void
too_many_writes(void **state)
{
	struct store_write w[200];
	char names[200][8];
	struct store_txn txn = {.n_writes = 200, .writes = w};
	struct store *s;

	(void)state;
	need_engine();
	s = door_to("/many");
	for (size_t i = 0; i < ARRAY_SIZE(w); i++) {
		snprintf(names[i], sizeof(names[i]), "%03zu", i);
		w[i] = (struct store_write){.name = names[i], .value = TEXT_SPAN("v")};
	}
	assert_int_equal(s->ops->commit(s, &txn, NULL), -E2BIG);
	assert_holds(s, "", "");
	txn.n_writes = 127;
	assert_int_equal(s->ops->commit(s, &txn, NULL), 0);
	store_close(s);
}

static bool
count_and_compare(void *arg, const struct store_record *r)
{
	unsigned *n = arg;
	char name[16];

	snprintf(name, sizeof(name), "r/%05u", (*n)++);
	assert_string_equal(r->name, name);
	return true;
}

/* More than a page of them, and pages that are too long. */
static void
many_records(void **state)
{
	struct store *s;
	char name[16];
	unsigned n = 0;
	char *big = x_alloc(STORE_VALUE_MAX);

	(void)state;
	need_engine();
	s = door_to("/pages");
	for (unsigned i = 0; i < 1300; i++) {
		snprintf(name, sizeof(name), "r/%05u", i);
		assert_int_equal(put_text(s, name, "1"), 0);
	}
	assert_int_equal(s->ops->read(s, "r/", count_and_compare, &n, NULL), 0);
	assert_int_equal(n, 1300);
	memset(big, 'x', STORE_VALUE_MAX - 1);
	for (unsigned i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "r/%05u", i);
		assert_int_equal(put_text(s, name, big), 0);
	}
	n = 0;
	assert_int_equal(s->ops->read(s, "r/", count_and_compare, &n, NULL), 0);
	assert_int_equal(n, 1300);
	free(big);
	store_close(s);
}

static bool
count_up_record(void *arg, const struct store_record *r)
{
	(void)r;
	++*(unsigned *)arg;
	return true;
}

/* Keys that somebody else put among ours. */
static void
foreign_keys(void **state)
{
	static const char *const wrong[] = {"/foreign/a b", "/foreign//x", "/foreign/\xff",
	                                    "/foreign/x/"};
	struct store *s;

	(void)state;
	need_engine();
	s = door_to("/foreign");
	assert_int_equal(put_text(s, "a", "1"), 0);
	put_foreign("/foreign-not", "x");
	put_foreign("/foreigner/x", "x");
	assert_holds(s, "", "a=1 ");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		uint64_t since = revision_of(s);

		put_foreign(wrong[i], "x");
		assert_int_equal(s->ops->read(s, "", count_up_record, &(unsigned){0}, NULL),
		                 -STORE_TORN);
		assert_int_equal(s->ops->changes(s, "", since, 0, etcd_nothing, NULL, NULL),
		                 -STORE_TORN);
		call_etcd("/v3/kv/deleterange",
		          json_pack("{s:o}", "key", etcd_json_base64(TEXT_SPAN(wrong[i]))));
	}
	assert_holds(s, "", "a=1 ");
	store_close(s);
}

/* --- wiped under key servers ------------------------------------------------------------------ */

static struct store *
server_store(void)
{
	static const char *endpoints[1];
	struct policy policy = {
	    .store.etcd = {.n_endpoints = 1, .endpoints = endpoints, .prefix = "/shared"}};
	struct store *s = run_shared_new();

	endpoints[0] = etcd.client;
	assert_true(run_shared_want(s, &policy, NULL));
	run_shared_master(s, "SomeMasterKey");
	return s;
}

/* Who goes on after another server made a new seal hears of it once, and takes that one. */
static void
sealed_by_another_server(void **state)
{
	struct store *one, *two, *bare;

	(void)state;
	need_engine();
	unsetenv("CREDENTIALS_DIRECTORY");
	one = server_store();
	two = server_store();
	bare = door_to("/shared");
	assert_int_equal(put_text(one, "a", "1"), 0);
	assert_int_equal(put_text(bare, "a", NULL), 0);
	assert_int_equal(put_text(bare, "seal", NULL), 0);
	assert_int_equal(put_text(two, "b", "2"), 0);
	assert_int_equal(put_text(one, "c", "3"), -STORE_FOREIGN);
	assert_holds(two, "", "b=2 ");
	assert_int_equal(put_text(one, "c", "3"), 0);
	assert_holds(two, "", "b=2 c=3 ");
	store_close(bare);
	store_close(two);
	store_close(one);
}

/* --- who may ---------------------------------------------------------------------------------- */

static void
users_and_passwords(void **state)
{
	struct secret right = {0}, wrong = {0};
	const char *endpoints[] = {etcd.client};
	struct store_etcd_options o = {.n_endpoints = 1,
	                               .endpoints = endpoints,
	                               .prefix = "/users",
	                               .user = "root",
	                               .password = &right,
	                               .timeout = 10000};
	struct store *s, *nobody;

	(void)state;
	need_engine();
	secret_copy(&right, SPAN("letmein", 7));
	secret_copy(&wrong, SPAN("letmein2", 8));
	call_etcd("/v3/auth/user/add",
	          json_pack("{s:s, s:s}", "name", "root", "password", "letmein"));
	call_etcd("/v3/auth/role/add", json_pack("{s:s}", "name", "root"));
	call_etcd("/v3/auth/user/grant", json_pack("{s:s, s:s}", "user", "root", "role", "root"));
	call_etcd("/v3/auth/enable", json_object());
	nobody = door_to("/users");
	assert_int_equal(put_text(nobody, "a", "1"), -EACCES);
	assert_int_equal(store_etcd_open(&o, &s), 0);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_holds(s, "", "a=1 ");
	assert_changed(s, "", revision_of(s) - 1, 60000, "a=1 ");
	/* Its token is not good any more once etcd has been started again. */
	kill(etcd.pid, SIGKILL);
	waitpid(etcd.pid, NULL, 0);
	etcd_run(&etcd);
	for (int i = 0; i < 300 && put_text(s, "a", "2"); i++)
		usleep(100000);
	assert_holds(s, "", "a=2 ");
	store_close(s);
	o.password = &wrong;
	assert_int_equal(store_etcd_open(&o, &s), 0);
	assert_int_equal(put_text(s, "a", "1"), -EACCES);
	store_close(s);
	o.password = &right;
	{
		struct etcd_http *h;
		json_t *answer = NULL;

		assert_int_equal(etcd_http_new(&o, &h), 0);
		assert_int_equal(
		    etcd_http_call(h, "/v3/auth/disable", json_object(), ETCD_REPEAT, &answer), 0);
		json_decref(answer);
		etcd_http_free(h);
	}
	assert_int_equal(put_text(nobody, "a", "3"), 0);
	store_close(nobody);
	secret_fini(&right);
	secret_fini(&wrong);
}

/* --- a gateway that lies ---------------------------------------------------------------------- */

struct liar {
	int fd;
	char url[48];
	unsigned status;          /* 0: 200 */
	const char *answer;       /* to all, or, where it is NULL: */
	const char *const *wants; /* what one request after the other must have in it, and */
	const char *const *says;  /* what each is answered; with "code" in it by status 400 */
	size_t n, asked;
	pthread_t thread;
};

static const char *
choose_answer(struct liar *l, const char *request, unsigned *ret_status)
{
	*ret_status = l->status ? l->status : 200;
	if (l->answer)
		return l->answer;
	if (l->asked >= l->n || !strstr(request, l->wants[l->asked])) {
		print_error("request %zu is another one than is expected\n", l->asked);
		return "{}";
	}
	*ret_status = strstr(l->says[l->asked], "\"code\"") ? 400 : 200;
	return l->says[l->asked++];
}

/* A request whole: its body has no end of its own but the JSON's. */
static bool
hear_request(int fd, char *buf, size_t size)
{
	size_t n = 0;

	for (;;) {
		ssize_t got = recv(fd, buf + n, size - 1 - n, 0);
		const char *body, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		buf[n] = '\0';
		body = strstr(buf, "\r\n\r\n");
		length = strstr(buf, "Content-Length: ");
		if (body && length &&
		    strlen(body + 4) >= strtoul(length + strlen("Content-Length: "), NULL, 10))
			return true;
	}
}

static void *
answer_all(void *arg)
{
	struct liar *l = arg;
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		char buf[4096];

		if (hear_request(fd, buf, sizeof(buf))) {
			unsigned status;
			const char *answer = choose_answer(l, buf, &status);
			char *head = x_asprintf("HTTP/1.1 %u X\r\nContent-Length: %zu\r\n"
			                        "Connection: close\r\n\r\n%s\n",
			                        status, strlen(answer) + 1, answer);

			(void)!send(fd, head, strlen(head), MSG_NOSIGNAL);
			free(head);
		}
		close(fd);
	}
	return NULL;
}

static void
start_liar(struct liar *l)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(l->fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(l->fd, 8), 0);
	assert_int_equal(getsockname(l->fd, (struct sockaddr *)&a, &n), 0);
	snprintf(l->url, sizeof(l->url), "http://127.0.0.1:%u", ntohs(a.sin_port));
	pthread_create(&l->thread, NULL, answer_all, l);
}

static void
stop_liar(struct liar *l)
{
	shutdown(l->fd, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	close(l->fd);
}

#define HEADER "\"header\":{\"revision\":\"9\"}"

/* Whatever comes is an error, and tells nothing of a record. */
static void
lying_gateway(void **state)
{
	static const char *const reads[] = {
	    "",
	    "[]",
	    "{}",
	    "{",
	    "null",
	    "{\"error\":7}",
	    "{\"error\":\"x\",\"code\":\"many\"}",
	    "{" HEADER ",\"kvs\":[7]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3QvYQ==\",\"mod_revision\":\"-1\"}]}",
	    "{" HEADER
	    ",\"kvs\":[{\"key\":\"L3QvYQ==\",\"mod_revision\":\"99999999999999999999\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3QvYQ==\",\"mod_revision\":\"10\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3QvYQ=\",\"mod_revision\":\"1\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"!!!!\",\"mod_revision\":\"1\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":7,\"mod_revision\":\"1\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"\",\"mod_revision\":\"1\"}]}",
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\",\"value\":{}}]}",
	    "{\"kvs\":[{\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\"}]}",
	};
	struct liar l = {.answer = ""};
	const char *endpoints[] = {l.url};
	struct store *s;

	(void)state;
	start_liar(&l);
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
		struct text t = TEXT_INIT;
		uint64_t lease = 0;

		l.answer = reads[i];
		s = door_at("/t", 1, endpoints, 3000);
		assert_true(s->ops->read(s, "", add_record, &t, NULL) < 0);
		assert_string_equal(text_string(&t), "");
		assert_true(put_text(s, "a", "1") < 0);
		assert_true(s->ops->lease_begin(s, 2000, &lease) < 0);
		assert_true(s->ops->lease_keep(s, 7) < 0);
		assert_true(s->ops->changes(s, "", 0, 0, add_record, &t, NULL) < 0);
		assert_string_equal(text_string(&t), "");
		text_fini(&t);
		store_close(s);
	}
	stop_liar(&l);
}

/* As etcd says it until 3.5, from 3.6 on, and in a stream: the same error. */
static void
errors_of_etcd(void **state)
{
	static const struct {
		unsigned code, status;
		const char *message;
		int error;
	} rows[] = {
	    {3, 400, "etcdserver: too many operations in txn request", -E2BIG},
	    {3, 400, "etcdserver: request is too large", -EMSGSIZE},
	    {3, 400, "etcdserver: authentication failed, invalid user ID or password", -EACCES},
	    {3, 400, "etcdserver: revision of auth store is old", -EACCES},
	    {3, 400, "etcdserver: user name is empty", -EACCES},
	    {3, 400, "etcdserver: duplicate key given in txn request", -EINVAL},
	    {5, 404, "etcdserver: requested lease not found", -ENOENT},
	    {7, 403, "etcdserver: permission denied", -EACCES},
	    {8, 429, "etcdserver: mvcc: database space exceeded", -ENOSPC},
	    {8, 429, "etcdserver: too many requests", -EBUSY},
	    {14, 503, "etcdserver: no leader", -EBUSY},
	    {14, 503, "etcdserver: request timed out", -EIO},
	    {16, 401, "etcdserver: invalid auth token", -EACCES},
	    {2, 500, "anything", -EIO},
	};
	static const char *const forms[] = {
	    "{\"error\":\"%s\",\"message\":\"%s\",\"code\":%u}",
	    "{\"message\":\"%s %s\",\"code\":%u,\"details\":[]}",
	    "{\"error\":{\"message\":\"%s %s\",\"grpc_code\":%u}}",
	    "{\"error\":{\"message\":\"%s %s\",\"code\":%u}}",
	};
	struct liar l = {.answer = ""};
	const char *endpoints[] = {l.url};
	struct store *s;

	(void)state;
	start_liar(&l);
	s = door_at("/t", 1, endpoints, 10000);
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(forms); i++) {
		const size_t row = i / ARRAY_SIZE(forms);
		const char *message = rows[row].message;
		struct store_etcd_state now;
		char *answer =
		    x_asprintf(forms[i % ARRAY_SIZE(forms)], message, message, rows[row].code);

		l.answer = answer;
		l.status = rows[row].status;
		for (int j = 0; j < 2; j++) { /* whatever the status is */
			assert_int_equal(put_text(s, "a", "1"), rows[row].error);
			assert_int_equal(s->ops->read(s, "", etcd_nothing, NULL, NULL),
			                 rows[row].error);
			assert_int_equal(s->ops->lease_keep(s, 7), rows[row].error);
			store_etcd_state(s, &now);
			assert_non_null(strstr(now.error, message));
			l.status = 200;
		}
		free(answer);
	}
	/* A status is an error without any words, and so is an answer without a revision. */
	l.answer = "{" HEADER ",\"succeeded\":true}";
	l.status = 500;
	assert_int_equal(put_text(s, "a", "1"), -EIO);
	l.status = 200;
	assert_int_equal(put_text(s, "a", "1"), 0);
	l.answer = "{\"header\":{},\"succeeded\":true}";
	assert_int_equal(put_text(s, "a", "1"), -EIO);
	l.answer = "{}";
	assert_int_equal(put_text(s, "a", "1"), -EIO);
	assert_int_equal(s->ops->read(s, "", etcd_nothing, NULL, NULL), -EIO);
	assert_int_equal(s->ops->lease_keep(s, 7), -EIO);
	store_close(s);
	stop_liar(&l);
}

/* Once a user was changed, a token of before is refused, in other words than one that ended. */
static void
old_tokens(void **state)
{
	static const char *const wants[] = {
	    "{\"name\":\"ks\",\"password\":\"a\\\"b\\\\c\\u001F\"}",
	    "Authorization: one",
	    "Authorization: one",
	    "authenticate",
	    "Authorization: two",
	    "Authorization: two",
	    "authenticate",
	    "Authorization: three",
	    "Authorization: three",
	};
	static const char *const says[] = {
	    "{" HEADER ",\"token\":\"one\"}",
	    "{" HEADER ",\"succeeded\":true}",
	    "{\"code\":3,\"message\":\"etcdserver: revision of auth store is old\"}",
	    "{" HEADER ",\"token\":\"two\"}",
	    "{" HEADER ",\"succeeded\":true}",
	    "{\"error\":\"x\",\"code\":16,\"message\":\"etcdserver: invalid auth token\"}",
	    "{" HEADER ",\"token\":\"three\"}",
	    "{" HEADER ",\"succeeded\":true}",
	    "{\"code\":7,\"message\":\"etcdserver: permission denied\"}",
	};
	struct liar l = {.wants = wants, .says = says, .n = ARRAY_SIZE(says)};
	const char *endpoints[] = {l.url};
	struct secret password = {0};
	struct store_etcd_options o = {.n_endpoints = 1,
	                               .endpoints = endpoints,
	                               .prefix = "/t",
	                               .user = "ks",
	                               .password = &password,
	                               .timeout = 10000};
	struct store *s;

	(void)state;
	secret_copy(&password, SPAN("a\"b\\c\x1f", 6));
	start_liar(&l);
	assert_int_equal(store_etcd_open(&o, &s), 0);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_int_equal(l.asked, 2);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_int_equal(l.asked, 5);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_int_equal(l.asked, 8);
	assert_int_equal(put_text(s, "a", "1"), -EACCES);
	assert_int_equal(l.asked, 9);
	store_close(s);
	stop_liar(&l);
	secret_fini(&password);
}

static char *
long_text(const char *first, const char *part, size_t n)
{
	char *text = x_alloc(strlen(first) + n + strlen(part) + 1), *at = text + strlen(first);

	memcpy(text, first, strlen(first));
	while (at < text + n) {
		memcpy(at, part, strlen(part));
		at += strlen(part);
	}
	*at = '\0';
	return text;
}

/* What comes has an end, though it does not say so; a reader asks for less, and for all anew. */
static void
endless_answers(void **state)
{
	static const char mark[] =
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3Qv\",\"mod_revision\":\"9\"}]}";
	static const char event[] = "{\"result\":{" HEADER ",\"events\":[{\"kv\":"
				    "{\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\"}}]}}\n";
	char *line = long_text("[", "{},", 5 << 20), *events = long_text("", event, 5 << 20);
	const char *const wants[] = {"range", "watch", "range", "watch"};
	const char *const says[] = {mark, line, mark, events};
	struct liar l = {.answer = line};
	const char *endpoints[] = {l.url};
	struct text t = TEXT_INIT;
	struct store *s;

	(void)state;
	start_liar(&l);
	s = door_at("/t", 1, endpoints, 60000);
	assert_int_equal(s->ops->read(s, "", add_record, &t, NULL), -EMSGSIZE);
	assert_int_equal(s->ops->lease_keep(s, 7), -EMSGSIZE);
	store_close(s);
	stop_liar(&l);
	l = (struct liar){.wants = wants, .says = says, .n = ARRAY_SIZE(says)};
	start_liar(&l);
	s = door_at("/t", 1, endpoints, 60000);
	for (int i = 0; i < 2; i++)
		assert_int_equal(s->ops->changes(s, "", 0, 60000, add_record, &t, NULL), -ESTALE);
	assert_string_equal(text_string(&t), "");
	assert_int_equal(l.asked, 4);
	store_close(s);
	stop_liar(&l);
	text_fini(&t);
	free(events);
	free(line);
}

/* Two calls that fail at the same endpoint turn to the next one, not beyond it. */
static void
turned_once(void **state)
{
	struct liar l[3] = {
	    {.answer = "{" HEADER "}"}, {.answer = "{" HEADER "}"}, {.answer = "{" HEADER "}"}};
	const char *endpoints[] = {l[0].url, l[1].url, l[2].url};
	struct store_etcd_options o = {.n_endpoints = 3, .endpoints = endpoints, .timeout = 10000};
	static const size_t turns[] = {0, 0, 1, 0, 2, 2}, now[] = {1, 1, 2, 2, 0, 0};
	struct store_etcd_state told;
	struct etcd_http *h;
	json_t *answer;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		start_liar(&l[i]);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		etcd_http_turn(h, turns[i], "it failed");
		assert_int_equal(
		    etcd_http_call(h, "/v3/kv/range", json_object(), ETCD_REPEAT, &answer), 0);
		json_decref(answer);
		etcd_http_state(h, &told);
		assert_string_equal(told.endpoint, l[now[i]].url);
	}
	etcd_http_free(h);
	for (size_t i = 0; i < 3; i++)
		stop_liar(&l[i]);
}

/* --- certificates ----------------------------------------------------------------------------- */

static char *
read_whole(const char *folder, const char *name)
{
	char *path = x_asprintf("%s/%s", folder, name), *text = x_alloc(65536);
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, text, 65535) > 0);
	close(fd);
	free(path);
	return text;
}

static const char certificates[] =
    "set -e; cd '%s'; "
    "make() { n=$1; shift; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
    "-days 2 -keyout $n.key -out $n.pem -subj /CN=$n \"$@\" 2>/dev/null; }; "
    "make ca; make other; make server -CA ca.pem -CAkey ca.key -addext "
    "subjectAltName=IP:127.0.0.1; make client -CA ca.pem -CAkey ca.key; make stranger";

static struct store *
tls_door(const char *folder, const char *url, const char *ca, const char *name)
{
	const char *endpoints[] = {url};
	char *ca_text = read_whole(folder, ca), *cert = NULL, *key_text = NULL, *file;
	struct store_etcd_options o = {.n_endpoints = 1,
	                               .endpoints = endpoints,
	                               .prefix = "/tls",
	                               .ca = TEXT_SPAN(ca_text),
	                               .timeout = 10000};
	struct secret key = {0};
	struct store *s = NULL;

	if (name) {
		file = x_asprintf("%s.pem", name);
		cert = read_whole(folder, file);
		free(file);
		file = x_asprintf("%s.key", name);
		key_text = read_whole(folder, file);
		free(file);
		secret_copy(&key, TEXT_SPAN(key_text));
		o.certificate = TEXT_SPAN(cert);
		o.key = &key;
	}
	assert_int_equal(store_etcd_open(&o, &s), 0);
	secret_fini(&key);
	free(ca_text);
	free(cert);
	free(key_text);
	return s;
}

static void
tls_both_ways(void **state)
{
	struct etcd_server e = {0};
	struct store_etcd_state now;
	struct store *s;
	char *script;

	(void)state;
	need_engine();
	etcd_folder(&e, "https");
	script = x_asprintf(certificates, e.folder);
	assert_int_equal(system(script), 0);
	free(script);
	etcd_run(&e);
	s = tls_door(e.folder, e.client, "ca.pem", "client");
	for (int i = 0; i < 300 && put_text(s, "a", "1"); i++)
		usleep(100000);
	assert_holds(s, "", "a=1 ");
	assert_changed(s, "", revision_of(s) - 1, 60000, "a=1 ");
	store_close(s);
	s = tls_door(e.folder, e.client, "other.pem", "client");
	assert_int_equal(put_text(s, "a", "2"), -EHOSTUNREACH);
	store_etcd_state(s, &now);
	assert_non_null(strstr(now.error, "certificate"));
	store_close(s);
	s = tls_door(e.folder, e.client, "ca.pem", NULL);
	assert_true(put_text(s, "a", "2") < 0);
	store_close(s);
	s = tls_door(e.folder, e.client, "ca.pem", "stranger");
	assert_true(put_text(s, "a", "2") < 0);
	store_close(s);
	s = tls_door(e.folder, e.client, "ca.pem", "client");
	assert_holds(s, "", "a=1 ");
	store_close(s);
	etcd_stop(&e);
}

static int
start_engine(void **state)
{
	(void)state;
	if (etcd_installed()) {
		etcd_start(&etcd);
		etcd_await(&etcd);
	}
	return 0;
}

static int
stop_engine(void **state)
{
	(void)state;
	if (etcd.pid)
		etcd_stop(&etcd);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wrong_options),       cmocka_unit_test(dead_endpoint_is_passed),
	    cmocka_unit_test(engine_starts_again), cmocka_unit_test(streams_go_on),
	    cmocka_unit_test(changes_compacted),   cmocka_unit_test(too_many_writes),
	    cmocka_unit_test(many_records),        cmocka_unit_test(foreign_keys),
	    cmocka_unit_test(users_and_passwords), cmocka_unit_test(lying_gateway),
	    cmocka_unit_test(errors_of_etcd),      cmocka_unit_test(old_tokens),
	    cmocka_unit_test(endless_answers),     cmocka_unit_test(turned_once),
	    cmocka_unit_test(tls_both_ways),       cmocka_unit_test(sealed_by_another_server),
	};

	return cmocka_run_group_tests(tests, start_engine, stop_engine);
}
