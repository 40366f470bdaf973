//! The order of two values, which is that of `Json`. It costs steps for the parts that are compared.

use std::cmp::Ordering;

use xzepr_json::Json;

use crate::{
    error::TooMuchWork,
    work::{BYTES_A_STEP, Work},
};

pub(super) fn compare(one: &Json, other: &Json, work: &mut Work) -> Result<Ordering, TooMuchWork> {
    work.spend(1)?;
    match (one, other) {
        (Json::String(one), Json::String(other)) => compare_texts(one, other, work),
        (Json::Array(ones), Json::Array(others)) => {
            for (one, other) in ones.iter().zip(others) {
                let order = compare(one, other, work)?;
                if order.is_ne() {
                    return Ok(order);
                }
            }
            Ok(ones.len().cmp(&others.len()))
        }
        (Json::Object(ones), Json::Object(others)) => {
            for ((name, one), (other_name, other)) in ones.iter().zip(others.iter()) {
                let order = compare_texts(name, other_name, work)?.then(compare(one, other, work)?);
                if order.is_ne() {
                    return Ok(order);
                }
            }
            Ok(ones.len().cmp(&others.len()))
        }
        // Scalars, or values of different types.
        _ => Ok(one.cmp(other)),
    }
}

fn compare_texts(one: &str, other: &str, work: &mut Work) -> Result<Ordering, TooMuchWork> {
    work.spend(one.len().min(other.len()) / BYTES_A_STEP)?;
    Ok(one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_values() {
        let texts = [
            "null",
            "false",
            "true",
            "-1",
            "1.0",
            "2",
            r#""""#,
            r#""a""#,
            r#""b""#,
            "[]",
            "[1]",
            "[1,null]",
            "[2]",
            "{}",
            r#"{"a":1}"#,
            r#"{"a":1,"b":0}"#,
            r#"{"a":2}"#,
            r#"{"b":0}"#,
        ];
        for one in texts {
            for other in texts {
                let (one, other) = (Json::parse(one).unwrap(), Json::parse(other).unwrap());
                assert_eq!(compare(&one, &other, &mut Work::new(100)), Ok(one.cmp(&other)));
            }
        }
    }

    #[test]
    fn a_comparison_ends_with_its_budget() {
        let text = format!("[{}1]", "0,".repeat(1000));
        let value = Json::parse(&text).unwrap();
        assert_eq!(compare(&value, &value, &mut Work::new(500)), Err(TooMuchWork));
        assert_eq!(compare(&Json::Null, &value, &mut Work::new(1)), Ok(Ordering::Less));
    }
}
