// Prints the first records of a topic, a line each: the key, a tab, the value.
const { Kafka, logLevel } = require('kafkajs')

const [brokers, topic, count] = process.argv.slice(2)

async function main() {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR })
  const consumer = kafka.consumer({ groupId: `kafkajs-${Date.now()}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const lines = []
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error))
    consumer.run({
      eachMessage: async ({ message }) => {
        lines.push(`${message.key}\t${message.value}\n`)
        if (lines.length === Number(count)) resolve()
      },
    })
  })
  process.stdout.write(lines.slice(0, Number(count)).join(''))
  await consumer.disconnect()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
