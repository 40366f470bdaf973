//! Compares the verdicts on formats with those of the crate `jsonschema`.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Format;
use crate::draft::Draft;

/// Texts of every format, for mutation.
const SAMPLES: &[(&str, &[&str])] = &[
    ("date", &["2024-02-29", "2023-12-31"]),
    ("date-time", &["1998-12-31T15:59:60.123-08:00", "2024-02-29t00:00:00z"]),
    ("time", &["23:59:60Z", "08:30:06.283185+01:30"]),
    ("duration", &["P1Y2M3DT4H5M6S", "P4W", "PT1H"]),
    ("email", &["joe.bloggs@example.com", r#""a\ @"@[127.0.0.1]"#, "a@[IPv6:::1]"]),
    ("idn-email", &["실례@실례.테스트", "\"é\"@bücher.example"]),
    ("hostname", &["www.example.com", "xn--bcher-kva.example", "a--b.1host"]),
    ("idn-hostname", &["bücher.example", "l·l.α͵β", "・ァ", "xn--9n2bp8q.a"]),
    ("ipv4", &["192.0.2.255", "127.0.0.1"]),
    ("ipv6", &["2001:db8::192.0.2.1", "1:2:3:4:5:6:7:8", "::1"]),
    ("iri", &["http://ƒøø.ßår:80/?∂éœ=πîx#πîüx", "urn:é"]),
    ("iri-reference", &["//ƒøø.ßår/?a#b", "../é%20"]),
    ("json-pointer", &["/foo/0/~0~1", ""]),
    ("relative-json-pointer", &["10/foo/~1", "0#"]),
    ("regex", &[r"^(?<n>a[b-z]{1,3})\k<n>$", r"(?=x)\u0041|\p{L}*?"]),
    ("uri", &["http://u:p@foo.bar:80/a/%20?q=1#f", "http://[2001:db8::1]/", "urn:a:b"]),
    ("uri-reference", &["//foo.bar/?a#b", "../a%20b", "#f"]),
    ("uri-template", &["http://a/~{user}/{?q,lang*}", "{+path:6}%20"]),
    ("uuid", &["2eb8aa08-aa98-11ea-b4aa-73b441d16380"]),
];

/// The characters that mutations insert.
const ALPHABET: &[char] = &[
    '0', '1', '9', 'a', 'z', 'A', 'Z', 'P', 'T', ':', '-', '.', '/', '~', '#', '?', '@', '[', ']', '{', '}',
    '(', ')', '<', '>', '%', '+', '*', ',', '|', '\\', '"', '\'', ' ', '=', '_', '^', '\n', 'é', 'ß', '·',
    'א', '٠', '실', '\u{80}', '\u{301}', '\u{200d}', '。',
];

fn mutated(sample: &str, random: &mut fastrand::Rng) -> String {
    let mut text: Vec<char> = sample.chars().collect();
    for _ in 0..random.usize(0..4) {
        let at = random.usize(0..=text.len());
        let c = ALPHABET[random.usize(0..ALPHABET.len())];
        match random.u8(0..4) {
            0 => text.insert(at, c),
            1 if at < text.len() => text[at] = c,
            2 if at < text.len() => drop(text.remove(at)),
            3 if at < text.len() => text.insert(at, text[at]),
            _ => {}
        }
    }
    text.into_iter().collect()
}

/// Whether a difference from `jsonschema` is intended.
fn is_intended(name: &str, text: &str, ours: bool) -> bool {
    match name {
        // A `Mailbox` of RFC 5321 has no display name (`Joe <joe@example.com>`), but a quoted string may look like
        // one.
        "email" | "idn-email" if text.contains('<') => ours == text.starts_with('"'),
        // RFC 5890: an A-label is the canonical encoding of a U-label, which is in NFC and keeps the Bidi rule. An
        // A-label may have capitals.
        "hostname" => text.contains("xn--") && !ours || text.to_ascii_lowercase() != text && ours,
        // RFC 6570, section 2.1: a literal is not a control character.
        "uri-template" => text.contains('\u{80}') && !ours,
        _ => false,
    }
}

#[test]
fn mutated_texts_get_the_same_verdict_as_from_jsonschema() {
    let mut random = fastrand::Rng::with_seed(20_261_124);
    for (name, samples) in SAMPLES {
        let format = Format::named(name, Draft::Draft202012).unwrap();
        let peer = peer(name);
        let mut verdicts = [0; 2];
        for at in 0..3_000 {
            let text = mutated(samples[at % samples.len()], &mut random);
            let ours = format.matches(&text);
            verdicts[usize::from(ours)] += 1;
            let theirs = peer.is_valid(&Value::String(text.clone()));
            assert!(
                ours == theirs || is_intended(name, &text, ours),
                "{name} {text:?}: {ours}, not {theirs}"
            );
        }
        assert!(verdicts.iter().all(|count| *count > 100), "{name} has one verdict only: {verdicts:?}");
    }
}

fn peer(format: &str) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&json!({ "format": format }))
        .unwrap()
}
