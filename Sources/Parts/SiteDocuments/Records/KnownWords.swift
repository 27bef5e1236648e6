/// Words that name the vendor's products, and say how licences stand: what of such a text may leave without a question.
///
/// The names of products come from a server, a device or a key, and could hold anything: the vendor adds whom a licence
/// was made for to some of them. So only words that are on this list leave, and numbers and marks between them; what
/// else there is becomes `…`.
enum KnownWords {
  /// What stands for words that have stayed at the site.
  static let gap = "…"

  /// The most bytes of a text that is looked at.
  private static let maximumText = 512

  private static let words: Set<String> = Set(
    """
    kaspersky lab endpoint security for business select advanced total core cloud plus pro standard premium basic small
    office server servers file files mail gateway gateways linux windows mac macos android ios mobile virtual virtualised
    virtualized virtualization virtualisation light agent agents agentless desktop desktops workstation workstations anti
    virus viruses antivirus internet safe kids password manager scan engine embedded systems system industrial
    cybersecurity node nodes network networks administration center centre console web traffic collaboration microsoft
    exchange sharepoint storage storages nas netapp emc detection response edr xdr mdr ndr optimum expert next foundation
    foundations managed targeted attack platform sandbox threat threats intelligence lookup feed feeds data fraud
    prevention private ddos protection hybrid container containers kubernetes unified monitoring analysis analytics siem
    smart home thin client clients iot secure vehicle research vulnerability patch management encryption messaging remote
    access add on addon base renewal license licence licenses licences licensing edition russian international european
    north south latin american america europe asia africa middle east world worldwide government governmental education
    educational public sector trial beta test oem subscription commercial crossgrade upgrade update updates up to from
    year years month months day days user users device devices seat seats core cores cpu cpus per level and or with
    without of the in a an is not a not all any other new version release build maintenance pack product products
    application applications additional functions restrictions type unknown none default total count
    kes kesl kis kav pure ksos ksoss ksls kar karh kesmac kicsn kessn ksvla kasperskyos ksc ksde kavmac ksm kicsnl kse ksmo
    kessl kvrt saas ksmg kfa kics klms kism kfl kwts ngfw kesa ksv ess kata kedr kuma ksn kpsn kss wsee kavsdk kts
    win lin x64 x86 amd64 arm arm64 i386 i686 e2k debian ubuntu astra alt redhat rhel centos suse redos rosa macintosh
    valid invalid active inactive expired expires expiring blocked unblocked denylist denylisted blacklist blacklisted
    blocklisted revoked corrupted missing installed removed reserve current key keys file code activation activated
    pending paused cancelled canceled soft hard limited unlimited exceeded ok success successful succeeded failed failure
    error errors warning true false yes on off enabled disabled started stopped running done skipped
    антивирус касперского для бизнеса стандартный расширенный универсальный базовый и или с без от на в за до по не
    лицензия лицензии лицензионный продление обновление год года лет месяц месяца месяцев день дней пользователь
    пользователей узел узлов устройство устройств виртуальных облачных сред легкий лёгкий агент сервер сервера серверов
    почтовых файловых рабочих станций систем система системы хранения данных защита защиты промышленных сетей интернет
    шлюзов шлюз мобильных международная российская версия коммерческая пробная подписка
    ключ ключа статус действителен действителен действует действующий активен активный активная истек истёк истекла срок
    срока действия заблокирован заблокирована запрещен запрещён резервный недействителен
    """.split(whereSeparator: \.isWhitespace).map(String.init)
  )

  /// Whether a text has known words, numbers and marks alone.
  ///
  /// - Parameter orLeftOut: whether ``gap`` may stand for others.
  static func areAll(in text: String, orLeftOut: Bool = false) -> Bool {
    guard (1...maximumText).contains(text.utf8.count) else { return false }
    return pieces(of: text).allSatisfy { $0.isKnown || (orLeftOut && $0.text == gap) }
  }

  /// The text with ``gap`` in the place of words that are not known; `nil` where nothing is left.
  static func kept(of text: String) -> String? {
    guard text.utf8.count <= maximumText else { return nil }
    var kept: [Substring] = []
    for piece in pieces(of: text) {
      if piece.isKnown { kept.append(piece.text) } else if kept.last != gap[...] { kept.append(gap[...]) }
    }
    let hasWord = kept.contains { $0 != gap && $0.contains(where: \.isLetter) }
    return hasWord ? kept.joined(separator: " ") : nil
  }

  /// What stands between blanks, and whether it is known. Of two numbers in a row the second is not: that is how
  /// telephone numbers look.
  private static func pieces(of text: String) -> [(text: Substring, isKnown: Bool)] {
    var wasNumber = false
    return text.split(separator: " ").map { piece in
      let isFigure = piece.contains(where: \.isNumber) && !piece.contains(where: \.isLetter)
      let isKnown = isFigure ? !wasNumber && isNumber(piece) : isWord(piece)
      wasNumber = isFigure
      return (piece, isKnown)
    }
  }

  private static let marks: Set<Character> = [
    "(", ")", "[", "]", ",", ".", ":", ";", "–", "—", "-", "/", "®", "™", "«", "»", "\"", "'", "+", "&", "!", "|",
  ]

  /// Numbers of at most six digits, with points or one hyphen between: `12.1`, `100-149`.
  private static func isNumber(_ piece: Substring) -> Bool {
    let inner = piece.filter { !"(),;:[]".contains($0) }
    let digits = inner.split { ".-–,".contains($0) }
    return !digits.isEmpty && inner.count <= 20 && inner.count(where: { "-–".contains($0) }) <= 1
      && digits.count <= 5
      && digits.allSatisfy { $0.utf8.count <= 6 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
      && inner.allSatisfy { $0.isASCII || $0 == "–" }
  }

  /// Known words with marks around and between them, or marks alone.
  private static func isWord(_ piece: Substring) -> Bool {
    piece.split(whereSeparator: marks.contains).allSatisfy { word in
      words.contains(word.lowercased()) || isShort(word) || isNumber(word)
    }
  }

  /// `SP1`, `MR3`, `CF2`, `R2`.
  private static func isShort(_ word: Substring) -> Bool {
    ["SP", "MR", "CF", "R", "v"].contains { start in
      word.hasPrefix(start) && (1...3).contains(word.count - start.count)
        && word.dropFirst(start.count).utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}
