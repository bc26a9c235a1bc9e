#[test]
fn even() {
    assert_eq!(halves::half(0), 0);
}
