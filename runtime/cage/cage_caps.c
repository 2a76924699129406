/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities: see cage_caps.h. By the kernel's calls alone, which need no library. */
#define _GNU_SOURCE
#include "runtime/cage/cage_caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sets {
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3]; /* 0 to 31, 32 to 63 */
};

static struct __user_cap_header_struct
this_thread(void)
{
	return (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
}

static int
sets_get(struct sets *ret)
{
	struct __user_cap_header_struct header = this_thread();

	*ret = (struct sets){0};
	return syscall(SYS_capget, &header, ret->half) ? -errno : 0;
}

static int
sets_put(const struct sets *sets)
{
	struct __user_cap_header_struct header = this_thread();

	return syscall(SYS_capset, &header, sets->half) ? -errno : 0;
}

static uint64_t
permitted_of(const struct sets *s)
{
	return s->half[0].permitted | (uint64_t)s->half[1].permitted << 32;
}

bool
cage_caps_holds(unsigned number)
{
	struct sets s;

	return !sets_get(&s) && s.half[number / 32].effective & 1u << number % 32;
}

/*
 * What a program that is started could get, or root by being root. Where CAP_SETPCAP is not had
 * whoever started this process has settled it, and no_new_privs holds all the same.
 */
static int
close_ways(void)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
	                           SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	                           SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	if (!cage_caps_holds(CAP_SETPCAP))
		return 0;
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0))
			return -errno;
	return prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) ? -errno : 0;
}

int
cage_caps_reduce(uint64_t keep, uint64_t *ret_kept)
{
	struct sets s;
	uint64_t had;
	int error = close_ways();

	if (!error)
		error = sets_get(&s);
	if (error)
		return error;
	had = permitted_of(&s);
	keep &= had;
	s.half[0] = (struct __user_cap_data_struct){.permitted = (uint32_t)keep,
	                                            .effective = (uint32_t)keep};
	s.half[1] = (struct __user_cap_data_struct){.permitted = (uint32_t)(keep >> 32),
	                                            .effective = (uint32_t)(keep >> 32)};
	error = sets_put(&s);
	/* A service's own filter may forbid to change what is right already. */
	if (error && had != keep)
		return error;
	*ret_kept = keep;
	return 0;
}

void
cage_caps_text(uint64_t set, struct text *ret)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {{CAP_DAC_OVERRIDE, "dac_override"}, {CAP_NET_BIND_SERVICE, "net_bind_service"},
	             {CAP_NET_ADMIN, "net_admin"},       {CAP_NET_RAW, "net_raw"},
	             {CAP_IPC_LOCK, "ipc_lock"},         {CAP_SYS_ADMIN, "sys_admin"}};
	const char *before = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (set & CAGE_CAP(names[i].number)) {
			text_printf(ret, "%s%s", before, names[i].name);
			before = " ";
		}
	if (!*before)
		text_puts(ret, "none");
}
