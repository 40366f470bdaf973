// Reads the topic's events with sdk-go's Kafka binding, checks the CDEvent in each with the JSON Schema that CDEvents'
// SDK ships, and compares the CloudEvent with the one that the SDK makes of it. Prints the CDEvents' ids.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/cdevents/sdk-go/pkg/api"
	"github.com/cdevents/sdk-go/pkg/api/v04"
	"github.com/cdevents/sdk-go/pkg/api/v05"
	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sdks/topic"
)

func main() {
	count, err := strconv.Atoi(os.Args[3])
	topic.Check(err)
	topic.Read(os.Args[1], os.Args[2], count, func(key string, received *event.Event, err error) {
		if err == nil {
			err = check(received)
		}
		if err != nil {
			log.Fatalf("the event under the key %s: %v", key, err)
		}
		fmt.Println(received.ID())
	})
}

func check(received *event.Event) error {
	var document struct {
		Context struct{ Specversion, Type string }
	}
	if err := json.Unmarshal(received.Data(), &document); err != nil {
		return err
	}
	cdevent, err := read(document.Context.Specversion, received.Data())
	if err != nil {
		return err
	}
	if err := matchesSchema(cdevent, received.Data()); err != nil {
		return err
	}
	// This validates the SDK's own serialization as well.
	bound, err := api.AsCloudEvent(cdevent)
	if err != nil {
		return err
	}
	// The SDK loses the type of a custom event when it reads one.
	bound.SetType(document.Context.Type)
	want := []string{bound.ID(), bound.Source(), bound.Type(), bound.Subject(), bound.DataContentType()}
	got := []string{received.ID(), received.Source(), received.Type(), received.Subject(), received.DataContentType()}
	for i, attribute := range []string{"id", "source", "type", "subject", "datacontenttype"} {
		if want[i] != got[i] {
			return fmt.Errorf("%s is %q, CDEvents' binding makes it %q", attribute, got[i], want[i])
		}
	}
	return nil
}

// The SDK has a package for each version of the specification. Version 0.5 renamed the member with the version.
func read(specversion string, data []byte) (api.CDEventReader, error) {
	if specversion == "" {
		return v04.NewFromJsonBytes(data)
	}
	return v05.NewFromJsonBytes(data)
}

func matchesSchema(cdevent api.CDEventReader, data []byte) error {
	_, schema, err := cdevent.GetSchema()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
