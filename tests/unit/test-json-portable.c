/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner and the writer as they are on machines without SSE2, through the same tests. */
#include "config.h"

#define LH_JSON_PORTABLE

#include "../../host/json/scan.c"
#include "../../host/json/write.c"

/* scan.c has statics that the test has, too */
#define scan test_scan
#include "test-json-scan.c"
