import CLibisal

/// Reed-Solomon coding over GF(2^8): from any `data` of `data + parity` volumes the others follow. The generator is the
/// identity above a Cauchy matrix, as Intel's ISA-L makes it: row `i`, column `j` has `1 / (i xor j)`.
package struct ParityCode: Sendable {
  /// How many volumes carry data.
  package let data: Int
  /// How many carry parity.
  package let parity: Int
  private let matrix: [UInt8]

  /// The most volumes, of both kinds together.
  package static let maximumVolumes = 255

  /// A code; `nil` when there are too many volumes, or none.
  package init?(data: Int, parity: Int) {
    guard data >= 1, parity >= 1, data + parity <= Self.maximumVolumes else { return nil }
    self.data = data
    self.parity = parity
    var matrix = [UInt8](repeating: 0, count: (data + parity) * data)
    gf_gen_cauchy1_matrix(&matrix, Int32(data + parity), Int32(data))
    self.matrix = matrix
  }

  /// What makes all parity volumes of all data volumes.
  package var encoder: ParityTransform {
    ParityTransform(inputs: data, outputs: parity, coefficients: Array(matrix[(data * data)...]))
  }

  /// What makes lost data volumes of others.
  ///
  /// - Parameters:
  ///   - lost: the numbers of the volumes to make, counted from 0.
  ///   - sources: the numbers of `data` volumes that are there; those of parity are counted on behind those of data.
  /// - Returns: `nil` when the sources are too few, too many, or not of this code.
  package func decoder(for lost: [Int], from sources: [Int]) -> ParityTransform? {
    guard sources.count == data, Set(sources).count == data, sources.allSatisfy({ (0..<(data + parity)).contains($0) }),
      lost.allSatisfy({ (0..<data).contains($0) })
    else { return nil }
    var square = sources.flatMap { matrix[($0 * data)..<(($0 + 1) * data)] }
    var inverse = [UInt8](repeating: 0, count: data * data)
    guard gf_invert_matrix(&square, &inverse, Int32(data)) == 0 else { return nil }
    let rows = lost.flatMap { inverse[($0 * data)..<(($0 + 1) * data)] }
    return ParityTransform(inputs: data, outputs: lost.count, coefficients: rows)
  }
}

/// Makes blocks of bytes of others: each output is a sum of all inputs, each by a coefficient.
package struct ParityTransform: Sendable {
  /// How many blocks go in.
  package let inputs: Int
  /// How many come out.
  package let outputs: Int
  private let tables: [UInt8]

  init(inputs: Int, outputs: Int, coefficients: [UInt8]) {
    self.inputs = inputs
    self.outputs = outputs
    var (coefficients, tables) = (coefficients, [UInt8](repeating: 0, count: 32 * inputs * outputs))
    ec_init_tables(Int32(inputs), Int32(outputs), &coefficients, &tables)
    self.tables = tables
  }

  /// Makes the outputs of one block.
  ///
  /// - Parameters:
  ///   - length: the bytes of a block.
  ///   - buffer: holds the inputs, one after the other, each `stride` bytes behind the one before, and behind them the
  ///     outputs.
  func apply(length: Int, stride: Int, in buffer: UnsafeMutableRawBufferPointer) {
    guard length > 0, outputs > 0, buffer.count >= stride * (inputs + outputs), length <= stride else { return }
    var blocks = (0..<(inputs + outputs)).map { number in
      buffer.baseAddress.map { ($0 + number * stride).assumingMemoryBound(to: UInt8.self) }
    }
    var tables = tables
    blocks.withUnsafeMutableBufferPointer { blocks in
      guard let first = blocks.baseAddress else { return }
      ec_encode_data(Int32(length), Int32(inputs), Int32(outputs), &tables, first, first + inputs)
    }
  }
}
