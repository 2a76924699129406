/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Userspace ESP (esp.h) on Linux: a TUN device, steered by nftables marks and policy routing, with
 * an unreachable route behind it, so that a dead daemon is a closed door.
 */
#ifndef TESTUDO_TUN_H
#define TESTUDO_TUN_H

#include "runtime/dataplane/kernel/xfrm.h"

#define TUN_TABLE "testudo-esp"

/* Does everything that can fail. What a killed run left in the kernel stays until tun_take. */
int tun_new(const struct kernel_dataplane_options *options, struct dataplane **ret);
void tun_take(struct dataplane *dp);
/* Logs why there will be no device, if it is seen now. */
void tun_try(const struct log_sink *log);

#endif
