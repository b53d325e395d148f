# The image of one service, from its executable jar:
#   docker build -f launcher/images/service.Dockerfile --build-arg JAR=gateway-0.1.0-SNAPSHOT.jar --build-arg PORT=8080 gateway/target
# The jar is built outside (./platform build): one build serves images and the machine alike. Only PACKAGES need a network: services
# that run functions want python3 (--build-arg PACKAGES=python3); without it functions in Python are refused, and all else works.
FROM eclipse-temurin:25-jre@sha256:fcd7fd7b387f94bb2ac461478a7436ad8e349924c374ea8313919624dceae636 AS layers
ARG JAR
WORKDIR /build
COPY ${JAR} app.jar
RUN java -Djarmode=tools -jar app.jar extract --destination laid-out

FROM eclipse-temurin:25-jre@sha256:fcd7fd7b387f94bb2ac461478a7436ad8e349924c374ea8313919624dceae636
ARG PORT
ARG PACKAGES=""
LABEL org.opencontainers.image.title="Logic Distillation platform" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 platform \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin platform \
 && mkdir /data && chown 10001:10001 /data
RUN if [ -n "$PACKAGES" ]; then \
      apt-get update && apt-get install --no-install-recommends -y $PACKAGES && rm -rf /var/lib/apt/lists/*; \
    fi
# Dependencies change seldom and are a layer of their own.
COPY --from=layers /build/laid-out/lib /app/lib
COPY --from=layers /build/laid-out/app.jar /app/app.jar
ENV SERVER_PORT=${PORT} PLATFORM_DATA_DIR=/data DJL_CACHE_DIR=/tmp/djl
USER 10001:10001
WORKDIR /data
EXPOSE ${PORT}
# Bash speaks HTTP well enough here, so the image needs no client program.
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s --retries=5 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$SERVER_PORT && printf 'GET /actuator/health/readiness HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:Tier3DelayOn=1000000", "-XX:ThreadPriorityPolicy=1", "-XX:CompilerThreadPriority=10", "-XX:MaxRAMPercentage=60", "-jar", "/app/app.jar"]
