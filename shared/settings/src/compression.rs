//! Kafka's compression codecs.

use std::str::FromStr;

/// How the records of a batch are compressed.
///
/// <https://kafka.apache.org/documentation/#producerconfigs_compression.type>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As they are.
    None,
    /// Every client reads it without a further package.
    Gzip,
    /// Some clients need a package for it.
    Snappy,
    /// Some clients need a package for it.
    Lz4,
    /// Some clients need a package for it. Brokers accept it from Kafka 2.1 on.
    Zstd,
}

impl Compression {
    /// Every codec.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// librdkafka's `compression.level` for it. -1 is the codec's own default.
    ///
    /// gzip is written by zlib-rs (`shared/libz-sys`). Its level 2 saves as many bytes as level 1 of zlib. Its level 1
    /// takes a quarter more bytes. Its default takes almost four times the CPU time, and two thirds of the bytes.
    pub fn level(self) -> i32 {
        if self == Self::Gzip { 2 } else { -1 }
    }

    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl FromStr for Compression {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|compression| compression.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::COMPRESSION;

    #[test]
    fn a_codec_is_read_by_its_name_and_named_in_the_rule() {
        for compression in Compression::ALL {
            assert!(COMPRESSION.rule.contains(compression.name()), "{compression:?}");
            assert_eq!(compression.name().parse(), Ok(compression));
        }
        assert_eq!("GZIP".parse::<Compression>(), Err(()));
    }
}
