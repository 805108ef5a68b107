# A Debian release's RabbitMQ with the management plugin, used as the official image is.
ARG RELEASE
FROM debian:${RELEASE}-slim
ENV HOME=/var/lib/rabbitmq \
    LANG=C.UTF-8 \
    PATH=/usr/lib/rabbitmq/bin:$PATH \
    RABBITMQ_LOGS=-
RUN groupadd --gid 999 rabbitmq \
 && useradd --uid 999 --gid 999 --home-dir "$HOME" rabbitmq \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rabbitmq-server \
 && rm -rf /var/lib/apt/lists/* \
 && install -d /etc/rabbitmq/conf.d \
 && printf 'loopback_users.guest = false\nlog.console = true\n' >/etc/rabbitmq/conf.d/10-defaults.conf \
 && echo '[rabbitmq_consistent_hash_exchange,rabbitmq_management,rabbitmq_prometheus].' >/etc/rabbitmq/enabled_plugins \
 && rm -f "$HOME"/.erlang.cookie \
 && chown -R rabbitmq:rabbitmq /etc/rabbitmq /var/log/rabbitmq "$HOME"
USER rabbitmq
VOLUME /var/lib/rabbitmq
EXPOSE 5672 15672 15692
CMD ["rabbitmq-server"]
