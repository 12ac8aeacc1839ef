package import SwiftProtobuf

extension Message {
    /// The message on the wire, the same bytes for equal messages: the entries of maps are in order of their keys.
    ///
    /// - Throws: An error of the library, when an `Any` in it was read from JSON and its type is not registered.
    package func stableBytes() throws -> [UInt8] {
        try serializedBytes(options: .stable)
    }

    /// What an `Any` with this message in it has as its `typeURL`, and what xDS calls the type of a resource.
    package static var typeURL: String { "type.googleapis.com/\(protoMessageName)" }
}

extension Google_Protobuf_Any {
    /// Packs a message in such a way that equal messages give equal bytes.
    ///
    /// The library's own `init(message:)` leaves the order of map entries to chance, and serializing the `Any` in order
    /// does not reach into it.
    ///
    /// - Throws: An error of the library, when an `Any` in it was read from JSON and its type is not registered.
    package init<Packed: Message>(packing message: Packed) throws {
        self.init()
        typeURL = Packed.typeURL
        value = try message.serializedBytes(options: .stable)
    }
}

extension BinaryEncodingOptions {
    /// Maps in order of their keys.
    static let stable: BinaryEncodingOptions = {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        return options
    }()
}
