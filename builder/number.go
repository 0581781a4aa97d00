package builder

import (
	"math"
	"reflect"
	"strconv"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	xnumber "golang.org/x/text/number"
)

// number writes a number with the groups and the point of a language, as CLDR has them:
// 1,250 in English, 1.250 in Spanish. The digits are 0 to 9 everywhere, in Arabic too:
// dates, hours and phone numbers have those, and nobody should read two kinds on one
// page. Most numbers are short, and have no groups.
func number(lang string, n float64) string {
	if math.Abs(n) < 1000 && n == math.Trunc(n) {
		return strconv.Itoa(int(n))
	}
	tag := language.Make(lang + "-u-nu-latn")
	return message.NewPrinter(tag).Sprint(xnumber.Decimal(n, xnumber.MaxFractionDigits(9)))
}

// written are args with the numbers among them written out.
func written(lang string, args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		switch v := reflect.ValueOf(a); {
		case v.IsValid() && v.CanInt():
			out[i] = number(lang, float64(v.Int()))
		case v.IsValid() && v.CanFloat():
			out[i] = number(lang, v.Float())
		}
	}
	return out
}
