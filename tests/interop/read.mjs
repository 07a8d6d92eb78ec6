// Can kafkajs, which knows gzip alone, read a topic? BOOTSTRAP names the broker.
import { Kafka, logLevel } from "kafkajs";

const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `interop-${Date.now()}`, retry: { retries: 0 } });
const end = (code, said) => { console.log(said); process.exit(code); };
consumer.on("consumer.crash", (event) => end(1, `kafkajs cannot read: ${event.payload.error.message}`));
await consumer.connect();
await consumer.subscribe({ topic: "requests.accepted.v1", fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ message }) => end(0, `kafkajs read ${message.headers.ce_type}`),
});
