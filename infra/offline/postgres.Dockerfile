# A Debian release's PostgreSQL, used as the official image is: same variables, folders, user, port.
ARG RELEASE
FROM debian:${RELEASE}-slim
ARG VERSION
ENV LANG=C.UTF-8 \
    PGDATA=/var/lib/postgresql/data \
    PATH=/usr/lib/postgresql/${VERSION}/bin:$PATH
RUN groupadd --gid 999 postgres \
 && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres \
 && export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends postgresql-common \
 && sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
 && apt-get install -y --no-install-recommends "postgresql-$VERSION" \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o postgres -g postgres -m 700 "$PGDATA" \
 && install -d -o postgres -g postgres /var/run/postgresql \
 && install -d /docker-entrypoint-initdb.d
COPY postgres.sh /usr/local/bin/docker-entrypoint.sh
USER postgres
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["bash", "/usr/local/bin/docker-entrypoint.sh"]
CMD ["postgres"]
