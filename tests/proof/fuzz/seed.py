#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs of each target's corpus, from tests/vectors and by
hand: seed.py FOLDER.  What a fuzzer found since lies beside them."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..", "..")
VECTORS = os.path.join(TOP, "tests", "vectors")
count = {}


def put(target, data):
    folder = os.path.join(sys.argv[1], target)
    os.makedirs(folder, exist_ok=True)
    count[target] = count.get(target, 0) + 1
    if isinstance(data, str):
        data = data.encode()
    with open(os.path.join(folder, f"seed-{count[target]:02}"), "wb") as out:
        out.write(data)


def fields(path):
    """Names, and what their indented lines say in hexadecimal."""
    found, name = {}, None
    for line in open(path, encoding="utf-8"):
        if line.startswith("\t") and name:
            found[name] += line.strip()
        elif not line.startswith("#"):
            name = line.strip()
            found[name] = ""
    return {k: bytes.fromhex(v) for k, v in found.items()
            if re.fullmatch("([0-9a-f]{2})+", v)}


def rows(path):
    for line in open(os.path.join(VECTORS, path), encoding="utf-8"):
        line = line.rstrip("\n")
        if line and not line.startswith("#"):
            yield line


def records():
    for name in ("format1.txt", "format2.txt", "format3.txt"):
        found = fields(os.path.join(VECTORS, "records", name))
        put("record", found["text0"])
        put("record", found["text1"])
        put("slot", b"\x02" + found["slot0"][:400])
        put("slot", b"\x00unix\nu-alice\n\x00\x03\x00" + found["text1"][:200])
    put("slot", b"\x05unix\nu-bob\n\x00\x01\x01\x20\x00\x80some text")
    for how in range(0, 24, 4):
        put("slot", bytes([how]) + b"shop\nr-shop%-eve\n\x00\x07\x02"
            b"\x00\x64\x01\x00\x65\x02message")
    for a in range(10):
        for b in (1, 3, 5, 7):
            put("store", bytes([0, 2, a, 3, 0, b, 4, 0, 1, 2, 4, 0]))
    put("store", bytes([4, 2, 1, 1, 0, 1, 2, 0]))
    put("store", bytes([0, 1, 1, 5, 0, 1, 4, 0, 4]))
    put("store", bytes([0, 2, 1, 5, 1, 0, 40, 255, 1, 4, 0, 0]))


def wires():
    kind, data = None, ""
    for line in open(os.path.join(VECTORS, "wire", "version2.txt"),
                     encoding="utf-8"):
        if line.startswith("\t") and kind:
            data += line.strip()
            continue
        if kind in ("request", "reply") and data:
            put(kind, b"\x00" + bytes.fromhex(data))
        kind, data = line.strip(), ""
    for tag in range(1, 31):
        key = bytes([tag << 3 & 0x7f | 2]) if tag < 16 else \
            bytes([tag << 3 & 0x7f | 0x82, tag >> 4])
        put("request", b"\x00" + key + b"\x07\x0a\x05alice")
        put("reply", b"\x00" + key + b"\x04\x08\x01\x10\x02")
    for how in (1, 2, 4, 8, 9):
        put("request", bytes([how]) + b"\x0a\x04\x08\x01\x10\x03")
        put("reply", bytes([how]) + b"\x0a\x02\x08\x03")


def texts():
    for line in rows("base32.txt"):
        put("base32", line.split("|")[2])
    put("base32", b"12345678901234567890")
    for line in rows("import/google.txt"):
        put("google", line.split("|")[0].replace("\\n", "\n"))
    for line in rows("import/oath.txt"):
        put("oath", line.split("|")[0])
    for line in rows("import/otpauth.txt"):
        put("lines", "alice\n" + line.split("|")[0])
    put("lines", "bob\nbob otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY"
        "\nalice otpauth://hotp/y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY&counter=1")
    put("otpauth", "Example Host\nalice@host\n" + "\0" * 40)
    put("otpauth", b"ACME:Co\njohn\xc3\xa9 x\n\x01\x02\x50\x01\x00\x00\x01\x07"
        b"\x20" + bytes(range(80)))
    for text in ("492039", "492 039", "12-34-56-78", "send", "SEND phone",
                 "0123-4567-89AB-CDEF-GHJK-MNPQ",
                 "oiL1 2345 6789 abcd efgh jkmn", "\b\n\r\177INCORRECT",
                 "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded", "  ", "1\r\n",
                 "012345678901234", "x" * 130):
        put("typed", text)
    put("errors", "user 492039 GEZDGNBVGY3T\n\x01\x02\x03"
        "cannot send 492039 to you\nmore")
    put("errors", "abc\n\x05\x07\x0aline")


def programs():
    put("outside", "verdict: accept\n")
    put("outside", "verdict: refuse\n")
    put("outside", "verdict: accept\nkept: 0011ff\n")
    put("outside", "verdict: accept\nkept: " + "ab" * 128 + "\n")
    put("outside", "verdict: accept\nkept: " + "ab" * 129 + "\n")
    put("outside", "verdict: accept\nkept: 0F\n")
    head = "to: alice@example.com\nhost: box\nissuer: Box\ncode: 492039\n" \
        "user: alice\nservice: sshd\nrealm: unix\ntime: 1800000000\n\n"
    put("delivery", head + "Your code is 492039.\nIt is good for 5 minutes.\n")
    put("delivery", "to: bob\nhost: h\ncode: 1\nrealm: shop\nissuer: Shop\n\n"
        "x\n")
    put("delivery", "to: a@b\nto: c@d\nhost: h\ncode: 1\n\nx\n")
    for event in ("factor.enabled", "locked", "recovery_code.used",
                  "record.reset", "no.such"):
        put("notice", '{"event":"%s","host":"box","realm":"unix","user":'
            '"alice","method":"totp","factor":"phone","service":"sshd",'
            '"remote":"192.0.2.1","claimed_service":"x","left":2,'
            '"address":"a@example.com","time":"2026-11-22T07:15:23Z"}'
            % event)
    put("notice", '{"event":"locked","user":"\\u00e9\\u0000"}')
    put("notice", "[1,2]")
    for kind in range(1, 16):
        put("event", bytes([kind, 3, 1, 1, kind & 1, 0x6b, 0, 0, 0, 0, 0, 0,
            3, 232]) + b"box\nunix\nalice\nsshd\n192.0.2.1\npts/1\ntotp\n"
            b"phone\nwrong\nsome detail\na@b\nali\\x63e\n")
    put("event", b"\x02" + b"\0" * 13 + b"box\nunix\n\xff\\\nsshd\n\n\n\n\n\n\n"
        b"\n\\xff\\\n")
    for text in ("[mail]\nserver = smtp://localhost\n",
                 "[mail]\nserver = smtps://mail.example.com:465\nfrom = "
                 "mfa@example.com\nuser = mfa\npassword = secret\n"
                 "timeout = 5\n",
                 "[mail]\nserver = smtp://10.0.0.1\ntls = no\ndomain = "
                 "example.com\n",
                 "[mail]\nca_file = /etc/ca.pem\n", "[x]\n",
                 "[mail]\npassword = x\n"):
        put("mailconf", text)


def configs():
    # The sample names every option, as a comment.
    sample = open(os.path.join(TOP, "conf", "medusa-mfa.conf"),
                  encoding="utf-8").read()
    section = "[mfa]"
    for line in sample.splitlines():
        got = re.fullmatch(r"#? ?(\[[a-z]+( [a-z-]+)?\])", line)
        if got:
            section = got.group(1)
        got = re.fullmatch(r"#? ?([a-z_]+ = \S.*)", line)
        if got:
            put("config", f"{section}\n{got.group(1)}\n")
    rules = [
        "[rule office]\nfrom = 192.0.2.0/24 2001:db8::/32\n"
        "decision = exempt\n",
        "[rule admins]\ngroup = wheel xgone\ndecision = require\n"
        "methods = totp recovery_code\n",
        "[rule keys]\nkey_used = yes\nservice = sshd\ndecision = optional\n",
        "[rule late]\ndecision = require\nenroll_by = 2026-12-31\n"
        "unenrolled = enroll\nremember = 12h\n",
        "[rule bob]\nuser = bob carl\ndecision = deny\n",
        "[rule few]\ngroup = ydown staff\ndecision = exempt\n"
        "enroll_by = 3 logins\n",
    ]
    for rule in rules:
        put("config", rule)
        for bits in (0, 1, 2, 3, 4, 5, 7, 9, 12):
            put("policy", f"bob\nsshd\n192.0.2.7\n{chr(bits)}\nstaff wheel\n"
                + rule + rules[bits % 6])
    put("policy", "eve\nsu\nhost.example\n\x01\nstaff\n[mfa]\n"
        "exempt_users = eve\nrequire = enrolled\n" + rules[0])
    put("policy", "eve\nsshd\nfe80::1%eth0\n\x03\n\n" + "".join(rules))
    put("config", "[throttle]\nhard_stop = 90\n")
    put("config", "[throttle]\nlock_seconds = 900\n"
        "lock_max_seconds = 899\n")
    put("config", "[throttle]\nhard_stop = 60\n\f\n[throttle]\n"
        "hard_stop_unprivileged = 41\n")
    put("config", "[mfa]\nrequire = all\n\f\n[mfa]\nrequire = enrolled\n")
    put("config", "[realm shop]\naccount = www-data\nproviders = totp otp\n"
        "[otp]\nprogram = /usr/bin/true\n[provider yubico]\n"
        "program = /usr/bin/false\n[mfa]\nproviders = totp yubico\n")
    put("config", "\xef\xbb\xbf[mfa]\n")


def names():
    for pair in ("unix\nalice\nunix\nAlice", "unix\n../etc/passwd\nunix\n..",
                 "shop\na%b\nshop\na%25b", "unix\nr-shop%-eve\nshop\neve",
                 "unix\n" + "A" * 70 + "\nunix\n" + "A" * 69,
                 "unix\n" + "x" * 256 + "\nshop\n" + "x" * 190,
                 "UNIX\nx\nunix\nDOM\\user", "unix\nuser@dom\nunix\n\xff"):
        put("subject", pair + "\n")
    for text in ("u-alice", "u-%2e%2e", "h-" + "0" * 64, "r-shop%-eve",
                 "s-shop%-" + "a" * 64, "r-unix%-eve", "u-%41", "u-%00",
                 "u-%6", "r-shop-eve", "shop.alice", "shop.%2e", "x",
                 "r-%-", "u-"):
        put("id", text)
    for pair in ("192.0.2.0/24\n192.0.2.99", "2001:db8::/32\n2001:db8::1",
                 "::ffff:192.0.2.0/120\n192.0.2.1", "::/0\n192.0.2.1",
                 "0.0.0.0/0\n::1", "192.0.2.1/24\nx", "fe80::1\nfe80::1%eth0",
                 "10.0.0.0/33\n10.0.0.1", "::/129\n::", "10.1\n10.1"):
        put("network", pair + "\n")
    for line in ("nullok\ndebug", "retry=3\nprompt=Code:", "split=6",
                 "use_split", "socket=/run/x\necho", "retry=03", "split=9",
                 "split=6\nuse_split", "prompt=", "nullok\nnullok",
                 "debug=1", "use_split\nretry=5"):
        put("args", "\0" + line)
        put("args", "\1" + line)
    put("args", "\1enforce\nnullok\nsocket=/run/medusa-mfa/socket")


def module():
    def host(calls, fails=0, error=0, bits=4 | 16, items=None):
        items = items or b"alice\nsshd\n192.0.2.1\npts/1\nhunter2\n" \
            b"publickey ssh-ed25519 AAAA\n"
        put("module", fails.to_bytes(2, "big") + bytes([error, bits]) + items
            + calls)
    there = b"\x00"
    welcome = b"\x01"
    prompt = b"\x03"
    typed = b"\x01492039\n"

    def verdict(code, reason=1, lock=0, text=b""):
        return bytes([5, code, reason, lock]) + text + b"\n"
    good = there + welcome + prompt + typed + verdict(1)
    host(b"\x00\x00\n" + good)
    host(b"\x00\x00\n" + good + b"\x04\x00enforce\n")
    host(b"\x00\x00nullok\tdebug\n" + there + welcome + verdict(2, 8) +
         b"\x04\x00enforce\n")
    host(b"\x00\x00\n" + there + welcome + verdict(2, 9, 0, b"note") +
         b"\x06\x00mallory\nenforce\n")
    host(b"\x00\x00\n" + good + b"\x05\x00mallory\nenforce\n")
    host(b"\x00\x00\n" + good + b"\x05\x01alice\nenforce\n")
    for code in range(8):
        host(b"\x00\x00\n" + there + welcome + prompt + typed +
             verdict(code, 2, code % 3, b"Wrong code."))
        host(b"\x04\x00enforce\n" + there + welcome + verdict(code, 9))
        host(b"\x04\x00enforce\n" + there + welcome + verdict(code, 20))
    host(b"\x00\x00split=6\n" + there + welcome + verdict(0) +
         b"\x00\x00use_split\n" + good, bits=4,
         items=b"alice\nsshd\n\npts/1\nhunter2492039\n\n")
    host(b"\x00\x01retry=2\tprompt=Token:\techo\n" + there + welcome +
         b"\x04\x01Read this.\nOK? \n" + b"\x01\n" + prompt + b"\x08x\n" +
         prompt + b"\x07x\n" + verdict(0, 13))
    for kind in range(10):
        host(b"\x00\x00\n" + there + welcome + prompt + bytes([kind]) +
             b"text\n" + verdict(0, 14))
    for kind in range(12):
        host(b"\x00\x00\n" + there + welcome + bytes([kind]) +
             b"\x0a\x02\x08\x03\n" + verdict(1))
    for fails in range(1, 41):
        host(b"\x00\x00\n" + good + b"\x04\x00enforce\n", fails=fails,
             error=fails % 8)
    host(b"\x00\x00\n" + there + welcome + (prompt + typed) * 40 + verdict(1))
    host(b"\x00\x00\n" + there + welcome +
         (b"\x04\x01note\nread\n" + b"\x00") * 20 + verdict(1))
    host(b"\x00\x00no_such\n" + good)
    host(b"\x04\x00\n\x04\x00enforce\tenforce\n\x07\x00")
    host(b"\x00\x00\n\xf1\xf1", bits=4 | 16 | 128)
    host(b"\x00\x00\n" + there + b"\x06\x0b\n" + good)
    host(b"\x00\x00\n\x02" + good, bits=1)


def field(number, value):
    """One field of a message: a number, or bytes."""
    def varint(n):
        out = b""
        while n > 0x7f:
            out += bytes([n & 0x7f | 0x80])
            n >>= 7
        return out + bytes([n])
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def verifier():
    def talk(peer, conf, *packets):
        put("verifier", bytes([peer, conf]) + b"".join(
            len(p).to_bytes(2, "big") + p for p in packets))

    def login(user, retry=3, more=b""):
        return field(2, field(1, user) + field(2, "sshd") +
                     field(3, "192.0.2.1") + field(6, retry) + more)

    def answer(text):
        return field(3, field(1, text))
    for peer in range(4):
        for conf in range(3):
            for user in ("alice", "bob"):
                talk(peer, conf, login(user), answer("123456"),
                     answer("12 34"), answer("send"), answer("654321"))
            talk(peer, conf, *[field(22, field(1, u) + field(2, "su") +
                field(6, 1)) for u in ("alice", "bob", "eve")])
        for tag in range(5, 31):
            user = "bob" if peer == 2 else "alice"
            realm = {5: 8, 6: 4, 7: 3, 8: 2, 9: 5, 17: 4, 18: 3}.get(tag, 2)
            talk(peer, tag % 3, field(tag, field(1, user)),
                 field(tag, field(1, user) + field(2, "phone") +
                       field(3, "123456")),
                 field(tag, field(1, "eve") + field(realm, "shop")),
                 field(tag, field(1, "u-alice")))
    talk(0, 1, field(24, field(1, "bob")), field(25, field(1, "alice") +
         field(2, 600) + field(3, "lost")), field(13, field(1, "alice")),
         field(5, field(1, "alice") + field(3, "totp")),
         field(6, field(1, "alice") + field(2, "totp") + field(3, "123456")))
    talk(0, 0, field(5, field(1, "alice") + field(2, "second") +
         field(3, "totp") + field(7, "GEZDGNBVGY3TQOJQGEZDGNBVGZ") +
         field(11, 1)), field(10, field(1, "alice")), login("alice"),
         answer("111111"))
    talk(3, 0, field(5, field(1, "eve") + field(8, "shop")),
         field(19, field(1, "eve") + field(2, "shop") + field(3, "app")),
         field(12, field(1, "shop")), field(11, field(1, "eve") +
         field(2, "shop")))
    for peer in (1, 2):
        talk(peer, 0, login("bob" if peer == 2 else "alice", 1, field(5, 1)))
    talk(1, 0x80, field(1, field(1, 2) + field(2, 2)), login("alice"),
         field(4, field(1, 13)))
    talk(1, 0, login("alice", 3, field(5, 1) + field(7, 1)), field(4,
         field(1, 15)), field(23, field(1, "alice") + field(2, "123456")))


def readers():
    for name in ("plain.pskc.xml", "aes.pskc.xml"):
        text = open(os.path.join(VECTORS, "import", name), "rb").read()
        put("pskc", text)
    plain = text_of("plain.pskc.xml")
    put("pskc", plain.replace(b"totp", b"ocra"))
    put("pskc", plain.replace(b"DECIMAL", b"ALPHANUMERIC"))
    code = subprocess.run(["qrencode", "-t", "ASCIIi", "-m", "4", "-o", "-",
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY"],
        stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    bits = "".join("0" if line[x:x + 2] == "##" else "1"
                   for line in code for x in range(0, len(line), 2))
    bits += "0" * (-len(bits) % 8)
    put("qr", bytes([len(code[0]) // 2]) +
        bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8)))
    put("qr", b"\0" + subprocess.run(["qrencode", "-s", "3", "-o", "-",
        "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ"],
        stdout=subprocess.PIPE, check=True).stdout)


def text_of(name):
    return open(os.path.join(VECTORS, "import", name), "rb").read()


records()
wires()
texts()
programs()
configs()
names()
module()
verifier()
readers()
