package import MeshModel

/// Clients of different namespaces see most of a mesh alike: what they have in common is planned once, for clients that
/// are in no namespace at all.
extension OutboundScope {
    /// No object is in it, and nothing can be exported to it.
    private static let nowhere = "~"

    /// Whether it is that of clients in no namespace.
    package var isCommon: Bool { egress == .all && listeners.isEmpty && namespace == Self.nowhere }

    /// The same, seen from no namespace; nil where a Sidecar says which hosts are in reach, or if it is that already.
    package var common: OutboundScope? {
        guard egress == .all, listeners.isEmpty, namespace != Self.nowhere else { return nil }
        var scope = self
        scope.namespace = Self.nowhere
        scope.dnsDomain = ""
        return scope
    }
}

extension OutboundTraits {
    /// Of clients in no namespace that differ in nothing else; nil where there is nothing in common to be shared.
    package func common(in snapshot: MeshSnapshot) -> OutboundTraits? {
        guard !isRouter, snapshot.settings.httpProxyPort == 0, let scope = scope.common else { return nil }
        var traits = self
        traits.scope = scope
        traits.tracedAs = nil
        traits.patchedMetadata = [:]
        // Patches may be about anything.
        guard patches(in: snapshot).isEmpty, traits.patches(in: snapshot).isEmpty else { return nil }
        return traits
    }

    /// What all listeners for calls to others have in common.
    package func listenerSettings(in snapshot: MeshSnapshot, settings: TranslationSettings) -> TrafficSettings {
        trafficSettings(in: snapshot, settings)
    }
}

extension TrafficSettings {
    /// The configurations that listeners with these settings ask for.
    package var extensionConfigs: [ResourceInput] { extensions.configurations }
}

extension ResourceInput {
    /// The port by which clients call what this listener or these routes are for; nil for all else.
    package var calledPort: Int? {
        switch self {
        case .outboundListener(let input): input.port
        case .routeConfiguration(let input): input.name.split(separator: ":").last.flatMap { Int($0) }
        default: nil
        }
    }

    /// The same listener with other settings; nil for all else.
    package func with(_ settings: TrafficSettings) -> ResourceInput? {
        switch self {
        case .outboundListener(var input):
            input.settings = settings
            return .outboundListener(input)
        case .virtualOutbound(var input):
            input.settings = settings
            return .virtualOutbound(input)
        default: return nil
        }
    }
}
