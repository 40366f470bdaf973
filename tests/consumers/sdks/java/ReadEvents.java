import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints the topic's events as the SDK's deserializer for Kafka gives them back, a line of JSON each.
 *
 * <p>In binary mode the SDK keeps the text of the data. In structured mode it parses the data, and the line has
 * Jackson's serialization of it, whose decimals are doubles.
 */
class ReadEvents {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[2]);
        Map<String, Object> properties = Map.of(
            "bootstrap.servers", arguments[0],
            "group.id", "sdks-" + UUID.randomUUID(),
            "auto.offset.reset", "earliest");
        var json = new ObjectMapper();
        try (var consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(arguments[1]));
            for (int read = 0; read < count; ) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(json.writeValueAsString(line(record)));
                    read++;
                }
            }
        }
    }

    // As the consumer's own deserializer it would end the loop at an event that it refuses.
    static final CloudEventDeserializer DESERIALIZER = new CloudEventDeserializer();

    static Map<String, Object> line(ConsumerRecord<String, byte[]> record) {
        var line = new TreeMap<String, Object>(Map.of("key", record.key()));
        try {
            var event = DESERIALIZER.deserialize(record.topic(), record.headers(), record.value());
            var data = event.getData();
            line.put("attributes", attributes(event));
            line.put("data", data == null ? null : new String(data.toBytes(), StandardCharsets.UTF_8));
        } catch (RuntimeException error) {
            line.put("refused", error.toString());
        }
        return line;
    }

    static Map<String, Object> attributes(CloudEvent event) {
        var attributes = new TreeMap<String, Object>();
        for (String name : event.getAttributeNames()) {
            var value = event.getAttribute(name);
            if (value != null) {
                attributes.put(name, value.toString());
            }
        }
        for (String name : event.getExtensionNames()) {
            attributes.put(name, event.getExtension(name));
        }
        return attributes;
    }
}
