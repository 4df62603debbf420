# One image, five services: `neurond api`, and `neurond worker` with `training`, `prediction`, `files` or `models`.
# What is installed is what requirements/ says, hash by hash. A deployment pins the base image too:
# docker build --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:… .

ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
# Every dependency comes as a wheel: no compiler is needed here or later. An edit of the sources leaves this layer as
# it is. The environment that runs has no pip.
COPY requirements/build.txt requirements/image.txt requirements/
RUN python -m venv /build && python -m venv --without-pip /opt/neurond \
    && /build/bin/pip install --no-cache-dir --only-binary=:all: --require-hashes -r requirements/build.txt \
    && /build/bin/pip --python /opt/neurond/bin/python install --no-cache-dir --only-binary=:all: --require-hashes \
        -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY docs/backpropagation.md docs/article.md docs/piecewise.svg docs/
COPY nn nn
COPY worker worker
COPY api api
COPY neurond neurond
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/neurond/bin/python install --no-cache-dir --no-deps --no-index /wheels/*.whl

FROM ${PYTHON_IMAGE}
RUN groupadd --system --gid 10001 neurond \
    && useradd --system --uid 10001 --gid neurond --home-dir /nonexistent --shell /usr/sbin/nologin neurond \
    && install -d -o neurond -g neurond -m 0750 /data /secrets
COPY --from=build /opt/neurond /opt/neurond
ENV PATH=/opt/neurond/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NEUROND_BLOB_URL=file:///data/blobs
USER neurond
WORKDIR /tmp
EXPOSE 8000
CMD ["neurond", "api", "--host", "0.0.0.0"]
