/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `testudo run`: see run_options.h. */
#include "cli/app/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/app/run_loop.h"
#include "cli/lab/lab.h"
#include "cli/tools/usage.h"

#define HELP "testudo run --help"

const char run_help[] =
    "Usage: testudo run [OPTION]...\n"
    "\n"
    "This machine is a router: its interfaces, addresses and routes are the kernel's, a group's\n"
    "traffic is encrypted. Needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE.\n"
    "\n"
    "  --config FILE           the startup configuration; `write memory` writes it\n"
    "  --flash DIR             what flash: is, and may be for several routers; FILE.flash beside\n"
    "                          the configuration when this is left out\n"
    "  --interface IOS=DEVICE  FastEthernet0/0=eth0: how a device is called here; once for each.\n"
    "                          Without: Ethernet devices in their order are FastEthernet0/0 ...\n"
    "  --socket PATH           lines for `testudo sh`, by a Unix socket: for root and the group\n"
    "                          testudo, at level 15 and without a password\n"
    "  --telnet ADDR:PORT      lines by telnet, in clear: only with a password of `line vty`, or\n"
    "                          `login local` and a username, in the configuration. Log lines come\n"
    "                          after `terminal monitor`\n"
    "  --ssh ADDR:PORT         lines by SSH, for the users that are configured; with --netns at\n"
    "                          port 22 of every address when this is left out\n"
    "  --netns NAME            live in this network namespace (ip netns), not in our own;\n"
    "                          telnet and SSH are in there, too\n"
    "  --dataplane KIND        auto, xfrm (the kernel's ESP) or esp (our own)\n"
    "  --routing WHO           own: an FRR of the router's own speaks its routing protocols;\n"
    "                          system: the machine's FRR is told what the configuration adds\n"
    "  --name NAME             the router's name until the configuration says another\n"
    "  --keep                  leave addresses and routes in place at the end\n"
    "  --no-cage               keep every right and system call: to look for a fault\n"
    "\n"
    "On a terminal there is a console; `exit` ends the router, SIGTERM and SIGINT too.\n"
    "Without one, SIGHUP reads the configuration again and applies what is different.\n";

/* "f0/0=eth0" */
static bool
parse_interface(char *text, struct arena *a, struct linux_interface *ret)
{
	char *equals = strchr(text, '=');

	if (!equals || !equals[1])
		return false;
	*equals = '\0';
	ret->name = lab_interface_name(a, text);
	ret->device = equals + 1;
	return ret->name != NULL;
}

/* "127.0.0.1:2323", "[::1]:2323" */
static bool
parse_address(char *text, const char **ret_addr, uint16_t *ret_port)
{
	char *colon = strrchr(text, ':'), *end;
	unsigned long port;

	if (!colon || colon == text)
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end || port > 65535)
		return false;
	*colon = '\0';
	if (*text == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		text++;
	}
	*ret_addr = text;
	*ret_port = (uint16_t)port;
	return true;
}

bool
run_dataplane(const char *text, enum linux_dataplane *ret)
{
	static const char *const names[] = {
	    [LINUX_AUTO] = "auto", [LINUX_XFRM] = "xfrm", [LINUX_ESP] = "esp"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], text)) {
			*ret = (enum linux_dataplane)i;
			return true;
		}
	return false;
}

/* clang-format off */
static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"flash", required_argument, NULL, 'f'},
    {"interface", required_argument, NULL, 'i'},
    {"telnet", required_argument, NULL, 't'},
    {"ssh", required_argument, NULL, 's'},
    {"socket", required_argument, NULL, 'S'},
    {"netns", required_argument, NULL, 'n'},
    {"dataplane", required_argument, NULL, 'd'},
    {"name", required_argument, NULL, 'N'},
    {"routing", required_argument, NULL, 'r'},
    {"keep", no_argument, NULL, 'k'},
    {"no-cage", no_argument, NULL, 'C'},
    {NULL, 0, NULL, 0},
};
/* clang-format on */

/* One option; 0, or the exit status. */
static int
take_option(int option, struct run_options *o, struct linux_interface *interfaces, struct arena *a)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		return 0;
	case 'f':
		o->flash = optarg;
		return 0;
	case 'i':
		if (!parse_interface(optarg, a, &interfaces[o->n_interfaces]))
			return usage_error(HELP, "--interface takes IOS=DEVICE as in f0/0=eth0");
		o->n_interfaces++;
		return 0;
	case 't':
		return parse_address(optarg, &o->telnet_addr, &o->telnet_port)
		           ? 0
		           : usage_error(HELP, "--telnet takes ADDR:PORT");
	case 's':
		return parse_address(optarg, &o->ssh_addr, &o->ssh_port)
		           ? 0
		           : usage_error(HELP, "--ssh takes ADDR:PORT");
	case 'S':
		o->socket = optarg;
		return 0;
	case 'n':
		o->netns = optarg;
		return 0;
	case 'd':
		return run_dataplane(optarg, &o->dataplane)
		           ? 0
		           : usage_error(HELP, "--dataplane is auto, xfrm or esp, not \"%s\"",
		                         optarg);
	case 'r':
		o->system_routing = strcmp(optarg, "system") == 0;
		if (o->system_routing || strcmp(optarg, "own") == 0)
			return 0;
		return usage_error(HELP, "--routing takes own or system, not \"%s\"", optarg);
	case 'N':
		o->name = optarg;
		return 0;
	case 'k':
		o->keep = true;
		return 0;
	case 'C':
		o->no_cage = true;
		return 0;
	default:
		return 2; /* getopt has said why */
	}
}

int
run_main(int argc, char **argv)
{
	struct linux_interface *interfaces = x_alloc((size_t)argc * sizeof(*interfaces));
	struct run_options o = {.name = "Router", .interfaces = interfaces};
	struct arena *a = arena_new();
	int option, status = 0;

	optind = 2;
	while (!status && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		status = take_option(option, &o, interfaces, a);
	if (!status && optind < argc)
		status = usage_error(HELP, "what is \"%s\"?", argv[optind]);
	o.terminal = isatty(STDIN_FILENO);
	if (!status)
		status = run_router(&o);
	arena_free(a);
	free(interfaces);
	return status;
}
