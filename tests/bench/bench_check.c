/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast `testudo check` is: a key server and its members, each of 500 lines as branch routers
 * have them (the group, interfaces, routes, access lists, and lines that Testudo only keeps), on
 * one core, together. `bench_check N`: N devices (1000 when left out).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/app/commands.h"
#include "cli/tools/check.h"

#define LINES 500

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned
count_lines(const struct text *t)
{
	unsigned n = 0;

	for (const char *at = text_string(t); *at; at++)
		n += *at == '\n';
	return n;
}

static void
put_common(struct text *t, const char *name)
{
	text_printf(t,
	            "hostname %s\nip domain name example.net\n"
	            "crypto key generate rsa modulus 2048 label REKEY\n"
	            "crypto isakmp policy 10\n encryption aes 256\n hash sha256\n"
	            " authentication pre-share\n group 14\n",
	            name);
}

/* Until the device has LINES lines. */
static void
put_rest(struct text *t, unsigned device)
{
	unsigned i;

	for (i = 0; i < 40; i++)
		text_printf(t,
		            "interface GigabitEthernet0/1.%u\n description VLAN %u of site %u\n"
		            " ip address 172.%u.%u.%u 255.255.255.252\n",
		            i + 1, i + 1, device, 16 + device / 256, device % 256, i * 4 + 1);
	text_puts(t, "ip access-list extended FILTER\n");
	for (i = 0; i < 80; i++)
		text_printf(t, " permit tcp 10.%u.%u.0 0.0.0.255 host 10.9.%u.1 eq %u\n",
		            device % 256, i, i, 1000 + i);
	for (i = 0; i < 60; i++)
		text_printf(t, "ip route 10.200.%u.0 255.255.255.0 172.%u.%u.%u\n", i,
		            16 + device / 256, device % 256, (i % 40) * 4 + 2);
	for (i = count_lines(t); i < LINES - 1; i++)
		text_printf(t, "snmp-server host 10.99.0.%u version 2c public\n", i % 256);
	text_puts(t, "end\n");
}

static void
put_server(struct text *t, unsigned n)
{
	put_common(t, "KS");
	for (unsigned i = 1; i < n; i++)
		text_printf(t, "crypto isakmp key Key-of-%u address 10.0.%u.%u\n", i, i / 250,
		            i % 250 + 2);
	text_puts(t, "crypto ipsec transform-set TS esp-aes 256 esp-sha256-hmac\n"
	             "crypto ipsec profile P\n set transform-set TS\n"
	             "crypto gdoi group G\n identity number 1\n server local\n"
	             "  rekey algorithm aes 256\n  rekey authentication mypubkey rsa REKEY\n"
	             "  rekey transport unicast\n  address ipv4 10.0.0.1\n"
	             "  sa ipsec 1\n   profile P\n   match address ipv4 L\n"
	             "   replay time window-size 5\n"
	             "interface GigabitEthernet0/0\n ip address 10.0.0.1 255.255.0.0\n"
	             "ip access-list extended L\n deny udp any eq 848 any eq 848\n"
	             " permit ip 10.0.0.0 0.255.255.255 10.0.0.0 0.255.255.255\nend\n");
}

static void
put_member(struct text *t, unsigned i)
{
	char name[16];

	snprintf(name, sizeof(name), "GM%u", i);
	put_common(t, name);
	text_printf(t,
	            "crypto isakmp key Key-of-%u address 10.0.0.1\n"
	            "crypto gdoi group G\n identity number 1\n server address ipv4 10.0.0.1\n"
	            "crypto map M 10 gdoi\n set group G\n"
	            "interface GigabitEthernet0/0\n ip address 10.0.%u.%u 255.255.0.0\n"
	            " ip access-group FILTER out\n crypto map M\n",
	            i, i / 250, i % 250 + 2);
	put_rest(t, i);
}

int
main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	struct check_file *files = x_alloc((n + 1) * sizeof(*files));
	struct checkup *checkup;
	struct text out = TEXT_INIT;
	double start, read, compared;
	size_t lines = 0;

	commands_install();
	for (unsigned i = 0; i < n; i++) {
		struct text t = TEXT_INIT;

		if (i)
			put_member(&t, i);
		else
			put_server(&t, n);
		lines += count_lines(&t);
		files[i] = (struct check_file){.path = "bench", .text = t.p};
	}
	start = cpu_seconds();
	checkup = checkup_new();
	for (unsigned i = 0; i < n; i++)
		check_read(checkup, &files[i]);
	read = cpu_seconds();
	check_finish(checkup, files, n);
	compared = cpu_seconds();
	check_write_text(files, n, &out);
	printf("%u devices, %zu lines: read %.2f s, compared %.3f s, all %.2f s of one core\n", n,
	       lines, read - start, compared - read, cpu_seconds() - start);
	printf("%.0f lines/s; the last it says: %s", (double)lines / (cpu_seconds() - start),
	       text_string(&out) + (out.n > 120 ? out.n - 120 : 0));
	for (unsigned i = 0; i < n; i++) {
		check_file_fini(&files[i]);
		free(files[i].text);
	}
	text_fini(&out);
	checkup_free(checkup);
	free(files);
	return 0;
}
