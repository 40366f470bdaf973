// Prints the first records of a topic, a JSON line each with key and value. Each value is deserialized and validated
// with its schema in the registry.
const { JsonDeserializer, SchemaRegistryClient, SerdeType } = require('@confluentinc/schemaregistry')
const { Kafka, logLevel } = require('kafkajs')

const [brokers, topic, registry, count] = process.argv.slice(2)

async function main() {
  const client = new SchemaRegistryClient({ baseURLs: [registry] })
  const deserializer = new JsonDeserializer(client, SerdeType.VALUE, { validate: true, validateFormats: false })
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR })
  const consumer = kafka.consumer({ groupId: `confluent-schemaregistry-${Date.now()}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const records = []
  await new Promise((resolve, reject) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        if (records.length < Number(count)) records.push(message)
        if (records.length === Number(count)) resolve()
      },
    })
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  })
  await consumer.disconnect()
  for (const { key, value } of records) {
    console.log(JSON.stringify({ key: key.toString(), value: await deserializer.deserialize(topic, value) }))
  }
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
