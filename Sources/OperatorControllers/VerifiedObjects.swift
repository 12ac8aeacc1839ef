import KubernetesModel
import ManifestRenderer
import Synchronization

/// Which objects were found, or made, equal to what is desired; so that a reconcile that has nothing to do asks the
/// API server nothing.
final class VerifiedObjects: Sendable {
    private struct Verification: Hashable {
        var desired: Int
        var fingerprint: Int
    }

    private let verified = Mutex<[ObjectReference: Verification]>([:])

    /// Whether neither the desired object nor the live one changed since they were verified.
    func isCurrent(_ manifest: Manifest, live: OwnedObject) -> Bool {
        verified.withLock {
            $0[manifest.reference]
                == Verification(desired: manifest.fingerprint, fingerprint: live.fingerprint)
        }
    }

    func record(_ manifest: Manifest, live: OwnedObject) {
        verified.withLock {
            $0[manifest.reference] = Verification(
                desired: manifest.fingerprint, fingerprint: live.fingerprint)
        }
    }

    func forget(_ reference: ObjectReference) {
        verified.withLock { $0[reference] = nil }
    }
}
