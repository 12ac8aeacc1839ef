/// Whether a control plane's webhook server takes calls, so that webhook configurations may point to it.
package protocol WebhookServerProbing: Sendable {
    /// - Parameters:
    ///   - revision: The control plane's revision, `default` for the unnamed one.
    ///   - namespace: Where it runs.
    /// - Returns: True once every ready replica completes a TLS handshake with a certificate that the mesh's root
    ///   vouches for; a replica that can't be reached means no.
    func answers(revision: String, namespace: String) async -> Bool
}
