import GRPCCore
import XDSServer

/// Encodes responses around the bytes that resources already are: once over the memory to send, nothing in between.
struct ResponseSerializer: MessageSerializer {
    let variant: ProtocolVariant
    /// Who answers, for people who look at proxies.
    let controlPlane: String

    func serialize<Bytes: GRPCContiguousBytes>(_ response: DiscoveryResponse) -> Bytes {
        var bytes = Bytes(repeating: 0, count: size(of: response))
        bytes.withUnsafeMutableBytes { memory in
            var writer = ProtobufWriter(memory)
            write(response, to: &writer)
        }
        return bytes
    }

    /// How many bytes the response takes.
    func size(of response: DiscoveryResponse) -> Int {
        typealias Size = ProtobufWriter.Size
        let typeURL = response.typeURL.rawValue
        var size = Size.field(16) + Size.string(typeURL) + Size.string(response.nonce)
        if !controlPlane.isEmpty { size += Size.field(Size.string(controlPlane)) }
        for (index, resource) in response.resources.enumerated() {
            size += Size.field(length(of: resource, response.bodyType(at: index).rawValue))
        }
        if variant == .delta { for name in response.removed { size += Size.field(name.utf8.count) } }
        return size
    }

    private func length(of resource: Resource, _ typeURL: String) -> Int {
        typealias Size = ProtobufWriter.Size
        let packed = Size.string(typeURL) + Size.field(resource.body.count)
        guard variant == .delta else { return packed }
        return Size.field(16) + Size.field(packed) + Size.string(resource.name)
    }

    private func write(_ response: DiscoveryResponse, to writer: inout ProtobufWriter) {
        typealias Size = ProtobufWriter.Size
        let typeURL = response.typeURL.rawValue
        writer.digits(1, response.version.rawValue)
        for (index, resource) in response.resources.enumerated() {
            let bodyType = response.bodyType(at: index).rawValue
            writer.head(2, count: length(of: resource, bodyType))
            if variant == .delta {
                writer.digits(1, resource.version.rawValue)
                writer.head(2, count: Size.string(bodyType) + Size.field(resource.body.count))
            }
            writer.string(1, bodyType)
            writer.bytes(2, resource.body)
            if variant == .delta { writer.string(3, resource.name) }
        }
        writer.string(4, typeURL)
        writer.string(5, response.nonce)
        if variant == .delta { for name in response.removed { writer.bytes(6, Array(name.utf8)) } }
        guard !controlPlane.isEmpty else { return }
        writer.head(variant == .delta ? 7 : 6, count: Size.string(controlPlane))
        writer.string(1, controlPlane)
    }
}
