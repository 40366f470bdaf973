// Decodes one message a line into the struct that Go consumers use, and checks that every member is
// there, filled, and in the order of the contract.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"time"
)

type Message struct {
	Success     *bool  `json:"success"`
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
	Description     string          `json:"description"`
	EventReceiverID string          `json:"event_receiver_id"`
	CreatedAt       time.Time       `json:"created_at"`
	Payload         json.RawMessage `json:"payload"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	count := 0
	for lines.Scan() {
		count++
		message, err := decode(lines.Bytes())
		if err != nil {
			fmt.Fprintf(os.Stderr, "line %d: %v\n", count, err)
			os.Exit(1)
		}
		fmt.Println("ok", message.ID, message.Type)
	}
	if err := lines.Err(); err != nil || count == 0 {
		fmt.Fprintln(os.Stderr, "no messages", err)
		os.Exit(1)
	}
}

func decode(line []byte) (message Message, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&message); err != nil {
		return message, err
	}
	if err = filled(reflect.ValueOf(message)); err != nil {
		return message, err
	}
	if err = inOrder(line, reflect.TypeOf(message)); err != nil {
		return message, err
	}
	return message, inOrder(data(line), reflect.TypeOf(message.Data))
}

func filled(value reflect.Value) error {
	for i := 0; i < value.NumField(); i++ {
		field := value.Field(i)
		if field.IsZero() {
			return fmt.Errorf("%s is missing or empty", value.Type().Field(i).Tag.Get("json"))
		}
		if field.Type() == reflect.TypeOf(Data{}) {
			if err := filled(field); err != nil {
				return err
			}
		}
	}
	return nil
}

func data(line []byte) []byte {
	var outer struct{ Data json.RawMessage }
	if json.Unmarshal(line, &outer) != nil {
		return nil
	}
	return outer.Data
}

func inOrder(object []byte, want reflect.Type) error {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for i := 0; decoder.More(); i++ {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		if i >= want.NumField() || want.Field(i).Tag.Get("json") != name {
			return fmt.Errorf("member %d is %v", i, name)
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
	}
	return nil
}
