// Decodes EPR's messages on standard input as EPR's watchers do, and prints each again, a line of JSON. A member that
// EPR does not know, and an array that is null or missing, is an error.
//
// The types are those of EPR's packages pkg/message and pkg/storage, whose ids, times and JSON are types of its own.
package main

import (
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"time"
)

type Message struct {
	Success     bool   `json:"success"`
	ID          string `json:"id"`
	Specversion string `json:"specversion"`
	Type        string `json:"type"`
	Source      string `json:"source"`
	APIVersion  string `json:"api_version"`
	Name        string `json:"name"`
	Version     string `json:"version"`
	Release     string `json:"release"`
	PlatformID  string `json:"platform_id"`
	Package     string `json:"package"`
	Data        Data   `json:"data"`
}

type Data struct {
	Events              []*Event              `json:"events"`
	EventReceivers      []*EventReceiver      `json:"event_receivers"`
	EventReceiverGroups []*EventReceiverGroup `json:"event_receiver_groups"`
}

type Event struct {
	ID              string          `json:"id"`
	Name            string          `json:"name"`
	Version         string          `json:"version"`
	Release         string          `json:"release"`
	PlatformID      string          `json:"platform_id"`
	Package         string          `json:"package"`
	Description     string          `json:"description"`
	Payload         json.RawMessage `json:"payload"`
	Success         bool            `json:"success"`
	CreatedAt       time.Time       `json:"created_at"`
	EventReceiverID string          `json:"event_receiver_id"`
	EventReceiver   EventReceiver
}

type EventReceiver struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Version     string          `json:"version"`
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Fingerprint string          `json:"fingerprint"`
	CreatedAt   time.Time       `json:"created_at"`
}

type EventReceiverGroup struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	Type             string    `json:"type"`
	Version          string    `json:"version"`
	Description      string    `json:"description"`
	Enabled          bool      `json:"enabled"`
	EventReceiverIDs []string  `json:"event_receiver_ids"`
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `json:"updated_at"`
}

func main() {
	messages := json.NewDecoder(os.Stdin)
	messages.DisallowUnknownFields()
	lines := json.NewEncoder(os.Stdout)
	for {
		var message Message
		err := messages.Decode(&message)
		if errors.Is(err, io.EOF) {
			return
		}
		check(err)
		data := message.Data
		if data.Events == nil || data.EventReceivers == nil || data.EventReceiverGroups == nil {
			log.Fatalf("%s has an array that is null or missing", message.ID)
		}
		check(lines.Encode(message))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
