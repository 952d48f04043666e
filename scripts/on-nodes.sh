#!/usr/bin/env bash
# Runs the suites that lean on the engine (inspector, workers, module loading) on other versions of Node.
# Usage: scripts/on-nodes.sh 22 24 26
#        SUITES="test/faults" scripts/on-nodes.sh 22 24 26
set -euo pipefail
cd "$(dirname "$0")/.."

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
suites=${SUITES:-test/contract test/travel test/loop test/cli}
platform=$(node -p 'process.platform + "-" + process.arch')

for version in "${@:?Name the versions of Node to test on.}"; do
  npm install --prefix "$temp/$version" --no-package-lock --loglevel=error "node-$platform@$version"
  bin="$temp/$version/node_modules/node-$platform/bin"
  printf '\n--- Node %s\n' "$("$bin/node" --version)"
  PATH="$bin:$PATH" node node_modules/vitest/vitest.mjs run --typecheck.enabled=false $suites
done
