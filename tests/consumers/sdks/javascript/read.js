// Prints the topic's events as the SDK's Kafka binding gives them back, a line of JSON each.
//
// The SDK parses data of application/json. The line has JavaScript's own serialization of it. Its numbers are doubles.
import { Kafka as KafkaBinding } from 'cloudevents'
import { Kafka, logLevel } from 'kafkajs'

const [brokers, topic, count] = process.argv.slice(2)

function read({ key, value, headers }) {
  // The binding reads strings, kafkajs gives buffers.
  const texts = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, `${bytes}`]))
  const event = KafkaBinding.toEvent({ key: `${key}`, value: `${value}`, headers: texts })
  // The binding does not validate, this is the strict check.
  event.validate()
  const { data, ...attributes } = event.toJSON()
  const isParsed = attributes.datacontenttype.startsWith('application/json') || !('ce_id' in texts)
  return { attributes, data: isParsed ? JSON.stringify(data) : data }
}

function line(message) {
  try {
    return { key: `${message.key}`, ...read(message) }
  } catch (error) {
    return { key: `${message.key}`, refused: error.message }
  }
}

const consumer = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR }).consumer({ groupId: `sdks-${Date.now()}` })
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
const lines = []
await new Promise((resolve, reject) => {
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
  consumer.run({
    eachMessage: async ({ message }) => {
      lines.push(JSON.stringify(line(message)))
      if (lines.length === Number(count)) resolve()
    },
  })
})
console.log(lines.join('\n'))
await consumer.disconnect()
