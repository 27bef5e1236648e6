/// Reading long lists a page at a time. What the server holds for a list is released in every case: at its end, on an
/// error of ours or the reader's, and where the task is cancelled.
extension AdministrationServer {
  /// What a reader of pages answers.
  package enum Reading: Sendable {
    /// The next page, please.
    case more
    /// Enough.
    case stop
  }

  /// Works with what the server holds for us, and has it released by a call, whatever becomes of the work.
  func releasing<Result, Failure: Error>(
    _ method: String,
    _ arguments: Params,
    _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    do throws(Failure) {
      let result = try await body()
      await tidyUp(method, arguments)
      return result
    } catch {
      await tidyUp(method, arguments)
      throw error
    }
  }

  /// Reads the rows of a forward iterator (`GroupSyncIterator`).
  ///
  /// - Parameters:
  ///   - iterator: the name that the server gave it.
  ///   - read: gets each page; what it throws ends the list and comes out here.
  func readIterator(
    _ iterator: String,
    _ read: ([Params]) async throws -> Reading
  ) async throws {
    try await releasing("GroupSyncIterator.ReleaseIterator", ["szwIterator": .string(iterator)]) {
      try await readRows("GroupSyncIterator.GetNextItems", read) { (_, count) throws(AdministrationServerError) in
        let method = "GroupSyncIterator.GetNextItems"
        let answer = try await self.call(method, ["szwIterator": .string(iterator), "nCount": .int(Int64(count))])
        return try self.asked(method) { () throws(ParamsError) in
          let rows = try answer.outputs.params("pData").flatMap { (data) throws(ParamsError) in
            try data.paramsList("KLCSP_ITERATOR_ARRAY")
          }
          let end = try answer.outputs.required("bEOF", answer.outputs.bool("bEOF"))
          return Page(rows: rows ?? [], isLast: end)
        }
      }
    }
  }

  /// Reads the rows of a list with random access (`ChunkAccessor`).
  func readChunks(
    _ accessor: String,
    _ read: ([Params]) async throws -> Reading
  ) async throws {
    try await releasing("ChunkAccessor.Release", ["strAccessor": .string(accessor)]) {
      let counting = "ChunkAccessor.GetItemsCount"
      let answer = try await call(counting, ["strAccessor": .string(accessor)])
      let total = try asked(counting) { () throws(ParamsError) in try answer.returnedInteger() }
      try await readRows("ChunkAccessor.GetItemsChunk", read) { (start, count) throws(AdministrationServerError) in
        guard Int64(start) < total else { return Page(rows: [], isLast: true) }
        let rows = try await self.chunk(accessor, start, count)
        return Page(rows: rows, isLast: rows.isEmpty || Int64(start + rows.count) >= total)
      }
    }
  }

  private func chunk(
    _ accessor: String,
    _ start: Int,
    _ count: Int
  ) async throws(AdministrationServerError) -> [Params] {
    let method = "ChunkAccessor.GetItemsChunk"
    let answer = try await call(
      method,
      ["strAccessor": .string(accessor), "nStart": .int(Int64(start)), "nCount": .int(Int64(count))]
    )
    return try asked(method) { () throws(ParamsError) in
      guard let chunk = try answer.outputs.params("pChunk") else { return [] }
      return try chunk.paramsList("KLCSP_ITERATOR_ARRAY") ?? []
    }
  }

  private struct Page {
    let rows: [Params]
    let isLast: Bool
  }

  /// How many pages without a row a server may send before its list counts as endless.
  private static let mostEmptyPages = 100

  /// Reads pages to the end, or to the bound that no honest list reaches.
  private func readRows(
    _ method: String,
    _ read: ([Params]) async throws -> Reading,
    page: (Int, Int) async throws(AdministrationServerError) -> Page
  ) async throws {
    var start = 0
    var emptyPages = 0
    while true {
      let count = options.pageSize
      let page = try await page(start, count)
      func demand(_ condition: Bool, _ problem: String) throws(AdministrationServerError) {
        if !condition { throw .malformed(call: method, ParamsError(problem)) }
      }
      try demand(page.rows.count <= count, "it has \(page.rows.count) rows where \(count) were asked for")
      start += page.rows.count
      try demand(start <= options.maximumRows, "the list has more than \(options.maximumRows) rows")
      emptyPages = page.rows.isEmpty ? emptyPages + 1 : 0
      try demand(emptyPages <= Self.mostEmptyPages, "the list does not come to an end")
      if !page.rows.isEmpty, try await read(page.rows) == .stop { return }
      if page.isLast { return }
    }
  }
}
