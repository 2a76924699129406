/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a router, in memory or, by files_disk.c, in a folder: see files.h. The store owns its
 * names and contents; both are wiped, for they may be configurations.
 */
#include "cli/files/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files/files_parts.h"
#include "compiler/base/store_file.h"

struct entry {
	char *name;
	struct text text;
	int64_t wall;
};

struct files {
	char *folder;       /* NULL: in memory */
	size_t n, capacity; /* by name */
	struct entry *at;
};

struct files *
files_new(void)
{
	return x_alloc(sizeof(struct files));
}

struct files *
files_new_in(const char *folder)
{
	struct files *f = files_new();

	f->folder = x_strdup(folder);
	return f;
}

void
files_free(struct files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		text_fini(&f->at[i].text);
		free(f->at[i].name);
	}
	free(f->at);
	free(f->folder);
	free(f);
}

/* --- names ------------------------------------------------------------------------------------ */

static bool
name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._-+=@,~%#", c));
}

/* Folders and a file, none of them hidden, "." or "..", nothing a shell would trip over. */
bool
files_name_valid(const char *name)
{
	unsigned folders = 0;

	if (!*name || strlen(name) > FILES_NAME_MAX)
		return false;
	for (const char *p = name; *p; p++) {
		if (p == name || p[-1] == '/') {
			if (*p == '.' || *p == '/' || ++folders > FILES_DEPTH_MAX)
				return false;
		}
		if (*p != '/' && !name_char(*p))
			return false;
		if (*p == '/' && !p[1])
			return false;
	}
	return true;
}

/*
 * May the file be read, written or removed? A store is shared with others, and to open and close
 * its file here would take the locks away that this process has on it (fcntl(2)).
 */
static int
check_name(const char *name)
{
	return !files_name_valid(name) ? -EINVAL : store_file_is(name) ? -EPERM : 0;
}

/* Where a name is, or would be. */
static size_t
place_of(const struct files *f, const char *name)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(f->at[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct entry *
entry_of(const struct files *f, const char *name)
{
	size_t i = place_of(f, name);

	return i < f->n && !strcmp(f->at[i].name, name) ? &f->at[i] : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

int
files_read(const struct files *f, const char *name, struct text *ret)
{
	struct entry *e;
	int error = check_name(name);

	if (error)
		return error;
	if (f->folder)
		return disk_read(f->folder, name, ret);
	e = entry_of(f, name);
	if (!e)
		return -ENOENT;
	text_add(ret, text_string(&e->text), e->text.n);
	return 0;
}

bool
files_has(const struct files *f, const char *name)
{
	if (!files_name_valid(name))
		return false;
	return f->folder ? disk_has(f->folder, name) : entry_of(f, name) != NULL;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct file_info *)a)->name, ((const struct file_info *)b)->name);
}

const struct file_info *
files_list(const struct files *f, struct arena *a, size_t *ret_n)
{
	struct file_info *list = arena_alloc(a, (FILES_COUNT_MAX + 1) * sizeof(*list));
	size_t n = 0;

	if (f->folder) {
		n = disk_list(f->folder, a, list, FILES_COUNT_MAX);
		qsort(list, n, sizeof(*list), by_name);
	}
	for (size_t i = 0; !f->folder && i < f->n; i++)
		list[n++] = (struct file_info){arena_strdup(a, f->at[i].name), f->at[i].text.n,
		                               f->at[i].wall};
	*ret_n = n;
	return list;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Is there room for `name` to have `size` octets? 0 or -errno. */
static int
room_for(const struct files *f, const char *name, size_t size)
{
	struct arena *a = arena_new();
	size_t n, total = size, others = 0;
	const struct file_info *list = files_list(f, a, &n);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) != 0 && !store_file_is(list[i].name)) {
			total += list[i].size;
			others++;
		}
	}
	arena_free(a);
	if (size > FILES_SIZE_MAX)
		return -EFBIG;
	return total > FILES_TOTAL_MAX || others >= FILES_COUNT_MAX ? -ENOSPC : 0;
}

static void
keep_file(struct files *f, const char *name, struct span text, int64_t wall)
{
	struct entry *e = entry_of(f, name);

	if (e) {
		text_fini(&e->text);
	} else {
		size_t i = place_of(f, name);

		x_grow(&f->at, &f->capacity, f->n + 1, sizeof(*f->at));
		memmove(&f->at[i + 1], &f->at[i], (f->n - i) * sizeof(*f->at));
		f->n++;
		e = &f->at[i];
		*e = (struct entry){.name = x_strdup(name)};
	}
	text_add(&e->text, (const char *)text.p, text.n);
	e->wall = wall;
}

int
files_write(struct files *f, const char *name, struct span text, int64_t wall)
{
	int error = check_name(name);

	if (!error)
		error = room_for(f, name, text.n);
	if (error)
		return error;
	if (f->folder)
		return disk_write(f->folder, name, text);
	keep_file(f, name, text, wall);
	return 0;
}

int
files_append(struct files *f, const char *name, struct span text, int64_t wall)
{
	struct text whole = TEXT_INIT;
	int error = files_read(f, name, &whole);

	if (!error || error == -ENOENT) {
		text_add(&whole, (const char *)text.p, text.n);
		error = files_write(f, name, SPAN(whole.p, whole.n), wall);
	}
	text_fini(&whole);
	return error;
}

int
files_remove(struct files *f, const char *name)
{
	struct entry *e;
	size_t i;
	int error = check_name(name);

	if (error)
		return error;
	if (f->folder)
		return disk_remove(f->folder, name);
	e = entry_of(f, name);
	if (!e)
		return -ENOENT;
	text_fini(&e->text);
	free(e->name);
	i = (size_t)(e - f->at);
	memmove(e, e + 1, (f->n - i - 1) * sizeof(*e));
	f->n--;
	return 0;
}
