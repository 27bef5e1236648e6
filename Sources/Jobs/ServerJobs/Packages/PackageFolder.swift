/// Where installers and other single files are published.
package enum PackageFolder {
  package static let prefix = "packages/"
}
