# docker compose up --build; the settings come from .env (see .env.example and compose.yaml).
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    STORE_URL=sqlite:////data/easel.db

# For names in pictures: Latin and Chinese letters.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-wqy-microhei && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt requirements-postgresql.txt ./
RUN pip install -r requirements-postgresql.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY storage storage
COPY upstream upstream
RUN pip install --no-deps . \
    && useradd --system --uid 10001 --no-create-home easel \
    && install -d -o easel -g easel -m 700 /data

USER easel
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"WEB_PORT\") or 8000}/health', timeout=4)"]

ENTRYPOINT ["easel"]
CMD ["run"]
