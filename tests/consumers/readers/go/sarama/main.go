// Prints the first records of a topic, a line each: the key, a tab, the value.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/IBM/sarama"
)

// Each partition has a goroutine of its own, so the records meet in this channel.
type records chan *sarama.ConsumerMessage

func (records) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (records) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (all records) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for record := range claim.Messages() {
		all <- record
		session.MarkMessage(record, "")
	}
	return nil
}

func main() {
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	config := sarama.NewConfig()
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	id := fmt.Sprint("sarama-", time.Now().UnixNano())
	group, err := sarama.NewConsumerGroup(os.Args[1:2], id, config)
	if err != nil {
		log.Fatal(err)
	}
	all := make(records)
	go func() {
		for {
			err := group.Consume(context.Background(), os.Args[2:3], all)
			if err != nil && !errors.Is(err, sarama.ErrClosedConsumerGroup) {
				log.Fatal(err)
			}
		}
	}()
	for range count {
		record := <-all
		fmt.Printf("%s\t%s\n", record.Key, record.Value)
	}
	if err := group.Close(); err != nil {
		log.Fatal(err)
	}
}
