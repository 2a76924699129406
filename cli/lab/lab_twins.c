/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of a link that have one address: see lab.h. */
#include "cli/lab/lab.h"

#include <string.h>

#include "compiler/policy/prefix.h"
#include "runtime/node/node.h"

/* The address of a link's end, as it is configured; 0: it has none, or is shut down. */
static uint32_t
address_of(struct lab *lab, const struct lab_end *end)
{
	const struct policy *p = node_policy(router_node(lab_router(lab, end->node)));

	for (size_t i = 0; p && i < p->n_interfaces; i++) {
		const struct policy_interface *on = &p->interfaces[i];

		if (strcmp(on->name, end->interface) == 0)
			return on->has_address && !on->shutdown ? on->addr : 0;
	}
	return 0;
}

static void
tell_twins_of(struct lab *lab, const struct lab_link *link, lab_twins *tell, void *arg)
{
	uint32_t addrs[LAB_ENDS_MAX];
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < link->n_ends; i++) {
		addrs[i] = address_of(lab, &link->ends[i]);
		for (size_t k = 0; k < i && addrs[i]; k++)
			if (addrs[k] == addrs[i]) {
				tell(arg, &link->ends[k], &link->ends[i],
				     addr_text(addrs[i], text));
				break;
			}
	}
}

void
lab_tell_twins(struct lab *lab, lab_twins *tell, void *arg)
{
	const struct lab_spec *spec = lab_spec(lab);

	for (size_t i = 0; i < spec->n_links; i++)
		tell_twins_of(lab, &spec->links[i], tell, arg);
}
