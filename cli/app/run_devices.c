/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by their names: see run_devices.h. */
#include "cli/app/run_devices.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app/run_tell.h"

static bool
is_ethernet(const char *device)
{
	char path[128], type[16] = "";
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "/sys/class/net/%s/type", device);
	f = fopen(path, "r");
	ok = f && fgets(type, sizeof(type), f) && strtol(type, NULL, 10) == 1;
	if (f)
		fclose(f);
	return ok && strncmp(device, "veth", 4) != 0 && strncmp(device, "docker", 6) != 0;
}

size_t
run_devices_find(struct linux_interface ret[static RUN_DEVICES_MAX])
{
	struct if_nameindex *list = if_nameindex(), *i;
	size_t n = 0;

	for (i = list; i && i->if_index && n < RUN_DEVICES_MAX; i++)
		if (is_ethernet(i->if_name)) {
			ret[n].name = x_asprintf("FastEthernet0/%zu", n);
			ret[n++].device = x_strdup(i->if_name);
		}
	if_freenameindex(list);
	return n;
}

bool
run_devices_there(const struct run_options *o)
{
	for (size_t i = 0; i < o->n_interfaces; i++)
		if (!if_nametoindex(o->interfaces[i].device)) {
			run_tell(TELL_ERROR,
			         "testudo: --interface %s=%s: there is no interface %s here\n",
			         o->interfaces[i].name, o->interfaces[i].device,
			         o->interfaces[i].device);
			return false;
		}
	return true;
}
