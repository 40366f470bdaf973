// Posts the event on standard input with the SDK's HTTP binding, and prints the response.
import { text } from 'node:stream/consumers'
import { CloudEvent, HTTP } from 'cloudevents'

const [url, mode] = process.argv.slice(2)
const { attributes, data } = JSON.parse(await text(process.stdin))
const { headers, body } = HTTP[mode](new CloudEvent({ ...attributes, data }))
const response = await fetch(url, { method: 'POST', headers, body })
console.log(await response.text())
