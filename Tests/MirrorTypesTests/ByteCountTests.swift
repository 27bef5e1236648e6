import MirrorTypes
import Testing

@Suite struct ByteCountTests {
  private static let numbers: [Int64] = [
    .min, -1, 0, 1, 1 << 46, (1 << 46) + 1, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, 1 << 62, .max - 1, .max,
  ]

  @Test func `whatever is added, the sum stays between nothing and more than there can be`() {
    for first in Self.numbers {
      for second in Self.numbers {
        var sum = ByteCount(clamping: first)
        sum.add(second)
        #expect((0...(1 << 53)).contains(sum.value))
        #expect(sum == ByteCount(clamping: first) + second)
        #expect(sum >= ByteCount(clamping: first) && sum >= ByteCount(clamping: second))
        let exact = max(0, first).addingReportingOverflow(max(0, second))
        if !exact.overflow && exact.partialValue < 1 << 53 { #expect(sum.value == exact.partialValue) }
        #expect((sum * Int(clamping: second)).value <= 1 << 53)
      }
    }
    #expect(ByteCount(clamping: UInt64.max).isBeyond && ByteCount.beyond.isBeyond && !ByteCount.zero.isBeyond)
  }

  @Test func `a sum that went beyond is no sum that anybody can have signed`() {
    let sizes = Array(repeating: ByteCount.largestFile, count: 1000)
    #expect(sizes.totalBytes { $0 } == ByteCount.beyond.value)
    #expect(Self.numbers.totalBytes { $0 } == ByteCount.beyond.value)
    #expect([Int.max, 1, -5].clampedSum { $0 } == .max)
    #expect([1, 2, -5].clampedSum { $0 } == 3)
  }

  @Test(arguments: zip(numbers, [nil, nil, 0, 1, 1 << 46, nil, nil, nil, nil, nil, nil, nil] as [Int64?]))
  func `the size of a file is one that a file can have`(_ told: Int64, _ size: Int64?) {
    #expect(ByteCount.ofFile(told) == size)
  }
}
