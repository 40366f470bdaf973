import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.OffsetDateTime;

/** Posts the event on standard input with the SDK's HTTP binding, and prints the response. */
class PostEvent {
    public static void main(String[] arguments) throws Exception {
        JsonNode input = new ObjectMapper().readTree(System.in);
        var event = CloudEventBuilder.v1();
        for (var attribute : input.get("attributes").properties()) {
            set(event, attribute.getKey(), attribute.getValue());
        }
        event.withData(input.get("data").toString().getBytes("UTF-8"));
        var request = HttpRequest.newBuilder(URI.create(arguments[0]));
        var writer = HttpMessageFactory.createWriter(
            request::header, body -> request.POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        if (arguments[1].equals("structured")) {
            var format = EventFormatProvider.getInstance().resolveFormat(JsonFormat.CONTENT_TYPE);
            writer.writeStructured(event.build(), format);
        } else {
            writer.writeBinary(event.build());
        }
        var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        System.out.println(response.body());
    }

    static void set(io.cloudevents.core.v1.CloudEventBuilder event, String name, JsonNode value) {
        switch (name) {
            case "id" -> event.withId(value.textValue());
            case "source" -> event.withSource(URI.create(value.textValue()));
            case "type" -> event.withType(value.textValue());
            case "subject" -> event.withSubject(value.textValue());
            case "time" -> event.withTime(OffsetDateTime.parse(value.textValue()));
            case "datacontenttype" -> event.withDataContentType(value.textValue());
            case "dataschema" -> event.withDataSchema(URI.create(value.textValue()));
            default -> {
                if (value.isBoolean()) {
                    event.withExtension(name, value.booleanValue());
                } else {
                    event.withExtension(name, value.textValue());
                }
            }
        }
    }
}
