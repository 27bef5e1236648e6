/// Where installers and other single files are published.
enum PackageFolder {
  static let prefix = "packages/"
}
