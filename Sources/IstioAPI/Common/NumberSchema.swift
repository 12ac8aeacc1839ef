internal import KubernetesModel

extension Schema {
    /// 32 bits without sign.
    static let uint32 = integer(from: 0, to: 4_294_967_295)

    /// 32 bits with sign.
    static let int32 = integer.formatted("int32")

    /// 32 bits with sign, of which the sign is refused.
    static let int32Count = count.formatted("int32")

    /// 64 bits with fraction.
    static let double = number.formatted("double")

    /// A share from 0 to 100 that is nothing if null.
    static let nullablePercentage = number(from: 0, to: 100).formatted("double").nullable

    /// A port number from 1 to 65535, told by a rule as Istio does.
    static let checkedPort = uint32.rules(SchemaRule("0 < self && self <= 65535", "must be a port from 1 to 65535"))
}
