/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* The store in etcd: what test_store's cases for every kind of store cannot ask of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

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
door_to(const char *prefix)
{
	const char *endpoints[] = {etcd.client};

	return etcd_door_at(prefix, 1, endpoints, 10000);
}

/* A call of etcd's own, as its administrator. */
static int
post_etcd(const char *path, json_t *request)
{
	const char *endpoints[] = {etcd.client};
	struct store_etcd_options o = {.n_endpoints = 1, .endpoints = endpoints, .timeout = 10000};
	struct etcd_http *h;
	json_t *answer = NULL;
	int error;

	assert_int_equal(etcd_http_new(&o, &h), 0);
	error = etcd_http_call(h, path, request, ETCD_REPEAT, &answer);
	if (!error)
		json_decref(answer);
	etcd_http_free(h);
	return error;
}

static void
call_etcd(const char *path, json_t *request)
{
	assert_int_equal(post_etcd(path, request), 0);
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
	static const char *const wrong[] = {"",
	                                    "10.0.0.1:2379",
	                                    "ftp://10.0.0.1:2379",
	                                    "http://10.0.0.1:2379/",
	                                    "http://a b",
	                                    "http://10.0.0.1:99999",
	                                    "http://10.0.0.1/x",
	                                    "http://:1",
	                                    "http://10.0.0.1:",
	                                    "http://10.0.0.1:0",
	                                    "http://u@10.0.0.1",
	                                    "http://[::1",
	                                    "http://[]:1",
	                                    "http://10.0.0.1?x",
	                                    "http://10.0.0.1:1x"};
	static const char *const good[] = {"http://e", "https://[2001:db8::1]:2379",
	                                   "https://etcd_1.example.net:65535"};
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
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		o.endpoints = &good[i];
		assert_int_equal(store_etcd_open(&o, &s), 0);
		store_close(s);
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
	struct store_state now;
	struct store *s;

	(void)state;
	need_engine();
	snprintf(dead, sizeof(dead), "http://127.0.0.1:%u", free_port());
	s = etcd_door_at("/dead", 2, endpoints, 10000);
	assert_int_equal(put_text(s, "a", "1"), 0);
	assert_holds(s, "", "a=1 ");
	s->ops->describe(s, &now);
	assert_string_equal(now.place, etcd.client);
	assert_string_equal(now.error, "");
	assert_int_equal(now.revision, revision_of(s));
	store_close(s);
	s = etcd_door_at("/dead", 1, alone, 10000);
	assert_int_equal(put_text(s, "a", "1"), -EHOSTUNREACH);
	assert_int_equal(s->ops->read(s, "", etcd_nothing, NULL, NULL), -EHOSTUNREACH);
	assert_int_equal(s->ops->changes(s, "", 0, 0, etcd_nothing, NULL, NULL), -EHOSTUNREACH);
	s->ops->describe(s, &now);
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

static unsigned
count_sockets(void)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct stat st;

		n += fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISSOCK(st.st_mode);
	}
	closedir(dir);
	return n;
}

/* What nobody asks for any more is not heard for ever. */
static void
streams_end(void **state)
{
	enum { STREAMS = 20 };
	struct store *s;
	uint64_t since;
	unsigned n;

	(void)state;
	need_engine();
	s = door_to("/idle");
	assert_int_equal(put_text(s, "m", "1"), 0);
	since = revision_of(s);
	n = count_sockets();
	for (int i = 0; i < STREAMS; i++) {
		char prefix[16];

		snprintf(prefix, sizeof(prefix), "n%d/", i);
		assert_int_equal(s->ops->changes(s, prefix, since, 0, etcd_nothing, NULL, NULL), 0);
	}
	assert_true(count_sockets() >= n + STREAMS); /* libcurl has some of its own */
	for (int i = 0; i < 20 * STREAMS; i++)
		assert_int_equal(s->ops->changes(s, "m", since, 0, etcd_nothing, NULL, NULL), 0);
	assert_true(count_sockets() < n + STREAMS / 2);
	store_close(s);
}

/* Who listens hears at once that a record of that name has gone; the next call tells all of it. */
static void
streams_are_listened_to(void **state)
{
	atomic_bool go_on = false, stop = true;
	struct text t = TEXT_INIT;
	struct store *s;
	uint64_t since;

	(void)state;
	need_engine();
	s = door_to("/listen");
	assert_int_equal(put_text(s, "n/leader", "1"), 0);
	assert_int_equal(put_text(s, "n/misleader", "1"), 0);
	since = revision_of(s);
	assert_int_equal(s->ops->listen(s, "n/", "leader", since, 60000, &go_on),
	                 0); /* no stream */
	assert_int_equal(s->ops->changes(s, "n/", since, 0, etcd_nothing, NULL, &since), 0);

	assert_int_equal(put_text(s, "n/leader", "2"), 0);
	assert_int_equal(put_text(s, "n/misleader", NULL), 0);
	assert_int_equal(put_text(s, "m/leader", NULL), 0);
	assert_int_equal(s->ops->listen(s, "n/", "leader", since, 60000, &stop), 0);
	assert_int_equal(s->ops->listen(s, "n/", "leader", since, 300, &go_on), 0);
	assert_int_equal(put_text(s, "n/leader", NULL), 0);
	assert_int_equal(s->ops->listen(s, "n/", "leader", since, 60000, &go_on), 1);
	assert_int_equal(put_text(s, "n/a", "3"), 0);
	assert_int_equal(s->ops->changes(s, "n/", since, 0, add_record, &t, &since), 0);
	assert_string_equal(text_string(&t), "n/a=3 n/leader- n/misleader- ");
	text_clear(&t);
	assert_int_equal(s->ops->changes(s, "n/", since, 0, add_record, &t, &since), 0);
	assert_string_equal(text_string(&t), "");
	assert_int_equal(s->ops->listen(s, "n/", "leader", since, 300, &go_on), 0);
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

/* Whoever may write below the prefix is not to keep a key server from its group with it. */
static void
foreign_keys(void **state)
{
	static const char *const wrong[] = {"/foreign/a b", "/foreign//x", "/foreign/\xff",
	                                    "/foreign/x/"};
	char key[32];
	struct store *s;
	uint64_t since;

	(void)state;
	need_engine();
	s = door_to("/foreign");
	assert_int_equal(put_text(s, "a", "1"), 0);
	put_foreign("/foreign-not", "x");
	put_foreign("/foreigner/x", "x");
	assert_holds(s, "", "a=1 ");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		since = revision_of(s);
		put_foreign(wrong[i], i % 2 ? "x" : "");
		assert_int_equal(s->ops->changes(s, "", since, 0, etcd_nothing, NULL, NULL), 0);
		assert_holds(s, "", "a=1 ");
	}
	/* More of them than a page holds, before any of ours. */
	for (int i = 0; i < 1100; i++) {
		snprintf(key, sizeof(key), "/foreign/ %04d", i);
		put_foreign(key, "x");
	}
	assert_int_equal(put_text(s, "b", "2"), 0);
	assert_holds(s, "", "a=1 b=2 ");
	store_close(s);
}

static void
set_alarm(const char *action)
{
	/* Its answer has no revision, and is none of the store's: what it does is seen. */
	post_etcd("/v3/maintenance/alarm", json_pack("{s:s, s:s, s:s}", "action", action,
	                                             "memberID", "1", "alarm", "NOSPACE"));
}

/* etcd's quota is used up: what is there is read, nothing is written, and it goes on afterwards. */
static void
full_disk(void **state)
{
	struct store *s;
	uint64_t lease = 0;

	(void)state;
	need_engine();
	s = door_to("/full");
	assert_int_equal(put_text(s, "a", "1"), 0);
	set_alarm("ACTIVATE");
	assert_int_equal(put_text(s, "a", "2"), -ENOSPC);
	assert_int_equal(s->ops->lease_begin(s, 2000, &lease), -ENOSPC);
	assert_holds(s, "", "a=1 ");
	set_alarm("DEACTIVATE");
	assert_int_equal(put_text(s, "a", "2"), 0);
	assert_int_equal(s->ops->lease_begin(s, 2000, &lease), 0);
	assert_holds(s, "", "a=2 ");
	store_close(s);
}

/* --- wiped under key servers ------------------------------------------------------------------ */

static struct store *
server_store(void)
{
	static const char *endpoints[1];
	struct policy policy = {
	    .store.etcd = {.n_endpoints = 1, .endpoints = endpoints, .prefix = "/shared"}};
	struct store *s = run_shared_new(NULL);

	endpoints[0] = etcd.client;
	assert_true(run_shared_want(s, &policy, NULL, &(bool){false}));
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

/* The server's certificate is another one from now on: of this name, and of these days. */
static const char reissue[] =
    "set -e; cd '%s'; : >index; echo 01 >serial; echo 'subjectAltName=IP:%s' >ext; "
    "printf '[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\n"
    "default_md=sha256\\nunique_subject=no\\npolicy=p\\n[p]\\ncommonName=supplied\\n' >ca.cnf; "
    "openssl req -new -key server.key -subj /CN=server -out server.csr; "
    "openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in server.csr "
    "-extfile ext %s -out server.pem 2>openssl.log";

static struct store *
tls_door(const char *folder, const char *url, const char *ca, const char *name)
{
	const char *endpoints[] = {url};
	char *ca_text = ca ? read_whole(folder, ca) : x_strdup(""), *cert = NULL, *key_text = NULL,
	     *file;
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

/* The connection may end before the server's alert was read: then nobody knows why. */
static void
assert_refused(const struct etcd_server *e, const char *name)
{
	struct store *s = tls_door(e->folder, e->client, "ca.pem", name);
	int error = 0;

	for (int i = 0; i < 100 && error != -STORE_REFUSED; i++) {
		error = put_text(s, "a", "2");
		assert_true(error < 0);
	}
	assert_int_equal(error, -STORE_REFUSED);
	store_close(s);
}

/* Who comes anew finds the server so. */
static void
assert_server_is(const struct etcd_server *e, const char *address, const char *days, int expected)
{
	char *script = x_asprintf(reissue, e->folder, address, days);
	struct store *s;

	assert_int_equal(system(script), 0);
	free(script);
	s = tls_door(e->folder, e->client, "ca.pem", "client");
	assert_int_equal(put_text(s, "a", "1"), expected);
	store_close(s);
}

/* Has the machine itself trust ca.pem, for this process alone. False: that needs other rights. */
static bool
trust_as_machine(const struct etcd_server *e)
{
	char *script =
	    x_asprintf("cd '%s' && mkdir certs && cp ca.pem certs && openssl rehash certs "
	               "&& mount --bind certs /etc/ssl/certs",
	               e->folder);
	bool done = (!unshare(CLONE_NEWNS) || !unshare(CLONE_NEWUSER | CLONE_NEWNS)) &&
	            !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);

	done = done && system(script) == 0;
	free(script);
	return done;
}

/* Whom the machine trusts is no matter: what etcd is told is for who the trustpoint vouches for. */
static void
assert_trusts_no_other(const struct etcd_server *e)
{
	struct store *s = tls_door(e->folder, e->client, "other.pem", "client");

	assert_int_equal(put_text(s, "a", "2"), -STORE_UNTRUSTED);
	store_close(s);
	s = tls_door(e->folder, e->client, NULL, "client");
	assert_int_equal(put_text(s, "a", "2"), -STORE_UNTRUSTED);
	store_close(s);
}

static void
tls_both_ways(void **state)
{
	struct etcd_server e = {0};
	struct store_state now;
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
	assert_int_equal(put_text(s, "a", "2"), -STORE_UNTRUSTED);
	s->ops->describe(s, &now);
	assert_non_null(strstr(now.error, "certificate"));
	store_close(s);
	assert_refused(&e, NULL);
	assert_refused(&e, "stranger");
	assert_server_is(&e, "127.0.0.2", "-days 2", -STORE_MISNAMED);
	assert_server_is(&e, "127.0.0.1", "-startdate 200101000000Z -enddate 210101000000Z",
	                 -STORE_OUTDATED);
	assert_server_is(&e, "127.0.0.1", "-days 2", 0);
	s = tls_door(e.folder, e.client, "ca.pem", "client");
	assert_holds(s, "", "a=1 ");
	store_close(s);
	if (trust_as_machine(&e))
		assert_trusts_no_other(&e);
	else
		puts("the machine's own CAs: not tried, that needs a mount namespace");
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
	    cmocka_unit_test(streams_end),         cmocka_unit_test(streams_are_listened_to),
	    cmocka_unit_test(changes_compacted),   cmocka_unit_test(too_many_writes),
	    cmocka_unit_test(many_records),        cmocka_unit_test(foreign_keys),
	    cmocka_unit_test(full_disk),           cmocka_unit_test(users_and_passwords),
	    cmocka_unit_test(tls_both_ways),       cmocka_unit_test(sealed_by_another_server),
	};

	return cmocka_run_group_tests(tests, start_engine, stop_engine);
}
