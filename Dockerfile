# The light install: the core and the encoder that needs no network at run time. Built from a checkout, with the tested versions:
#   docker build --tag stsbench . && docker run --rm stsbench run
FROM python:3.13-slim-trixie AS build
COPY . /source
WORKDIR /source
RUN STSBENCH_PURE=1 python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . ./plugins/stsbench-wordllama

FROM python:3.13-slim-trixie
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    --mount=type=bind,source=constraints.txt,target=/constraints.txt \
    python -m pip install --no-cache-dir --no-compile --constraint /constraints.txt --find-links /wheels "stsbench[wordllama]==0.1.0" \
    && useradd --create-home --home-dir /data --uid 1000 stsbench
USER 1000
WORKDIR /data
ENTRYPOINT ["stsbench"]
CMD ["run"]
