/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors that a host gives a worker, besides 0 to 2. */
#ifndef LH_WORKER_FDS_H
#define LH_WORKER_FDS_H

enum { LH_WORKER_SOCKET = 3, LH_WORKER_PLUGIN = 4, LH_WORKER_FIRST_FREE = 5 };

#endif
