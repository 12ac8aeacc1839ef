import FoundationEssentials
package import KubernetesModel
import NIOCore

/// How the server's bytes become objects.
///
/// Items of a list carry no `apiVersion` and `kind`; readers of whole objects fill them in.
package struct ObjectReader<Object: Sendable>: Sendable {
    let page: @Sendable (ByteBuffer, APIResource) throws -> ObjectPage<Object>
    let event: @Sendable (ByteBuffer, APIResource) throws -> WatchFrame<Object>
    let object: @Sendable (ByteBuffer) throws -> Object

    /// Straight into a narrow struct: the fields that it does not name are passed over.
    package static func decodable(_ type: Object.Type = Object.self) -> ObjectReader
    where Object: KubernetesObject {
        ObjectReader(
            page: { bytes, resource in
                let list = try decode(DecodedList<Object>.self, from: bytes, resource)
                return ObjectPage(
                    items: list.items ?? [], resourceVersion: list.metadata?.resourceVersion ?? "",
                    continueToken: list.metadata?.continue ?? "",
                    remainingItemCount: list.metadata?.remainingItemCount)
            },
            event: { bytes, resource in try decode(DecodedEvent<Object>.self, from: bytes, resource).frame },
            object: { bytes in try decode(Object.self, from: bytes, nil) })
    }

    /// Through the object as JSON.
    ///
    /// - Parameter transform: What it throws ends the list or watch.
    package static func json(_ transform: @escaping @Sendable (UnstructuredObject) throws -> Object) -> ObjectReader {
        ObjectReader(
            page: { bytes, resource in
                let list = try json(bytes, resource)
                let metadata = list["metadata"]
                return ObjectPage(
                    items: try (list["items"]?.array ?? []).map { try transform(identified($0, as: resource)) },
                    resourceVersion: metadata?["resourceVersion"]?.string ?? "",
                    continueToken: metadata?["continue"]?.string ?? "",
                    remainingItemCount: metadata?["remainingItemCount"]?.integer)
            },
            event: { bytes, resource in
                let event = try json(bytes, resource)
                let object = event["object"] ?? .null
                let version = object["metadata", "resourceVersion"]?.string ?? ""
                switch event["type"]?.string {
                case "BOOKMARK": return .event(WatchEvent(kind: .bookmark, object: nil, resourceVersion: version))
                case "ERROR": return .error(object)
                case let type?:
                    guard let kind = WatchEvent<Object>.Kind(type: type) else { return .unknown(type) }
                    return .event(
                        WatchEvent(
                            kind: kind, object: try transform(identified(object, as: resource)),
                            resourceVersion: version))
                case nil: throw ObjectReadError(resource: resource, problem: "a watch event without a type")
                }
            },
            object: { bytes in try transform(UnstructuredObject(try json(bytes, nil))) })
    }

    /// The same reader, with each object made into something else.
    package func map<Other: Sendable>(
        _ transform: @escaping @Sendable (Object) throws -> Other
    ) -> ObjectReader<Other> {
        ObjectReader<Other>(
            page: { bytes, resource in
                let page = try page(bytes, resource)
                return ObjectPage(
                    items: try page.items.map(transform), resourceVersion: page.resourceVersion,
                    continueToken: page.continueToken, remainingItemCount: page.remainingItemCount)
            },
            event: { bytes, resource in
                switch try event(bytes, resource) {
                case .event(let event): return .event(try event.map(transform))
                case .error(let status): return .error(status)
                case .unknown(let type): return .unknown(type)
                }
            },
            object: { bytes in try transform(try object(bytes)) })
    }

    private static func identified(_ item: JSONValue, as resource: APIResource) -> UnstructuredObject {
        var item = item
        if item["kind"] == nil { item["kind"] = .string(resource.kind) }
        if item["apiVersion"] == nil { item["apiVersion"] = .string(resource.apiVersion) }
        return UnstructuredObject(item)
    }

    private static func json(_ bytes: ByteBuffer, _ resource: APIResource?) throws(ObjectReadError) -> JSONValue {
        do {
            return try JSONValue(parsing: bytes.readableBytesView)
        } catch {
            throw ObjectReadError(resource: resource, problem: "\(error)")
        }
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: ByteBuffer, _ resource: APIResource?
    ) throws(ObjectReadError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes.readableBytesView))
        } catch {
            throw ObjectReadError(resource: resource, problem: ObjectReadError.problem(in: error))
        }
    }
}

extension ObjectReader where Object == UnstructuredObject {
    /// Whole objects.
    package static var unstructured: ObjectReader { .json { $0 } }
}

/// One page of a list.
struct ObjectPage<Object: Sendable>: Sendable {
    var items: [Object]
    var resourceVersion: String
    /// Names the next page; empty after the last.
    var continueToken: String
    var remainingItemCount: Int64?
}

/// The server sent something that cannot be read as an object of its kind.
package struct ObjectReadError: Error, Hashable, Sendable, CustomStringConvertible {
    package var resource: APIResource?
    /// With the path of the field, where that is known.
    package var problem: String

    package var description: String {
        "cannot read \(resource.map { "\($0.groupVersionKind)" } ?? "an object") from the API server: \(problem)"
    }

    static func problem(in error: any Error) -> String {
        func text(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        }
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
            return text(context)
        default: return "\(error)"
        }
    }
}

private struct DecodedList<Object: Decodable>: Decodable {
    struct Metadata: Decodable {
        var resourceVersion: String?
        var `continue`: String?
        var remainingItemCount: Int64?
    }

    var metadata: Metadata?
    var items: [Object]?
}

/// One line of a watch: what `object` is depends on `type`.
private struct DecodedEvent<Object: KubernetesObject>: Decodable {
    var frame: WatchFrame<Object>

    private enum CodingKeys: String, CodingKey {
        case type, object
    }

    private struct Status: Decodable {
        var code: Int64?
        var reason: String?
        var message: String?
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let type = try fields.decode(String.self, forKey: .type)
        switch type {
        case "BOOKMARK":
            let object = try fields.decode(PartialObject.self, forKey: .object)
            frame = .event(
                WatchEvent(kind: .bookmark, object: nil, resourceVersion: object.metadata.resourceVersion))
        case "ERROR":
            let status = try fields.decode(Status.self, forKey: .object)
            frame = .error([
                "code": .integer(status.code ?? 500), "reason": JSONValue(status.reason),
                "message": JSONValue(status.message),
            ])
        default:
            guard let kind = WatchEvent<Object>.Kind(type: type) else {
                frame = .unknown(type)
                return
            }
            let object = try fields.decode(Object.self, forKey: .object)
            frame = .event(
                WatchEvent(kind: kind, object: object, resourceVersion: object.metadata.resourceVersion))
        }
    }
}
