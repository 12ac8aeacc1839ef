import FoundationEssentials
import KubernetesModel

/// Who one is to registries: a Secret of type `kubernetes.io/dockerconfigjson`. Nothing prints it.
struct RegistryCredentials: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var user: String
        var password: String

        /// The value of an `Authorization` header.
        var basic: String { "Basic \(Data("\(user):\(password)".utf8).base64EncodedString())" }
    }

    /// By registry, or registry and the beginning of a repository.
    private let entries: [String: Entry]

    init(dockerConfig text: String) throws(ModuleProblem) {
        guard let json = try? JSONValue(parsing: text), let registries = json["auths"]?.object else {
            throw ModuleProblem(
                "the image pull secret is no Docker configuration: make it with kubectl create secret docker-registry")
        }
        var entries: [String: Entry] = [:]
        for (place, entry) in registries { entries[Self.key(place)] = Self.entry(entry) }
        self.entries = entries
    }

    /// What counts for an image: the entry with the longest beginning of its name.
    func entry(for image: ImageReference) -> Entry? {
        var name = "\(image.registry)/\(image.repository)"
        while true {
            if let entry = entries[name] { return entry }
            guard let slash = name.lastIndex(of: "/") else { return nil }
            name = String(name[..<slash])
        }
    }

    /// `https://index.docker.io/v1/` is `index.docker.io`.
    private static func key(_ place: String) -> String {
        var rest = Substring(place)
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        for version in ["/v1", "/v2"] where rest.hasSuffix(version) { rest = rest.dropLast(version.count) }
        let host = rest.prefix { $0 != "/" }
        guard ["docker.io", "registry-1.docker.io"].contains(host) else { return String(rest) }
        return ImageReference.hub + rest[host.endIndex...]
    }

    private static func entry(_ json: JSONValue) -> Entry? {
        if let text = json["auth"]?.string, !text.isEmpty, let data = Data(base64Encoded: text),
            let pair = String(validating: data, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        {
            return Entry(user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
        }
        guard let user = json["username"]?.string, let password = json["password"]?.string else { return nil }
        return Entry(user: user, password: password)
    }
}

extension RegistryCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension RegistryCredentials.Entry: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
