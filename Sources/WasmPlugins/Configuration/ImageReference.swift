/// An image of a registry: `registry/repository:tag`, `registry/repository@sha256:…`.
struct ImageReference: Hashable, Sendable {
    /// `host` or `host:port`.
    var registry: String
    var repository: String
    var tag: String?
    /// `sha256:` and 64 digits.
    var digest: String?

    /// Reads what people write; where they leave parts out those of the Docker Hub count.
    init(parsing text: some StringProtocol) throws(ModuleProblem) {
        var rest = Substring(text)
        if let at = rest.firstIndex(of: "@") {
            let digest = String(rest[rest.index(after: at)...])
            guard Self.isDigest(digest) else { throw Self.problem(text, "its digest is not sha256: and 64 digits") }
            self.digest = digest
            rest = rest[..<at]
        }
        let name = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[name...].firstIndex(of: ":") {
            let tag = rest[rest.index(after: colon)...]
            guard !tag.isEmpty, tag.utf8.count <= 128, tag.utf8.allSatisfy(Self.isTagCharacter) else {
                throw Self.problem(text, "its tag is not of letters, digits, dots, dashes and underscores")
            }
            self.tag = String(tag)
            rest = rest[..<colon]
        }
        let first = rest.prefix { $0 != "/" }
        if first.endIndex != rest.endIndex, first == "localhost" || first.contains(where: { $0 == "." || $0 == ":" }) {
            guard WebAddress.isAuthority(first) else {
                throw Self.problem(text, "\(first) is no host, with or without a port from 1 to 65535")
            }
            registry = String(first)
            rest = rest[rest.index(after: first.endIndex)...]
        } else {
            registry = Self.hub
        }
        if registry == "docker.io" || registry == "registry-1.docker.io" { registry = Self.hub }
        guard !rest.isEmpty, rest.utf8.allSatisfy(Self.isRepositoryCharacter), !rest.split(separator: "/").isEmpty,
            rest.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty && $0 != ".." })
        else { throw Self.problem(text, "it names no repository in small letters") }
        repository = registry == Self.hub && !rest.contains("/") ? "library/\(rest)" : String(rest)
    }

    static let hub = "index.docker.io"

    /// What a registry is asked for.
    var reference: String { digest ?? tag ?? "latest" }

    /// What it stands for may change.
    var isMovable: Bool { digest == nil && (tag == nil || tag == "latest") }

    static func isDigest(_ text: String) -> Bool {
        let prefix = "sha256:"
        return text.hasPrefix(prefix) && isChecksum(text.dropFirst(prefix.count))
    }

    /// Whether it is a SHA-256 in hexadecimal digits.
    static func isChecksum(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
    }

    private static func isTagCharacter(_ octet: UInt8) -> Bool {
        isRepositoryCharacter(octet) && octet != UInt8(ascii: "/") || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet
    }

    private static func isRepositoryCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
        default: false
        }
    }

    private static func problem(_ text: some StringProtocol, _ why: String) -> ModuleProblem {
        ModuleProblem("the image \"\(text)\" cannot be asked for: \(why)")
    }
}

extension ImageReference: CustomStringConvertible {
    var description: String {
        "\(registry)/\(repository)\(tag.map { ":\($0)" } ?? "")\(digest.map { "@\($0)" } ?? "")"
    }
}
