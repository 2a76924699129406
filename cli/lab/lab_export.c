/* SPDX-License-Identifier: Apache-2.0 */
/* A lab as one file: see lab.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/lab/lab.h"
#include "compiler/base/emit.h"
#include "compiler/yaml/config_yaml.h"
#include "runtime/crypto/secret.h"

static void
put_keys(struct emit *e, struct router *r)
{
	const struct keystore *ks = node_keystore(router_node(r));
	struct secret keys = {0};
	char *text;

	if (!keystore_count(ks) && !keystore_ec_count(ks) && !keystore_text_count(ks))
		return;
	keystore_write(ks, &keys);
	text = x_alloc(keys.n + 1);
	memcpy(text, keys.p, keys.n);
	emit_string(e, "keys", text);
	explicit_bzero(text, keys.n);
	free(text);
	secret_fini(&keys);
}

/* Addresses and routes are the configuration's. */
static void
put_node(struct emit *e, struct router *r, const struct lab_node_spec *spec)
{
	emit_map(e, spec->name);
	emit_string(e, "kind", spec->kind->name);
	emit_map(e, "interfaces");
	for (size_t i = 0; i < spec->n_interfaces; i++)
		emit_string(e, spec->interfaces[i].name, "none");
	emit_end(e);
	config_emit(e, "config", router_tree(r));
	put_keys(e, r);
	emit_end(e);
}

static void
put_link(struct emit *e, const struct lab_link *link)
{
	emit_map(e, NULL);
	emit_string(e, "name", link->name);
	emit_int(e, "latency", link->latency);
	emit_list(e, "ends");
	for (size_t i = 0; i < link->n_ends; i++)
		emit_printf(e, NULL, "%s %s", link->ends[i].node, link->ends[i].interface);
	emit_end(e);
	emit_end(e);
}

void
lab_export(struct lab *lab, struct text *out)
{
	const struct lab_spec *spec = lab_spec(lab);
	struct emit *e = emit_new(EMIT_YAML, out);

	emit_map(e, NULL);
	emit_string(e, "name", spec->name);
	if (spec->clock)
		emit_string(e, "clock", spec->clock);
	emit_map(e, "nodes");
	for (size_t i = 0; i < spec->n_nodes; i++)
		put_node(e, lab_router(lab, spec->nodes[i].name), &spec->nodes[i]);
	emit_end(e);
	emit_list(e, "links");
	for (size_t i = 0; i < spec->n_links; i++)
		put_link(e, &spec->links[i]);
	emit_end(e);
	if (spec->n_aliases)
		emit_map(e, "aliases");
	for (size_t i = 0; i < spec->n_aliases; i++) {
		emit_list(e, spec->aliases[i].name);
		for (size_t k = 0; k < spec->aliases[i].n_nodes; k++)
			emit_string(e, NULL, spec->aliases[i].nodes[k]);
		emit_end(e);
	}
	emit_free(e);
}
