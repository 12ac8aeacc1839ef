package import MeshModel

/// Fetches the keys by which tokens are verified.
package protocol KeySetFetching: Sendable {
    /// - Returns: A JSON Web Key Set, as it came.
    func keySet(from source: KeySetSource, within timeout: Duration) async throws -> String
}

/// Why there are no keys.
package struct KeySetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked.
    package var address: String
    package var problem: String

    package init(_ address: String, _ problem: String) {
        self.address = address
        self.problem = problem
    }

    package var description: String { "GET \(address): \(problem)" }
}
