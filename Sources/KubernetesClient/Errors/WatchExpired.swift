/// A watch cannot go on: the server no longer has the changes since its resource version (410). List again.
package struct WatchExpired: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was watched: `WATCH pods in istio-system`.
    package var request: String
    package var message: String

    package init(request: String, message: String) {
        self.request = request
        self.message = message
    }

    package var description: String { "\(request): the resource version is too old, list again: \(message)" }
}
