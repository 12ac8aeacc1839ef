import EnvoyAPI
import SwiftProtobuf

extension Google_Protobuf_Duration {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
    }
}

extension Google_Protobuf_UInt32Value {
    init(_ number: Int) { self.init(UInt32(clamping: number)) }

    /// What stands for "no limit".
    static let unlimited = Google_Protobuf_UInt32Value(UInt32.max)
}

extension Envoy_Type_V3_Percent {
    init(_ value: Double) {
        self.init()
        self.value = value
    }
}

extension Envoy_Type_Matcher_V3_StringMatcher {
    static func exact(_ text: String) -> Self { .with { $0.exact = text } }
    static func prefix(_ text: String) -> Self { .with { $0.prefix = text } }
}

extension Envoy_Config_Core_V3_Metadata {
    /// One group of values.
    init(_ name: String, _ fields: [String: Google_Protobuf_Value]) {
        self.init()
        filterMetadata = [name: Google_Protobuf_Struct(fields: fields)]
    }
}
