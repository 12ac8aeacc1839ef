/// Whether a control plane's webhook server takes calls, so that webhook configurations may point to it.
package protocol WebhookServerProbing: Sendable {
    /// Whom the mesh trusts: PEM of the roots that the control plane published into its own namespace; nil: it has not.
    ///
    /// - Throws: What the API server says.
    func publishedRoot(in namespace: String) async throws -> String?

    /// - Parameters:
    ///   - revision: The control plane's revision, `default` for the unnamed one.
    ///   - namespace: Where it runs.
    ///   - root: PEM of whom webhooks are to trust.
    /// - Returns: True once every ready replica completes a TLS handshake with a certificate that `root` vouches for; a
    ///   replica that can't be reached means no.
    func answers(revision: String, namespace: String, trusting root: String) async -> Bool
}
