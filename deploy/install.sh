#!/bin/sh
# Makes a bare Debian ready for the demo: what the Dockerfile runs, and what one runs by hand before the systemd units.
# As root, in the folder of the app: `deploy/install.sh [FOLDER FOR RUNS]`. Twice does no harm.
set -eu
cd "$(dirname "$0")/.."
data="${1:-/data}"

apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates make python3 python3-venv >/dev/null

make setup
# Nobody may write here once it runs, so Python's compiled files are made now.
[ ! -f app.py ] || .venv/bin/python -m compileall -q fmnist_core fmnist_ui pages app.py

id fmnist >/dev/null 2>&1 || useradd --system --user-group --home-dir "$data" --shell /usr/sbin/nologin fmnist
mkdir -p "$data/runs"
chown -R fmnist:fmnist "$data"
chmod 750 "$data"
