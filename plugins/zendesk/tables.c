/* SPDX-License-Identifier: Apache-2.0 */
/* See tables.h. Columns in the order of the Python connector; times are text, as Zendesk's are. */
#include "tables.h"

#define TEXTS   "array<string>"
#define IDS     "array<bigint>"
#define OBJECT  "map<string,string>"
#define OBJECTS "array<map<string,string>>"

/* clang-format off */
static const struct column tickets[] = {
    {"id", "bigint"}, {"url", "string"}, {"external_id", "string"}, {"via", OBJECT},
    {"created_at", "string"}, {"updated_at", "string"}, {"type", "string"}, {"subject", "string"},
    {"raw_subject", "string"}, {"description", "string"}, {"priority", "string"},
    {"status", "string"}, {"recipient", "string"}, {"requester_id", "bigint"},
    {"submitter_id", "bigint"}, {"assignee_id", "bigint"}, {"organization_id", "bigint"},
    {"group_id", "bigint"}, {"collaborator_ids", IDS}, {"follower_ids", IDS},
    {"email_cc_ids", IDS}, {"forum_topic_id", "bigint"}, {"problem_id", "bigint"},
    {"has_incidents", "boolean"}, {"is_public", "boolean"}, {"due_at", "string"}, {"tags", TEXTS},
    {"custom_fields", OBJECTS}, {"satisfaction_rating", OBJECT}, {"sharing_agreement_ids", IDS},
    {"fields", OBJECTS}, {"followup_ids", IDS}, {"ticket_form_id", "bigint"},
    {"brand_id", "bigint"}, {"allow_channelback", "boolean"}, {"allow_attachments", "boolean"},
    {"from_messaging_channel", "boolean"}, {"generated_timestamp", "bigint"},
};

static const struct column organizations[] = {
    {"id", "bigint"}, {"url", "string"}, {"external_id", "string"}, {"name", "string"},
    {"created_at", "string"}, {"updated_at", "string"}, {"domain_names", TEXTS},
    {"details", "string"}, {"notes", "string"}, {"group_id", "bigint"},
    {"shared_tickets", "boolean"}, {"shared_comments", "boolean"}, {"tags", TEXTS},
    {"organization_fields", OBJECT},
};

static const struct column articles[] = {
    {"id", "bigint"}, {"url", "string"}, {"html_url", "string"}, {"author_id", "bigint"},
    {"comments_disabled", "boolean"}, {"draft", "boolean"}, {"promoted", "boolean"},
    {"position", "bigint"}, {"vote_sum", "bigint"}, {"vote_count", "bigint"},
    {"section_id", "bigint"}, {"created_at", "string"}, {"updated_at", "string"},
    {"name", "string"}, {"title", "string"}, {"source_locale", "string"}, {"locale", "string"},
    {"outdated", "boolean"}, {"outdated_locales", TEXTS}, {"edited_at", "string"},
    {"user_segment_id", "bigint"}, {"permission_group_id", "bigint"},
    {"content_tag_ids", TEXTS}, /* like 01GT23D51Y, no numbers */
    {"label_names", TEXTS}, {"body", "string"},
};

static const struct column brands[] = {
    {"id", "bigint"}, {"url", "string"}, {"name", "string"}, {"brand_url", "string"},
    {"subdomain", "string"}, {"host_mapping", "string"}, {"has_help_center", "boolean"},
    {"help_center_state", "string"}, {"active", "boolean"}, {"default", "boolean"},
    {"is_deleted", "boolean"}, {"created_at", "string"}, {"updated_at", "string"},
    {"ticket_form_ids", IDS}, {"signature_template", "string"},
};

static const struct column groups[] = {
    {"id", "bigint"}, {"url", "string"}, {"name", "string"}, {"deleted", "boolean"},
    {"created_at", "string"}, {"updated_at", "string"}, {"description", "string"},
    {"default", "boolean"}, {"is_public", "boolean"},
};

/* ticket_id, created_at, timestamp and audit_id are the event's, the others the comment's own. */
static const struct column ticket_comments[] = {
    {"id", "bigint"}, {"ticket_id", "bigint"}, {"audit_id", "bigint"}, {"author_id", "bigint"},
    {"type", "string"}, {"event_type", "string"}, {"body", "string"}, {"html_body", "string"},
    {"plain_body", "string"}, {"public", "boolean"}, {"attachments", OBJECTS}, {"via", OBJECT},
    {"via_reference_id", "bigint"}, {"metadata", OBJECT}, {"created_at", "string"},
    {"timestamp", "bigint"},
};

static const struct column topics[] = {
    {"id", "bigint"}, {"url", "string"}, {"html_url", "string"}, {"name", "string"},
    {"description", "string"}, {"position", "bigint"}, {"follower_count", "bigint"},
    {"community_id", "bigint"}, {"created_at", "string"}, {"updated_at", "string"},
    {"user_segment_id", "bigint"}, {"manageable_by", "string"}, {"user_segment_ids", IDS},
};

static const struct column users[] = {
    {"id", "bigint"}, {"url", "string"}, {"email", "string"}, {"name", "string"},
    {"active", "boolean"}, {"alias", "string"}, {"created_at", "string"},
    {"custom_role_id", "bigint"}, {"default_group_id", "bigint"}, {"details", "string"},
    {"external_id", "string"}, {"iana_time_zone", "string"}, {"last_login_at", "string"},
    {"locale", "string"}, {"locale_id", "bigint"}, {"moderator", "boolean"}, {"notes", "string"},
    {"only_private_comments", "boolean"}, {"organization_id", "bigint"}, {"phone", "string"},
    {"photo", OBJECT}, {"report_csv", "boolean"}, {"restricted_agent", "boolean"},
    {"role", "string"}, {"role_type", "bigint"}, {"shared", "boolean"},
    {"shared_agent", "boolean"}, {"shared_phone_number", "boolean"}, {"signature", "string"},
    {"suspended", "boolean"}, {"tags", TEXTS}, {"ticket_restriction", "string"},
    {"time_zone", "string"}, {"two_factor_auth_enabled", "boolean"}, {"updated_at", "string"},
    {"user_fields", OBJECT}, {"verified", "boolean"},
};

#define COLUMNS(t) t, sizeof t / sizeof *t
#define DELETES    LH_INGEST_CDC_WITH_DELETES
#define API        "/api/v2/"

const struct table zendesk_tables[N_TABLES] = {
    {"tickets", "Tickets, archived ones too; newest state of each", "generated_timestamp", DELETES,
     CURSOR_EXPORT, API "incremental/tickets/cursor.json", "tickets", "incremental",
     "generated_timestamp", COLUMNS(tickets)},
    {"organizations", "Organizations; newest state of each", "updated_at", DELETES,
     TIME_EXPORT, API "incremental/organizations.json", "organizations", "incremental",
     "updated_at", COLUMNS(organizations)},
    {"articles", "Help center articles that the user may see", NULL, LH_INGEST_SNAPSHOT,
     LIST, API "help_center/articles.json", "articles", "help_center", NULL, COLUMNS(articles)},
    {"brands", "Brands of the account", NULL, LH_INGEST_SNAPSHOT,
     LIST, API "brands.json", "brands", "default", NULL, COLUMNS(brands)},
    {"groups", "Groups of agents", NULL, LH_INGEST_SNAPSHOT,
     LIST, API "groups.json", "groups", "default", NULL, COLUMNS(groups)},
    {"ticket_comments", "Comments on tickets, public and internal, as they were written",
     "created_at", LH_INGEST_APPEND,
     TIME_EXPORT, API "incremental/ticket_events.json?include=comment_events", "ticket_events",
     "incremental", "timestamp", COLUMNS(ticket_comments)},
    {"topics", "Topics of the help center's community", NULL, LH_INGEST_SNAPSHOT,
     LIST, API "community/topics.json", "topics", "help_center", NULL, COLUMNS(topics)},
    {"users", "End users, agents and admins; newest state of each", "updated_at", DELETES,
     CURSOR_EXPORT, API "incremental/users/cursor.json", "users", "incremental",
     "updated_at", COLUMNS(users)},
};
/* clang-format on */
