// Every fact of one jurisdiction as it is recorded, from a durable queue of one's own.
// node examples/consume.js amqp://mudan-xt:password@host:5672/ facts.mudan-xt.all '371702.#'
const amqp = require("amqplib");

// Of several readers one at a time: or facts overtake each other when a connection is lost.
const inOrder = { "x-queue-type": "quorum", "x-single-active-consumer": true };

(async ([url, queue, key]) => {
  const channel = await (await amqp.connect(url)).createChannel();
  await channel.assertQueue(queue, { durable: true, arguments: inOrder });
  await channel.bindQueue(queue, "fuquan.events", key);
  await channel.consume(queue, (message) => {
    const { "ce-type": type, "ce-position": position } = message.properties.headers;
    console.log(type, position); // at least once: drop what is not above the last position seen
    channel.ack(message);
  });
})(process.argv.slice(2));
