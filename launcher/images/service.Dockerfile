# The image of one service, from its executable jar:
#   docker build -f launcher/images/service.Dockerfile --build-arg JAR=gateway-0.1.0-SNAPSHOT.jar --build-arg PORT=8080 gateway/target
# The jar is built outside (./platform build): one build serves images and the machine alike. Debian's packages come over the network:
# the JDK, of which the parts that services need become the JRE, and what lies below it. Services that run functions want python3
# (--build-arg PACKAGES=python3); without it functions in Python are refused, and all else works. Why so: docs/adr/0019.
# Two builds of one tree give the same layers, as long as Debian has the same packages: what goes into one is laid out under a folder of its
# own, folders above it included, and no time in it is later than that of the jars (settled). ./platform test compose builds twice.
FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f AS tools
RUN apt-get update && apt-get install --no-install-recommends -y openjdk-25-jdk-headless python3
# Takes packages out of their archives without running their scripts, and says of each what it is where scanners look for it:
#   unpack FOLDER "PACKAGES" ["PACKAGES THAT ARE THERE ALREADY"]
RUN printf '%s\n' \
      '#!/bin/sh' \
      'set -eu' \
      'fetch() { mkdir -p "$1/partial" && apt-get -y -qq --no-install-recommends --download-only -o Dir::State::status=/dev/null -o "Dir::Cache::archives=$1" install $2 >/dev/null; }' \
      'fetch /debs/wanted/ "$2 ${3:-}"' \
      '[ -z "${3:-}" ] || fetch /debs/there/ "$3"' \
      'mkdir -p "$1/var/lib/dpkg/status.d"' \
      'for deb in /debs/wanted/*.deb; do' \
      '  case "${deb##*/}" in debconf_*|dpkg_*|mawk_*|tar_*) continue;; esac' \
      '  [ ! -e "/debs/there/${deb##*/}" ] || continue' \
      '  dpkg-deb --extract "$deb" "$1"' \
      '  dpkg-deb --field "$deb" > "$1/var/lib/dpkg/status.d/$(dpkg-deb --field "$deb" Package)"' \
      'done' \
      'cd "$1/usr/share" && rm -rf doc-base info lintian locale man && find doc -type f ! -name copyright -delete && find doc -type d -empty -delete' \
      > /usr/local/bin/unpack && chmod +x /usr/local/bin/unpack \
 && printf '%s\n' '#!/bin/sh' 'find "$1" -newermt 2026-01-01T00:00:00Z -exec touch --no-dereference --date=2026-01-01T00:00:00Z {} +' \
      > /usr/local/bin/settle && chmod +x /usr/local/bin/settle

# The JRE. java.se is every standard API: libraries ask for more of it than one would think (Spring's beans for java.desktop). Beside it:
# sun.misc.Unsafe (unsupported), a process's memory and processor for the metrics (management), sockets that are kept alive (net), jars as
# file systems (zipfs), and jcmd for who has to look into a process that serves, with its recordings (jcmd, jfr). Left out: compilers,
# debuggers, other languages' dates and encodings. The archive of the JDK's own classes is made once, for heaps below 32 GB. Debian's
# authorities come as the JDK has its own, in a store without password: one with a password has the time and random numbers in it.
FROM tools AS jre
RUN jlink --add-modules java.se,jdk.jcmd,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs \
      --no-header-files --no-man-pages --compress zip-6 --output /jre/opt/java \
 && find /jre -name '*.debuginfo' -delete \
 && /jre/opt/java/bin/java -Xshare:dump -XX:+UseSerialGC -Xmx512m \
 && rm /jre/opt/java/lib/security/cacerts \
 && keytool -importkeystore -noprompt -srckeystore /etc/ssl/certs/java/cacerts -srcstorepass changeit \
      -destkeystore /jre/opt/java/lib/security/cacerts -deststoretype PKCS12 -deststorepass changeit \
      -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE -J-Dkeystore.pkcs12.macAlgorithm=NONE 2>&1 | tail -1 \
 && settle /jre

# What the JRE and libraries in C++ stand on, and a shell of one file, whose wget asks for the health.
FROM tools AS system
RUN unpack /system "base-files busybox-static libc6 libgcc-s1 libstdc++6 zlib1g" && rm -rf /system/usr/lib/*/gconv \
 && ln -s busybox /system/usr/bin/sh && ln -s busybox /system/usr/bin/wget \
 && printf 'root:x:0:0:root:/root:/usr/sbin/nologin\nplatform:x:10001:10001::/tmp:/usr/sbin/nologin\n' > /system/etc/passwd \
 && printf 'root:x:0:\nplatform:x:10001:\n' > /system/etc/group \
 && printf 'passwd: files\ngroup: files\nhosts: files dns\n' > /system/etc/nsswitch.conf \
 && chmod 1777 /system/tmp && mkdir -p /data/data && settle /system && settle /data

FROM tools AS packages
ARG PACKAGES=""
# Python finds its library compiled, since it can not write there; by content, so that no time is in it.
RUN mkdir -p /packages/usr/share/doc \
 && if [ -n "$PACKAGES" ]; then unpack /packages "$PACKAGES" "base-files busybox-static libc6 libgcc-s1 libstdc++6 zlib1g"; fi \
 && if [ -d /packages/usr/lib/python3.13 ]; then \
      python3 -m compileall -q --invalidation-mode unchecked-hash -s /packages -p / /packages/usr/lib/python3.13; \
    fi \
 && settle /packages

# Libraries bring native code for systems that no image of ours is for. A jar that has none is left as it is; in the others order and
# times stay, so that the same jar gives the same bytes.
FROM tools AS lean
ARG JAR
WORKDIR /build
COPY ${JAR} app.jar
RUN java -Djarmode=tools -jar app.jar extract --destination laid-out
RUN printf '%s\n' \
      'import pathlib, re, shutil, zipfile' \
      'foreign = re.compile("(ai/onnxruntime/native/|native/lib/|com/sun/jna/)?(aix|darwin|dragonflybsd|freebsd|openbsd|osx|sunos|win)[^/]*/.*")' \
      'target = pathlib.Path("/lean/app/lib")' \
      'target.mkdir(parents=True)' \
      'for jar in sorted(pathlib.Path("/build/laid-out/lib").iterdir()):' \
      '    with zipfile.ZipFile(jar) as all:' \
      '        kept = [entry for entry in all.infolist() if not foreign.fullmatch(entry.filename)]' \
      '        if len(kept) == len(all.infolist()):' \
      '            shutil.copy2(jar, target)' \
      '            continue' \
      '        with zipfile.ZipFile(target / jar.name, "w", zipfile.ZIP_DEFLATED) as lean:' \
      '            for entry in kept:' \
      '                lean.writestr(entry, all.read(entry))' \
      '        shutil.copystat(jar, target / jar.name)' \
      > /lean.py && python3 /lean.py \
 && mkdir -p /service/app && cp -p laid-out/app.jar /service/app && settle /lean && settle /service

FROM scratch
ARG PORT
# What changes seldom comes first, and is one layer for all services.
COPY --from=system /system /
COPY --from=jre /jre /
COPY --from=packages /packages /
COPY --from=system --chown=10001:10001 /data /
COPY --from=lean /lean /
COPY --from=lean /service /
ENV PATH=/opt/java/bin:/usr/bin JAVA_HOME=/opt/java LANG=C.UTF-8 SERVER_PORT=${PORT} PLATFORM_DATA_DIR=/data DJL_CACHE_DIR=/tmp/djl
USER 10001:10001
WORKDIR /data
EXPOSE ${PORT}
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s --retries=5 \
  CMD wget -q -O /dev/null "http://127.0.0.1:$SERVER_PORT/actuator/health/readiness"
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
      org.opencontainers.image.created="$CREATED"
