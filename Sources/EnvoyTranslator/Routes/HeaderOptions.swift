import EnvoyAPI
import MeshModel
import SwiftProtobuf

extension [Envoy_Config_Core_V3_HeaderValueOption] {
    /// What is set, then what is added; both by name.
    init(_ operations: HeaderChanges.Operations) {
        func options(
            _ values: [String: String], _ action: Envoy_Config_Core_V3_HeaderValueOption.HeaderAppendAction
        ) -> [Envoy_Config_Core_V3_HeaderValueOption] {
            values.filter { !isHeaderOfProtocol($0.key) }.sorted { $0.key < $1.key }.map { name, value in
                .with {
                    $0.header.key = name
                    $0.header.value = value
                    $0.appendAction = action
                }
            }
        }
        self =
            options(operations.set, .overwriteIfExistsOrAdd) + options(operations.add, .appendIfExistsOrAdd)
    }
}

extension HeaderChanges.Operations {
    /// The headers that can be taken out.
    var removed: [String] { remove.filter { !isHeaderOfProtocol($0) } }
}

extension HeaderChanges {
    /// The authority that requests are given by way of a header: not as a header, but by rewriting.
    var authority: String? {
        for values in [request.set, request.add] {
            let names = values.keys.sorted().filter { [":authority", "host"].contains($0.lowercased()) }
            if let name = names.first { return values[name] }
        }
        return nil
    }
}

/// Whether a header belongs to the protocol, and is not changed like others.
private func isHeaderOfProtocol(_ name: String) -> Bool { name.hasPrefix(":") || name.lowercased() == "host" }
