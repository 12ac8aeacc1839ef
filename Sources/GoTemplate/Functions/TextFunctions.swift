import KubernetesModel

extension TemplateFunctions {
    /// Of texts. The text that is worked on comes last, so that it can be handed on by `|`.
    static let textual: [String: TemplateFunction] = [
        "quote": .from(0) { call throws(TemplateProblem) in
            let texts = call.arguments.filter { !$0.json.isNull }.map { goQuoted($0.json.goText) }
            return TemplateValue(texts.joined(separator: " "))
        },
        "squote": .from(0) { call throws(TemplateProblem) in
            let texts = call.arguments.filter { !$0.json.isNull }.map { "'\($0.json.goText)'" }
            return TemplateValue(texts.joined(separator: " "))
        },
        "toString": .texts(1) { $0[0] },
        "lower": .texts(1) { $0[0].lowercased() }, "toLower": .texts(1) { $0[0].lowercased() },
        "upper": .texts(1) { $0[0].uppercased() }, "toUpper": .texts(1) { $0[0].uppercased() },
        "title": .texts(1) { capitalized($0[0]) },
        "trim": .texts(1) { String(trimmed($0[0][...]) { $0.isWhitespace }) },
        "trimAll": .texts(2) { texts in String(trimmed(texts[1][...]) { texts[0].contains($0) }) },
        "trimPrefix": .texts(2) { $0[1].hasPrefix($0[0]) ? String($0[1].dropFirst($0[0].count)) : $0[1] },
        "trimSuffix": .texts(2) { $0[1].hasSuffix($0[0]) ? String($0[1].dropLast($0[0].count)) : $0[1] },
        "nospace": .texts(1) { $0[0].filter { !$0.isWhitespace } },
        "contains": .verdict(2) { $0[1].firstRange(ofText: $0[0]) != nil },
        "hasPrefix": .verdict(2) { $0[1].utf8.starts(with: $0[0].utf8) },
        "hasSuffix": .verdict(2) { $0[1].utf8.reversed().starts(with: $0[0].utf8.reversed()) },
        "trunc": TemplateFunction(2) { call throws(TemplateProblem) in
            let (count, text) = (try call.integer(0), call.text(1))
            let bytes = Array(text.utf8)
            if count >= 0 { return TemplateValue(String(decoding: bytes.prefix(Int(count)), as: UTF8.self)) }
            let kept = bytes.count - Int(clamping: count.magnitude)
            return TemplateValue(
                kept > 0 ? String(decoding: bytes.suffix(Int(clamping: count.magnitude)), as: UTF8.self) : text)
        },
        "substr": TemplateFunction(3) { call throws(TemplateProblem) in
            let bytes = Array(call.text(2).utf8)
            let (from, to) = (try call.integer(0), try call.integer(1))
            let start = min(max(0, Int(clamping: from)), bytes.count)
            let end = to < 0 || to > Int64(bytes.count) ? bytes.count : max(start, Int(to))
            return TemplateValue(String(decoding: bytes[start..<end], as: UTF8.self))
        },
        "replace": TemplateFunction(3) { call throws(TemplateProblem) in
            try replaced(&call, in: call.text(2), call.text(0), call.text(1))
        },
        "repeat": TemplateFunction(2) { call throws(TemplateProblem) in
            let count = try call.integer(0)
            let (size, isTooMuch) = Int(clamping: max(count, 0)).multipliedReportingOverflow(
                by: call.text(1).utf8.count)
            try call.spend(isTooMuch ? Int.max : size)
            return TemplateValue(size == 0 ? "" : String(repeating: call.text(1), count: Int(count)))
        },
        "indent": TemplateFunction(2) { call throws(TemplateProblem) in
            // Istio's own: what stands before the action indents the first line.
            TemplateValue(try indented(&call, try call.integer(0), call.text(1), isFirstToo: false))
        },
        "nindent": TemplateFunction(2) { call throws(TemplateProblem) in
            TemplateValue("\n" + (try indented(&call, try call.integer(0), call.text(1), isFirstToo: true)))
        },
        "b64enc": .texts(1) { base64($0[0]) },
        "directory": .texts(1) { path in
            path[0].lastIndex(of: "/").map { String(path[0][...$0]) } ?? ""
        },
    ]

    private static func capitalized(_ text: String) -> String {
        var isFirst = true
        return String(
            text.flatMap { character -> String in
                defer { isFirst = character.isWhitespace }
                return isFirst ? character.uppercased() : String(character)
            })
    }

    private static func trimmed(_ text: Substring, _ isLoose: (Character) -> Bool) -> Substring {
        var text = text
        while let first = text.first, isLoose(first) { text.removeFirst() }
        while let last = text.last, isLoose(last) { text.removeLast() }
        return text
    }

    private static func replaced(
        _ call: inout TemplateCall, in text: String, _ old: String, _ new: String
    ) throws(TemplateProblem) -> TemplateValue {
        guard !old.isEmpty else { return TemplateValue(text) }
        let pieces = text.split(at: old)
        let (added, isTooMuch) = (pieces.count - 1).multipliedReportingOverflow(by: new.utf8.count)
        try call.spend(isTooMuch ? Int.max : text.utf8.count + added)
        return TemplateValue(pieces.joined(separator: new))
    }

    private static func indented(
        _ call: inout TemplateCall, _ width: Int64, _ text: String, isFirstToo: Bool
    ) throws(TemplateProblem) -> String {
        guard (0...1000).contains(width) else { throw TemplateProblem("an indentation is 0 to 1000 wide") }
        let lines = text.split(at: "\n")
        try call.spend(text.utf8.count + lines.count * Int(width))
        let blanks = String(repeating: " ", count: Int(width))
        return lines.enumerated().map { $0.offset > 0 || isFirstToo ? blanks + $0.element : $0.element }
            .joined(separator: "\n")
    }

    private static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for digit in 0..<4 {
                result.append(
                    digit > group.count ? UInt8(ascii: "=") : alphabet[Int(bits >> UInt32(18 - 6 * digit) & 63)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension String {
    /// Where a text first occurs, byte by byte.
    func firstRange(ofText text: String, from start: Int = 0) -> Range<Int>? {
        let (bytes, wanted) = (Array(utf8), Array(text.utf8))
        guard !wanted.isEmpty else { return start..<start }
        guard bytes.count >= wanted.count else { return nil }
        for index in start..<max(start, bytes.count - wanted.count + 1)
        where bytes[index] == wanted[0] && bytes[index..<index + wanted.count].elementsEqual(wanted) {
            return index..<index + wanted.count
        }
        return nil
    }

    /// What stands between occurrences of a separator that is not empty.
    func split(at separator: String) -> [String] {
        let (bytes, wanted) = (Array(utf8), Array(separator.utf8))
        var pieces: [String] = []
        var begin = 0
        var index = 0
        while index + wanted.count <= bytes.count {
            if bytes[index] == wanted[0], bytes[index..<index + wanted.count].elementsEqual(wanted) {
                pieces.append(String(decoding: bytes[begin..<index], as: UTF8.self))
                index += wanted.count
                begin = index
            } else {
                index += 1
            }
        }
        return pieces + [String(decoding: bytes[begin...], as: UTF8.self)]
    }
}
