#!/bin/sh
# The demo's two processes, as Docker, systemd and `make demo` start them: `server.sh web` serves pages, `server.sh worker`
# starts what the pages have queued. What a demo sets differently from .streamlit/config.toml is here and nowhere else.
set -eu
cd "$(dirname "$0")/.."

export FMNIST_DEMO="${FMNIST_DEMO:-1}"

# The system may be read-only: what libraries write down lies beside the runs, and is still there after an update.
if [ -n "${FMNIST_RUNS:-}" ]; then
  cache="$(dirname "$FMNIST_RUNS")/cache"
  export HOME="$cache" XDG_CACHE_HOME="$cache" MPLCONFIGDIR="$cache/matplotlib" NUMBA_CACHE_DIR="$cache/numba" KERAS_HOME="$cache/keras"
  mkdir -p "$FMNIST_RUNS" "$cache"
fi

# In a container libraries start no more threads than it has cores; they are told before Python loads them.
told='from fmnist_core.machine import thread_environment as told; print(*(f"{name}={value}" for name, value in told().items()))'
for setting in $(.venv/bin/python -c "$told"); do
  export "$setting"
done

case "${1:-web}" in
  web)
    exec .venv/bin/streamlit run app.py \
      --server.headless true \
      --logger.hideWelcomeMessage true \
      --server.disconnectedSessionTTL 30 \
      --server.address "${FMNIST_ADDRESS:-127.0.0.1}" \
      --server.port "${FMNIST_PORT:-8501}" \
      --server.baseUrlPath "${FMNIST_PATH:-/}" \
      --server.maxUploadSize "${FMNIST_UPLOAD_MEGABYTES:-60}"
    ;;
  worker)
    exec .venv/bin/python -m fmnist_core worker
    ;;
  *)
    echo "server.sh cannot start '$1'. Expected web or worker." >&2
    exit 2
    ;;
esac
