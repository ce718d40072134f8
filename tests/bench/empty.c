/* SPDX-License-Identifier: Apache-2.0 */
/* A program that does nothing, linked to the libraries that lakehost is linked to. */
#include "config.h"

int main(void)
{
    return 0;
}
