import EnvoyAPI

/// A path with variables, such as `/users/{id}/{rest=**}`: `*` is one segment, `**` any number of them.
struct PathTemplate: Hashable {
    private indirect enum Part: Hashable {
        case text(String)
        case segment
        case segments
    }

    var text: String
    private var parts: [[Part]]

    /// Nil for another kind of extension.
    init?(_ extensionConfig: Envoy_Config_Core_V3_TypedExtensionConfig) {
        let config: Envoy_Extensions_Path_Match_UriTemplate_V3_UriTemplateMatchConfig? =
            extensionConfig.typedConfig.unpacked()
        guard let config else { return nil }
        self.init(config.pathTemplate)
    }

    init(_ text: String) {
        self.text = text
        // A variable stands for its pattern.
        let plain = text.replacing(/\{[^}=]*=([^}]*)\}/) { String($0.1) }.replacing(/\{[^}]*\}/, with: "*")
        parts = plain.split(separator: "/", omittingEmptySubsequences: false).map(Self.parts)
    }

    private static func parts(of segment: Substring) -> [Part] {
        var parts: [Part] = []
        var rest = segment
        while let first = rest.first {
            if rest.hasPrefix("**") {
                parts.append(.segments)
                rest = rest.dropFirst(2)
            } else if first == "*" {
                parts.append(.segment)
                rest = rest.dropFirst()
            } else {
                let literal = rest.prefix { $0 != "*" }
                parts.append(.text(String(literal)))
                rest = rest.dropFirst(literal.count)
            }
        }
        return parts
    }

    func matches(_ path: String) -> Bool {
        Self.matches(
            path.split(separator: "/", omittingEmptySubsequences: false)[...], parts[...])
    }

    private static func matches(_ segments: ArraySlice<Substring>, _ parts: ArraySlice<[Part]>) -> Bool {
        guard let pattern = parts.first else { return segments.isEmpty }
        if pattern.first == .segments {
            let suffix = pattern.dropFirst()
            if suffix.isEmpty, parts.count == 1 { return true }
            // As many segments as the rest leaves over.
            return (segments.startIndex...segments.endIndex).contains { end in
                guard suffix.isEmpty else {
                    guard end > segments.startIndex, case .text(let text)? = suffix.first else { return false }
                    return segments[end - 1].hasSuffix(text) && matches(segments[end...], parts.dropFirst())
                }
                return matches(segments[end...], parts.dropFirst())
            }
        }
        guard let segment = segments.first, fits(segment, pattern[...]) else { return false }
        return matches(segments.dropFirst(), parts.dropFirst())
    }

    private static func fits(_ segment: Substring, _ pattern: ArraySlice<Part>) -> Bool {
        switch pattern.first {
        case .text(let text)?:
            return segment.hasPrefix(text) && fits(segment.dropFirst(text.count), pattern.dropFirst())
        case .segment?, .segments?:
            guard pattern.count > 1 else { return !segment.isEmpty }
            return segment.indices.dropFirst().contains { fits(segment[$0...], pattern.dropFirst()) }
        case nil: return segment.isEmpty
        }
    }
}
