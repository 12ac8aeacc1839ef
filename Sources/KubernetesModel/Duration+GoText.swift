extension Duration {
    /// Reads a time that is not negative, as ``DurationText`` does, of less than 1e9 seconds: `30m`, `1h30m`, `1.5s`,
    /// `250ms`, `0`; nil for anything else, a sign too.
    package init?(goText text: String) {
        guard let nanoseconds = DurationText.nanoseconds(text), let first = text.first, first != "-", first != "+",
            nanoseconds < 1e18
        else { return nil }
        self = .seconds(nanoseconds / 1e9)
    }
}
