/// The route by which marked packets reach a transparent proxy: without it, a packet for another address is not
/// delivered here.
package struct PolicyRouting: Sendable, Hashable {
    /// Arguments of `ip`, and whether a failure means only that nothing was there.
    package struct Command: Sendable, Hashable {
        package let arguments: [String]
        package let mayFail: Bool
    }

    private let mark: String
    private let table: String

    package init(_ settings: CaptureSettings) {
        mark = String(settings.mark)
        table = String(settings.routeTable)
    }

    /// Lays the route of a family, whatever was there.
    package func laying(_ family: AddressFamily) -> [Command] {
        removing(family) + [
            command(family, ["rule", "add", "fwmark", mark, "lookup", table], mayFail: false),
            command(family, ["route", "replace", "local", "default", "dev", "lo", "table", table], mayFail: false),
        ]
    }

    /// Takes the route of a family away.
    package func removing(_ family: AddressFamily) -> [Command] {
        [
            command(family, ["rule", "del", "fwmark", mark, "lookup", table], mayFail: true),
            command(family, ["route", "flush", "table", table], mayFail: true),
        ]
    }

    private func command(_ family: AddressFamily, _ words: [String], mayFail: Bool) -> Command {
        Command(arguments: ["-f", family == .ipv4 ? "inet" : "inet6"] + words, mayFail: mayFail)
    }
}
