# One image, four services: `neurond api`, and `neurond worker` with `training`, `prediction` or `files`.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/neurond
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY worker worker
COPY nn nn
COPY docs/backpropagation.md docs/article.md docs/
# Every dependency comes as a wheel: no compiler is needed here or later.
RUN /opt/neurond/bin/pip install --no-cache-dir --only-binary=:all: '.[onnx]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin neurond \
    && install -d -o neurond -g neurond /data /secrets
COPY --from=build /opt/neurond /opt/neurond
ENV PATH=/opt/neurond/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NEUROND_BLOB_URL=file:///data/blobs
USER neurond
WORKDIR /tmp
EXPOSE 8000
CMD ["neurond", "api", "--host", "0.0.0.0"]
