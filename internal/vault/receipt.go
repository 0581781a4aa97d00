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
	values, acc, bits := []byte{}, 0, 0
	for _, b := range data {
		for acc, bits = acc<<8|int(b), bits+8; bits >= 5; bits -= 5 {
			values = append(values, byte(acc>>(bits-5)&31))
		}
		acc &= 31
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits)&31))
	}
	sum := checksum(prefix, append(values, 0, 0, 0, 0, 0, 0)) ^ 1
	for i := range 6 {
		values = append(values, byte(sum>>(25-5*i)&31))
	}
	for i, v := range values {
		values[i] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[v]
	}
	return prefix + "1" + string(values)
}

func checksum(prefix string, values []byte) int {
	high, low := []byte{}, []byte{0}
	for _, c := range []byte(prefix) {
		high, low = append(high, c>>5), append(low, c&31)
	}
	sum := 1
	for _, v := range append(append(high, low...), values...) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ int(v)
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			sum ^= g * (top >> i & 1)
		}
	}
	return sum
}
