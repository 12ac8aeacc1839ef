/// What the owner of a stream has to do, in this order.
package enum StreamAction: Hashable, Sendable {
    /// The client said who it is: find out what it may see, and publish that.
    case identified(ClientNode)
    case send(DiscoveryResponse)
    /// The client accepted a response.
    case acknowledged(Answer)
    /// The client refused a response and goes on with what it had.
    case rejected(Rejection)
    /// End the stream; nothing comes after this.
    case close(CloseReason)
}
