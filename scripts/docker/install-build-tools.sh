#!/bin/sh
# What set-up needs besides Node, on Debian and Ubuntu: python3 with pip fetches wheels, g++ compiles the binding.
# Run by the build stage of docker/worker.Dockerfile and by .ci/run. Does nothing where all of it is there.
set -eu

packages=""
python3 -m pip --version >/dev/null 2>&1 || packages="python3 python3-pip"
g++ --version >/dev/null 2>&1 || packages="$packages g++"
[ -n "$packages" ] || exit 0

apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
rm -rf /var/lib/apt/lists/*
