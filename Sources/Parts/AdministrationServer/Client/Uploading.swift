import MirrorTypes

/// A file that has been sent to the server, for a call that makes something of it.
package struct UploadedFile: Hashable, Sendable {
  /// What the server calls it.
  package let id: String
}

extension AdministrationServer {
  /// Sends a file to the server, in parts; a part that finds the server busy is sent again. What fails is cancelled on
  /// the server. The file has to be used soon: the server drops it after a while.
  ///
  /// - Parameters:
  ///   - size: how many bytes the file has.
  ///   - isArchive: whether the server is to unpack it.
  ///   - read: gives the bytes from an offset on, as many as are asked for, or fewer at the end of the file only.
  package func upload(
    size: Int64,
    isArchive: Bool = false,
    read: (_ offset: Int64, _ count: Int) async throws -> [UInt8]
  ) async throws(AdministrationServerError) -> UploadedFile {
    guard size > 0 else { throw .invalidArgument(ParamsError("an empty file cannot be sent")) }
    let method = "FilesAcceptor.InitiateFileUpload"
    let answer = try await call(method, ["bIsArchive": .bool(isArchive), "qwFileSize": .long(size)])
    let file = try asked(method) { () throws(ParamsError) in
      UploadedFile(id: try answer.outputs.required("wstrFileId", answer.outputs.string("wstrFileId")))
    }
    do {
      let path = try asked(method) { () throws(ParamsError) in try Self.uploadPath(answer.outputs) }
      try await send(to: path, size: size, isArchive: isArchive, read: read)
    } catch {
      await cancelUpload(file)
      throw error
    }
    return file
  }

  /// Sends a file that is in memory.
  package func upload(_ bytes: [UInt8], isArchive: Bool = false) async throws(AdministrationServerError) -> UploadedFile
  {
    try await upload(size: Int64(bytes.count), isArchive: isArchive) { offset, count in
      Array(bytes[Int(offset)..<Int(offset) + count])
    }
  }

  /// Has the server drop a file that was sent and is not used.
  package func cancelUpload(_ file: UploadedFile) async {
    await tidyUp("FilesAcceptor.CancelFileUpload", ["wstrFileId": .string(file.id)])
  }

  private func send(
    to path: String,
    size: Int64,
    isArchive: Bool,
    read: (Int64, Int) async throws -> [UInt8]
  ) async throws(AdministrationServerError) {
    var offset: Int64 = 0
    while offset < size {
      let count = Int(min(size - offset, Int64(options.chunkSize)))
      let bytes: [UInt8]
      do {
        bytes = try await read(offset, count)
      } catch {
        throw error is CancellationError ? .cancelled : .uploadUnreadable(offset: offset, error)
      }
      guard bytes.count == count else { throw .uploadUnreadable(offset: offset + Int64(bytes.count), nil) }
      let request = OpenAPIRequest(
        method: .put,
        path: path,
        headers: [
          OpenAPIRequest.Header("Content-Type", isArchive ? "application/zip" : "application/octet-stream"),
          OpenAPIRequest.Header("Content-Range", "bytes \(offset)-\(offset + Int64(count) - 1)/\(size)"),
          OpenAPIRequest.Header("Expect", "100-continue"),
        ],
        body: bytes,
        maximumBytes: 64 * 1024
      )
      let response = try await exchange(request, call: "PUT", patience: options.busyPatience)
      guard response.status == 201 else { throw .uploadRefused(status: response.status, offset: offset) }
      offset += Int64(count)
    }
  }

  /// The path that the server names must lie on the server: not on another one, where the session would be given away.
  private static func uploadPath(_ outputs: Params) throws(ParamsError) -> String {
    let path = try outputs.required("wstrUploadURL", outputs.string("wstrUploadURL"))
    guard path.hasBytePrefix("/"), !path.hasBytePrefix("//"), path.utf8.count <= 4096,
      path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { throw ParamsError("is not a path on the server", at: "wstrUploadURL") }
    return path
  }
}
