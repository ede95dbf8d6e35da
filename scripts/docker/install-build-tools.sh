#!/bin/sh
# Installs what set-up needs besides Node on Debian and Ubuntu: python3 with pip to fetch wheels, g++ to compile the binding. The build stage of
# docker/worker.Dockerfile and .ci/run call it. It does nothing where everything is installed.
set -eu

packages=""
python3 -m pip --version >/dev/null 2>&1 || packages="python3 python3-pip"
g++ --version >/dev/null 2>&1 || packages="$packages g++"
[ -n "$packages" ] || exit 0

apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
rm -rf /var/lib/apt/lists/*
