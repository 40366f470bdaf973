// Prints the first records of a topic, a line each: the key, a tab, the value.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	count, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Args[1]),
		kgo.ConsumeTopics(os.Args[2]),
		kgo.ConsumerGroup(fmt.Sprint("franz-go-", time.Now().UnixNano())),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for read := 0; read < count; {
		records := client.PollFetches(ctx)
		if err := records.Err(); err != nil {
			log.Fatal(err)
		}
		records.EachRecord(func(record *kgo.Record) {
			fmt.Printf("%s\t%s\n", record.Key, record.Value)
			read++
		})
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		log.Fatal(err)
	}
	client.Close()
}
