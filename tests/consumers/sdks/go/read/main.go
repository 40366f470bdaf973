// Prints the topic's events as sdk-go's Kafka binding gives them back, a line of JSON each. The SDK keeps the text of
// the data.
package main

import (
	"encoding/json"
	"os"
	"strconv"

	"github.com/cloudevents/sdk-go/v2/event"

	"sdks/topic"
)

func main() {
	count, err := strconv.Atoi(os.Args[3])
	topic.Check(err)
	lines := json.NewEncoder(os.Stdout)
	topic.Read(os.Args[1], os.Args[2], count, func(key string, received *event.Event, err error) {
		line := map[string]any{"key": key}
		if err != nil {
			line["refused"] = err.Error()
		} else {
			line["attributes"] = attributes(received)
			line["data"] = string(received.Data())
		}
		topic.Check(lines.Encode(line))
	})
}

func attributes(received *event.Event) map[string]any {
	all := map[string]any{
		"id": received.ID(), "source": received.Source(), "type": received.Type(), "specversion": received.SpecVersion(),
		"time": received.Time(), "datacontenttype": received.DataContentType(),
	}
	if subject := received.Subject(); subject != "" {
		all["subject"] = subject
	}
	if schema := received.DataSchema(); schema != "" {
		all["dataschema"] = schema
	}
	for name, value := range received.Extensions() {
		all[name] = value
	}
	return all
}
