/// The media types that the web server gives files, for whoever serves the same files in another way.
package enum MediaType {
  /// The type of a file, by the end of its path.
  package static func of(path: String) -> String { ContentType(path: path).name }
}
