/// Whether something is so, where that may not be known.
enum Truth: Hashable {
    case yes
    case no
    case unknown

    init(_ value: Bool) { self = value ? .yes : .no }

    static prefix func ! (value: Truth) -> Truth {
        switch value {
        case .yes: .no
        case .no: .yes
        case .unknown: .unknown
        }
    }
}

extension Sequence<Truth> {
    var all: Truth {
        var result = Truth.yes
        for value in self {
            if value == .no { return .no }
            if value == .unknown { result = .unknown }
        }
        return result
    }

    var any: Truth { !(map { !$0 }.all) }
}
