# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements-production.lock .
RUN pip install --require-hashes -r requirements-production.lock
COPY . .
# Static files are part of the image: nothing is written to it later.
RUN SECRET_KEY=only-for-the-build STATIC_ROOT=/app/static VAR_DIR=/tmp/var \
  DATABASE_URL=postgresql://nobody@localhost/nowhere python manage.py build_assets

FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/pointsvc pointsvc \
  && install -d -o pointsvc /srv/media
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# The service writes to VAR_DIR, MEDIA_ROOT (rewards' pictures) and /tmp only, so the rest may be
# mounted read-only.
ENV PATH=/venv/bin:$PATH \
  PYTHONUNBUFFERED=1 \
  PYTHONDONTWRITEBYTECODE=1 \
  HOST=0.0.0.0 \
  STATIC_ROOT=/app/static \
  VAR_DIR=/var/lib/pointsvc \
  MEDIA_ROOT=/srv/media \
  PROMETHEUS_MULTIPROC_DIR=/tmp/metrics \
  REMAP_SIGTERM=SIGQUIT
USER pointsvc
EXPOSE 8000
CMD ["gunicorn", "-c", "python:pointsvc.gunicorn_conf", "pointsvc.wsgi"]
