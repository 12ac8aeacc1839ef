internal import KubernetesModel

extension Schema {
    /// One way of several to compare a string.
    static let stringMatch = object(
        [
            Field("exact", string, "The whole text, as it is."),
            Field("prefix", string, "What the text begins with."),
            Field("regex", string, "A regular expression (RE2) that the whole text matches."),
        ], unknown: .dropped
    ).atMostOne(of: "exact", "prefix", "regex")
}
