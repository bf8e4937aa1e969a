#!/bin/sh
# Write secrets.env beside this file, with passwords that nobody else has; an existing one is kept.
set -eu
file="$(dirname "$0")/secrets.env"
if [ -e "$file" ]; then
    echo "$file is there already; it is left as it is" >&2
    exit 0
fi
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
redis=$(secret)
postgres=$(secret)
umask 077
cat > "$file" <<END
REDIS_PASSWORD=$redis
MAPSI_REDIS_URL=redis://:$redis@redis:6379/0
POSTGRES_PASSWORD=$postgres
MAPSI_DATABASE_URL=postgresql+psycopg://mapsi:$postgres@postgres:5432/mapsi
MAPSI_STORAGE_ACCESS_KEY=mapsi
MAPSI_STORAGE_SECRET_KEY=$(secret)
MAPSI_INGESTION_AUTHOR_KEY=$(secret)
END
echo "wrote $file; keep it: who loses MAPSI_INGESTION_AUTHOR_KEY no longer knows an author again"
