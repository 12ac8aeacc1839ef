internal import KubernetesModel

extension Schema {
    /// A time of at least a millisecond, such as `5s`.
    static let duration = text(.duration)
        .rules(SchemaRule("duration(self) >= duration('1ms')", "must be a duration of at least 1ms, such as 5s"))

    /// A time that may be none at all, such as `0s`. The API server takes any string for it.
    static let durationOrNone = text(.durationOrNone)
}

extension TextRule {
    /// At least a millisecond.
    static let duration = TextRule("a duration of at least 1ms, such as 5s, 1m30s or 250ms") { text in
        DurationText.nanoseconds(text).map { $0 >= 1_000_000 } ?? false
    }

    /// Not less than nothing.
    static let durationOrNone = TextRule("a duration such as 0s, 5s, 1m30s or 250ms") { text in
        DurationText.nanoseconds(text).map { $0 >= 0 } ?? false
    }
}
