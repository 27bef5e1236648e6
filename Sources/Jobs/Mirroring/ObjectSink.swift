import ContentStore
import Transfer

/// Takes a transfer's bytes into a store's object: the joint between Transfer and ContentStore.
final class ObjectSink: TransferSink {
  let writer: ObjectWriter

  init(_ writer: ObjectWriter) { self.writer = writer }

  var offset: Int64 { writer.offset }

  func restart() throws { try writer.restart() }

  func begin(_ validators: Validators) { writer.note(tag: validators.strongTag?.etag) }

  func append(_ bytes: UnsafeRawBufferPointer) throws { try writer.append(bytes) }
}
