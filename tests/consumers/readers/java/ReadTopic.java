import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints the first records of a topic, a line each: the key, a tab, the value. */
class ReadTopic {
    public static void main(String[] arguments) {
        int count = Integer.parseInt(arguments[2]);
        Map<String, Object> properties = Map.of(
            "bootstrap.servers", arguments[0],
            "group.id", "java-" + UUID.randomUUID(),
            "auto.offset.reset", "earliest");
        var strings = new StringDeserializer();
        try (var consumer = new KafkaConsumer<>(properties, strings, strings)) {
            consumer.subscribe(List.of(arguments[1]));
            for (int read = 0; read < count; ) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.key() + "\t" + record.value());
                    read++;
                }
            }
            consumer.commitSync();
        }
    }
}
