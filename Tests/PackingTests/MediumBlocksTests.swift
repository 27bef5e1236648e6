import Testing

@testable import Packing

/// What does not fit because each file takes whole blocks.
@Suite struct MediumBlocksTests {
  @Test(arguments: [512, 4096, 32 << 10, 128 << 10, 1 << 20] as [Int64])
  func `what is left of the room has a block for each file and folder`(_ size: Int64) {
    let blocks = MediumBlocks(size: size)
    let room: Int64 = 100 << 20
    let left = blocks.left(of: room, volumes: 3)
    // Any sizes of these files fit: those of the volumes are whole blocks but for one each.
    #expect(left + Int64(3 + MediumBlocks.bundleFiles + MediumBlocks.bundleFolders) * size == room)
  }

  @Test(arguments: [512, 4096, 128 << 10] as [Int64])
  func `the least that a bundle takes never is more than what it is given room for`(_ size: Int64) {
    let blocks = MediumBlocks(size: size)
    for bytes in [0, 1, size - 1, size, 9_204_698] as [Int64] {
      let least = blocks.least(bundle: bytes)
      #expect(least >= bytes && least <= bytes + blocks.most(MediumBlocks.bundleFiles + MediumBlocks.bundleFolders + 1))
    }
  }

  @Test func `a block that a file system does not tell is taken for a large one`() {
    #expect(MediumBlocks(size: 512, atLeast: 64 << 10).most(2) == 128 << 10)
    #expect(MediumBlocks(size: 0).most(3) == 3)
    // Counts of bytes end at 2^53.
    #expect(MediumBlocks(size: .max).most(3) == 1 << 53)
  }
}
