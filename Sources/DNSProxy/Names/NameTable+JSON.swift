package import KubernetesModel
import NIOCore

extension NameTable {
    /// The addresses by name, for people.
    package var json: JSONValue {
        .object(
            hosts.mapValues { host in
                JSONValue((host.ipv4 + host.ipv6).compactMap(text(of:)))
            })
    }

    private func text(of address: [UInt8]) -> String? {
        try? SocketAddress(packedIPAddress: ByteBuffer(bytes: address), port: 0).ipAddress
    }
}
