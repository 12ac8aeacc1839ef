import DiscoveryAPI
import EnvoyAPI
import FoundationEssentials
import KubernetesModel
import SwiftProtobuf
import XDSServer

extension EnvoyDump {
    /// The parts of ``configurations(_:)`` as messages, which istioctl compares with an Envoy's own.
    ///
    /// A resource that holds a secret, or that nobody can look into, is there by its name alone.
    static func sections(_ cache: ResourceCache) throws -> [(type: TypeURL, resource: Resource)] {
        let listeners = Envoy_Admin_V3_ListenersConfigDump.with { dump in
            dump.versionInfo = "\(cache[.listener].version)"
            dump.dynamicListeners = cache[.listener].resources.map { resource in
                .with {
                    $0.name = resource.name
                    $0.activeState.versionInfo = "\(resource.version)"
                    $0.activeState.listener = packed(resource, .listener)
                }
            }
        }
        let clusters = Envoy_Admin_V3_ClustersConfigDump.with { dump in
            dump.versionInfo = "\(cache[.cluster].version)"
            dump.dynamicActiveClusters = entries(.cluster, cache) { ($0.versionInfo, $0.cluster) = $1 }
        }
        let routes = Envoy_Admin_V3_RoutesConfigDump.with { dump in
            dump.dynamicRouteConfigs = entries(.route, cache) { ($0.versionInfo, $0.routeConfig) = $1 }
        }
        let endpoints = Envoy_Admin_V3_EndpointsConfigDump.with { dump in
            dump.dynamicEndpointConfigs = entries(.endpoint, cache) { ($0.versionInfo, $0.endpointConfig) = $1 }
        }
        let secrets = Envoy_Admin_V3_SecretsConfigDump.with { dump in
            dump.dynamicActiveSecrets = cache[.secret].resources.map { resource in
                .with {
                    $0.name = resource.name
                    $0.versionInfo = "\(resource.version)"
                    $0.secret = packed(resource, .secret)
                }
            }
        }
        let extensions = Envoy_Admin_V3_EcdsConfigDump.with { dump in
            dump.ecdsFilters = entries(.extensionConfig, cache) { ($0.versionInfo, $0.ecdsFilter) = $1 }
        }
        return [
            try section(listeners), try section(clusters), try section(routes), try section(endpoints),
            try section(secrets), try section(extensions),
        ]
    }

    private static func section<Dump: Message>(_ dump: Dump) throws -> (type: TypeURL, resource: Resource) {
        let name = String(Dump.protoMessageName.split(separator: ".").last ?? "")
        return (TypeURL(rawValue: Dump.typeURL), Resource(name: name, body: try dump.stableBytes()))
    }

    private static func entries<Entry: Message>(
        _ type: TypeURL, _ cache: ResourceCache, _ fill: (inout Entry, (String, Google_Protobuf_Any)) -> Void
    ) -> [Entry] {
        cache[type].resources.map { resource in
            var entry = Entry()
            fill(&entry, ("\(resource.version)", packed(resource, type)))
            return entry
        }
    }

    private static func packed(_ resource: Resource, _ type: TypeURL) -> Google_Protobuf_Any {
        .with {
            $0.typeURL = type.rawValue
            $0.value = Data(isPublic(resource, type) ? resource.body : named(resource.name))
        }
    }

    /// All kinds of resources have their name in field 1.
    private static func named(_ name: String) -> [UInt8] {
        var (bytes, count) = ([UInt8(1 << 3 | 2)], name.utf8.count)
        while count >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        return bytes + [UInt8(count)] + Array(name.utf8)
    }
}
