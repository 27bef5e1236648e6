import JobCore
import MirrorTypes
import Testing

@testable import Console

/// The line that shows how far a job is.
@Suite struct ProgressLineTests {
  private let half = JobProgress(bytes: 52_428_800, totalBytes: 104_857_600, files: 12, totalFiles: 3000)

  private func line(_ phase: String, _ progress: JobProgress, rate: Double? = 1_048_576, _ width: Int) -> String {
    ProgressLine(phase: phase, progress: progress, elapsed: 10, rate: rate).text(width: width)
  }

  @Test func `bar, share, speed and time left are there at 80 and at 60 columns, whatever the job is called`() {
    let long = "verifying the volumes of kscmirror-000123-from-000122-for-plant-7-in-the-north"
    for width in [60, 80] {
      for phase in ["packing snapshot 1", long] {
        let text = line(phase, half, width)
        for part in ["#-", " 50%", "1.00 MiB/s", "50 s left", String(phase.prefix(8))] {
          #expect(text.contains(part), "\(width): \(text)")
        }
        #expect(TextColumns.width(text) < width, "\(text)")
      }
    }
    #expect(
      line("packing snapshot 1", half, 80)
        == "packing snapshot 1  [########--------]  50%  1.00 MiB/s  50 s left"
    )
    #expect(line(long, half, 60) == "verifying the...  [#####-----]  50%  1.00 MiB/s  50 s left")
  }

  @Test func `what is done follows where there is room`() {
    let wide = line("packing snapshot 1", half, 160)
    #expect(wide.hasSuffix("50 s left  50.0 MiB of 100 MiB  12 of 3,000 files"), "\(wide)")
  }

  @Test func `without a whole to compare with, what is done is shown`() {
    #expect(line("streaming", JobProgress(bytes: 2048), rate: nil, 60) == "streaming  2.00 KiB")
    let byFiles = JobProgress(bytes: 1024, files: 10, totalFiles: 40)
    #expect(line("fetching", byFiles, 60).contains("[##--------]  25%  1.00 MiB/s  30 s left"))
  }

  @Test(arguments: [1, 2, 5, 20, 25, 40]) func `a narrow terminal gets what fits`(_ width: Int) {
    #expect(TextColumns.width(line("packing snapshot 1", half, width)) < max(1, width))
  }

  @Test func `the speed follows what came lately`() throws {
    var speed = Speed(from: 0)
    #expect(speed.rate == nil)
    for second in 1...60 { speed.take(Int64(second) * 1_000_000, at: Double(second)) }
    #expect(abs(try #require(speed.rate) - 1_000_000) < 1)
    for second in 61...120 { speed.take(60_000_000 + Int64(second - 60) * 1000, at: Double(second)) }
    #expect(try #require(speed.rate) < 50_000)
    // Nothing is said of half a moment.
    let before = speed.rate
    speed.take(1 << 40, at: 120.1)
    #expect(speed.rate == before)
  }
}
