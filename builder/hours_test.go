package builder

import (
	"os"
	"slices"
	"sync"
	"testing"

	"potluck/internal/site"
)

func TestHoursText(t *testing.T) {
	w := words{}
	for _, lang := range []string{"en", "es", "ar"} {
		src, err := os.ReadFile("../themes/commons/strings/" + lang + ".toml")
		if err == nil {
			w[lang], err = site.ParseStrings(src)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	speakers := map[string]hoursSpeaker{}
	for _, c := range []struct {
		lang, hours string
		want        []string
	}{
		{"en", "Tu 10:00-13:00; Sa[1] 09:00-11:30; PH off", []string{"Tuesday: 10\u00a0am to 1\u00a0pm", "First Saturday of the month: 9\u00a0am to 11:30\u00a0am", "Public holidays: closed"}},
		{"en", "Mo-Fr 09:00-12:00,13:00-17:00; Sa,Su 10:00+", []string{"Monday to Friday: 9\u00a0am to 12\u00a0pm and 1\u00a0pm to 5\u00a0pm", "Saturday and Sunday: from 10\u00a0am"}},
		{"en", "24/7", []string{"Every day: all day and night"}},
		{"en", `Mo,We,Fr 08:00-09:00 "ring twice"`, []string{"Monday, Wednesday and Friday: 8\u00a0am to 9\u00a0am (ring twice)"}},
		{"es", "Mo-Fr 09:00-17:00; Sa[-1] off", []string{"Lunes a viernes: 9:00 a 17:00", "Último sábado del mes: cerrado"}},
		{"ar", "Mo,We 09:00-17:00", []string{"الاثنين والأربعاء: 9:00 – 17:00"}},
		{"en", "Tu 10:00-13:00;; PH off ;Sa", []string{"Tu 10:00-13:00", "PH off", "Sa"}},
		{"en", `PH off; Tu 10:00-13:00 "or; Sa[1] 09:00-11:30"`, []string{"Public holidays: closed", "Tuesday: 10\u00a0am to 1\u00a0pm (or; Sa[1] 09:00-11:30)"}},
		{"en", "Tu 10:00-13:00;; PH off ;", []string{"Tuesday: 10\u00a0am to 1\u00a0pm", "Public holidays: closed"}},
		{"vi", "Mo 09:00-17:00; PH off", []string{"Mo 09:00-17:00", "PH off"}},
		{"en", "by appointment", []string{"by appointment"}},
	} {
		if speakers[c.lang].said == nil {
			speakers[c.lang] = hoursSpeaker{words: w, lang: c.lang, langs: []string{c.lang, "en"}, said: &sync.Map{}}
		}
		for range 2 { // the second time it may know them
			if got := speakers[c.lang].text(c.hours); !slices.Equal(got, c.want) {
				t.Errorf("%s %q:\n got %q\nwant %q", c.lang, c.hours, got, c.want)
			}
		}
	}
}
