# The operator's image: raycord-operator, and raycord to read its log.
#
#   docker build -t raycord:0.1.0 .

FROM debian:12 AS build
WORKDIR /src
COPY scripts/deps.sh scripts/
RUN scripts/deps.sh --compile
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY core core
COPY formats formats
COPY store store
COPY adapters adapters
COPY sandbox sandbox
COPY operator operator
COPY replay replay
RUN cmake --preset release -DBUILD_TESTING=OFF \
 && cmake --build --preset release --target raycord-operator raycord \
 && strip --strip-debug build/release/bin/*

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates libcpp-httplib0.11 libcurl4 libfmt9 libjemalloc2 libprotobuf32 librocksdb7.8 \
      libsimdjson14 libspdlog1.10 libssl3 libyaml-cpp0.7 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 65532 raycord \
 && useradd --key UID_MAX=65532 --uid 65532 --gid 65532 --home-dir /var/lib/raycord \
      --shell /usr/sbin/nologin raycord \
 && install -d -o 65532 -g 65532 -m 0700 /var/lib/raycord
COPY LICENSE /usr/share/doc/raycord/
COPY --from=build /src/build/release/bin/raycord-operator /src/build/release/bin/raycord \
     /usr/local/bin/
ENV RAYCORD_LOG=/var/lib/raycord/log
USER 65532:65532
VOLUME /var/lib/raycord
EXPOSE 8080 8082 9443
ENTRYPOINT ["raycord-operator"]
