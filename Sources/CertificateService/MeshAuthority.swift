package import CertificateAuthority
import Synchronization
package import X509

/// The certificate authority of one replica: what signs now and whom the mesh trusts, and who wants to know.
package final class MeshAuthority: Sendable {
    private struct State {
        var root: MeshRoot.Found
        var issuer: CertificateIssuer
        var handlers: [(id: UInt64, handle: @Sendable (CAMaterial) -> Void)] = []
        var lastHandler: UInt64 = 0
    }

    /// One who is told of changes.
    package struct Listener: Sendable {
        fileprivate let id: UInt64
        fileprivate let authority: MeshAuthority

        /// It is told of none that comes later.
        package func end() { authority.state.withLock { state in state.handlers.removeAll { $0.id == id } } }
    }

    private let state: Mutex<State>

    /// - Parameter root: What counts at first.
    package init(_ root: MeshRoot.Found) {
        state = Mutex(State(root: root, issuer: CertificateIssuer(root.material)))
    }

    /// An authority without a list of certificates that were taken back.
    package convenience init(_ material: CAMaterial) { self.init(MeshRoot.Found(material: material)) }

    /// What signs now.
    package var issuer: CertificateIssuer { state.withLock { $0.issuer } }

    /// What signs now, with the roots that are trusted.
    package var material: CAMaterial { state.withLock { $0.root.material } }

    /// Certificates that were taken back; nil: none.
    package var revocations: Revocations? { state.withLock { $0.root.revocations } }

    /// Whether a certificate of the mesh was taken back.
    package func isRevoked(_ certificate: Certificate) -> Bool {
        let root = state.withLock { $0.root }
        let material = root.material
        let authorities = [material.certificate] + material.intermediates + material.trustBundle.certificates
        return root.revocations?.include(certificate, of: authorities) ?? false
    }

    /// Signs with other material from now on, and tells everybody.
    package func use(_ material: CAMaterial) { use(MeshRoot.Found(material: material, revocations: revocations)) }

    /// Follows another root, or another list of what was taken back, from now on, and tells everybody.
    package func use(_ root: MeshRoot.Found) {
        let handlers = state.withLock { state -> [@Sendable (CAMaterial) -> Void] in
            guard state.root != root else { return [] }
            if state.root.material != root.material { state.issuer = CertificateIssuer(root.material) }
            state.root = root
            return state.handlers.map(\.handle)
        }
        for handler in handlers { handler(root.material) }
    }

    /// Calls `handler` at every change from now on, until the listener is ended.
    @discardableResult
    package func onChange(_ handler: @escaping @Sendable (CAMaterial) -> Void) -> Listener {
        let id = state.withLock { state in
            state.lastHandler += 1
            state.handlers.append((state.lastHandler, handler))
            return state.lastHandler
        }
        return Listener(id: id, authority: self)
    }
}
