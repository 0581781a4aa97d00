package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"strings"

	"filippo.io/age"
)

// Receipt gives the age key that belongs to a code. It comes from the code by
// HKDF-SHA256, so that who has the code can open what was sealed to the key.
func Receipt(code string) (*age.X25519Identity, error) {
	seed, err := hkdf.Key(sha256.New, []byte(code), nil, "potluck receipt v1", 32)
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Identity(strings.ToUpper(bech32("age-secret-key-", seed)))
}

// bech32 writes data as age writes keys: BIP 173, without its limit of length.
func bech32(prefix string, data []byte) string {
	sum := uint32(1)
	add := func(v uint32) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ v
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			sum ^= g * (top >> i & 1)
		}
	}
	for _, c := range []byte(prefix) {
		add(uint32(c) >> 5)
	}
	add(0)
	for _, c := range []byte(prefix) {
		add(uint32(c) & 31)
	}
	text := []byte(prefix + "1")
	put := func(v uint32) { text = append(text, "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[v&31]) }
	acc, bits := uint32(0), 0
	for i := range (len(data)*8 + 4) / 5 {
		if bits < 5 {
			acc, bits = acc<<8, bits+8
			if at := (i*5 + 4) / 8; at < len(data) {
				acc |= uint32(data[at])
			}
		}
		bits -= 5
		add(acc >> bits & 31)
		put(acc >> bits)
	}
	for range 6 {
		add(0)
	}
	for i := range 6 {
		put((sum ^ 1) >> (25 - 5*i))
	}
	return string(text)
}
