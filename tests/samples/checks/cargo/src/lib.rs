/// Half of a number.
///
/// ```
/// assert_eq!(halves::half(2), 1);
/// ```
pub fn half(number: i64) -> i64 {
    if number < 0 {
        panic!("no half of {}", number);
    }
    number / 2
}

/// Twice a number.
///
/// ```
/// assert_eq!(halves::twice(2), 5, "twice two");
/// ```
pub fn twice(number: i64) -> i64 {
    number * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even() {
        assert_eq!(half(4), 2);
    }

    #[test]
    fn odd() {
        println!("printed by odd");
        assert_eq!(half(3) * 2, 3, "half of three");
    }

    #[test]
    fn text() {
        half(-1);
    }

    #[test]
    #[ignore = "not yet"]
    fn huge() {}

    #[test]
    #[should_panic(expected = "no half")]
    fn known() {
        half(-2);
    }

    #[test]
    fn result() -> Result<(), String> {
        Err("no such device".to_string())
    }

    mod deep {
        #[test]
        fn even() {
            assert_eq!(super::half(6), 3);
        }
    }
}
