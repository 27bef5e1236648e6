import FileSystem
import JobCore
import MirrorConfiguration
import SystemPackage

extension PackSettings {
  /// The settings with volumes that the file system of the medium can hold.
  package func fittingMedium(_ reporter: any JobReporter) -> PackSettings {
    guard let output, let largest = try? OpenFolder(output).place.largestFile, volumeSize > largest else { return self }
    reporter.information(
      "volume-size",
      "\(output): volumes get no more than \(largest) bytes, since FAT holds no larger files"
    )
    var settings = self
    settings.volumeSize = largest
    return settings
  }
}
