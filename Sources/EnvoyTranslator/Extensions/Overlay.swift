import EnvoyAPI
import FoundationEssentials
import KubernetesModel
import SwiftProtobuf

extension Message {
    /// This message with another laid over it, as protocol buffers are merged: what the other sets wins, messages are
    /// merged field by field, lists grow. Two things differ: durations, wrapped numbers and the like are values, not
    /// messages; and the configurations of extensions are merged if they are of one type.
    ///
    /// - Parameter replacesLists: Lists that the other has take the place of those that are there.
    func overlaid(with overlay: Self, replacesLists: Bool) throws -> Self {
        let bytes = try merged(
            ArraySlice(stableBytes()), ArraySlice(overlay.stableBytes()),
            try overlay.overlays(replacesLists: replacesLists), replacesLists: replacesLists)
        return try Self(serializedBytes: bytes)
    }

    fileprivate func overlays(replacesLists: Bool) throws -> [Int: FieldOverlay] {
        var reader = OverlayReader(replacesLists: replacesLists)
        try traverse(visitor: &reader)
        return reader.overlays
    }
}

/// How a field of a message is laid over the same one of another; others are laid as their bytes are.
private enum FieldOverlay {
    case replaced
    case merged([Int: FieldOverlay])
    case packed
}

private func merged(
    _ target: ArraySlice<UInt8>, _ overlay: ArraySlice<UInt8>, _ overlays: [Int: FieldOverlay], replacesLists: Bool
) throws -> [UInt8] {
    guard let old = WireFields(target), let new = WireFields(overlay) else {
        throw BinaryDecodingError.malformedProtobuf
    }
    var result: [UInt8] = []
    result.reserveCapacity(target.count + overlay.count)
    var held: [Int: [UInt8]] = [:]
    for field in old.fields {
        switch overlays[field.number] {
        case nil: result.append(contentsOf: field.encoded)
        case .replaced: break
        case .merged, .packed: held[field.number, default: []] += field.content ?? []
        }
    }
    for field in new.fields {
        let content = field.content ?? []
        let before = ArraySlice(held[field.number] ?? [])
        switch overlays[field.number] {
        case nil, .replaced: result.append(contentsOf: field.encoded)
        case .merged(let inner):
            result.appendField(
                field.number, try merged(before, content, inner, replacesLists: replacesLists))
        case .packed:
            result.appendField(field.number, try mergedAny(before, content, replacesLists: replacesLists))
        }
    }
    return result
}

/// Two configurations of an extension: merged if they are of one type, else the other wins.
private func mergedAny(
    _ target: ArraySlice<UInt8>, _ overlay: ArraySlice<UInt8>, replacesLists: Bool
) throws -> [UInt8] {
    let old = try Google_Protobuf_Any(serializedBytes: Array(target))
    let new = try Google_Protobuf_Any(serializedBytes: Array(overlay))
    if old.typeURL == new.typeURL, let type = KnownTypes.type(ofURL: new.typeURL) {
        let overlays = try type.init(serializedBytes: new.value).overlays(replacesLists: replacesLists)
        var packed = new
        packed.value = Data(
            try merged(ArraySlice(old.value), ArraySlice(new.value), overlays, replacesLists: replacesLists))
        return try packed.stableBytes()
    }
    return try mergedAsStruct(old, new, replacesLists: replacesLists)?.stableBytes() ?? Array(overlay)
}

/// A configuration with fields that are not known here, over one of the same type: as JSON, which the proxy resolves.
private func mergedAsStruct(
    _ old: Google_Protobuf_Any, _ new: Google_Protobuf_Any, replacesLists: Bool
) throws -> Google_Protobuf_Any? {
    guard new.isA(Xds_Type_V3_TypedStruct.self), !old.typeURL.isEmpty else { return nil }
    let typed = try Xds_Type_V3_TypedStruct(unpackingAny: new)
    let before: JSONValue
    if old.isA(Xds_Type_V3_TypedStruct.self) {
        let other = try Xds_Type_V3_TypedStruct(unpackingAny: old)
        guard other.typeURL == typed.typeURL else { return nil }
        before = try JSONValue(parsing: other.value.jsonString().utf8)
    } else {
        guard old.typeURL == typed.typeURL, let type = KnownTypes.type(ofURL: old.typeURL) else { return nil }
        KnownTypes.register()
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        before = try JSONValue(
            parsing: type.init(serializedBytes: old.value).jsonString(options: options).utf8)
    }
    let after = before.overlaid(
        with: try JSONValue(parsing: typed.value.jsonString().utf8), replacesLists: replacesLists)
    return try .init(
        packing: Xds_Type_V3_TypedStruct.with {
            $0.typeURL = typed.typeURL
            $0.value = (try? Google_Protobuf_Struct(jsonString: after.jsonText)) ?? typed.value
        })
}

extension JSONValue {
    fileprivate func overlaid(with other: JSONValue, replacesLists: Bool) -> JSONValue {
        switch (self, other) {
        case (.object(let old), .object(let new)):
            return .object(old.merging(new) { $0.overlaid(with: $1, replacesLists: replacesLists) })
        case (.array(let old), .array(let new)) where !replacesLists: return .array(old + new)
        default: return other
        }
    }
}

/// Finds out how the fields of a message are laid over another.
private struct OverlayReader: Visitor {
    var overlays: [Int: FieldOverlay] = [:]
    let replacesLists: Bool

    init(replacesLists: Bool) { self.replacesLists = replacesLists }

    mutating func visitSingularMessageField<M: Message>(value: M, fieldNumber: Int) throws {
        if value is Google_Protobuf_Any {
            overlays[fieldNumber] = .packed
        } else if M.protoMessageName == Google_Protobuf_Struct.protoMessageName {
            return
        } else if M.protoMessageName.hasPrefix("google.protobuf.") {
            overlays[fieldNumber] = .replaced
        } else {
            overlays[fieldNumber] = .merged(try value.overlays(replacesLists: replacesLists))
        }
    }

    private mutating func list(_ fieldNumber: Int) {
        if replacesLists { overlays[fieldNumber] = .replaced }
    }

    mutating func visitRepeatedMessageField<M: Message>(value: [M], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitRepeatedStringField(value: [String], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitRepeatedBytesField(value: [Data], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitRepeatedEnumField<E: Enum>(value: [E], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedEnumField<E: Enum>(value: [E], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedUInt32Field(value: [UInt32], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedUInt64Field(value: [UInt64], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedInt32Field(value: [Int32], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedInt64Field(value: [Int64], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedDoubleField(value: [Double], fieldNumber: Int) throws { list(fieldNumber) }
    mutating func visitPackedFloatField(value: [Float], fieldNumber: Int) throws { list(fieldNumber) }

    mutating func visitMapField<K, V: MapValueType>(
        fieldType: _ProtobufMap<K, V>.Type, value: _ProtobufMap<K, V>.BaseType, fieldNumber: Int
    ) throws {}
    mutating func visitMapField<K, V>(
        fieldType: _ProtobufEnumMap<K, V>.Type, value: _ProtobufEnumMap<K, V>.BaseType, fieldNumber: Int
    ) throws where V.RawValue == Int {}
    mutating func visitMapField<K, V>(
        fieldType: _ProtobufMessageMap<K, V>.Type, value: _ProtobufMessageMap<K, V>.BaseType, fieldNumber: Int
    ) throws {}
    mutating func visitSingularDoubleField(value: Double, fieldNumber: Int) throws {}
    mutating func visitSingularInt64Field(value: Int64, fieldNumber: Int) throws {}
    mutating func visitSingularUInt64Field(value: UInt64, fieldNumber: Int) throws {}
    mutating func visitSingularBoolField(value: Bool, fieldNumber: Int) throws {}
    mutating func visitSingularStringField(value: String, fieldNumber: Int) throws {}
    mutating func visitSingularBytesField(value: Data, fieldNumber: Int) throws {}
    mutating func visitSingularEnumField<E: Enum>(value: E, fieldNumber: Int) throws {}
    mutating func visitUnknown(bytes: Data) throws {}
}
