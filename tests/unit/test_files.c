/* SPDX-License-Identifier: Apache-2.0 */
/* A router's files: names, limits, in memory and in a folder; and what typed names speak of. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/app/commands.h"
#include "cli/device/router_files.h"
#include "cli/shell/acting.h"
#include "cli/files/files.h"
#include "cli/files/host_file.h"
#include "cli/device/load.h"
#include "cli/device/router.h"
#include "compiler/base/store_file.h"
#include "runtime/host/sim/sim.h"

static struct span
text_span(const char *text)
{
	return SPAN(text, strlen(text));
}

static void
assert_holds(const struct files *f, const char *name, const char *want)
{
	struct text t = TEXT_INIT;

	assert_int_equal(files_read(f, name, &t), 0);
	assert_string_equal(text_string(&t), want);
	text_fini(&t);
}

static const char *const good_names[] = {
    "a", "a.cfg", "archive/R1-Nov-24-2026-1", "a/b/c/d", "-x", "R1_$h", "a..b"};
static const char *const bad_names[] = {"",     "/a",   "a/",  "..",  ".a",       "a/../b",
                                        "a//b", "a/.b", "a b", "a:b", "a\nb",     "a/b/c/d/e",
                                        "\xc3", "a|b",  "a;b", "*",   "x/../../y"};

static void
check_store(struct files *f)
{
	struct arena *a = arena_new();
	struct text t = TEXT_INIT;
	char longest[FILES_NAME_MAX + 2];
	const struct file_info *list;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(bad_names); i++) {
		assert_int_equal(files_write(f, bad_names[i], text_span("x"), 0), -EINVAL);
		assert_int_equal(files_read(f, bad_names[i], &t), -EINVAL);
		assert_int_equal(files_remove(f, bad_names[i]), -EINVAL);
		assert_false(files_has(f, bad_names[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(good_names) - 4; i++)
		assert_int_equal(files_write(f, good_names[i], text_span(good_names[i]), 5000), 0);
	assert_holds(f, "archive/R1-Nov-24-2026-1", "archive/R1-Nov-24-2026-1");
	assert_int_equal(files_append(f, "a", text_span(" more"), 6000), 0);
	assert_int_equal(files_append(f, "new", text_span("begun"), 6000), 0);
	assert_holds(f, "a", "a more");
	assert_holds(f, "new", "begun");
	list = files_list(f, a, &n);
	assert_int_equal(n, 4);
	assert_string_equal(list[0].name, "a");
	assert_int_equal(list[0].size, 6);
	assert_string_equal(list[2].name, "archive/R1-Nov-24-2026-1");
	assert_int_equal(files_remove(f, "a"), 0);
	assert_int_equal(files_remove(f, "a"), -ENOENT);
	assert_int_equal(files_read(f, "a", &t), -ENOENT);
	memset(longest, 'n', sizeof(longest));
	longest[FILES_NAME_MAX + 1] = 0;
	assert_int_equal(files_write(f, longest, text_span("x"), 0), -EINVAL);
	longest[FILES_NAME_MAX] = 0;
	assert_int_equal(files_write(f, longest, text_span("x"), 0), 0);
	assert_int_equal(files_write(f, "empty", SPAN(NULL, 0), 0), 0);
	assert_holds(f, "empty", "");
	arena_free(a);
	text_fini(&t);
}

static void
check_limits(struct files *f)
{
	size_t size = FILES_SIZE_MAX, i;
	char *big = x_alloc(size + 1), name[32];

	assert_int_equal(files_write(f, "big", SPAN(big, size + 1), 0), -EFBIG);
	assert_int_equal(files_write(f, "big", SPAN(big, size), 0), 0);
	assert_int_equal(files_append(f, "big", text_span("x"), 0), -EFBIG);
	for (i = 1; i < FILES_TOTAL_MAX / FILES_SIZE_MAX - 1; i++) {
		snprintf(name, sizeof(name), "big%zu", i);
		assert_int_equal(files_write(f, name, SPAN(big, size), 0), 0);
	}
	assert_int_equal(files_write(f, "nearly", SPAN(big, size - 1000), 0), 0);
	assert_int_equal(files_write(f, "last", SPAN(big, size), 0), -ENOSPC);
	/* The same again needs no room. */
	assert_int_equal(files_write(f, "big", SPAN(big, size), 0), 0);
	while (i--) {
		snprintf(name, sizeof(name), i ? "big%zu" : "big", i);
		assert_int_equal(files_remove(f, name), 0);
	}
	assert_int_equal(files_remove(f, "nearly"), 0);
	free(big);
}

static void
test_memory(void **state)
{
	struct files *f = files_new();

	(void)state;
	check_limits(f);
	check_store(f);
	files_free(f);
}

/* --- in a folder ------------------------------------------------------------------------------ */

static mode_t
mode_of(const char *folder, const char *name)
{
	char *path = x_asprintf("%s/%s", folder, name);
	struct stat st = {0};

	assert_int_equal(lstat(path, &st), 0);
	free(path);
	return st.st_mode & 07777;
}

/* A file that stands there already may be a trap: a link, a pipe, a folder. */
static void
check_traps(struct files *f, const char *folder)
{
	char *link = x_asprintf("%s/link", folder), *outside = x_asprintf("%s.outside", folder);
	char *up = x_asprintf("%s/up", folder), *pipe = x_asprintf("%s/pipe", folder);
	struct text t = TEXT_INIT;
	FILE *o = fopen(outside, "w");

	assert_non_null(o);
	fputs("untouched", o);
	fclose(o);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(symlink("..", up), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_not_equal(files_read(f, "link", &t), 0);
	assert_int_not_equal(files_read(f, "up/etc", &t), 0);
	assert_int_not_equal(files_write(f, "up/escaped", text_span("x"), 0), 0);
	assert_int_equal(files_read(f, "pipe", &t), -EINVAL);
	assert_int_not_equal(files_read(f, "archive", &t), 0);
	assert_false(files_has(f, "link"));
	/* A write takes the link's place. */
	assert_int_equal(files_write(f, "link", text_span("mine"), 0), 0);
	assert_holds(f, "link", "mine");
	o = fopen(outside, "r");
	assert_non_null(o);
	assert_int_equal(fgetc(o), 'u');
	fclose(o);
	unlink(outside);
	unlink(up);
	unlink(pipe);
	free(link);
	free(outside);
	free(up);
	free(pipe);
	text_fini(&t);
}

static void
test_folder(void **state)
{
	char base[] = "/tmp/testudo-files-XXXXXX";
	struct arena *a = arena_new();
	struct files *f;
	char *folder, *rm;
	size_t n;

	(void)state;
	assert_non_null(mkdtemp(base));
	folder = x_asprintf("%s/flash", base);
	f = files_new_in(folder);
	files_list(f, a, &n);
	assert_int_equal(n, 0);
	assert_int_not_equal(access(folder, F_OK), 0);
	check_limits(f);
	check_store(f);
	assert_int_equal(mode_of(folder, "a.cfg"), 0600);
	assert_int_equal(mode_of(base, "flash"), 0700);
	assert_int_equal(mode_of(folder, "archive"), 0700);
	check_traps(f, folder);
	files_free(f);
	/* They are there for the next one. */
	f = files_new_in(folder);
	assert_holds(f, "new", "begun");
	files_free(f);
	rm = x_asprintf("rm -rf %s", base);
	assert_int_equal(system(rm), 0);
	free(rm);
	free(folder);
	arena_free(a);
}

/* --- names as typed --------------------------------------------------------------------------- */

static void
test_names(void **state)
{
	static const struct {
		const char *typed;
		enum file_kind kind;
		const char *text;
	} cases[] = {
	    {"flash:x", FILE_FLASH, "flash:/x"},
	    {"flash:/x/y", FILE_FLASH, "flash:/x/y"},
	    {"FLASH:x", FILE_FLASH, "flash:/x"},
	    {"bootflash:x", FILE_FLASH, "bootflash:/x"},
	    {"disk0:", FILE_FLASH, "disk0:/"},
	    {"x", FILE_FLASH, "flash:/x"},
	    {"nvram:startup-config", FILE_STARTUP, "nvram:startup-config"},
	    {"startup-config", FILE_STARTUP, "nvram:startup-config"},
	    {"nvram:", FILE_STARTUP, "nvram:startup-config"},
	    {"system:running-config", FILE_RUNNING, "system:running-config"},
	    {"system:run", FILE_RUNNING, "system:running-config"},
	    {"running-config", FILE_RUNNING, "system:running-config"},
	    {"null:", FILE_NULL, "null:"},
	    {"tftp://1.2.3.4/x", FILE_REMOTE, ""},
	    {"scp:", FILE_REMOTE, ""},
	    {"flash:../x", FILE_BAD, ""},
	    {"flash:/etc/../../passwd", FILE_BAD, ""},
	    {"nvram:private", FILE_BAD, ""},
	    {"flas:x", FILE_BAD, ""},
	    {":", FILE_BAD, ""},
	    {"", FILE_BAD, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[FILE_NAME_TEXT];
		struct file_name n;

		assert_int_equal(file_name_parse(cases[i].typed, &n), cases[i].kind);
		file_name_text(&n, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* --- files of the machine --------------------------------------------------------------------- */

/* A file at its limit is read whole, one beyond it and one that cannot be read not at all. */
static void
test_host_read(void **state)
{
	struct text t = TEXT_INIT;
	char large[40000];
	int ends[2], folder = open("/", O_RDONLY | O_CLOEXEC);

	(void)state;
	memset(large, 'x', sizeof(large));
	for (size_t max = sizeof(large) - 1; max <= sizeof(large); max++) {
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(host_file_write(ends[1], SPAN(large, sizeof(large))), 0);
		close(ends[1]);
		assert_int_equal(host_file_take(ends[0], max, &t),
		                 max < sizeof(large) ? -EFBIG : 0);
		assert_int_equal(t.n, max < sizeof(large) ? 0 : sizeof(large));
		close(ends[0]);
	}
	assert_memory_equal(t.p, large, sizeof(large));
	assert_int_equal(host_file_take(folder, 100, &t), -EISDIR);
	assert_int_equal(t.n, 0);
	close(folder);
	text_fini(&t);
}

/* What cannot be written whole leaves the old file, and nothing beside it. */
static void
test_host_write(void **state)
{
	char folder[] = "/tmp/testudo-host-XXXXXX";
	struct text t = TEXT_INIT;
	int at, full = open("/dev/full", O_WRONLY | O_CLOEXEC), fd;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(host_file_write(full, SPAN("text", 4)), -ENOSPC);
	close(full);
	assert_int_equal(host_file_replace(at, "a", "a.new", SPAN("one", 3)), 0);
	assert_int_equal(host_file_replace(at, "a", "a.new", SPAN("three", 5)), 0);
	fd = openat(at, "a", O_RDONLY | O_CLOEXEC);
	assert_int_equal(host_file_take(fd, 100, &t), 0);
	assert_string_equal(text_string(&t), "three");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
	assert_int_equal(mkdirat(at, "b", 0700), 0);
	assert_int_equal(host_file_replace(at, "b", "b.new", SPAN("one", 3)), -EISDIR);
	assert_int_equal(faccessat(at, "b.new", F_OK, 0), -1);
	assert_int_equal(mkdirat(at, "c.new", 0700), 0);
	assert_int_not_equal(host_file_replace(at, "a", "c.new", SPAN("one", 3)), 0);
	unlinkat(at, "a", 0);
	unlinkat(at, "b", AT_REMOVEDIR);
	unlinkat(at, "c.new", AT_REMOVEDIR);
	close(at);
	assert_int_equal(rmdir(folder), 0);
	text_fini(&t);
}

/* --- a router's ------------------------------------------------------------------------------- */

static void
test_router(void **state)
{
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct text t = TEXT_INIT;
	struct router *r;
	unsigned saves;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_set_actor(r, &shell_actor);
	saves = router_saves(r);
	assert_int_equal(router_file_read(r, "startup-config", &t), -ENOENT);
	assert_int_equal(router_file_write(r, "system:running-config",
	                                   text_span("hostname A\nnonsense\ninterface f0/0\n")),
	                 0);
	assert_string_equal(router_hostname(r), "A");
	assert_int_equal(router_file_read(r, "system:running-config", &t), 0);
	assert_int_equal(router_file_write(r, "nvram:startup-config", SPAN(t.p, t.n)), 0);
	assert_int_equal(router_saves(r), saves + 1);
	assert_string_equal(router_startup(r), text_string(&t));
	assert_false(router_modified(r));
	/* The same in other words is the same. */
	router_set_startup(r, "hostname A\ninterface f0/0\n no description\n");
	assert_false(router_modified(r));
	router_set_startup(r, "hostname A\n");
	assert_true(router_modified(r));
	router_set_startup(r, text_string(&t));
	assert_int_equal(router_file_write(r, "startup-config", SPAN("a\0b", 3)), -EINVAL);
	assert_int_equal(router_file_write(r, "tftp://h/x", text_span("x")), -EOPNOTSUPP);
	assert_int_equal(router_file_append(r, "running-config", text_span("x")), -EINVAL);
	assert_int_equal(router_file_append(r, "flash:log", text_span("x")), 0);
	assert_int_equal(router_file_append(r, "log", text_span("y")), 0);
	assert_holds(router_files(r), "log", "xy");
	assert_int_equal(router_file_write(r, "null:", text_span("x")), 0);
	text_fini(&t);
	router_free(r);
	node_free(node);
	sim_free(sim);
}

static int
disk_full(void *arg)
{
	(void)arg;
	return -ENOSPC;
}

/* What could not be saved is not what the router starts with. */
static void
test_save_fails(void **state)
{
	const struct router_hooks full = {.saved = disk_full}, none = {.saved = NULL};
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct router *r;
	unsigned saves;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_load(r, "hostname OLD\n", NULL, NULL);
	assert_int_equal(router_write_memory(r), 0);
	saves = router_saves(r);
	router_set_hooks(r, &full);
	router_load(r, "hostname NEW\n", NULL, NULL);
	keystore_generate(node_keystore(node), "K", 1024, false, 0);
	assert_int_equal(router_write_memory(r), -ENOSPC);
	assert_non_null(strstr(router_startup(r), "hostname OLD"));
	assert_int_equal(keystore_count(router_saved_keys(r)), 0);
	assert_int_equal(router_set_startup(r, NULL), -ENOSPC);
	assert_int_equal(router_file_write(r, "startup-config", text_span("hostname B\n")),
	                 -ENOSPC);
	assert_non_null(strstr(router_startup(r), "hostname OLD"));
	assert_int_equal(router_saves(r), saves);
	assert_true(router_modified(r));
	router_set_hooks(r, &none);
	assert_int_equal(router_write_memory(r), 0);
	assert_non_null(strstr(router_startup(r), "hostname NEW"));
	assert_int_equal(keystore_count(router_saved_keys(r)), 1);
	router_free(r);
	node_free(node);
	sim_free(sim);
}

/* A trial changes nothing but the tree it is given. */
static void
test_trial(void **state)
{
	static const char text[] =
	    "hostname B\ninterface f0/1\n ip adress 1.1.1.1 255.0.0.0\n!\n"
	    "do reload\n\ndo nonsense\ncrypto key generate rsa modulus 512\nend\n";
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct load_log log = {0};
	struct tree *tree = tree_new();
	struct script_count count;
	struct text told = TEXT_INIT;
	struct router *r;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_set_actor(r, &shell_actor);
	count = load_trial(r, tree, text, load_log_add, &log);
	assert_int_equal(count.refused, 2);
	assert_int_equal(count.taken, 4);
	assert_string_equal(router_hostname(r), "R1");
	assert_int_equal(tree_count(router_tree(r)), 0);
	assert_int_equal(tree_count(tree), 2);
	assert_int_equal(keystore_count(node_keystore(node)), 0);
	load_log_summary(&log, &count, &told);
	assert_string_equal(text_string(&told),
	                    "Line 3:\nB(config-if)# ip adress 1.1.1.1 255.0.0.0\n"
	                    "                   ^\n% Invalid input detected at '^' marker.\n\n"
	                    "Line 7:\nB(config-if)#do nonsense\n"
	                    "                  ^\n% Invalid input detected at '^' marker.\n\n"
	                    "% 4 lines taken, 2 refused: 3, 7\n");
	load_log_fini(&log);
	text_fini(&told);
	tree_free(tree);
	router_free(r);
	node_free(node);
	sim_free(sim);
}

/* A text that is loaded makes the keys that are missing, and no others, however often. */
static void
test_keys_of_a_text(void **state)
{
	static const char text[] = "hostname A\ncrypto key generate rsa modulus 1024 label REKEY\n"
				   "crypto key generate ec keysize 256 label REKEY\n";
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	const struct keystore *keys = node_keystore(node);
	const struct rsa_key *rsa;
	const struct ec_key *ec;
	struct router *r;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_set_actor(r, &shell_actor);
	assert_int_equal(router_load(r, text, NULL, NULL), 0);
	rsa = keystore_find(keys, "REKEY");
	ec = keystore_find_ec(keys, "REKEY");
	assert_true(rsa && ec);
	assert_int_equal(keystore_count(router_saved_keys(r)), 0);
	assert_true(router_keep_pairs(r));
	assert_false(router_keep_pairs(r));
	assert_int_equal(keystore_count(router_saved_keys(r)), 1);
	assert_int_equal(keystore_ec_count(router_saved_keys(r)), 1);
	assert_int_equal(router_load(r, text, NULL, NULL), 0);
	assert_ptr_equal(keystore_find(keys, "REKEY"), rsa);
	assert_ptr_equal(keystore_find_ec(keys, "REKEY"), ec);
	assert_false(router_keep_pairs(r));
	router_free(r);
	node_free(node);
	sim_free(sim);
}

/* Who is told of a refused line is not told the secret in it. */
static void
test_masked(void **state)
{
	const struct script_refusal refusal = {
	    .line = 1,
	    .prompt = "R1(config)#",
	    .text = "crypto isakmp k TopSecret addr bogus",
	    .message = "% Ambiguous command:  \"crypto isakmp k TopSecret addr bogus\"\n",
	    .why = PARSE_AMBIGUOUS};
	struct text told = TEXT_INIT;

	(void)state;
	load_refusal_text(&refusal, &told);
	assert_string_equal(text_string(&told),
	                    "R1(config)#crypto isakmp k *****\n"
	                    "% Ambiguous command:  \"crypto isakmp k *****\"\n");
	text_fini(&told);
}

/* The same of keys that are pasted: the paste of a pair that is there is passed over. */
static void
test_imported_by_a_text(void **state)
{
	static const char text[] =
	    "crypto key import rsa REKEY pem terminal cisco123\n"
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALJFPQits3jQQhlIXR+7+kG2v2rqxLfF\n"
	    "/6k1jGhywhaGov7SHBX0Ip0CGoZAYKXkwUjZMqIPCOOho/ifXXCUYhsCAwEAAQ==\n"
	    "-----END PUBLIC KEY-----\n"
	    "\n"
	    "-----BEGIN RSA PRIVATE KEY-----\n"
	    "Proc-Type: 4,ENCRYPTED\n"
	    "DEK-Info: DES-EDE3-CBC,D630199B8D1272DA\n"
	    "\n"
	    "g077oHn/mUA/OfWax5/CY1J99EUdE8T5JDeO6VU+lXbR65Ma2CRM5buXRuE2hnBN\n"
	    "oq1qzB7oF3KgQE+2DKnQaxYRkxAnqd5/cDpw9qQnR+NlzM+HTLXSIXx8S3Kr+VSX\n"
	    "5pwprn66jRqupBuzH/1G8Wo1LsqnLPLlN+bxo3rRmAYfCLvAdiKVVeNTln5DuaxP\n"
	    "82hC5gPWTtkGXSf3aqy5X1BcS2kKp0FRoNn+wuGRh8v7TSHf3AWorCvBoVtEEFYK\n"
	    "oJ8MpQr/kby+ujB//CRVvbGwpqynxbpDPYw0u9t+tQGOzrD0cTd6aM5u6CtplFje\n"
	    "BDrho54wS7mcOV8OI4ucPVKY2IUVZ6/d/cExM5+77wSATIgGrI77kCbm9GMq06lx\n"
	    "S27RnWgDkAGxS+jT9DuZkUyV5yBP4347BDz0g8Wg//4=\n"
	    "-----END RSA PRIVATE KEY-----\n"
	    "quit\n"
	    "hostname A\n";
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	const struct rsa_key *rsa;
	struct router *r;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_set_actor(r, &shell_actor);
	assert_int_equal(router_load(r, text, NULL, NULL), 0);
	rsa = keystore_find(node_keystore(node), "REKEY");
	assert_non_null(rsa);
	assert_true(router_keep_pairs(r));
	assert_int_equal(router_load(r, text, NULL, NULL), 0);
	assert_ptr_equal(keystore_find(node_keystore(node), "REKEY"), rsa);
	assert_false(router_keep_pairs(r));
	assert_string_equal(router_hostname(r), "A");
	router_free(r);
	node_free(node);
	sim_free(sim);
}

/* When a mode could not be entered, its lines must not go to the mode before. */
static void
test_refused_mode(void **state)
{
	static const char text[] = "interface Loopback0\n ip address 10.1.1.1 255.255.255.255\n"
				   "interfce Loopback1\n ip address 10.1.1.2 255.255.255.255\n!\n"
				   " crypto map CMAP\nhostname B\n";
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct load_log log = {.n = 0};
	struct script_count count;
	struct router *r;
	struct tree *tree;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	router_set_actor(r, &shell_actor);
	tree = router_tree_new(r);
	count = load_trial(r, tree, text, load_log_add, &log);
	assert_int_equal(count.refused, 3);
	assert_int_equal(count.taken, 3);
	assert_int_equal(tree_count(tree), 3);
	assert_non_null(strstr(text_string(&log.refusals),
	                       "% The line that this one belongs to was refused\n"));
	load_log_fini(&log);
	tree_free(tree);
	router_free(r);
	node_free(node);
	sim_free(sim);
}

/* The file of a store that key servers share is listed, and nothing else is done with it. */
static void
test_store_is_left_alone(void **state)
{
	static const char *const names[] = {"coop.store", "coop.store-wal", "coop.store-shm",
	                                    "a/coop.store-journal"};
	struct files *f = files_new();
	struct text t = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(files_read(f, names[i], &t), -EPERM);
		assert_int_equal(files_write(f, names[i], SPAN("x", 1), 0), -EPERM);
		assert_int_equal(files_append(f, names[i], SPAN("x", 1), 0), -EPERM);
		assert_int_equal(files_remove(f, names[i]), -EPERM);
	}
	assert_int_equal(files_write(f, "coop.store.cfg", SPAN("x", 1), 0), 0);
	assert_string_equal(store_file_named("flash:coop.store"), "coop.store");
	assert_null(store_file_named("coop.store"));
	assert_null(store_file_named("flash:.store"));
	assert_null(store_file_named("flash:a/b.store"));
	assert_null(store_file_named("flash:..store"));
	assert_null(store_file_named("flash:coop"));
	files_free(f);
}

/* Who came first stands first, also after somebody between has gone: full routers ask for it. */
static void
test_sessions_keep_their_order(void **state)
{
	static const struct router_session_ops ops;
	struct router_session session[4];
	struct node_config config = {.name = "R1"};
	struct sim *sim = sim_new(1, 0);
	struct node *node = node_new(&config);
	struct host_events events = node_events(node);
	struct router *r;

	(void)state;
	node_attach(node, sim_node_add(sim, "R1", &events));
	r = router_new("R1", node);
	for (size_t i = 0; i < 4; i++) {
		session[i].ops = &ops;
		router_session_add(r, &session[i]);
	}
	router_session_remove(r, &session[1]);
	assert_int_equal(router_session_count(r), 3);
	assert_ptr_equal(router_session_at(r, 0), &session[0]);
	assert_ptr_equal(router_session_at(r, 1), &session[2]);
	assert_ptr_equal(router_session_at(r, 2), &session[3]);
	for (size_t i = 0; i < 4; i++)
		router_session_remove(r, &session[i]);
	assert_int_equal(router_session_count(r), 0);
	router_free(r);
	node_free(node);
	sim_free(sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_folder),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_store_is_left_alone),
	    cmocka_unit_test(test_router),
	    cmocka_unit_test(test_trial),
	    cmocka_unit_test(test_masked),
	    cmocka_unit_test(test_keys_of_a_text),
	    cmocka_unit_test(test_imported_by_a_text),
	    cmocka_unit_test(test_save_fails),
	    cmocka_unit_test(test_refused_mode),
	    cmocka_unit_test(test_host_read),
	    cmocka_unit_test(test_host_write),
	    cmocka_unit_test(test_sessions_keep_their_order),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
