extension AdministrationServerDouble {
  // MARK: - GroupSyncIterator

  static func nextItems(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("szwIterator")
    let count = try context.arguments.int("nCount")
    guard var rows = state.iterators[name] else { throw .notFound("the iterator \(name)") }
    let end = min(rows.position + max(0, count), rows.count)
    let page = (rows.position..<end).map { Wire.params(state.row(rows, $0)) }
    rows.position = end
    state.iterators[name] = rows
    return [
      "PxgRetVal": page.count, "bEOF": end == rows.count, "pData": ["KLCSP_ITERATOR_ARRAY": page],
    ]
  }

  static func releaseIterator(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let name = try context.arguments.string("szwIterator")
    guard state.iterators.removeValue(forKey: name) != nil else { throw .notFound("the iterator \(name)") }
    return [:]
  }

  // MARK: - ChunkAccessor

  static func itemsCount(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    ["PxgRetVal": try accessor(state, context).count]
  }

  static func itemsChunk(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    let rows = try accessor(state, context)
    let start = min(max(0, try context.arguments.int("nStart")), rows.count)
    let end = min(start + max(0, try context.arguments.int("nCount")), rows.count)
    let chunk = (start..<end).map { Wire.params(state.row(rows, $0)) }
    return ["PxgRetVal": chunk.count, "pChunk": ["KLCSP_ITERATOR_ARRAY": chunk]]
  }

  static func releaseAccessor(_ state: inout ServerState, _ context: CallContext) throws(PxgFailure) -> Outputs {
    _ = try accessor(state, context)
    state.accessors[try context.arguments.string("strAccessor")] = nil
    return [:]
  }

  private static func accessor(
    _ state: ServerState,
    _ context: CallContext
  ) throws(PxgFailure) -> ServerState.Rows {
    let name = try context.arguments.string("strAccessor")
    guard let rows = state.accessors[name] else { throw .notFound("the accessor \(name)") }
    return rows
  }
}
