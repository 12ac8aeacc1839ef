/// What a scalar means.
package enum YAMLValue: Hashable, Sendable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A floating-point number, the not finite ones included.
    case double(Double)
    /// Text.
    case string(String)
}

extension YAMLScalar {
    /// What the scalar means: what `kubectl` makes of it today, without the traps.
    ///
    /// A quoted or block scalar is a string. A plain one is, by its text:
    ///
    /// | value | text |
    /// |---|---|
    /// | null | nothing, `~`, `null`, `Null`, `NULL` |
    /// | bool | `true` `yes` `on` and `false` `no` `off`, in lower, upper or title case |
    /// | integer | `12`, `-12`, `+12`, `0x1F`, `0o17`, `017` (octal), `0b11`, `1_000` |
    /// | double | `1.5`, `1.`, `.5`, `1e3`, `08` (no octal digit), `.inf`, `-.inf`, `.nan` |
    /// | string | all else |
    ///
    /// The traps left out: `y` and `n` are strings, and so are integers beyond 64 bits (they would lose digits as a
    /// floating-point number). As there, times (`2026-01-02`) and base 60 (`1:30`) are strings.
    ///
    /// The tags `!!str`, `!!int`, `!!float`, `!!bool` and `!!null` decide over the style; a scalar read from a text
    /// never contradicts its tag, one made by a program that does is a string. `!!binary` keeps its base64 text, and a
    /// scalar with any other tag is a string.
    package var resolved: YAMLValue {
        if tag != nil { return taggedValue ?? .string(text) }
        return style == .plain ? plainValue(text) : .string(text)
    }

    /// The value according to the explicit tag, nil if the text contradicts it.
    var taggedValue: YAMLValue? {
        switch tag {
        case "!!int":
            if case .integer = plainValue(text) { return plainValue(text) }
            return nil
        case "!!float":
            switch plainValue(text) {
            case .integer(let value): return .double(Double(value))
            case .double(let value): return .double(value)
            default: return nil
            }
        case "!!bool":
            if case .bool(let value) = plainValue(text) { return .bool(value) }
            return nil
        case "!!null": return plainValue(text) == .null ? .null : nil
        default: return .string(text)
        }
    }

    /// Whether the scalar means null.
    var isNull: Bool {
        switch text.utf8.count {
        case 0, 1, 4: resolved == .null
        default: false
        }
    }

    /// Whether this key merges another map into its own.
    var isMergeKey: Bool {
        text.utf8.count == 2 && text == "<<" && (tag == nil && style == .plain || tag == "!!merge")
    }
}
