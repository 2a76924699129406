/* SPDX-License-Identifier: Apache-2.0 */
/* A router: see device_kind.h. */
#include "compiler/device/device_kind.h"

#include <string.h>

/* What stands above a configuration that `show running-config` printed, pasted along with it. */
static bool
is_heading(const char *line)
{
	return !strcmp(line, "Building configuration...") ||
	       !strncmp(line, "Current configuration :", 23);
}

static const char *const no_signs[] = {NULL};

const struct device_kind device_router = {
    .name = "router",
    .hostname = "Router",
    .config = MODE_CONFIG,
    .enable = MODE_ENABLE,
    .signs = no_signs,
    .is_heading = is_heading,
    .greeting = "Enter configuration commands, one per line.  End with CNTL/Z.\n",
    .invalid = "% Invalid input detected at '^' marker.\n\n",
    .incomplete = "% Incomplete command.\n\n",
    .ambiguous = "%% Ambiguous command:  \"%s\"\n",
    .objection = objection_to,
    .compile = &compile_router,
    .lab_routes = true,
};
