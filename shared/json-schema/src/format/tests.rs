use super::Format;
use crate::draft::Draft;

const DRAFTS: [Draft; 5] =
    [Draft::Draft4, Draft::Draft6, Draft::Draft7, Draft::Draft201909, Draft::Draft202012];

/// The name of every format, with the first draft that has it.
const NAMES: [(&str, Draft); 19] = [
    ("date", Draft::Draft4),
    ("date-time", Draft::Draft4),
    ("time", Draft::Draft4),
    ("duration", Draft::Draft201909),
    ("email", Draft::Draft4),
    ("idn-email", Draft::Draft4),
    ("hostname", Draft::Draft4),
    ("idn-hostname", Draft::Draft7),
    ("ipv4", Draft::Draft4),
    ("ipv6", Draft::Draft4),
    ("iri", Draft::Draft7),
    ("iri-reference", Draft::Draft7),
    ("json-pointer", Draft::Draft6),
    ("relative-json-pointer", Draft::Draft7),
    ("regex", Draft::Draft4),
    ("uri", Draft::Draft4),
    ("uri-reference", Draft::Draft6),
    ("uri-template", Draft::Draft6),
    ("uuid", Draft::Draft201909),
];

#[test]
fn a_format_is_checked_from_its_first_draft_on() {
    for (name, since) in NAMES {
        for draft in DRAFTS {
            let found = Format::named(name, draft).map(Format::name);
            assert_eq!(found, (draft >= since).then_some(name), "{name} in {draft:?}");
        }
    }
    assert_eq!(Format::named("color", Draft::Draft4), None);
    assert_eq!(Format::named("Date", Draft::Draft202012), None);
}

#[test]
fn a_labels_are_known_since_draft_7() {
    for (draft, verdict) in DRAFTS.into_iter().zip([true, true, false, false, false]) {
        let format = Format::named("hostname", draft).unwrap();
        assert_eq!(format.matches("ab--cd.example"), verdict, "{draft:?}");
    }
}

#[test]
fn addresses_have_the_forms_of_the_internet() {
    assert!(Format::Ipv4.matches("192.0.2.255"));
    for text in ["192.0.2.256", "192.0.2", "0300.0.2.1", "192.0.2.1/24", "1", "192.0.2.१"] {
        assert!(!Format::Ipv4.matches(text), "{text}");
    }
    for text in ["::", "::1", "2001:db8::192.0.2.1", "1:2:3:4:5:6:7:8"] {
        assert!(Format::Ipv6.matches(text), "{text}");
    }
    for text in ["1:2:3:4:5:6:7", "12345::", "::1%eth0", "::/64", "1::2::3", "[::1]"] {
        assert!(!Format::Ipv6.matches(text), "{text}");
    }
}

#[test]
fn identifiers_have_a_scheme_and_references_need_none() {
    for (text, uri, uri_reference, iri, iri_reference) in [
        ("http://foo.bar/?baz=qux#quux", true, true, true, true),
        ("urn:oasis:names", true, true, true, true),
        ("http://[2001:db8::1]:80/", true, true, true, true),
        ("//foo.bar/", false, true, false, true),
        ("#fragment", false, true, false, true),
        ("", false, true, false, true),
        ("http://ƒøø.ßår/", false, false, true, true),
        ("âππ", false, false, false, true),
        (":// should fail", false, false, false, false),
        (r"\\WINDOWS\share", false, false, false, false),
        ("http://2001:db8::1/", false, false, false, false),
        ("http://a/%zz", false, false, false, false),
    ] {
        assert_eq!(Format::Uri.matches(text), uri, "uri {text}");
        assert_eq!(Format::UriReference.matches(text), uri_reference, "uri-reference {text}");
        assert_eq!(Format::Iri.matches(text), iri, "iri {text}");
        assert_eq!(Format::IriReference.matches(text), iri_reference, "iri-reference {text}");
    }
}

/// The length of a hostile text, in characters.
const HOSTILE: usize = 262_144;

/// A head, a unit that is repeated up to the length, and a tail.
const HOSTILE_KINDS: [(&str, &str, &str); 45] = [
    ("", "a", ""),
    ("", "(", ""),
    ("", "(?<a>", ""),
    ("", "(?:", ""),
    ("", "[", ""),
    ("[", "a-z", "]"),
    ("(?<a>x)", r"\k<a>", ""),
    ("", r"\k<a>", ""),
    ("", "()", ""),
    ("", "a|", ""),
    ("", "a{1,2}", ""),
    ("a{", "9", "}"),
    (r"\u{", "0", "}"),
    (r"\", "1", ""),
    ("", "(?=a)", ""),
    ("(?<", "a", ">x)"),
    ("", "{", ""),
    ("", "{a}", ""),
    ("{", "a,", "a}"),
    ("{", "a.", "a}"),
    ("", "%41", ""),
    ("", "/", ""),
    ("/", "~0", ""),
    ("", "~", ""),
    ("", "9", ""),
    ("P", "1Y", ""),
    ("P", "9", "Y"),
    ("P", "YMD", ""),
    ("", "T", ""),
    ("2026-11-24T00:00:00.", "0", "Z"),
    ("", ".", ""),
    ("", "a.", "a"),
    ("", "-", ""),
    ("", "xn--", ""),
    ("xn--", "9", ""),
    ("", "xn--9n2bp8q.", "a"),
    ("a", "\u{301}", ""),
    ("a", "\u{ad}", ""),
    ("", "・", ""),
    ("", "실", ""),
    ("", "@", ""),
    ("\"", r"\\", "\"@example.com"),
    ("http://[", ":", "]"),
    ("http://a/", "../", ""),
    ("http://", "a:", "@b/"),
];

fn hostile_texts() -> Vec<String> {
    let mut texts: Vec<String> = HOSTILE_KINDS
        .iter()
        .map(|(head, unit, tail)| {
            let room = HOSTILE - head.chars().count() - tail.chars().count();
            format!("{head}{}{tail}", unit.repeat(room / unit.chars().count()))
        })
        .collect();
    texts.push("(".repeat(HOSTILE / 2) + &")".repeat(HOSTILE / 2));
    // Nested groups whose long names differ only at their ends.
    let named: String = (0..511).map(|name| format!("(?<{}{name:03}>", "n".repeat(504))).collect();
    texts.push(named + &")".repeat(511));
    let references: String = (0..256).map(|name| format!(r"\k<{}{name:03}>", "n".repeat(500))).collect();
    let named: String = (0..256).map(|name| format!("(?<{}{name:03}>)", "n".repeat(500))).collect();
    texts.push(references + &named);
    texts.push((0..20_000).map(|name| format!("(?<n{name}>)")).collect());
    texts.push(
        (0..HOSTILE).filter_map(|at| char::from_u32(0x4e00 + u32::try_from(at).ok()? % 20_000)).collect(),
    );
    texts
}

#[test]
fn every_format_checks_hostile_texts() {
    let texts = hostile_texts();
    for draft in [Draft::Draft4, Draft::Draft202012] {
        for format in NAMES.iter().filter_map(|(name, _)| Format::named(name, draft)) {
            for text in &texts {
                let verdict = format.matches(text);
                let bounded = matches!(
                    format,
                    Format::Date
                        | Format::Uuid
                        | Format::Ipv4
                        | Format::Ipv6
                        | Format::Email
                        | Format::IdnEmail
                        | Format::Hostname
                        | Format::HostnameDraft4
                        | Format::IdnHostname
                );
                assert!(!(bounded && verdict), "{format:?} accepts {text:.20}");
            }
        }
    }
    assert!(Format::DateTime.matches(&texts[29]));
    assert!(Format::Regex.matches(&texts[45]));
    assert!(Format::Regex.matches(&texts[46]));
    assert!(Format::Regex.matches(&texts[47]));
    assert!(!Format::Regex.matches(&texts[48]));
}

#[test]
fn names_of_the_longest_text_that_is_read_are_checked() {
    // UTS 46 removes soft hyphens, so a name of one letter is left.
    let hyphens = |count: usize| format!("a{}", "\u{ad}".repeat(count));
    assert!(Format::IdnHostname.matches(&hyphens(125)) && !Format::IdnHostname.matches(&hyphens(126)));
    for text in hostile_texts() {
        let start = &text[..text.floor_char_boundary(super::idn::MAX_TEXT)];
        assert!(!Format::IdnHostname.matches(start), "{start:.20}");
        assert!(!Format::IdnEmail.matches(&format!("a@{start}")), "{start:.20}");
    }
}
