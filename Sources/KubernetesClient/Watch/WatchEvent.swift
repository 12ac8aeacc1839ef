import KubernetesModel

/// A change of one object, as a watch tells it.
package struct WatchEvent<Object: Sendable>: Sendable {
    package enum Kind: Hashable, Sendable {
        case added, modified, deleted
        /// Nothing changed; all changes up to the event's resource version have been told.
        case bookmark
    }

    package var kind: Kind
    /// The object after the change, or as it last was if it was deleted. Nil for a bookmark.
    package var object: Object?
    /// Where a new watch would go on from.
    package var resourceVersion: String

    package init(kind: Kind, object: Object?, resourceVersion: String) {
        self.kind = kind
        self.object = object
        self.resourceVersion = resourceVersion
    }
}

extension WatchEvent {
    /// The same change, with the object made into something else.
    func map<Other: Sendable>(_ transform: (Object) throws -> Other) rethrows -> WatchEvent<Other> {
        let kind: WatchEvent<Other>.Kind =
            switch kind {
            case .added: .added
            case .modified: .modified
            case .deleted: .deleted
            case .bookmark: .bookmark
            }
        return WatchEvent<Other>(
            kind: kind, object: try object.map(transform), resourceVersion: resourceVersion)
    }
}

extension WatchEvent: Equatable where Object: Equatable {}

extension WatchEvent.Kind {
    /// Reads the `type` of a change.
    init?(type: String) {
        switch type {
        case "ADDED": self = .added
        case "MODIFIED": self = .modified
        case "DELETED": self = .deleted
        default: return nil
        }
    }
}

/// One line of a watch, read.
enum WatchFrame<Object: Sendable>: Sendable {
    case event(WatchEvent<Object>)
    /// A `Status` object.
    case error(JSONValue)
    /// A type of event that is not known here.
    case unknown(String)
}
