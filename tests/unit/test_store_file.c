/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* The store of SQLite and what happens to files: writers die, disks fill and turn bits over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/store_child.h"

#define KILLS    200
#define VARIANTS 500

static uint64_t chance = 0x9e3779b97f4a7c15u;

/* xorshift64*: the same in every run. */
static uint32_t
draw_random(void)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (uint32_t)(chance * 0x2545f4914f6cdd1du >> 32);
}

/* --- killed while it writes ------------------------------------------------------------------- */

/* Two records that are always the same number, and a value that fills the log soon. */
static int
write_pair(struct store *s, unsigned number)
{
	static uint8_t filling[30000];
	char text[16];
	struct store_write w[] = {{.name = "a"},
	                          {.name = "filling", .value = SPAN(filling, sizeof(filling))},
	                          {.name = "b"}};
	struct store_txn txn = {.n_writes = 3, .writes = w};

	snprintf(text, sizeof(text), "%u", number);
	w[0].value = w[2].value = TEXT_SPAN(text);
	return s->ops->commit(s, &txn, NULL);
}

static int
write_for_ever(struct kind *k, int fd)
{
	struct store *s;
	unsigned number = 0;

	if (kind_open(k, 1, &s) || s->ops->read(s, "a", take_number, &number, NULL))
		return 1;
	while (write_pair(s, ++number) == 0)
		if (write(fd, &number, sizeof(number)) != sizeof(number))
			return 2;
	return 3;
}

/* The last number whose commit was answered; the writer is dead when it returns. */
static unsigned
kill_writer(struct kind *k)
{
	unsigned answered = 0, number, some = draw_random() % 8;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = start_child(write_for_ever, k, fds[1]);
	close(fds[1]);
	for (unsigned i = 0; i < some; i++)
		if (read(fds[0], &number, sizeof(number)) == sizeof(number))
			answered = number;
	usleep(draw_random() % 3000);
	kill(pid, SIGKILL);
	while (read(fds[0], &number, sizeof(number)) == sizeof(number))
		answered = number;
	close(fds[0]);
	assert_int_equal(end_child(pid), -SIGKILL);
	return answered;
}

static void
remove_unfinished(struct kind *k)
{
	char *command = x_asprintf("rm -f %s.??????", k->path);

	assert_int_equal(system(command), 0);
	free(command);
}

static void
killed_writers(void **state)
{
	struct kind kinds[] = {{.name = "file", .file = true},
	                       {.name = "sealed file", .file = true, .sealed = true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct kind *k = &kinds[i];
		unsigned answered = 0, now;

		kind_start(k);
		for (int n = 0; n < KILLS / 2; n++) {
			store_close(k->s);
			if (n % 10 == 0) { /* it dies also while it makes the file */
				remove_files(k);
				answered = 0;
			}
			now = kill_writer(k);
			answered = now > answered ? now : answered;
			assert_int_equal(kind_open(k, 1, &k->s), 0);
			now = number_in(k->s, "a");
			assert_true(now >= answered && now <= answered + 1);
			assert_int_equal(number_in(k->s, "b"), now);
			answered = now;
		}
		remove_unfinished(k);
		kind_end(k);
	}
}

/* --- damaged ---------------------------------------------------------------------------------- */

struct octets {
	uint8_t *p;
	size_t n;
};

static struct octets
read_file(const char *path)
{
	struct octets o = {0};
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	o.n = (size_t)st.st_size;
	o.p = x_alloc(o.n + 4096);
	assert_int_equal(read(fd, o.p, o.n), o.n);
	close(fd);
	return o;
}

static void
write_file(const char *path, struct octets o)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, o.p, o.n), o.n);
	close(fd);
}

static struct octets
copy_octets(struct octets o)
{
	struct octets copy = {.p = x_alloc(o.n + 4096), .n = o.n};

	memcpy(copy.p, o.p, o.n);
	return copy;
}

/* One thing that disks and crashes do. */
static void
damage_octets(struct octets *o)
{
	size_t at = draw_random() % o->n, page = at / 4096 * 4096, n = 1 + draw_random() % 512;
	size_t other = draw_random() % o->n / 4096 * 4096;

	if (n > o->n - at)
		n = o->n - at;
	switch (draw_random() % 10) {
	case 0:
		o->n = at;
		break;
	case 1:
		o->n = page;
		break;
	case 2:
		memset(o->p + at, 0, n);
		break;
	case 3:
		memset(o->p + page, 0, o->n - page < 4096 ? o->n - page : 4096);
		break;
	case 4: /* a page that went to another one's place */
		if (page + 4096 <= o->n && other + 4096 <= o->n)
			memmove(o->p + other, o->p + page, 4096);
		break;
	case 5:
		for (size_t i = 0; i < n; i++)
			o->p[at + i] = (uint8_t)draw_random();
		break;
	case 6:
		o->p[at % 100 % o->n] ^= (uint8_t)(1u << draw_random() % 8); /* the head */
		break;
	case 7: /* too long */
		memset(o->p + o->n, (int)draw_random(), 4096);
		o->n += 1 + draw_random() % 4096;
		break;
	default:
		o->p[at] ^= (uint8_t)(1u << draw_random() % 8);
		break;
	}
}

/* Records, changes and leases of some pages, in a file that is closed. */
static struct octets
make_full_file(struct kind *k, struct text *content)
{
	uint64_t lease;
	char name[32], value[64];

	assert_int_equal(k->s->ops->lease_begin(k->s, 3600000, &lease), 0);
	for (int i = 0; i < 150; i++) {
		snprintf(name, sizeof(name), "gdoi/group/%d", i * 7919 % 997);
		snprintf(value, sizeof(value), "value %d of this record: %x", i, draw_random());
		assert_int_equal(put_under(k->s, name, value, i % 10 ? 0 : lease), 0);
	}
	memset(value, 'x', sizeof(value));
	for (int i = 0; i < 20; i++) { /* one that has pages of its own */
		char *big = x_alloc(9001);

		memset(big, 'a' + i, 9000);
		assert_int_equal(put_text(k->s, i ? "big" : "other", big), 0);
		free(big);
	}
	assert_int_equal(put_text(k->s, "gdoi/group/0", NULL), 0);
	assert_int_equal(k->s->ops->read(k->s, "", add_record, content, NULL), 0);
	store_close(k->s);
	k->s = NULL;
	return read_file(k->path);
}

static bool
refused_rightly(int error)
{
	return error == -STORE_TORN || error == -STORE_NEWER || error == -STORE_FOREIGN ||
	       error == -STORE_UNSEALED || error == -EROFS || error == -ENOSPC;
}

/* Served as it was, or refused: 1 or 0. Then it is written, and no more than refused again. */
static int
try_damaged(struct kind *k, const struct text *content)
{
	struct text got = TEXT_INIT;
	struct store *s;
	int error = kind_open(k, 1, &s), served = 0;
	uint64_t lease;

	if (error) {
		assert_true(refused_rightly(error));
		return 0;
	}
	error = s->ops->read(s, "", add_record, &got, NULL);
	if (!error) {
		assert_string_equal(text_string(&got), text_string(content));
		served = 1;
	} else {
		assert_true(refused_rightly(error));
	}
	text_clear(&got);
	error = s->ops->changes(s, "", 1, 0, add_record, &got, NULL);
	assert_true(!error || refused_rightly(error));
	error = put_text(s, "gdoi/new", "1");
	assert_true(!error || refused_rightly(error));
	error = put_text(s, "big", NULL);
	assert_true(!error || refused_rightly(error));
	error = s->ops->lease_begin(s, 1000, &lease);
	assert_true(!error || refused_rightly(error));
	error = s->ops->lease_end(s, 1);
	assert_true(!error || refused_rightly(error));
	text_fini(&got);
	store_close(s);
	return served;
}

static void
damaged_files(void **state)
{
	struct kind kinds[] = {{.name = "file", .file = true},
	                       {.name = "sealed file", .file = true, .sealed = true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct kind *k = &kinds[i];
		struct text content = TEXT_INIT;
		struct octets right;
		int served = 0;

		kind_start(k);
		right = make_full_file(k, &content);
		for (int n = 0; n < VARIANTS / 2; n++) {
			struct octets o = copy_octets(right);

			damage_octets(&o);
			remove_files(k);
			write_file(k->path, o);
			free(o.p);
			served += try_damaged(k, &content);
		}
		print_message("%s: %d damaged, %d served as they were\n", k->name, VARIANTS / 2,
		              served);
		assert_true(served < VARIANTS / 4);
		remove_files(k);
		write_file(k->path, right);
		assert_int_equal(try_damaged(k, &content), 1);
		text_fini(&content);
		free(right.p);
		kind_end(k);
	}
}

/* What a crash left in the log beside the file, damaged: an earlier state, whole, or refused. */
static void
damaged_logs(void **state)
{
	struct kind k = {.name = "file", .file = true};
	char wal[112];
	struct octets file, log;
	int whole = 0;

	(void)state;
	kind_start(&k);
	snprintf(wal, sizeof(wal), "%s-wal", k.path);
	for (unsigned i = 1; i <= 30; i++)
		assert_int_equal(write_pair(k.s, i), 0);
	file = read_file(k.path);
	log = read_file(wal);
	store_close(k.s);
	for (int n = 0; n < VARIANTS / 2; n++) {
		struct octets o = copy_octets(log);
		int error;

		damage_octets(&o);
		remove_files(&k);
		write_file(k.path, file);
		write_file(wal, o);
		free(o.p);
		error = kind_open(&k, 1, &k.s);
		if (error) {
			assert_true(refused_rightly(error));
			continue;
		}
		assert_int_equal(number_in(k.s, "a"), number_in(k.s, "b"));
		whole += number_in(k.s, "a") == 30;
		assert_int_equal(write_pair(k.s, 31), 0);
		assert_int_equal(number_in(k.s, "a"), 31);
		store_close(k.s);
	}
	assert_true(whole < VARIANTS / 2);
	k.s = NULL;
	free(file.p);
	free(log.p);
	kind_end(&k);
}

/* --- not ours --------------------------------------------------------------------------------- */

/* By the library, behind the store's back. */
static void
run_behind(struct kind *k, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(k->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int
open_error(struct kind *k)
{
	struct store *s;
	int error = kind_open(k, 1, &s);

	if (!error)
		store_close(s);
	return error;
}

static void
other_files(void **state)
{
	static const struct {
		const char *sql;
		int error;
	} table[] = {
	    {"PRAGMA user_version = 2", -STORE_NEWER},
	    {"PRAGMA user_version = 0", -STORE_TORN},
	    {"PRAGMA application_id = 1", -STORE_TORN},
	    {"CREATE TABLE more(x)", -STORE_TORN},
	    {"DROP INDEX record_lease", -STORE_TORN},
	    {"CREATE TRIGGER t AFTER DELETE ON record BEGIN DELETE FROM lease; END", -STORE_TORN},
	    {"CREATE VIEW v AS SELECT * FROM record", -STORE_TORN},
	    {"ALTER TABLE log ADD COLUMN more ANY", -STORE_TORN},
	    {"DROP INDEX record_lease; CREATE INDEX record_lease ON record(abs(lease))",
	     -STORE_TORN},
	    {"DELETE FROM meta", -STORE_TORN},
	    {"UPDATE meta SET revision = revision - 1", -STORE_TORN},
	    {"UPDATE meta SET boot = 'another'", -STORE_TORN},
	    {"INSERT INTO lease VALUES(1, 1, 1, 1)", -STORE_TORN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct kind k = {.name = "file", .file = true};

		kind_start(&k);
		store_close(k.s);
		k.s = NULL;
		run_behind(&k, table[i].sql);
		assert_int_equal(open_error(&k), table[i].error);
		kind_end(&k);
	}
}

static int
read_error(struct kind *k)
{
	struct text t = TEXT_INIT;
	int error;

	assert_int_equal(kind_open(k, 1, &k->s), 0);
	error = k->s->ops->read(k->s, "", add_record, &t, NULL);
	store_close(k->s);
	k->s = NULL;
	text_fini(&t);
	return error;
}

static void
other_rows(void **state)
{
	static const char *const table[] = {
	    "UPDATE record SET value = x'32'",
	    "UPDATE record SET name = 'b'",
	    "UPDATE record SET name = ''",
	    "UPDATE record SET name = 'a b'",
	    "UPDATE record SET name = replace(hex(zeroblob(200)), '0', 'n')",
	    "UPDATE record SET value = zeroblob(2000000)",
	    "UPDATE record SET revision = -1",
	    "UPDATE record SET revision = 2",
	    "UPDATE record SET lease = 1",
	    "UPDATE record SET sum = 0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct kind k = {.name = "file", .file = true};

		kind_start(&k);
		assert_int_equal(put_text(k.s, "a", "1"), 0);
		store_close(k.s);
		k.s = NULL;
		assert_int_equal(read_error(&k), 0);
		run_behind(&k, table[i]);
		assert_int_equal(read_error(&k), -STORE_TORN);
		kind_end(&k);
	}
}

/* The machine ran before: its leases are over, and their numbers do not come back. */
static void
leases_end_with_boot(void **state)
{
	struct kind k = {.name = "file", .file = true};
	uint64_t lease, next, since;

	(void)state;
	kind_start(&k);
	assert_int_equal(put_text(k.s, "stays", "1"), 0);
	assert_int_equal(k.s->ops->lease_begin(k.s, 3600000, &lease), 0);
	assert_int_equal(put_under(k.s, "goes", "1", lease), 0);
	since = revision_of(k.s);
	store_close(k.s);
	assert_int_equal(kind_open(&k, 1, &k.s), 0);
	assert_holds(k.s, "", "goes=1 stays=1 ");
	store_close(k.s);
	/* FNV-1a of the name, the revision 2 and the lease 1, with another run of the machine. */
	run_behind(&k, "UPDATE meta SET boot = '', sum = 59571944180615526 WHERE revision = 2 "
	               "AND last_lease = 1");
	assert_int_equal(kind_open(&k, 1, &k.s), 0);
	assert_holds(k.s, "", "stays=1 ");
	assert_changed(k.s, "", since, 0, "goes- ");
	assert_int_equal(k.s->ops->lease_keep(k.s, lease), -ENOENT);
	assert_int_equal(k.s->ops->lease_begin(k.s, 3600000, &next), 0);
	assert_int_equal(next, lease + 1);
	kind_end(&k);
}

/* --- the file itself -------------------------------------------------------------------------- */

static mode_t
mode_of(struct kind *k, const char *suffix)
{
	char path[112];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", k->path, suffix);
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
for_owner_only(void **state)
{
	struct kind k = {.name = "file", .file = true};
	mode_t mask = umask(0);

	(void)state;
	kind_start(&k);
	assert_int_equal(put_text(k.s, "a", "1"), 0);
	assert_int_equal(mode_of(&k, ""), 0600);
	assert_int_equal(mode_of(&k, "-wal"), 0600);
	assert_int_equal(mode_of(&k, "-shm"), 0600);
	store_close(k.s);
	assert_int_equal(chmod(k.path, 0644), 0);
	assert_int_equal(kind_open(&k, 1, &k.s), 0);
	assert_int_equal(put_text(k.s, "a", "1"), 0);
	assert_int_equal(mode_of(&k, ""), 0600);
	assert_int_equal(mode_of(&k, "-wal"), 0600);
	umask(mask);
	kind_end(&k);
}

static void
no_plain_file(void **state)
{
	struct kind k = {.name = "file", .file = true};
	char real[96];

	(void)state;
	kind_start(&k);
	store_close(k.s);
	k.s = NULL;
	snprintf(real, sizeof(real), "%s/r", k.folder);
	assert_int_equal(rename(k.path, real), 0);
	assert_int_equal(symlink(real, k.path), 0);
	assert_int_equal(open_error(&k), -ELOOP);
	unlink(k.path);
	assert_int_equal(mkfifo(k.path, 0600), 0);
	assert_int_equal(open_error(&k), -EINVAL);
	unlink(k.path);
	assert_int_equal(mkdir(k.path, 0700), 0);
	assert_int_equal(open_error(&k), -EINVAL);
	rmdir(k.path);
	write_file(k.path, (struct octets){0});
	assert_int_equal(open_error(&k), -STORE_TORN);
	unlink(k.path);
	unlink(real);
	strcat(k.path, "/no/folder");
	assert_int_equal(open_error(&k), -ENOENT);
	snprintf(k.path, sizeof(k.path), "%s/s", k.folder);
	kind_end(&k);
}

/* --- no room ---------------------------------------------------------------------------------- */

/* Numbers go up until there is no room; then those before are there, and it goes on with room. */
static int
fill_up(struct store *s, unsigned *ret_number)
{
	unsigned number = 0;
	int error;

	while (!(error = write_pair(s, number + 1)) && number < 10000)
		number++;
	*ret_number = number;
	return error;
}

static int
limit_size(rlim_t size)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit))
		return -1;
	limit.rlim_cur = size == RLIM_INFINITY ? limit.rlim_max : size;
	return setrlimit(RLIMIT_FSIZE, &limit);
}

static int
meet_limit(struct kind *k, int fd)
{
	unsigned number, now = 0;
	struct store *s;

	(void)fd;
	signal(SIGXFSZ, SIG_IGN);
	if (kind_open(k, 1, &s) || limit_size(300000))
		return 1;
	if (fill_up(s, &number) != -ENOSPC || !number)
		return 2;
	if (s->ops->read(s, "a", take_number, &now, NULL) || now != number)
		return 3;
	if (limit_size(RLIM_INFINITY) || write_pair(s, number + 1))
		return 4;
	if (s->ops->read(s, "b", take_number, &now, NULL) || now != number + 1)
		return 5;
	store_close(s);
	remove_files(k);
	if (limit_size(4096) || open_error(k) != -ENOSPC || access(k->path, F_OK) == 0)
		return 6;
	return 0;
}

static void
file_size_limit(void **state)
{
	struct kind k = {.name = "file", .file = true};

	(void)state;
	kind_start(&k);
	store_close(k.s);
	assert_int_equal(end_child(start_child(meet_limit, &k, -1)), 0);
	k.s = NULL;
	assert_int_equal(rmdir(k.folder), 0); /* nothing is left of what could not be made */
	assert_int_equal(mkdir(k.folder, 0700), 0);
	kind_end(&k);
}

#define NO_RIGHT 77

/* A small disk, then one that cannot be written. */
static int
meet_full_disk(struct kind *k, int fd)
{
	unsigned number, now = 0;
	struct store *s;

	(void)fd;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", k->folder, "tmpfs", 0, "size=512k"))
		return NO_RIGHT;
	if (kind_open(k, 1, &s) || fill_up(s, &number) != -ENOSPC || !number)
		return 2;
	if (s->ops->read(s, "a", take_number, &now, NULL) || now != number)
		return 3;
	if (mount("none", k->folder, "tmpfs", MS_REMOUNT, "size=8m") || write_pair(s, number + 1))
		return 4;
	store_close(s);
	if (mount("none", k->folder, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=8m"))
		return 5;
	if (open_error(k) != -EROFS)
		return 6;
	if (mount("none", k->folder, "tmpfs", MS_REMOUNT, "size=8m"))
		return 7;
	remove_files(k);
	if (mount("none", k->folder, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=8m"))
		return 8;
	return open_error(k) == -EROFS ? 0 : 9;
}

static void
full_disk(void **state)
{
	struct kind k = {.name = "file", .file = true};
	int status;

	(void)state;
	kind_start(&k);
	status = end_child(start_child(meet_full_disk, &k, -1));
	if (status == NO_RIGHT)
		print_message("no right to mount: a full disk was not looked at\n");
	else
		assert_int_equal(status, 0);
	kind_end(&k);
}

/* Nobody's rights, in a folder that nobody may write. */
static int
meet_read_only(struct kind *k, int fd)
{
	(void)fd;
	if (chmod(k->folder, 0555) || (!geteuid() && (setegid(65534) || seteuid(65534))))
		return 1;
	return open_error(k) == -EACCES ? 0 : 2;
}

static void
read_only_folder(void **state)
{
	struct kind k = {.name = "file", .file = true};

	(void)state;
	kind_start(&k);
	store_close(k.s); /* the file is there, and another's when this is root */
	assert_int_equal(end_child(start_child(meet_read_only, &k, -1)), 0);
	assert_int_equal(chmod(k.folder, 0700), 0);
	remove_files(&k);
	assert_int_equal(end_child(start_child(meet_read_only, &k, -1)), 0);
	assert_int_equal(chmod(k.folder, 0700), 0);
	assert_int_equal(kind_open(&k, 1, &k.s), 0);
	kind_end(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(killed_writers),   cmocka_unit_test(damaged_files),
	    cmocka_unit_test(damaged_logs),     cmocka_unit_test(other_files),
	    cmocka_unit_test(other_rows),       cmocka_unit_test(leases_end_with_boot),
	    cmocka_unit_test(for_owner_only),   cmocka_unit_test(no_plain_file),
	    cmocka_unit_test(file_size_limit),  cmocka_unit_test(full_disk),
	    cmocka_unit_test(read_only_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
