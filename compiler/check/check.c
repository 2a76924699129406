/* SPDX-License-Identifier: Apache-2.0 */
/* The checkup: see check.h. */
#include "compiler/check/check_parts.h"
#include "compiler/routing/routing.h"

#include <stdlib.h>

struct checkup *
checkup_new(void)
{
	return x_alloc(sizeof(struct checkup));
}

void
checkup_free(struct checkup *c)
{
	routing_free(c ? c->routing : NULL);
	for (size_t i = 0; c && i < c->n; i++)
		policy_free(c->devices[i].compiler.policy);
	if (c)
		free(c->devices);
	free(c);
}

const struct policy *
checkup_add(struct checkup *c, const struct tree *config, const struct compile_facts *facts,
            struct diag_list *diags)
{
	struct device *d;

	x_grow(&c->devices, &c->capacity, c->n + 1, sizeof(*c->devices));
	d = &c->devices[c->n++];
	*d = (struct device){.compiler = {.diags = diags, .facts = facts}};
	compiler_run(&d->compiler, config);
	d->compiler.facts = NULL; /* the caller's, and not asked for again */
	check_device(d);
	check_acls(d);
	return d->compiler.policy;
}

void
checkup_finish(struct checkup *c)
{
	c->routing = check_routing_new(c);
	c->open = c->routing && routing_open(c->routing);
	check_adjacencies(c, c->routing);
	check_group(c);
	for (size_t i = 0; i < c->n; i++) {
		c->devices[i].compiler.first_diag = 0;
		compiler_sort(&c->devices[i].compiler);
	}
}
