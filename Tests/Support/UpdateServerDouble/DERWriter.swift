/// Writes DER (X.690).
enum DERWriter {
  static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    if content.count < 0x80 {
      length = [UInt8(content.count)]
    } else {
      var rest = content.count
      while rest > 0 {
        length.insert(UInt8(rest & 255), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(length.count), at: 0)
    }
    return [tag] + length + content
  }

  static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap { $0 }) }
  static func set(_ parts: [UInt8]...) -> [UInt8] { value(0x31, parts.flatMap { $0 }) }
  static func context(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { value(0xA0 | number, content) }
  static func octets(_ bytes: [UInt8]) -> [UInt8] { value(0x04, bytes) }
  static func bits(_ bytes: [UInt8]) -> [UInt8] { value(0x03, [0] + bytes) }
  static func integer(_ number: UInt8) -> [UInt8] { value(0x02, [number]) }
  static func text(_ text: String) -> [UInt8] { value(0x0C, Array(text.utf8)) }
  static func object(_ content: [UInt8]) -> [UInt8] { value(0x06, content) }
}
