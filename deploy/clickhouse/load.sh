#!/bin/sh
# Load the facts that `mapsi` keeps as Parquet into ClickHouse, and count the cells there.
#
#   SOURCE="s3('https://host:9000/bucket/facts/week=*/facts.parquet', 'KEY', 'SECRET', 'Parquet')" \
#   CLICKHOUSE="clickhouse-client --host host --database mapsi" sh deploy/clickhouse/load.sh
#
# SOURCE is any table function: file('…/facts/week=*/facts.parquet', 'Parquet') for a folder.
# Safe to run again and again, by cron say: the tables then hold what the files hold.
set -eu
: "${SOURCE:?set SOURCE to a table function, see the head of this file}"
CLICKHOUSE=${CLICKHOUSE:-clickhouse-client}
here=$(dirname "$0")
{
    cat "$here/schema.sql"
    awk -v source="$SOURCE" '{ gsub(/\{source\}/, source); print }' "$here/load.sql"
    cat "$here/cells.sql"
} | $CLICKHOUSE --multiquery
