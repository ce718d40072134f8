/* SPDX-License-Identifier: Apache-2.0 */
/* See tables.h. Columns in the order of the Python connector; times are text, as GitHub's are. */
#include "tables.h"

#define USER                                                                                       \
    "struct<login: string, id: bigint, node_id: string, type: string, "                            \
    "site_admin: boolean>"
#define RIGHTS "struct<admin: boolean, push: boolean, pull: boolean>"
#define LABEL                                                                                      \
    "struct<id: bigint, node_id: string, name: string, color: string, description: string, "       \
    "default: boolean>"
#define MILESTONE                                                                                  \
    "struct<id: bigint, number: bigint, title: string, description: string, state: string, "       \
    "created_at: string, updated_at: string, due_on: string>"
#define LICENSE  "struct<key: string, name: string, spdx_id: string, url: string, node_id: string>"
#define TEMPLATE "struct<id: bigint, node_id: string, name: string, full_name: string>"
#define OBJECT   "map<string,string>"

/* clang-format off */
#define TEXT(name) {name, "string", 0}
#define FLAG(name) {name, "boolean", 0}
#define HERE       {"repository_owner", "string", 1}, {"repository_name", "string", 1}

static const struct column issues[] = {
    {"id", "bigint", 1}, TEXT("node_id"), {"number", "bigint", 1}, HERE, TEXT("title"),
    TEXT("body"), TEXT("state"), FLAG("locked"), {"comments", "bigint", 0}, TEXT("created_at"),
    TEXT("updated_at"), TEXT("closed_at"), TEXT("author_association"), TEXT("url"),
    TEXT("html_url"), TEXT("labels_url"), TEXT("comments_url"), TEXT("events_url"),
    TEXT("timeline_url"), TEXT("state_reason"), {"user", USER, 0}, {"assignee", USER, 0},
    {"assignees", "array<" USER ">", 0}, {"labels", "array<" LABEL ">", 0},
    {"milestone", MILESTONE, 0}, {"pull_request", OBJECT, 0}, {"reactions", OBJECT, 0},
};

static const struct column pull_requests[] = {
    {"id", "bigint", 1}, TEXT("node_id"), {"number", "bigint", 1}, HERE, TEXT("state"),
    TEXT("title"), TEXT("body"), FLAG("draft"), TEXT("created_at"), TEXT("updated_at"),
    TEXT("closed_at"), TEXT("merged_at"), TEXT("merge_commit_sha"), {"user", USER, 0},
    {"base", OBJECT, 0}, {"head", OBJECT, 0}, TEXT("html_url"), TEXT("url"),
};

static const struct column comments[] = {
    {"id", "bigint", 1}, TEXT("node_id"), HERE, TEXT("issue_url"), TEXT("html_url"), TEXT("body"),
    {"user", USER, 0}, TEXT("created_at"), TEXT("updated_at"), TEXT("author_association"),
};

/* commit_* are members of the commit's "commit" under a flat name; see commits.c. */
static const struct column commits[] = {
    {"sha", "string", 1}, TEXT("node_id"), HERE, TEXT("commit_message"),
    TEXT("commit_author_name"), TEXT("commit_author_email"), TEXT("commit_author_date"),
    TEXT("commit_committer_name"), TEXT("commit_committer_email"), TEXT("commit_committer_date"),
    TEXT("html_url"), TEXT("url"), {"author", USER, 0}, {"committer", USER, 0},
};

/* pull_updated_at, which the Python connector has not, says which of two rows is the newer one. */
static const struct column reviews[] = {
    {"id", "bigint", 1}, TEXT("node_id"), HERE, {"pull_number", "bigint", 1}, TEXT("state"),
    TEXT("body"), {"user", USER, 0}, TEXT("commit_id"), TEXT("submitted_at"), TEXT("html_url"),
    TEXT("pull_updated_at"),
};

static const struct column repositories[] = {
    {"id", "bigint", 1}, TEXT("node_id"), HERE, TEXT("name"), TEXT("full_name"),
    {"owner", USER, 0}, FLAG("private"), TEXT("html_url"), TEXT("description"), FLAG("fork"),
    TEXT("url"), TEXT("archive_url"), TEXT("assignees_url"), TEXT("blobs_url"),
    TEXT("branches_url"), TEXT("collaborators_url"), TEXT("comments_url"), TEXT("commits_url"),
    TEXT("compare_url"), TEXT("contents_url"), TEXT("contributors_url"), TEXT("deployments_url"),
    TEXT("downloads_url"), TEXT("events_url"), TEXT("forks_url"), TEXT("git_commits_url"),
    TEXT("git_refs_url"), TEXT("git_tags_url"), TEXT("git_url"), TEXT("issue_comment_url"),
    TEXT("issue_events_url"), TEXT("issues_url"), TEXT("keys_url"), TEXT("labels_url"),
    TEXT("languages_url"), TEXT("merges_url"), TEXT("milestones_url"), TEXT("notifications_url"),
    TEXT("pulls_url"), TEXT("releases_url"), TEXT("ssh_url"), TEXT("stargazers_url"),
    TEXT("statuses_url"), TEXT("subscribers_url"), TEXT("subscription_url"), TEXT("tags_url"),
    TEXT("teams_url"), TEXT("trees_url"), TEXT("clone_url"), TEXT("mirror_url"),
    TEXT("hooks_url"), TEXT("svn_url"), TEXT("homepage"), TEXT("language"),
    {"forks_count", "bigint", 0}, {"stargazers_count", "bigint", 0},
    {"watchers_count", "bigint", 0}, {"size", "bigint", 0}, TEXT("default_branch"),
    {"open_issues_count", "bigint", 0}, FLAG("is_template"), {"topics", "array<string>", 0},
    FLAG("has_issues"), FLAG("has_projects"), FLAG("has_wiki"), FLAG("has_pages"),
    FLAG("has_downloads"), FLAG("archived"), FLAG("disabled"), TEXT("visibility"),
    TEXT("pushed_at"), TEXT("created_at"), TEXT("updated_at"), {"permissions", RIGHTS, 0},
    FLAG("allow_rebase_merge"), {"template_repository", TEMPLATE, 0}, TEXT("temp_clone_token"),
    FLAG("allow_squash_merge"), FLAG("allow_merge_commit"), {"subscribers_count", "bigint", 0},
    {"network_count", "bigint", 0}, {"license", LICENSE, 0},
};

static const struct column users[] = {
    {"id", "bigint", 1}, {"login", "string", 1}, TEXT("node_id"), TEXT("type"), FLAG("site_admin"),
    TEXT("name"), TEXT("company"), TEXT("blog"), TEXT("location"), TEXT("email"),
    TEXT("created_at"), TEXT("updated_at"),
};

static const struct column organizations[] = {
    {"id", "bigint", 1}, {"login", "string", 1}, TEXT("node_id"), TEXT("url"), TEXT("repos_url"),
    TEXT("events_url"), TEXT("hooks_url"), TEXT("issues_url"), TEXT("members_url"),
    TEXT("public_members_url"), TEXT("avatar_url"), TEXT("description"),
};

static const struct column teams[] = {
    {"id", "bigint", 1}, TEXT("node_id"), {"organization_login", "string", 1}, TEXT("name"),
    TEXT("slug"), TEXT("description"), TEXT("privacy"), TEXT("permission"),
};

static const struct column assignees[] = {
    HERE, {"login", "string", 1}, {"id", "bigint", 1}, TEXT("node_id"), TEXT("type"),
    FLAG("site_admin"),
};

static const struct column collaborators[] = {
    HERE, {"login", "string", 1}, {"id", "bigint", 1}, TEXT("node_id"), TEXT("type"),
    FLAG("site_admin"), {"permissions", RIGHTS, 0},
};

static const struct column branches[] = {
    HERE, {"name", "string", 1}, {"commit", "struct<sha: string, url: string>", 0},
    FLAG("protected"), TEXT("protection_url"),
};

#define COLUMNS(t) t, sizeof t / sizeof *t
#define SNAPSHOT   LH_INGEST_SNAPSHOT
#define HERE_AND   "repository_owner", "repository_name"
#define UPDATED    "sort=updated&direction=asc&"

const struct table github_tables[N_TABLES] = {
    {"issues", "Issues and pull requests; newest state of each", OF_REPO, BY_UPDATE,
     LH_INGEST_CDC, {"id"}, "updated_at", "/issues", UPDATED, "read access to issues",
     COLUMNS(issues)},
    {"repositories", "Repositories of a user or an organization", OF_OWNER, BY_LIST,
     SNAPSHOT, {"id"}, NULL, "", "sort=created&direction=asc&", "read access to metadata",
     COLUMNS(repositories)},
    {"pull_requests", "Pull requests; newest state of each", OF_REPO, BY_PULL,
     LH_INGEST_CDC, {"id"}, "updated_at", "/pulls", "state=all&", "read access to pull requests",
     COLUMNS(pull_requests)},
    {"comments", "Comments in the conversation of issues and pull requests; newest state of each",
     OF_REPO, BY_UPDATE, LH_INGEST_CDC, {"id"}, "updated_at", "/issues/comments", UPDATED,
     "read access to issues", COLUMNS(comments)},
    {"commits", "Commits of the default branch", OF_REPO, BY_COMMIT,
     LH_INGEST_APPEND, {"sha"}, NULL, "/commits", "", "read access to contents",
     COLUMNS(commits)},
    {"users", "The account that the token belongs to", OF_ACCOUNT, BY_LIST,
     SNAPSHOT, {"id"}, NULL, "/user", NULL, "read access to the profile", COLUMNS(users)},
    {"organizations", "Organizations of the account", OF_ACCOUNT, BY_LIST,
     SNAPSHOT, {"id"}, NULL, "/user/orgs", "", "the scope read:org", COLUMNS(organizations)},
    {"teams", "Teams of the account", OF_ACCOUNT, BY_LIST,
     SNAPSHOT, {"id"}, NULL, "/user/teams", "", "the scope read:org", COLUMNS(teams)},
    {"assignees", "Who can be assigned to issues", OF_REPO, BY_LIST,
     SNAPSHOT, {HERE_AND, "id"}, NULL, "/assignees", "", "read access to issues",
     COLUMNS(assignees)},
    {"collaborators", "Who has access to the repository, and which", OF_REPO, BY_LIST,
     SNAPSHOT, {HERE_AND, "id"}, NULL, "/collaborators", "", "push access to the repository",
     COLUMNS(collaborators)},
    {"branches", "Branches and the commits they point to", OF_REPO, BY_LIST,
     SNAPSHOT, {HERE_AND, "name"}, NULL, "/branches", "", "read access to contents",
     COLUMNS(branches)},
    {"reviews", "Reviews of pull requests; newest state of each", OF_REPO, BY_REVIEW,
     LH_INGEST_CDC, {"id"}, "pull_updated_at", "/pulls", "state=all&",
     "read access to pull requests", COLUMNS(reviews)},
};
/* clang-format on */
