package builder

import (
	"cmp"
	"strings"
	"time"

	"potluck/internal/site"
)

// dateForm is how a language writes a date, as CLDR has it for its long form: {0}
// is the day, {1} the month, {2} the year.
type dateForm struct {
	day    string
	month  string // a month with its year
	names  string // of the months, in a date
	alone  string // the same without a day, where they differ
	before string // between the date and the time; ", " where it is empty
}

const numbered = "1 2 3 4 5 6 7 8 9 10 11 12"

// dateForms are for the languages whose calendar and digits we write. Others get
// 2026-11-23, which is read everywhere.
var dateForms = map[string]dateForm{
	"en": {day: "{1} {0}, {2}", month: "{1} {2}", names: "January February March April May June July August September October November December"},
	"es": {day: "{0} de {1} de {2}", month: "{1} de {2}", names: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"},
	"ar": {day: "{0} {1} {2}", month: "{1} {2}", names: "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر", before: "، "},
	"fr": {day: "{0} {1} {2}", month: "{1} {2}", names: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"},
	"pt": {day: "{0} de {1} de {2}", month: "{1} de {2}", names: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"},
	"de": {day: "{0}. {1} {2}", month: "{1} {2}", names: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"},
	"it": {day: "{0} {1} {2}", month: "{1} {2}", names: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"},
	"tr": {day: "{0} {1} {2}", month: "{1} {2}", names: "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık", before: " "},
	"tl": {day: "{1} {0}, {2}", month: "{1} {2}", names: "Enero Pebrero Marso Abril Mayo Hunyo Hulyo Agosto Setyembre Oktubre Nobyembre Disyembre"},
	"he": {day: "{0} ב{1} {2}", month: "{1} {2}", names: "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר"},
	"ur": {day: "{0} {1}، {2}", month: "{1} {2}", names: "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر", before: " "},
	"ru": {day: "{0} {1} {2} г.", month: "{1} {2} г.", names: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		alone: "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"},
	"uk": {day: "{0} {1} {2} р.", month: "{1} {2} р.", names: "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
		alone: "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень"},
	"pl": {day: "{0} {1} {2}", month: "{1} {2}", names: "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
		alone: "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień"},
	"vi": {day: "{0} tháng {1}, {2}", month: "tháng {1} năm {2}", names: numbered},
	"zh": {day: "{2}年{1}月{0}日", month: "{2}年{1}月", names: numbered, before: " "},
	"ja": {day: "{2}年{1}月{0}日", month: "{2}年{1}月", names: numbered, before: " "},
	"ko": {day: "{2}년 {1}월 {0}일", month: "{2}년 {1}월", names: numbered, before: " "},
}

// dateWords are the names of dateForms, each in its place.
var dateWords = func() map[string][]string {
	words := map[string][]string{}
	for lang, f := range dateForms {
		words[lang] = strings.Fields(f.names)
		words[lang+" alone"] = strings.Fields(cmp.Or(f.alone, f.names))
	}
	return words
}()

func formOf(lang string) (dateForm, string) {
	base, _, _ := strings.Cut(lang, "-")
	return dateForms[base], base
}

// wall gives the date as the clocks of the network show it.
func wall(d site.Date, loc *time.Location) time.Time {
	if d.Form == site.InstantForm {
		return d.Time.In(loc)
	}
	return d.Time
}

// day writes a date in words.
func day(lang string, d site.Date, loc *time.Location) string {
	if d.IsZero() {
		return ""
	}
	t := wall(d, loc)
	f, base := formOf(lang)
	if f.day == "" {
		return t.Format("2006-01-02")
	}
	return fillWords(f.day, []any{t.Day(), dateWords[base][t.Month()-1], t.Year()})
}

// month writes the month of a date, with its year.
func month(lang string, d site.Date, loc *time.Location) string {
	if d.IsZero() {
		return ""
	}
	t := wall(d, loc)
	f, base := formOf(lang)
	if f.month == "" {
		return t.Format("2006-01")
	}
	return fillWords(f.month, []any{"", dateWords[base+" alone"][t.Month()-1], t.Year()})
}

// daytime writes a date in words, with the time where it has one.
func daytime(lang string, d site.Date, loc *time.Location) string {
	s := day(lang, d, loc)
	if d.IsZero() || d.Form == site.DayForm {
		return s
	}
	f, base := formOf(lang)
	clock := "15:04"
	if base == "en" {
		clock = "3:04\u00a0pm"
	}
	return s + cmp.Or(f.before, ", ") + wall(d, loc).Format(clock)
}

// iso writes a date as HTML's time element wants it.
func iso(d site.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// stamp writes a date as RFC 3339, for feeds.
func stamp(d site.Date, loc *time.Location) string { return d.Start(loc).Format(time.RFC3339) }
