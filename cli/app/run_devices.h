/* SPDX-License-Identifier: Apache-2.0 */
/* Which of this machine's devices are the interfaces of `testudo run`. */
#ifndef TESTUDO_RUN_DEVICES_H
#define TESTUDO_RUN_DEVICES_H

#include "cli/app/run_loop.h"

#define RUN_DEVICES_MAX 64

/*
 * Without a table: Ethernet devices in the order of their index are FastEthernet0/0, 0/1 ... How
 * many; the caller frees the names.
 */
size_t run_devices_find(struct linux_interface ret[static RUN_DEVICES_MAX]);
/*
 * Are those that were asked for there? A router without one of its interfaces would be another one.
 * False after saying which one is missing.
 */
bool run_devices_there(const struct run_options *options);

#endif
