import EnvoyAPI
package import KubernetesModel
import SwiftProtobuf
package import XDSServer

/// Resources as Envoy's own `/config_dump` writes them, without what is secret.
package enum EnvoyDump {
    /// All of a proxy's resources.
    package static func configurations(_ cache: ResourceCache) -> JSONValue {
        let sections = [
            section("ListenersConfigDump", "dynamic_listeners", cache[.listener], .listener) { resource, json in
                [
                    "name": .string(resource.name),
                    "active_state": ["version_info": .string("\(resource.version)"), "listener": json],
                ]
            },
            section("ClustersConfigDump", "dynamic_active_clusters", cache[.cluster], .cluster, plain("cluster")),
            section("RoutesConfigDump", "dynamic_route_configs", cache[.route], .route, plain("route_config")),
            section(
                "EndpointsConfigDump", "dynamic_endpoint_configs", cache[.endpoint], .endpoint,
                plain("endpoint_config")),
            section("SecretsConfigDump", "dynamic_active_secrets", cache[.secret], .secret) { resource, json in
                ["name": .string(resource.name), "version_info": .string("\(resource.version)"), "secret": json]
            },
            section("EcdsConfigDump", "ecds_filters", cache[.extensionConfig], .extensionConfig, plain("ecds_filter")),
        ]
        return ["configs": .array(sections)]
    }

    /// The resources of one type.
    package static func resources(_ type: TypeURL, _ cache: ResourceCache) -> JSONValue {
        .array(cache[type].resources.map { message($0, type) })
    }

    /// Fields as Envoy spells them.
    private static var spelling: JSONEncodingOptions {
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        return options
    }

    private static func plain(_ field: String) -> (Resource, JSONValue) -> JSONValue {
        { resource, json in .object(["version_info": .string("\(resource.version)"), field: json]) }
    }

    private static func section(
        _ kind: String, _ field: String, _ snapshot: ResourceSnapshot, _ type: TypeURL,
        _ entry: (Resource, JSONValue) -> JSONValue
    ) -> JSONValue {
        .object([
            "@type": .string("type.googleapis.com/envoy.admin.v3.\(kind)"),
            "version_info": .string("\(snapshot.version)"),
            field: .array(snapshot.resources.map { entry($0, message($0, type)) }),
        ])
    }

    /// Whether nothing of it has to be taken out before people see it.
    static func isPublic(_ resource: Resource, _ type: TypeURL) -> Bool {
        guard type != .secret else { return false }
        KnownTypes.register()
        guard let known = KnownTypes.type(ofURL: type.rawValue),
            let text: [UInt8] = try? known.init(serializedBytes: resource.body).jsonUTF8Bytes(options: spelling),
            let content = try? JSONValue(parsing: text)
        else { return false }
        return SecretRedaction.redacted(content) == content
    }

    private static func message(_ resource: Resource, _ type: TypeURL) -> JSONValue {
        var json: JSONValue = ["@type": .string(type.rawValue), "name": .string(resource.name)]
        // Nothing of a secret's bytes is even decoded.
        guard type != .secret else {
            json["redacted"] = true
            return json
        }
        KnownTypes.register()
        do {
            guard let known = KnownTypes.type(ofURL: type.rawValue) else { return json }
            let text: [UInt8] = try known.init(serializedBytes: resource.body).jsonUTF8Bytes(options: spelling)
            let content = try JSONValue(parsing: text)
            return json.merging(SecretRedaction.redacted(content))
        } catch {
            json["problem"] = .string("cannot be shown: \(error)")
            return json
        }
    }
}

/// Takes out of a message's JSON what Envoy's own dumps take out.
enum SecretRedaction {
    /// In lower case and without underscores, for both spellings of fields.
    private static let secretFields: Set<String> = [
        "privatekey", "privatekeyprovider", "password", "pkcs12", "sessionticketkeys", "genericsecret", "hmacsecret",
        "tokensecret", "clientsecret",
    ]

    static func redacted(_ json: JSONValue) -> JSONValue {
        switch json {
        case .object(let fields):
            .object(
                Dictionary(
                    uniqueKeysWithValues: fields.map { name, value in
                        let isSecret = secretFields.contains(name.lowercased().filter { $0 != "_" })
                        return (name, isSecret ? "[redacted]" : redacted(value))
                    }))
        case .array(let elements): .array(elements.map(redacted))
        default: json
        }
    }
}
