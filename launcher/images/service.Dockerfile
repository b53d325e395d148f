# The image of one service, from its executable jar:
#   docker build -f launcher/images/service.Dockerfile --build-arg JAR=gateway-0.1.0-SNAPSHOT.jar --build-arg PORT=8080 gateway/target
# The jar is built outside (./platform build): one build serves images and the machine alike. Only PACKAGES need a network: services
# that run functions want python3 (--build-arg PACKAGES=python3); without it functions in Python are refused, and all else works.
FROM eclipse-temurin:25-jre@sha256:fcd7fd7b387f94bb2ac461478a7436ad8e349924c374ea8313919624dceae636 AS layers
ARG JAR
WORKDIR /build
COPY ${JAR} app.jar
RUN java -Djarmode=tools -jar app.jar extract --destination laid-out

# Libraries bring native code for systems that no image of ours is for. A jar that has none is left as it is; in the others order and
# times stay, so that the same jar gives the same bytes.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS lean
COPY --from=layers /build/laid-out/lib /lib-of-all
RUN printf '%s\n' \
      'import pathlib, re, shutil, zipfile' \
      'foreign = re.compile("(ai/onnxruntime/native/|native/lib/|com/sun/jna/)?(aix|darwin|dragonflybsd|freebsd|openbsd|osx|sunos|win)[^/]*/.*")' \
      'target = pathlib.Path("/lean/lib")' \
      'target.mkdir(parents=True)' \
      'for jar in sorted(pathlib.Path("/lib-of-all").iterdir()):' \
      '    with zipfile.ZipFile(jar) as all:' \
      '        kept = [entry for entry in all.infolist() if not foreign.fullmatch(entry.filename)]' \
      '        if len(kept) == len(all.infolist()):' \
      '            shutil.copy2(jar, target)' \
      '            continue' \
      '        with zipfile.ZipFile(target / jar.name, "w", zipfile.ZIP_DEFLATED) as lean:' \
      '            for entry in kept:' \
      '                lean.writestr(entry, all.read(entry))' \
      '        shutil.copystat(jar, target / jar.name)' \
      > /lean.py && python3 /lean.py

FROM eclipse-temurin:25-jre@sha256:fcd7fd7b387f94bb2ac461478a7436ad8e349924c374ea8313919624dceae636
ARG PORT
ARG PACKAGES=""
RUN groupadd --gid 10001 platform \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin platform \
 && mkdir /data && chown 10001:10001 /data
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install --no-install-recommends -y $PACKAGES \
      && apt-get clean && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin; \
    fi
# Dependencies change seldom and are a layer of their own.
COPY --from=lean /lean/lib /app/lib
COPY --from=layers /build/laid-out/app.jar /app/app.jar
ENV SERVER_PORT=${PORT} PLATFORM_DATA_DIR=/data DJL_CACHE_DIR=/tmp/djl
USER 10001:10001
WORKDIR /data
EXPOSE ${PORT}
# Bash speaks HTTP well enough here, so the image needs no client program.
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s --retries=5 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$SERVER_PORT && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:Tier3DelayOn=1000000", "-XX:ThreadPriorityPolicy=1", "-XX:CompilerThreadPriority=10", "-XX:MaxRAMPercentage=60", "-jar", "/app/app.jar"]
# Last, as they differ from build to build. A release says all of them; elsewhere the revision is unknown.
ARG VERSION="0.1.0"
ARG REVISION="unknown"
ARG SOURCE="unknown"
ARG CREATED="2026-01-01T00:00:00Z"
LABEL org.opencontainers.image.title="Logic Distillation platform" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="docker.io/library/eclipse-temurin:25-jre"
