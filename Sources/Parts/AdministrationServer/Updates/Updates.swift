import Foundation

/// The server's update repository: `Updates` and `UpdComps`.
extension AdministrationServer {
  /// The files of the server's update repository.
  ///
  /// - Parameter attributes: the attributes that are asked for; none: all.
  package func updateFiles(attributes: [String] = []) async throws(AdministrationServerError) -> [UpdateFile] {
    let method = "Updates.GetUpdatesInfo"
    let answer = try await call(method, ["pFilter": .array(attributes.map(ParamsValue.string))])
    let rows = try asked(method) { () throws(ParamsError) in try answer.returnedList() }
    return try converted(rows, method) { (row) throws(ParamsError) in try UpdateFile(row) }
  }

  /// The components that the server can fetch updates of.
  ///
  /// - Parameter language: `ru`, `en`, `fr` or `de`; for any other the server answers in English.
  package func updateComponents(language: String = "en") async throws(AdministrationServerError) -> [UpdateComponent] {
    let method = "Updates.GetAvailableUpdatesInfo"
    let answer = try await call(method, ["strLocalization": .string(language)])
    let rows = try asked(method) { () throws(ParamsError) in
      let list = try answer.outputs.required("pAvailableUpdateComps", answer.outputs.params("pAvailableUpdateComps"))
      return try list.paramsList("KLUpdates") ?? []
    }
    return try converted(rows, method) { (row) throws(ParamsError) in try UpdateComponent(row) }
  }

  /// Has the server fetch components, from where its own settings say, and waits until that is done. When the server's
  /// updater has to be started first, the call itself takes minutes.
  ///
  /// - Parameters:
  ///   - categories: which components, by the names that the indexes have for them.
  ///   - purpose: what is done with them.
  /// - Returns: what the server says of it, in its own attributes.
  @discardableResult
  package func fetchUpdates(
    of categories: [String],
    for purpose: UpdatePurpose
  ) async throws(AdministrationServerError) -> Params {
    let id = UUID().uuidString.lowercased()
    let filter = ParamsValue.array(categories.map(ParamsValue.string))
    _ = try await call(
      "UpdComps.UpdateAsync",
      ["pParams": ["arrCategoryFilter": filter, "bDoUpdate": .bool(purpose == .server)], "wsRequestId": .string(id)]
    )
    return try await waitForAction(id, name: "UpdComps.UpdateAsync")
  }
}

/// What a server fetches components for ("Universal update task parameters" of the Open API's description).
package enum UpdatePurpose: Sendable {
  /// To update the server itself.
  case server
  /// To keep them in its shared folder, from which its agents and devices update.
  case repository
}
