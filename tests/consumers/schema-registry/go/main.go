// Prints the first records of a topic, a JSON line each with key and value. Each value is deserialized and validated
// with its schema in the registry.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde"
	deserialization "github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

func main() {
	brokers, topic, registry := os.Args[1], os.Args[2], os.Args[3]
	count, err := strconv.Atoi(os.Args[4])
	check(err)
	client, err := schemaregistry.NewClient(schemaregistry.NewConfig(registry))
	check(err)
	// Its own validation refuses every value, since it validates the pointer to the value.
	deserializer, err := deserialization.NewDeserializer(
		client, serde.ValueSerde, deserialization.NewDeserializerConfig())
	check(err)
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": brokers,
		"group.id":          fmt.Sprint("confluent-kafka-go-", time.Now().UnixNano()),
		"auto.offset.reset": "earliest",
	})
	check(err)
	check(consumer.Subscribe(topic, nil))
	for read := 0; read < count; read++ {
		record, err := consumer.ReadMessage(-1)
		check(err)
		var value any
		check(deserializer.DeserializeInto(topic, record.Value, &value))
		check(schemaOf(client, record.Value).Validate(value))
		line, err := json.Marshal(map[string]any{"key": string(record.Key), "value": value})
		check(err)
		fmt.Println(string(line))
	}
	check(consumer.Close())
}

// schemaOf compiles the schema that the wire header names, by the package that the deserializer uses.
func schemaOf(client schemaregistry.Client, value []byte) *jsonschema.Schema {
	schema, err := client.GetBySubjectAndID("", int(binary.BigEndian.Uint32(value[1:5])))
	check(err)
	compiled, err := jsonschema.CompileString("schema.json", schema.Schema)
	check(err)
	return compiled
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
