# SPDX-License-Identifier: Apache-2.0
"""The part of the fake workspace with jobs and their runs (/api/2.1/jobs, /api/2.2/jobs). Names
are not unique, as there. A run starts the updates of its pipeline tasks and goes on as they do,
each time somebody looks."""
import copy
import re

from fake import route
from wire import answer_json
from workspace_base import (Refused, body_of, field, flag_arg, invalid, now_ms, number_arg)

ARRAYS = ("tasks", "job_clusters", "environments", "parameters")
PAGE = 100      # of an array of a job, in 2.2; at most so many in 2.1
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def routes(method, path):
    """The same call under both versions."""
    def mark(function):
        for version in ("2.1", "2.2"):
            function = route(method, "/api/%s/jobs/%s" % (version, path))(function)
        return function
    return mark


def no_job(job_id):
    return Refused(400, "INVALID_PARAMETER_VALUE", "Job %s does not exist." % job_id)


def check_quartz_field(text, least, most, names):
    def number(word):
        if word.upper() in names:
            return names.index(word.upper()) + 1
        if not word.isdigit() or not least <= int(word) <= most:
            raise invalid("Invalid cron expression: %s" % text)
        return int(word)
    for part in text.split(","):
        if re.fullmatch(r"L|LW|L-\d+|\d+W|\w+L|\w+#[1-5]", part) and least == 1:
            continue
        part, slash, step = part.partition("/")
        if slash and (not step.isdigit() or int(step) < 1):
            raise invalid("Invalid cron expression: %s" % text)
        if part == "*":
            continue
        for word in part.split("-"):
            number(word)


def check_quartz(text):
    words = text.split()
    if len(words) not in (6, 7):
        raise invalid("Invalid cron expression: %s" % text)
    if (words[3] == "?") == (words[5] == "?"):
        raise invalid("Support for specifying both a day-of-week AND a day-of-month parameter is "
                      "not implemented.")
    bounds = ((0, 59, ()), (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (1, 7, DAYS),
              (1970, 2199, ()))
    for i, word in enumerate(words):
        if word == "?" and i in (3, 5):
            continue
        check_quartz_field(word, *bounds[i])


class Jobs:
    """Mixed into the workspace."""

    def start_jobs(self):
        self.jobs, self.runs, self.run_tokens = {}, {}, {}

    # settings

    def check_job(self, settings, version):
        name = field(settings, "name", str, False)
        if name is not None and len(name.encode()) > 4096:
            raise invalid("The name of a job is limited to 4096 bytes")
        if len(settings.get("tags") or {}) > 25:
            raise invalid("At most 25 tags are supported")
        for key in ARRAYS:
            if len(field(settings, key, list, False) or []) > PAGE and version == "2.1":
                raise invalid("%s: at most %d elements in Jobs API 2.1" % (key, PAGE))
        keys = [self.check_task(task) for task in settings.get("tasks") or []]
        if len(set(keys)) != len(keys):
            raise invalid("Duplicate task key")
        for task in settings.get("tasks") or []:
            for need in task.get("depends_on") or []:
                if need.get("task_key") not in keys:
                    raise invalid("Unknown task key in depends_on: %s" % need.get("task_key"))
        schedule = field(settings, "schedule", dict, False)
        if schedule is not None:
            check_quartz(field(schedule, "quartz_cron_expression", str))
            zone = field(schedule, "timezone_id", str)
            if not re.fullmatch(r"[A-Za-z]+(/[A-Za-z0-9_+-]+)*", zone):
                raise invalid("Invalid timezone: %s" % zone)
            if schedule.get("pause_status", "UNPAUSED") not in ("PAUSED", "UNPAUSED"):
                raise invalid("Invalid pause_status")
        runs = field(settings, "max_concurrent_runs", int, False)
        if runs is not None and not 0 <= runs <= 1000:
            raise invalid("max_concurrent_runs must be between 0 and 1000")

    @staticmethod
    def check_task(task):
        key = field(task, "task_key", str)
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", key):
            raise invalid("Invalid task key: %s" % key)
        if "pipeline_task" in task:
            field(field(task, "pipeline_task", dict), "pipeline_id", str)
        return key

    @staticmethod
    def complete(settings):
        """What the platform adds."""
        settings = copy.deepcopy(settings)
        settings.setdefault("format", "MULTI_TASK")
        settings.setdefault("max_concurrent_runs", 1)
        settings.setdefault("timeout_seconds", 0)
        settings.setdefault("email_notifications", {})
        if "schedule" in settings:
            settings["schedule"].setdefault("pause_status", "UNPAUSED")
        return settings

    @staticmethod
    def version_of(request):
        return request.path.split("/")[2]

    def find_job(self, value):
        if isinstance(value, str):
            value = int(value) if value.isdigit() else value
        if value not in self.jobs:
            raise no_job(value)
        return self.jobs[value]

    @routes("POST", "create")
    def create_job(self, request):
        body = body_of(request)
        self.check_job(body, self.version_of(request))
        settings = {k: v for k, v in body.items() if k != "access_control_list"}
        settings.setdefault("name", "Untitled")
        job_id = self.new_id()
        self.jobs[job_id] = {"job_id": job_id, "settings": self.complete(settings),
                             "creator_user_name": self.user_of(request),
                             "run_as_user_name": self.user_of(request), "created_time": now_ms()}
        self.lists.make("job", job_id)
        return answer_json({"job_id": job_id})

    @routes("GET", "list")
    def list_jobs(self, request):
        size = number_arg(request, "limit", 20, 1, 100)
        name = request.arg("name")
        whole = flag_arg(request, "expand_tasks")
        rows = [self.jobs[i] for i in self.lists.visible("job", sorted(self.jobs, reverse=True))]
        if name is not None:
            rows = [j for j in rows if j["settings"]["name"].lower() == name.lower()]
        rows, token = self.lists.page(request, rows, size)
        shown = []
        for job in rows:
            settings = dict(job["settings"])
            if not whole:
                for key in ARRAYS:
                    settings.pop(key, None)
            else:
                settings["tasks"] = settings.get("tasks", [])[:PAGE]
            shown.append({k: v for k, v in dict(job, settings=settings).items()
                          if k != "run_as_user_name"})
        answer = {"has_more": bool(token)}
        if shown:
            answer["jobs"] = shown
        if token:
            answer["next_page_token"] = token
        return answer_json(answer)

    @routes("GET", "get")
    def get_job(self, request):
        job = self.find_job(request.arg("job_id", ""))
        answer = dict(job, settings=dict(job["settings"]))
        token = request.arg("page_token", "")
        start = int(token[3:]) if re.fullmatch(r"at-\d+", token) else 0
        more = False
        for key in ARRAYS:
            if key in answer["settings"]:
                more = more or len(answer["settings"][key]) > start + PAGE
                answer["settings"][key] = answer["settings"][key][start:start + PAGE]
        if more:
            answer.update(has_more=True, next_page_token="at-%d" % (start + PAGE))
        return answer_json(answer)

    @routes("POST", "reset")
    def reset_job(self, request):
        body = body_of(request)
        job = self.find_job(field(body, "job_id", int))
        settings = field(body, "new_settings", dict)
        self.check_job(settings, self.version_of(request))
        if "run_as" not in settings and "run_as" in job["settings"]:
            settings["run_as"] = job["settings"]["run_as"]
        settings.setdefault("name", "Untitled")
        job["settings"] = self.complete(settings)
        return answer_json({})

    @routes("POST", "update")
    def update_job(self, request):
        body = body_of(request)
        job = self.find_job(field(body, "job_id", int))
        settings = copy.deepcopy(job["settings"])
        for path in field(body, "fields_to_remove", list, False) or []:
            key, _, which = path.partition("/")
            if which:
                settings[key] = [t for t in settings.get(key, []) if t.get("task_key") != which]
            else:
                settings.pop(key, None)
        for key, value in (field(body, "new_settings", dict, False) or {}).items():
            if key == "tasks":
                kept = {t["task_key"]: t for t in settings.get("tasks", [])}
                kept.update({field(t, "task_key", str): t for t in value})
                value = list(kept.values())
            settings[key] = value
        self.check_job(settings, self.version_of(request))
        job["settings"] = self.complete(settings)
        return answer_json({})

    @routes("POST", "delete")
    def delete_job(self, request):
        job = self.find_job(field(body_of(request), "job_id", int))
        del self.jobs[job["job_id"]]
        return answer_json({})

    # runs

    @routes("POST", "run-now")
    def run_now(self, request):
        body = body_of(request)
        job = self.find_job(field(body, "job_id", int))
        token = field(body, "idempotency_token", str, False)
        if token is not None and len(token) > 64:
            raise invalid("idempotency_token is limited to 64 characters")
        if token and token in self.run_tokens:
            run = self.runs[self.run_tokens[token]]
            return answer_json({"run_id": run["run_id"], "number_in_job": run["number_in_job"]})
        run_id = self.new_id()
        run = {"run_id": run_id, "job_id": job["job_id"], "number_in_job": run_id,
               "run_name": job["settings"]["name"], "start_time": now_ms(), "end_time": 0,
               "run_page_url": "%s/#job/%d/run/%d" % (request.base, job["job_id"], run_id),
               "tasks": []}
        for task in job["settings"].get("tasks") or []:
            self.start_task(run, task, body)
        self.runs[run_id] = run
        self.lists.make("run", run_id)
        if token:
            self.run_tokens[token] = run_id
        return answer_json({"run_id": run_id, "number_in_job": run_id})

    def start_task(self, run, task, body):
        made = {"run_id": self.new_id(), "task_key": task["task_key"], "update": None}
        pipeline_id = (task.get("pipeline_task") or {}).get("pipeline_id")
        if pipeline_id:
            made["pipeline_task"] = task["pipeline_task"]
            made["pipeline"] = pipeline_id
            pipeline = self.pipelines.get(pipeline_id)
            if pipeline and not self.active_update(pipeline):
                refresh = dict(task["pipeline_task"], **(body.get("pipeline_params") or {}))
                made["update"] = self.begin_update(
                    pipeline, {"full_refresh": refresh.get("full_refresh", False)}, "JOB_TASK")
        run["tasks"].append(made)

    def show_run(self, run, look):
        tasks, states = [], []
        for task in run["tasks"]:
            pipeline = self.pipelines.get(task.get("pipeline"))
            if look and pipeline:
                self.step(pipeline)
            state = task["update"]["state"] if task["update"] else "FAILED"
            states.append(run.get("cancelled") and "CANCELED" or state)
            tasks.append({"run_id": task["run_id"], "task_key": task["task_key"],
                          "state": self.run_state([states[-1]]),
                          "pipeline_task": task.get("pipeline_task")})
        shown = {k: v for k, v in run.items() if k != "cancelled"}
        shown.update(tasks=tasks, state=self.run_state(states))
        ended = shown["state"]["life_cycle_state"] == "TERMINATED"
        shown["status"] = {"state": shown["state"]["life_cycle_state"]}
        if ended:
            good = shown["state"]["result_state"] == "SUCCESS"
            shown["status"]["termination_details"] = {
                "code": "SUCCESS" if good else "RUN_EXECUTION_ERROR",
                "type": "SUCCESS" if good else "CLIENT_ERROR", "message": ""}
            run["end_time"] = shown["end_time"] = run["end_time"] or now_ms()
        return shown

    @staticmethod
    def run_state(states):
        if all(s in ("COMPLETED", "FAILED", "CANCELED") for s in states):
            result = "SUCCESS" if all(s == "COMPLETED" for s in states) else \
                "CANCELED" if "CANCELED" in states else "FAILED"
            return {"life_cycle_state": "TERMINATED", "result_state": result, "state_message": ""}
        return {"life_cycle_state": "RUNNING", "state_message": ""}

    def find_run(self, value):
        value = int(value) if isinstance(value, str) and value.isdigit() else value
        if value not in self.runs:
            raise Refused(400, "INVALID_PARAMETER_VALUE", "Run %s does not exist." % value)
        return self.runs[value]

    @routes("GET", "runs/get")
    def get_run(self, request):
        return answer_json(self.show_run(self.find_run(request.arg("run_id", "")), True))

    @routes("GET", "runs/list")
    def list_runs(self, request):
        size = number_arg(request, "limit", 20, 1, 25)
        rows = [self.show_run(self.runs[i], False)
                for i in self.lists.visible("run", sorted(self.runs, reverse=True))]
        if request.arg("job_id"):
            rows = [r for r in rows if str(r["job_id"]) == request.arg("job_id")]
        if flag_arg(request, "active_only"):
            rows = [r for r in rows if r["state"]["life_cycle_state"] != "TERMINATED"]
        if flag_arg(request, "completed_only"):
            rows = [r for r in rows if r["state"]["life_cycle_state"] == "TERMINATED"]
        rows, token = self.lists.page(request, rows, size)
        answer = {"has_more": bool(token)}
        if rows:
            answer["runs"] = rows
        if token:
            answer["next_page_token"] = token
        return answer_json(answer)

    @routes("POST", "runs/cancel")
    def cancel_run(self, request):
        run = self.find_run(field(body_of(request), "run_id", int))
        run["cancelled"] = True
        for task in run["tasks"]:
            if task["update"] and task["update"]["state"] not in ("COMPLETED", "FAILED"):
                task["update"]["state"] = "CANCELED"
        return answer_json({})
