#!/bin/sh
# Write .env out of .env.example, with a random secret for each change-me; never over one that is
# there. For a file elsewhere: deploy/make-env.sh PATH
set -eu
cd "$(dirname "$0")/.."
target=${1:-.env}
if [ "$target" = .env ]; then
    # Where Alertmanager sends pages and tickets; it reads the files as a user of its own.
    mkdir -p secrets && chmod 755 secrets
    for name in page-url ticket-url; do
        [ -e "secrets/$name" ] || : > "secrets/$name"
        chmod 644 "secrets/$name"
    done
fi
if [ -e "$target" ]; then
    echo "$target is there already: left as it is"
    exit 0
fi
umask 077
while IFS= read -r line; do
    case $line in
        [A-Z]*=change-me) echo "${line%change-me}$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" ;;
        *) echo "$line" ;;
    esac
done < .env.example > "$target.new"
mv "$target.new" "$target"
echo "wrote $target; keep a copy: the stores and the pseudonyms of authors know no other secrets"
