/// A resource that is kept for those who are sent it.
package struct KeptResource: Hashable, Sendable {
    package var typeURL: String
    package var name: String
    /// Of the encoded message.
    package var bytes: Int

    package init(typeURL: String, name: String, bytes: Int) {
        self.typeURL = typeURL
        self.name = name
        self.bytes = bytes
    }
}
