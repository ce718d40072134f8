#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`lakehost group` on a manifest of 1,000,000 rows, beside the same in Python (csv, heapq).

Prints rows per second and the memory of each; asserts nothing. Both read the file, make groups by
category and ingestion type, put the heaviest table first into the lightest pipeline, and write the
file again; only lakehost checks what it reads, improves the balance and reports it."""
import csv
import heapq
import os
import resource
import sys
import tempfile
import time

LAKEHOST = os.environ.get('LAKEHOST', './lakehost')
ROWS = int(os.environ.get('BENCH_MANIFEST_ROWS', '1000000'))
COLUMNS = ('connection_name,source_table,destination_catalog,destination_schema,destination_table,'
           'pipeline_group,schedule,table_options_json,weight,ingestion_type,primary_keys,'
           'cursor_field,category').split(',')


def write_manifest(path):
    seed = 88172645463325252
    with open(path, 'w', newline='') as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for i in range(ROWS):
            seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
            kind = ('snapshot', 'append', 'cdc')[(seed >> 20) % 3]
            out.writerow(['conn', 'table_%06d' % i, 'main', 'bronze', 'table_%06d' % i, 'default',
                          '*/15 * * * *', '{"owner":"acme","repo":"r%d"}' % (i % 100),
                          1 + (seed >> 33) % 1000, kind, '["id"]', 'updated_at',
                          'category_%d' % ((seed >> 40) % 50)])


def python_group(source, target):
    with open(source, newline='') as file:
        rows = list(csv.DictReader(file))
    groups = {}
    for row in rows:
        groups.setdefault('%s_%s' % (row['category'], row['ingestion_type']), []).append(row)
    for name, members in groups.items():
        count = -(-len(members) // 1000)
        heap = [(0, 0, i) for i in range(count)]
        members.sort(key=lambda row: (-int(row['weight']), row['source_table']))
        for row in members:
            load, tables, i = heapq.heappop(heap)
            row['pipeline_group'] = name if i == 0 else '%s_%02d' % (name, i + 1)
            if tables < 999:
                heapq.heappush(heap, (load + int(row['weight']), tables + 1, i))
    with open(target, 'w', newline='') as file:
        out = csv.DictWriter(file, COLUMNS)
        out.writeheader()
        out.writerows(rows)


def measure(what, run):
    """Runs in a child of its own: seconds, and its largest resident memory in MiB."""
    begin = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            run()
        finally:
            os._exit(1)
    _, status, usage = os.wait4(pid, 0)
    took = time.monotonic() - begin
    cpu = usage.ru_utime + usage.ru_stime
    if status:
        sys.exit('bench-group.py: %s failed' % what)
    print('%-28s %6.2f s  %6.2f s CPU  %9.0f rows/s  %6.0f MiB'
          % (what, took, cpu, ROWS / took, usage.ru_maxrss / 1024), flush=True)
    return cpu


def main():
    with tempfile.TemporaryDirectory() as folder:
        source, target = folder + '/in.csv', folder + '/out.csv'
        write_manifest(source)
        print('%d rows, %.0f MiB' % (ROWS, os.path.getsize(source) / 2 ** 20), flush=True)

        def ours():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execv(LAKEHOST, [LAKEHOST, 'group', '--csv', source, '--output-csv', target,
                                '--group-by', 'category_and_ingestion_type', '--quiet'])

        def again():
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execv(LAKEHOST, [LAKEHOST, 'group', '--csv', target, '--output-csv', target,
                                '--previous', target, '--quiet'])

        def theirs():
            python_group(source, folder + '/python.csv')
            os._exit(0)

        mine = measure('lakehost group', ours)
        measure('lakehost group --previous', again)
        python = measure('Python', theirs)
        print('CPU of Python / lakehost: %.1f' % (python / mine))


main()
