# SPDX-License-Identifier: Apache-2.0
# What is installed as data: templates and the bundled default configuration.
dist_pkgdata_DATA += templates/default_config.yaml
