# Three images from one file: `service` (one of the demo services, named by the argument SERVICE),
# `database` (applies the schema and the catalogue, then ends) and `tools` (the command line). Nothing here
# depends on the machine's architecture: the locks list the hashes of the amd64 and arm64 wheels.
# PYTHON_VERSION has no default: the tag stands in versions.env, once.
ARG PYTHON_VERSION

FROM python:${PYTHON_VERSION} AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app
WORKDIR /app

# Dependencies first: they change rarely, and the layer is shared by all services.
FROM base AS service-dependencies
# The runtime of the model's threads (xllamacpp); slim images come without it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/services.lock /tmp/services.lock
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --no-deps --require-hashes -r /tmp/services.lock

FROM service-dependencies AS service
ARG SERVICE
# Only what a service may import: one that reaches further does not start.
COPY turnscope/__init__.py turnscope/
COPY turnscope/contract turnscope/contract
COPY turnscope/instrument turnscope/instrument
COPY demo_services/__init__.py demo_services/
COPY demo_services/common demo_services/common
COPY demo_services/${SERVICE} demo_services/${SERVICE}
ENV SERVICE=${SERVICE}
USER 10002:10002
# exec: the service is process 1 and gets the stop signal itself.
CMD ["sh", "-c", "exec python -m demo_services.$SERVICE"]

# The catalogue is loaded by the NLU service's own loader, so this image has the services' dependencies.
FROM service-dependencies AS database
COPY turnscope/__init__.py turnscope/
COPY turnscope/contract turnscope/contract
COPY turnscope/instrument turnscope/instrument
COPY turnscope/deployment turnscope/deployment
COPY demo_services demo_services
COPY postgres postgres
USER 10002:10002
CMD ["python", "-m", "turnscope.deployment.database"]

FROM base AS tools-dependencies
COPY requirements/tools.lock /tmp/tools.lock
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --no-deps --require-hashes -r /tmp/tools.lock

FROM tools-dependencies AS tools
# A named volume takes over the owner of the directory it is first mounted on. The collector runs as
# 10001 in an image without any directory: it gets its queue volume through this one.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/collector-queue
COPY turnscope turnscope
COPY postgres postgres
USER 10002:10002
ENTRYPOINT ["python", "-m", "turnscope.cli"]
