/*
 * Userspace ESP (esp.h) on Linux: a TUN device, steered by nftables marks and policy routing, with
 * an unreachable route behind it, so that a dead daemon is a closed door.
 */
#ifndef TESTUDO_TUN_H
#define TESTUDO_TUN_H

#include "runtime/dataplane/xfrm.h"

int tun_new(const struct kernel_dataplane_options *options, struct dataplane **ret);

#endif
