/* SPDX-License-Identifier: Apache-2.0 */
/* All tables in one order; the categories are in files of their own. See tables.h. */
#include "tables.h"

static const struct {
    const struct table *tables;
    size_t n;
} categories[] = {
    {osipi_discovery, N_DISCOVERY},
    {osipi_time_series, N_TIME_SERIES},
    {osipi_asset_framework, N_ASSET_FRAMEWORK},
    {osipi_event_frames, N_EVENT_FRAMES},
    {osipi_governance, N_GOVERNANCE},
};

const struct table *osipi_table(size_t i)
{
    for (size_t k = 0; k < sizeof categories / sizeof categories[0]; k++) {
        if (i < categories[k].n)
            return &categories[k].tables[i];
        i -= categories[k].n;
    }
    return NULL;
}
