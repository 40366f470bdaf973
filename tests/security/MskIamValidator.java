import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerTokenCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's side of Amazon MSK's IAM access control over OAUTHBEARER, for the one access key that
 * the listener's {@code sasl.jaas.config} names as {@code accessKeyId}, {@code secretAccessKey},
 * {@code region} and, with temporary credentials, {@code sessionToken}.
 *
 * <p>The token is a URL that is signed in its query, as AWS's signers make it:
 * https://github.com/aws/aws-msk-iam-sasl-signer-python
 *
 * <p>How the signature is made:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
public class MskIamValidator implements AuthenticateCallbackHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MskIamValidator.class);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final String SERVICE = "kafka-cluster";
    private static final DateTimeFormatter AMZ_DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");

    private String accessKeyId;
    private String secretAccessKey;
    private String sessionToken;
    private String region;

    private record Token(
            String value, String principalName, Long startTimeMs, long lifetimeMs, Set<String> scope)
            implements OAuthBearerToken {}

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
        Map<String, ?> options = jaas.get(0).getOptions();
        accessKeyId = (String) options.get("accessKeyId");
        secretAccessKey = (String) options.get("secretAccessKey");
        sessionToken = (String) options.get("sessionToken");
        region = (String) options.get("region");
        if (accessKeyId == null || secretAccessKey == null || region == null) {
            throw new IllegalArgumentException(
                    "sasl.jaas.config needs accessKeyId, secretAccessKey and region");
        }
    }

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (callback instanceof OAuthBearerValidatorCallback presented) {
                try {
                    presented.token(validate(presented.tokenValue()));
                } catch (RuntimeException refusal) {
                    LOG.warn("Refused a token of MSK IAM: {}", refusal.getMessage());
                    presented.error("invalid_token", null, null);
                }
            } else if (callback instanceof OAuthBearerTokenCallback login) {
                // As the handler of the listener's own login, which wants no token since the broker
                // is nobody's client here.
                login.token(null);
            } else if (!(callback instanceof OAuthBearerExtensionsValidatorCallback)) {
                // An extension that is not validated is ignored.
                throw new UnsupportedCallbackException(callback);
            }
        }
    }

    @Override
    public void close() {}

    private Token validate(String value) {
        URI url = URI.create(new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8));
        String host = "kafka." + region + ".amazonaws.com";
        check(("https://" + host + "/").equals(url.toString().split("\\?", 2)[0]),
                "it is not for https://" + host + "/");

        Map<String, String> query = parse(url.getRawQuery());
        String amzDate = require(query, "X-Amz-Date");
        String scope = String.join("/", amzDate.substring(0, 8), region, SERVICE, "aws4_request");
        expect(query, "Action", "kafka-cluster:Connect");
        expect(query, "X-Amz-Algorithm", ALGORITHM);
        expect(query, "X-Amz-Credential", accessKeyId + "/" + scope);
        expect(query, "X-Amz-SignedHeaders", "host");
        if (sessionToken != null) {
            check(sessionToken.equals(require(query, "X-Amz-Security-Token")),
                    "X-Amz-Security-Token is another");
        }

        Instant signed = LocalDateTime.parse(amzDate, AMZ_DATE).toInstant(ZoneOffset.UTC);
        Instant expires = signed.plusSeconds(Integer.parseUnsignedInt(require(query, "X-Amz-Expires")));
        Instant now = Instant.now();
        check(!signed.isAfter(now.plus(CLOCK_SKEW)), "it is signed in the future, at " + signed);
        check(expires.isAfter(now), "it expired at " + expires);

        String signature = require(query, "X-Amz-Signature");
        check(MessageDigest.isEqual(utf8(signature), utf8(sign(query, host, amzDate, scope))),
                "its signature does not match");
        return new Token(
                value, accessKeyId, signed.toEpochMilli(), expires.toEpochMilli(), Set.of());
    }

    /** The signature that the query must have. */
    private String sign(Map<String, String> query, String host, String amzDate, String scope) {
        String canonicalQuery = query.entrySet().stream()
                // The signers append the User-Agent when they have signed.
                .filter(entry -> !Set.of("X-Amz-Signature", "User-Agent").contains(entry.getKey()))
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
        String request = String.join(
                "\n", "GET", "/", canonicalQuery, "host:" + host, "", "host", hex(sha256("")));
        String toSign = String.join("\n", ALGORITHM, amzDate, scope, hex(sha256(request)));
        byte[] key = utf8("AWS4" + secretAccessKey);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    /** Sorted by name, as the canonical request wants it. */
    private static Map<String, String> parse(String rawQuery) {
        check(rawQuery != null, "it has no query");
        Map<String, String> query = new TreeMap<>();
        for (String parameter : rawQuery.split("&")) {
            String[] parts = parameter.split("=", 2);
            String name = decode(parts[0]);
            check(parts.length == 2 && query.put(name, decode(parts[1])) == null,
                    name + " has no value or two");
        }
        return query;
    }

    private static String require(Map<String, String> query, String name) {
        check(query.containsKey(name), "it has no " + name);
        return query.get(name);
    }

    private static void expect(Map<String, String> query, String name, String expected) {
        check(expected.equals(require(query, name)), name + " is not " + expected);
    }

    private static void check(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalArgumentException(complaint);
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Java encodes for HTML forms; AWS wants RFC 3986. */
    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(utf8(text));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(utf8(text));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
