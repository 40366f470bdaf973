// Package topic reads a topic with sdk-go's Kafka binding.
package topic

import (
	"context"
	"log"

	"github.com/IBM/sarama"
	"github.com/cloudevents/sdk-go/protocol/kafka_sarama/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
)

// Read gives the first count records of a topic to use: the key, and the event or the reason why the SDK refuses it.
func Read(brokers, topic string, count int, use func(string, *event.Event, error)) {
	consumer, err := sarama.NewConsumer([]string{brokers}, sarama.NewConfig())
	Check(err)
	partitions, err := consumer.Partitions(topic)
	Check(err)
	records := make(chan *sarama.ConsumerMessage)
	for _, partition := range partitions {
		partition, err := consumer.ConsumePartition(topic, partition, sarama.OffsetOldest)
		Check(err)
		go func() {
			for record := range partition.Messages() {
				records <- record
			}
		}()
	}
	for i := 0; i < count; i++ {
		record := <-records
		received, err := binding.ToEvent(context.Background(), kafka_sarama.NewMessageFromConsumerMessage(record))
		if err == nil {
			err = received.Validate()
		}
		use(string(record.Key), received, err)
	}
}

// Check ends the program if there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
