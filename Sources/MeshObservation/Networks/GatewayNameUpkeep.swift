package import KubernetesModel
package import Logging
package import MeshTranslator
import ServiceLifecycle

/// Looks up the gateways of networks that are known by their host names, again and again.
///
/// Addresses that a name had stay while it cannot be looked up: a gateway is called in vain rather than not at all.
package struct GatewayNameUpkeep: Service {
    private static let timeout = Duration.seconds(10)

    /// How often names are looked up.
    package static var timing: FetchSchedule<String>.Timing {
        var timing = FetchSchedule<String>.Timing()
        timing.refresh = .seconds(60)
        return timing
    }

    private let upkeep: FetchUpkeep<String, [String]>

    /// - Parameter take: Is told of addresses that were found, and (nil) of names that are no gateway's any more.
    package init(
        _ resolver: any HostResolving, timing: FetchSchedule<String>.Timing = Self.timing, logger: Logger,
        take: @escaping @Sendable (ObjectChange, ObjectReference) -> Void
    ) {
        upkeep = FetchUpkeep(timing: timing) { name, timeout in
            try await resolver.addresses(of: name, within: timeout)
        } failed: { name, error in
            logger.warning(
                "Cannot look up a network's gateway; addresses that it had stay",
                metadata: ["name": "\(name)", "error": "\(error)"])
        } tell: { name, addresses in
            let reference = ObjectReference(
                GroupKind(group: "", kind: "HostAddresses"), ObjectKey(namespace: "", name: name))
            take(.hostAddresses(name, addresses), reference)
        }
    }

    /// Takes over which names there are from now on.
    package func want(_ names: [String]) {
        upkeep.want(Dictionary(names.map { ($0, Self.timeout) }) { first, _ in first })
    }

    package func run() async throws { try await upkeep.run() }
}
