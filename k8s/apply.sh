#!/bin/sh
# Bring an overlay into the cluster that kubectl talks to, the first time or as an upgrade: first what
# pods need, then the tables, then the pods, one after another.
#   sh k8s/apply.sh k8s/overlays/cpu
set -eu
overlay=${1:?name an overlay: k8s/overlays/local, cpu or gpu}
all=$(mktemp)
trap 'rm -f "$all"' EXIT
kubectl kustomize "$overlay" > "$all"
migration=$(sed -n 's/^  name: \(migrate-[0-9-]*\)$/\1/p' "$all")

kubectl apply -f "$all" -l 'app.kubernetes.io/component notin (gateway, worker, beat)'
kubectl -n mapsi wait --for=condition=complete --timeout=35m "job/$migration"
kubectl apply -f "$all"
for deployment in $(kubectl -n mapsi get deployments -l app.kubernetes.io/part-of=mapsi -o name); do
    kubectl -n mapsi rollout status --timeout=30m "$deployment"
done
