/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* The store in etcd before a gateway that lies, errs, or never ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "runtime/store/store_etcd_http.h"
#include "tests/unit/store_kinds.h"

struct liar {
	int fd;
	char url[48];
	unsigned status;          /* 0: 200 */
	const char *answer;       /* to all, or, where it is NULL: */
	const char *const *wants; /* what one request after the other must have in it, and */
	const char *const *says;  /* what each is answered; with "code" in it by status 400 */
	size_t n, asked;
	/* To /maintenance/status, where it is not NULL; how often it was asked. */
	const char *of_itself;
	unsigned looks;
	/* A request with this in it is answered after so many of those; `heard`: how many came. */
	const char *slow;
	unsigned after, heard;
	int waits; /* it; 0: none */
	pthread_t thread;
};

static const char *
choose_answer(struct liar *l, const char *request, unsigned *ret_status)
{
	*ret_status = l->status ? l->status : 200;
	if (l->of_itself && strstr(request, "/maintenance/status"))
		return l->of_itself;
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

static void
give_answer(struct liar *l, int fd, const char *request)
{
	unsigned status;
	const char *answer = choose_answer(l, request, &status);
	char *head = x_asprintf("HTTP/1.1 %u X\r\nContent-Length: %zu\r\n"
	                        "Connection: close\r\n\r\n%s\n",
	                        status, strlen(answer) + 1, answer);

	(void)!send(fd, head, strlen(head), MSG_NOSIGNAL);
	free(head);
	close(fd);
}

static void
hear_one(struct liar *l, int fd)
{
	char buf[4096];

	if (!hear_request(fd, buf, sizeof(buf))) {
		close(fd);
		return;
	}
	if (l->slow && strstr(buf, l->slow)) {
		l->heard++;
		if (l->after && !l->waits) {
			l->waits = fd;
			return;
		}
	}
	give_answer(l, fd, buf);
	if (!strstr(buf, "/maintenance/status"))
		return;
	l->looks++;
	if (l->waits && l->looks == l->after) {
		give_answer(l, l->waits, l->slow);
		l->waits = 0;
	}
}

static void *
answer_all(void *arg)
{
	struct liar *l = arg;
	int fd;

	while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		hear_one(l, fd);
	if (l->waits)
		close(l->waits);
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
	    /* There is more, and it is the same key of somebody else's again. */
	    "{" HEADER ",\"more\":true,\"kvs\":[{\"key\":\"L3QvIHg=\",\"mod_revision\":\"3\"}]}",
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
		s = etcd_door_at("/t", 1, endpoints, 3000);
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
	s = etcd_door_at("/t", 1, endpoints, 10000);
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(forms); i++) {
		const size_t row = i / ARRAY_SIZE(forms);
		const char *message = rows[row].message;
		struct store_state now;
		char *answer =
		    x_asprintf(forms[i % ARRAY_SIZE(forms)], message, message, rows[row].code);

		l.answer = answer;
		l.status = rows[row].status;
		for (int j = 0; j < 2; j++) { /* whatever the status is */
			assert_int_equal(put_text(s, "a", "1"), rows[row].error);
			assert_int_equal(s->ops->read(s, "", etcd_nothing, NULL, NULL),
			                 rows[row].error);
			assert_int_equal(s->ops->lease_keep(s, 7), rows[row].error);
			s->ops->describe(s, &now);
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

/* Whatever way a line is written, it says the same; two things at once say nothing. */
static void
unusual_lines(void **state)
{
#define EVENTS(kv) "{\"result\":{" HEADER ",\"events\":[" kv "]}}"
#define MARK       ",{\"kv\":{\"key\":\"L3Qv\",\"mod_revision\":\"9\"}}"
#define MEMBERS    "\"mod_revision\":\"8\",\"value\":\"MQ==\""
	static const char *const same[] = {
	    EVENTS("{\"kv\":{\"key\":\"L3QvYQ==\"," MEMBERS "}}" MARK),
	    EVENTS("{\"kv\":{\"key\":\"L3QvYQ\\u003d=\"," MEMBERS "}}" MARK),
	    EVENTS("{ \"kv\" :{" MEMBERS ",\"key\":\"L3QvYQ==\"}, \"prev_kv\":{}}" MARK),
	    EVENTS("{\"kv\":{\"lease\":\"-7\",\"key\":\"L3QvYQ==\"," MEMBERS "}}" MARK),
	};
	static const char *const bad[] = {
	    EVENTS("{\"kv\":{\"key\":\"L3QvYQ==\",\"key\":\"L3QvYg==\"," MEMBERS "}}" MARK),
	    EVENTS("{\"kv\":{\"key\":\"L3QvYQ==\"," MEMBERS "},\"kv\":{}}" MARK),
	    EVENTS("{\"kv\":{\"key\":\"L3QvYQ==\"," MEMBERS "}}" MARK) "}",
	    EVENTS("{\"type\":\"PUT\"}" MARK),
	    EVENTS("{\"kv\":{\"key\":\"L3Q=\"," MEMBERS "}}" MARK),
	};
	static const char mark[] =
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3Qv\",\"mod_revision\":\"9\"}]}";
	const char *const wants[] = {"range", "watch"};
	char *first = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same) + ARRAY_SIZE(bad); i++) {
		bool right = i < ARRAY_SIZE(same);
		const char *const says[] = {mark, right ? same[i] : bad[i - ARRAY_SIZE(same)]};
		struct liar l = {.wants = wants, .says = says, .n = 2};
		const char *endpoints[] = {l.url};
		struct text t = TEXT_INIT;
		struct store *s;
		int error;

		start_liar(&l);
		s = etcd_door_at("/t", 1, endpoints, 3000);
		error = s->ops->changes(s, "", 0, 1000, add_record, &t, NULL);
		store_close(s);
		stop_liar(&l);
		if (!first)
			first = x_strdup(text_string(&t));
		assert_true(right ? !error : error < 0);
		assert_string_equal(text_string(&t), right ? first : "");
		text_fini(&t);
	}
	assert_true(*first);
	free(first);
}

/* What comes has an end, though it does not say so; a reader asks for less, and for all anew. */
static void
endless_answers(void **state)
{
	static const char mark[] =
	    "{" HEADER ",\"kvs\":[{\"key\":\"L3Qv\",\"mod_revision\":\"9\"}]}";
	static const char event[] = "{\"result\":{" HEADER ",\"events\":[{\"kv\":"
				    "{\"key\":\"L3QvYQ==\",\"mod_revision\":\"1\"}}]}}\n";
	char *line = long_text("[", "{},", 5 << 20), *events = long_text("", event, 33 << 20);
	const char *const wants[] = {"range", "watch", "range", "watch"};
	const char *const says[] = {mark, line, mark, events};
	struct liar l = {.answer = line};
	const char *endpoints[] = {l.url};
	struct text t = TEXT_INIT;
	struct store *s;

	(void)state;
	start_liar(&l);
	s = etcd_door_at("/t", 1, endpoints, 60000);
	assert_int_equal(s->ops->read(s, "", add_record, &t, NULL), -EMSGSIZE);
	assert_int_equal(s->ops->lease_keep(s, 7), -EMSGSIZE);
	store_close(s);
	stop_liar(&l);
	l = (struct liar){.wants = wants, .says = says, .n = ARRAY_SIZE(says)};
	start_liar(&l);
	s = etcd_door_at("/t", 1, endpoints, 60000);
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
	struct store_state told;
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
		assert_string_equal(told.place, l[now[i]].url);
	}
	etcd_http_free(h);
	for (size_t i = 0; i < 3; i++)
		stop_liar(&l[i]);
}

/* What a call is to bring is as it was where it fails. */
static void
nothing_comes_of_failures(void **state)
{
	struct liar l = {.answer = "{\"code\":14,\"message\":\"etcdserver: no leader\"}",
	                 .status = 503};
	const char *endpoints[] = {l.url};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 10000};
	json_t *own = json_object(), *answer = own;
	struct etcd_http *h;
	uint64_t revision = 7;
	bool done = true;

	(void)state;
	start_liar(&l);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_true(etcd_http_call(h, "/v3/kv/range", json_object(), ETCD_REPEAT, &answer) < 0);
	assert_ptr_equal(answer, own);
	assert_true(etcd_http_commit(h, SPAN("{}", 2), &done, &revision) < 0);
	assert_true(done && revision == 7);
	etcd_http_free(h);
	stop_liar(&l);
	json_decref(own);
}

#define OF(cluster, term)                                                                          \
	"\"header\":{\"cluster_id\":\"" cluster "\",\"revision\":\"9\",\"raft_term\":\"" term "\"" \
	"}"
#define LED(term) "{" OF("1", term) ",\"leader\":\"5\",\"raftTerm\":\"" term "\"}"
#define TXN_DONE  "{" OF("1", "2") ",\"succeeded\":true}"

/* Endpoints that are not one etcd: what the second one holds is not the group's. */
static void
another_etcd(void **state)
{
	struct liar l[2] = {
	    {.answer = TXN_DONE, .of_itself = LED("2")},
	    {.answer = "{" OF("7", "2") ",\"succeeded\":true}",
	     .of_itself = "{" OF("7", "2") ",\"leader\":\"5\"}",
	     .slow = "/kv/"},
	};
	const char *endpoints[] = {l[0].url, l[1].url};
	struct store_etcd_options o = {.n_endpoints = 2, .endpoints = endpoints, .timeout = 10000};
	struct store_state told;
	struct etcd_http *h;
	json_t *answer;
	uint64_t revision;
	bool done;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		start_liar(&l[i]);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_int_equal(etcd_http_call(h, "/v3/kv/range", json_object(), ETCD_REPEAT, &answer), 0);
	json_decref(answer);
	etcd_http_turn(h, 0, "it failed");
	assert_int_equal(etcd_http_commit(h, SPAN("{}", 2), &done, &revision), 0);
	etcd_http_state(h, &told);
	assert_string_equal(told.place, l[0].url);
	/* And where it is the only one that answers. */
	etcd_http_turn(h, 0, "it failed");
	stop_liar(&l[0]);
	assert_int_not_equal(etcd_http_commit(h, SPAN("{}", 2), &done, &revision), 0);
	etcd_http_free(h);
	stop_liar(&l[1]);
	assert_int_equal(l[1].looks, 2);
	assert_int_equal(l[1].heard, 0);
}

/* What was passed on to a leader that died is given up, without waiting for the end of its time. */
static void
elected_meanwhile(void **state)
{
	struct liar l = {
	    .answer = TXN_DONE, .of_itself = LED("3"), .slow = "/kv/txn", .after = 1000};
	const char *endpoints[] = {l.url};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 600000};
	struct store_state told;
	struct etcd_http *h;
	json_t *answer;
	uint64_t revision;
	bool done;

	(void)state;
	start_liar(&l);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_int_equal(etcd_http_call(h, "/v3/kv/range", json_object(), ETCD_REPEAT, &answer), 0);
	json_decref(answer);
	assert_int_equal(etcd_http_commit(h, SPAN("{}", 2), &done, &revision), -EIO);
	etcd_http_state(h, &told);
	assert_string_equal(told.error, "etcd elected another leader meanwhile");
	etcd_http_free(h);
	stop_liar(&l);
	assert_int_equal(l.heard, 1);
}

/* One that is slow is waited for, however often it is looked at. */
static void
slow_is_not_lost(void **state)
{
	struct liar l = {.answer = TXN_DONE, .of_itself = LED("2"), .slow = "/kv/txn", .after = 5};
	const char *endpoints[] = {l.url};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 600000};
	struct etcd_http *h;
	uint64_t revision = 0;
	bool done = false;

	(void)state;
	start_liar(&l);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_int_equal(etcd_http_commit(h, SPAN("{}", 2), &done, &revision), 0);
	assert_true(done);
	assert_int_equal(revision, 9);
	etcd_http_free(h);
	stop_liar(&l);
	assert_int_equal(l.heard, 1);
}

static void
errors_command_no_terminal(void **state)
{
	struct liar l = {.answer = "{\"code\":3,\"message\":\"\\u001b[2J\\nR1#\\u00e9\"}",
	                 .status = 400};
	const char *endpoints[] = {l.url};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 10000};
	struct store_state told;
	struct etcd_http *h;
	json_t *answer;

	(void)state;
	start_liar(&l);
	assert_int_equal(etcd_http_new(&o, &h), 0);
	assert_int_not_equal(etcd_http_call(h, "/v3/kv/range", json_object(), ETCD_REPEAT, &answer),
	                     0);
	etcd_http_state(h, &told);
	assert_string_equal(told.error, "?[2J?R1#??");
	etcd_http_free(h);
	stop_liar(&l);
}

static void
passwords_cross_no_network_in_clear(void **state)
{
	static const struct {
		const char *endpoint;
		int error;
	} cases[] = {
	    {"http://127.0.0.1:2379", 0},
	    {"http://localhost:2379", 0},
	    {"https://10.0.0.1:2379", 0},
	    {"http://10.0.0.1:2379", -STORE_BARE},
	    {"http://localhost.example:2379", -STORE_BARE},
	    {"http://127.example.com:2379", -STORE_BARE},
	    {"http://127.0.0.1.example.com:2379", -STORE_BARE},
	    {"http://[::1]:2379", 0},
	    {"http://[2001:db8::1]:2379", -STORE_BARE},
	};
	struct secret password = {0};

	(void)state;
	secret_copy(&password, SPAN("secret", 6));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *endpoints[] = {"https://10.0.0.9:2379", cases[i].endpoint};
		struct store_etcd_options o = {.n_endpoints = 2,
		                               .endpoints = endpoints,
		                               .prefix = "/t",
		                               .user = "ks",
		                               .password = &password};
		struct store *s = NULL;

		assert_int_equal(store_etcd_open(&o, &s), cases[i].error);
		if (s)
			store_close(s);
	}
	secret_fini(&password);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lying_gateway),
	    cmocka_unit_test(errors_of_etcd),
	    cmocka_unit_test(unusual_lines),
	    cmocka_unit_test(old_tokens),
	    cmocka_unit_test(endless_answers),
	    cmocka_unit_test(turned_once),
	    cmocka_unit_test(nothing_comes_of_failures),
	    cmocka_unit_test(another_etcd),
	    cmocka_unit_test(elected_meanwhile),
	    cmocka_unit_test(slow_is_not_lost),
	    cmocka_unit_test(errors_command_no_terminal),
	    cmocka_unit_test(passwords_cross_no_network_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
