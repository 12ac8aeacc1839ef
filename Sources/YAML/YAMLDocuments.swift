/// All documents of a YAML text, in order.
///
/// Documents without content (nothing or only comments between two `---`) are left out; an explicit `null` is kept.
/// Understood are YAML 1.1 as libyaml reads it, `%YAML` and `%TAG` directives, a UTF-8 byte order mark and CRLF.
/// Aliases are resolved and merge keys (`<<`) expanded: explicit keys win, then the earlier of several merged maps.
///
/// - Throws: `YAMLError` with line and column for text that is not YAML or not UTF-8, and for keys that are repeated,
///   null or not scalars, for aliases without anchor or within it, tags that contradict their value, and texts beyond
///   `limits`.
package func yamlDocuments(
    _ text: String, limits: YAMLLimits = .default
) throws(YAMLError) -> [YAMLNode] {
    try yamlDocuments(text.utf8, limits: limits)
}

/// All documents of a YAML text given as UTF-8 bytes: an array, a slice, or a view of a network buffer.
///
/// See the variant for `String`. Contiguous storage is read in place.
package func yamlDocuments(
    _ bytes: some Collection<UInt8>, limits: YAMLLimits = .default
) throws(YAMLError) -> [YAMLNode] {
    let inPlace = bytes.withContiguousStorageIfAvailable { documents(in: $0, limits: limits) }
    guard let inPlace else {
        return try Array(bytes).withUnsafeBufferPointer { documents(in: $0, limits: limits) }.get()
    }
    return try inPlace.get()
}

/// The documents as a `Result`, since closures of the standard library's buffers do not carry typed errors.
private func documents(
    in bytes: UnsafeBufferPointer<UInt8>, limits: YAMLLimits
) -> Result<[YAMLNode], YAMLError> {
    do throws(YAMLError) {
        return .success(try readDocuments(bytes, limits: limits))
    } catch {
        return .failure(error)
    }
}

private func readDocuments(
    _ bytes: UnsafeBufferPointer<UInt8>, limits: YAMLLimits
) throws(YAMLError) -> [YAMLNode] {
    guard bytes.count <= limits.maxBytes else {
        throw YAMLError(
            message: "the text has \(bytes.count) bytes, more than the limit of \(limits.maxBytes); split it",
            mark: YAMLMark(line: 1, column: 1))
    }
    try checkTagDirectives(bytes)
    var parser = try EventParser(reading: bytes)
    var builder = DocumentBuilder(limits: limits)
    repeat {
        let (event, mark) = try parser.next()
        try builder.consume(event, at: mark)
    } while !builder.isFinished
    return builder.documents
}

/// Refuses texts with more `%TAG` lines than any text has use for: libyaml compares all with all, before it reports
/// anything, and a megabyte of them would take it half a minute.
private func checkTagDirectives(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    let limit = 1000
    let lineBreakEnds: [UInt8] = [0x0A, 0x0D, 0x85, 0xA8, 0xA9]
    var found = 0
    var rest = bytes[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "%")) {
        rest = rest[(start + 1)...]
        guard start == 0 || lineBreakEnds.contains(bytes[start - 1]), rest.starts(with: "TAG".utf8) else { continue }
        found += 1
        guard found <= limit else {
            let line = bytes[..<start].count { $0 == 0x0A } + 1
            throw YAMLError(
                message: "the text has more than \(limit) %TAG directives; write the tags in full",
                mark: YAMLMark(line: line, column: 1))
        }
    }
}
