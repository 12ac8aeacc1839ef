/// How a namespace of another cluster names this one, among those whose control planes look after it.
package enum RemoteClaim: Hashable, Sendable {
    /// Before all others.
    case first
    /// After another one.
    case behind(String)
    /// As any one.
    case any

    /// - Parameter annotation: Names, separated by commas, or `*`.
    /// - Returns: Nil where it is not named.
    init?(_ cluster: String, in annotation: String?) {
        let names = (annotation ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }
            .filter { !$0.isEmpty }
        guard names.contains(where: { $0 == cluster || $0 == "*" }), let first = names.first else { return nil }
        switch first {
        case cluster: self = .first
        case "*": self = .any
        default: self = .behind(first)
        }
    }
}
