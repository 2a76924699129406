/* SPDX-License-Identifier: Apache-2.0 */
/* A lab as an inventory of Ansible: see lab_views.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/lab/lab_views.h"
#include "compiler/base/emit.h"

/* Ansible's groups are named as Python's variables are. */
static void
open_group(struct emit *e, const char *name)
{
	char *group = x_strdup(name);

	for (char *p = group; *p; p++)
		if (*p == '-')
			*p = '_';
	emit_map(e, group);
	emit_map(e, "hosts");
	free(group);
}

static void
put_kind(struct emit *e, const struct lab_spec *spec, const struct device_kind *kind,
         unsigned ssh_base)
{
	open_group(e, kind->name);
	for (size_t i = 0; i < spec->n_nodes; i++) {
		if (spec->nodes[i].kind != kind)
			continue;
		emit_map(e, spec->nodes[i].name);
		emit_string(e, "ansible_host", "127.0.0.1");
		emit_int(e, "ansible_port", (int64_t)(ssh_base + i));
		emit_end(e);
	}
	emit_end(e);
	emit_map(e, "vars");
	emit_string(e, "ansible_connection", "ansible.netcommon.network_cli");
	emit_string(e, "ansible_network_os", kind->network_os);
	/* Every start of a lab makes new keys. */
	emit_bool(e, "ansible_host_key_checking", false);
	emit_end(e);
	emit_end(e);
}

static bool
has_kind(const struct lab_spec *spec, const struct device_kind *kind)
{
	for (size_t i = 0; i < spec->n_nodes; i++)
		if (spec->nodes[i].kind == kind)
			return true;
	return false;
}

static bool
names_kind(const char *name)
{
	return device_kind_named(name) || strcmp(name, "all") == 0;
}

void
lab_inventory(const struct lab_spec *spec, unsigned ssh_base, struct text *out)
{
	struct emit *e = emit_new(EMIT_YAML, out);

	emit_map(e, NULL);
	emit_map(e, "all");
	emit_map(e, "children");
	for (size_t i = 0; device_kinds[i]; i++)
		if (has_kind(spec, device_kinds[i]))
			put_kind(e, spec, device_kinds[i], ssh_base);
	for (size_t i = 0; i < spec->n_aliases; i++) {
		if (names_kind(spec->aliases[i].name))
			continue; /* these are groups already */
		open_group(e, spec->aliases[i].name);
		for (size_t k = 0; k < spec->aliases[i].n_nodes; k++)
			emit_null(e, spec->aliases[i].nodes[k]);
		emit_end(e);
		emit_end(e);
	}
	emit_free(e);
}
