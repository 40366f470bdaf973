// Posts the event on standard input with sdk-go's HTTP binding, and prints the response.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

func main() {
	var input struct {
		Attributes map[string]any  `json:"attributes"`
		Data       json.RawMessage `json:"data"`
	}
	check(json.NewDecoder(os.Stdin).Decode(&input))
	posted := event.New()
	for name, value := range input.Attributes {
		set(&posted, name, value)
	}
	check(posted.SetData(posted.DataContentType(), []byte(input.Data)))
	request, err := http.NewRequest(http.MethodPost, os.Args[1], nil)
	check(err)
	ctx := map[string]func(context.Context) context.Context{
		"binary":     binding.WithForceBinary,
		"structured": binding.WithForceStructured,
	}[os.Args[2]](context.Background())
	check(cehttp.WriteRequest(ctx, binding.ToMessage(&posted), request))
	response, err := http.DefaultClient.Do(request)
	check(err)
	_, err = io.Copy(os.Stdout, response.Body)
	check(err)
}

func set(posted *event.Event, name string, value any) {
	setters := map[string]func(string){
		"id": posted.SetID, "source": posted.SetSource, "type": posted.SetType, "subject": posted.SetSubject,
		"datacontenttype": posted.SetDataContentType, "dataschema": posted.SetDataSchema,
		"time": func(text string) {
			moment, err := time.Parse(time.RFC3339Nano, text)
			check(err)
			posted.SetTime(moment)
		},
	}
	if setter, ok := setters[name]; ok {
		setter(value.(string))
	} else {
		posted.SetExtension(name, value)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
