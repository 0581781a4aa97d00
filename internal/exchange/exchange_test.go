package exchange

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"potluck/internal/site"
)

// table imports a table and gives the report and its pages by path.
func table(t *testing.T, cfg *site.Config, src string, m Mapping) (*Report, map[string]string) {
	t.Helper()
	r, err := ImportCSV(cfg, iotest.HalfReader(strings.NewReader(src)), m)
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, cfg, r)
	return r, filesOf(r)
}

func filesOf(r *Report) map[string]string {
	files := map[string]string{}
	for _, it := range r.Pages {
		files[it.Page.Path] = string(it.Bytes)
	}
	return files
}

func TestCSVPage(t *testing.T) {
	cfg := testConfig(t, "[taxonomy.category]\nvalues = [\"food/groceries\", \"care\"]\n[taxonomy.category.labels.care]\nes = \"Cuidados\"")
	_, files := table(t, cfg, "\ufeffName,Street Address,City,State,Zip,Phone Number,Website,Lat,Lng,Opening Hours,Services,Notes,Colour\r\n"+
		"\"Año Nuevo \"\"Pantry\"\" & Café\",12 Mill Road,Riverside,NY,01234,555.0100 or (555) 555-0101 x2,pantry.example.org,40.5,-71,\"Tuesdays and Fridays: 9 am - 3 pm\",\"[\"\"Groceries\"\", \"\"Cuidados\"\", \"\"Walk up\"\"]\",\"# Ring *twice*\r\n<b>back</b> door\r\n\r\n- Bags\",red\r\n",
		Mapping{Source: "sheet"})
	want := `+++
title = "Año Nuevo \"Pantry\" & Café"
categories = ["food/groceries", "care"]
address = "12 Mill Road, Riverside, NY 01234"
phones = ["555.0100", "(555) 555-0101 x2"]
url = "https://pantry.example.org"
hours = "Tu,Fr 09:00-15:00"
latitude = 40.5
longitude = -71
source = "sheet"
+++

\# Ring \*twice\*\
\<b>back\</b> door

\- Bags

Categories: Walk up
`
	if got := files["resources/ano-nuevo-pantry-and-cafe.md"]; got != want {
		t.Errorf("got %v\nwant %s", files, want)
	}
}

func TestCSVFaults(t *testing.T) {
	cfg := testConfig(t, "")
	r, _ := table(t, cfg, strings.Join([]string{
		"name,notes",
		"Good,fine",    // 2
		",nameless",    // 3
		"Short",        // 4
		"Long,a,b",     // 5
		"Trailing,a,,", // 6
		"Bad\xff,a",    // 7
		"Nul\x00,a",    // 8
		"Good,fine",    // 9
		" , ",          // 10
		"Quo\"te,a",    // 11
		"After,\"two\nlines\"",
		"Last,\"no end",
		"swallowed,a", "",
	}, "\n"), Mapping{})
	var got []string
	for _, n := range r.Refused {
		got = append(got, n.Where+": "+n.Reason)
	}
	want := []string{
		"row 3: there is no title",
		"row 4: the row has 1 cells, the first row has 2",
		"row 5: the row has 3 cells, the first row has 2",
		`row 7: the row has bytes that are not UTF-8 text; save the table as "CSV UTF-8"`,
		"row 8: the row has a NUL character",
		"row 9: is the same as row 2",
		"row 10: the row is empty",
		"row 11: line 11, column 4: bare \" in non-quoted-field; a quote inside a quoted cell is written twice",
		"row 13: a quoted cell in the row that begins on line 14 has no right end; nothing was read until line 15",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(r.Pages) != 3 || !strings.Contains(r.String(), "12 records: 3 imported, 9 refused") {
		t.Errorf("%s", r)
	}
}

func TestCSVWholeTableErrors(t *testing.T) {
	cfg := testConfig(t, "")
	for src, want := range map[string]string{
		"":                          "the first row, which names the columns, cannot be read",
		"a,b\n1,2\n":                "no column has the title; say which with title=COLUMN; the columns are a, b",
		"name,name\n":               `two columns are called "name"`,
		"\xff\xfen\x00a\x00":        "the table is UTF-16",
		"\"name\n":                  "cannot be read",
		"name\n1\x00\n\xff\xfe,\n,": "",
	} {
		if _, err := ImportCSV(cfg, strings.NewReader(src), Mapping{}); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", src, err)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := ImportCSV(cfg, iotest.ErrReader(broken), Mapping{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	for field, want := range map[string]string{"zzz": `no field "zzz"`, "url": `there is no column "homepage" for url`} {
		if _, err := ImportCSV(cfg, strings.NewReader("name\n"), Mapping{Fields: map[string]string{field: "homepage"}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := ImportCSV(cfg, strings.NewReader("title,contact\n"), Mapping{Kind: "offer", Fields: map[string]string{"contact": "contact"}}); err == nil || !strings.Contains(err.Error(), `"contact" is private`) {
		t.Error(err)
	}
	if _, err := ImportCSV(cfg, strings.NewReader("title\n"), Mapping{Kind: "thing"}); err == nil {
		t.Error("a kind that is not there")
	}
}

func TestMappingAndKinds(t *testing.T) {
	cfg := testConfig(t, "")
	_, files := table(t, cfg, "Was;Wo;Ort;Am;contact\nSummer fair;Old Mill;Riverside;2026-11-02;Ana\nLunch;;Riverside;2/11/2026;\n", Mapping{Kind: "event", Folder: "events/2026",
		Fields: map[string]string{"title": "Was", "place": "{Wo}, {Ort}", "start": "Am", "body": "Where: {Wo}"}})
	if got, want := files["events/2026/summer-fair.md"], "+++\ntitle = \"Summer fair\"\nstart = 2026-11-02\nplace = \"Old Mill, Riverside\"\n+++\n\nWhere: Old Mill\n"; got != want {
		t.Errorf("got %q", got)
	}
	if got, want := files["events/2026/lunch.md"], "+++\ntitle = \"Lunch\"\nplace = \"Riverside\"\n+++\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestNames(t *testing.T) {
	cfg := testConfig(t, "")
	src := "name,city,address\nPantry,Akron,1 A\nPantry,Kent,1 B\nPantry,Kent,1 C\nPantry,,1 D\nمطبخ,,\nIndex,,\n\"" + strings.Repeat("long ", 30) + "\",,\nOnly,Kent,\nCON.,,\n"
	r, files := table(t, cfg, src, Mapping{Source: "a"})
	for _, name := range []string{"pantry-akron", "pantry-kent", "pantry-kent-2", "pantry", "only", "con"} {
		if files["resources/"+name+".md"] == "" {
			t.Errorf("no %s", name)
		}
	}
	for p := range files {
		if len(p) > 90 || strings.Contains(p, "index") {
			t.Errorf("name %s", p)
		}
	}
	have := fstest.MapFS{"resources/only.md": {Data: []byte("+++\ntitle = \"Only\"\nsource = \"by hand\"\n+++\n")}}
	for p, s := range files {
		if have[p] == nil {
			have[p] = &fstest.MapFile{Data: []byte(s)}
		}
	}
	again, files2 := table(t, cfg, src, Mapping{Source: "a", Have: have})
	if files2["resources/only-2.md"] == "" || files2["resources/only.md"] != "" || len(again.Pages) != len(r.Pages) {
		t.Errorf("a page from another source was taken: %v", files2)
	}
	for p := range files {
		if p != "resources/only.md" && files2[p] != files[p] {
			t.Errorf("%s is not the same when imported again", p)
		}
	}
}

func TestNormalHours(t *testing.T) {
	for in, want := range map[string]string{
		"Monday: 9:00:00-11:30:00, 13:00:00-15:00:00, 13:00:00-15:00:00; Tuesday: 13:00:00-15:30:00":                                            "Mo 09:00-11:30,13:00-15:00; Tu 13:00-15:30",
		"Monday: Closed Tuesday: Closed Wednesday: 09:00 AM - 12:00 PM Thursday: Closed":                                                        "We 09:00-12:00",
		"<tr><td>Tuesday</td><td><time>8:00 AM - 9:30 AM</time><time>4:00 PM - 5:30 PM</time></td></tr><tr><td>Friday</td><td>Closed</td></tr>": "Tu 08:00-09:30,16:00-17:30",
		"Wednesday 12:00 pm - 1:00 pm":                            "We 12:00-13:00",
		"M - F: 8:30a-4:30":                                       "Mo-Fr 08:30-16:30",
		"Sa: 11:30a - 12:30p; Su: 1p - 2p":                        "Sa 11:30-12:30; Su 13:00-14:00",
		"2nd & 4th Tuesday 12:00pm - 4:00pm":                      "Tu[2,4] 12:00-16:00",
		"3rd Tuesday of each month: 10 a.m. to noon":              "Tu[3] 10:00-12:00",
		"Last Friday 9:00-1:00 PM":                                "Fr[-1] 09:00-13:00",
		"Open Tuesday, Wednesday, & Thursday Hours: 9:00-1:00 PM": "Tu-Th 09:00-13:00",
		"Fri 10pm–2am":                                            "Fr 22:00-02:00",
		"Thurs 14:00-18:00":                                       "Th 14:00-18:00",
		"Mo-Fr 09:00-17:00; PH off":                               "Mo-Fr 09:00-17:00; PH off",
		"Monday: Closed Tuesday: Closed Wed: Closed Thu: Closed Fri: Closed Sat: Closed Sun: Closed": "Mo-Su off",
		// not understood, or with two meanings
		"": "", "Call for hours": "", "12:00 pm - 1:00 pm": "", "(484) 555-0100": "", "Mon 1-3": "", "Mon 9-5": "", "Mon 9am-11": "", "Mon 9": "",
		"Mon 5:00-4:00": "", "Every other Saturday: 7 am - 2 pm": "", "Mon 9 am - 1 pm (in line by noon)": "", "1st Mon and Tue 9 am - 1 pm": "",
		"Sat 9 am - noon; 1st Sat 1 pm - 2 pm": "", "Fri 9:30:00-11:00:00, 9:30:00-16:00:00": "", "Mon 13 pm - 14 pm": "", "Mon 10am": "",
		"Monday: 3rd Monday of the Month, 10am (except holidays)": "",
	} {
		if got, ok := normalHours(in); got != want && ok || ok != (want != "") {
			t.Errorf("%q: got %q %v, want %q", in, got, ok, want)
		}
	}
}

func FuzzNormalHours(f *testing.F) {
	f.Add("2nd & 4th Tuesday 12:00pm - 4:00pm; <td>M - F</td>: 8:30a-noon")
	f.Fuzz(func(t *testing.T, s string) {
		if norm, ok := normalHours(s); ok {
			if h, err := site.ParseHours(norm); err != nil || h.String() != norm {
				t.Fatalf("%q: %q: %v", s, norm, err)
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	cfg := testConfig(f, "")
	f.Add([]byte("name,notes,phone,hours,lat,lon,website,services\nA,\"+++\n# x\",555-0100,Mon 9 am-5 pm,1,2,x.org,\"[\"\"a\"\"]\"\n"))
	f.Add([]byte("title;hours;url\nA\x00;b\n\"\xff\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := ImportCSV(cfg, strings.NewReader(string(src)), Mapping{Source: "x"})
		if err != nil {
			return
		}
		if r.Records != len(r.Pages)+len(r.Refused) {
			t.Fatalf("%q: %s", src, r)
		}
		for _, n := range r.Refused {
			if n.Reason == "" || strings.Contains(n.Reason, "reads back") {
				t.Fatalf("%q: %+v", src, n)
			}
		}
		_ = r.String()
	})
}

func TestMarkdown(t *testing.T) {
	cfg := testConfig(t, "")
	page := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	r, err := ImportMarkdown(cfg, fstest.MapFS{
		"_pantry/good-news.md": page("---\r\nname: Good News\r\naddress_1: 1 Mill Road\r\naddress_2: ''\r\ncity: Riverside\r\nstate: NY\r\nzip: 01234\r\nphone: Ana / 555.555.0100\r\nlatitude: '40.5'\r\nlongitude: -71\r\ncategory: Food Pantry\r\nwebsite: 'http//news.example.org'\r\ndaycode1: Fri2nd\r\nday1_open: 1500\r\nday1_close: '1700'\r\ndaycode2: SatLast\r\nday2_open: 0930\r\nday2_close: '1100'\r\ntitle: Good News, Directory\r\nactive: y\r\n---\r\n\r\n## Photos\r\n![Door](/img/1.jpg) ![Far](https://example.org/2.jpg) [a](../b/) [c](https://example.org/)\r\n"),
		"_lunch/good-news.md":  page("---\nname: Lunch\ndaycode1: MON\nday1_open: 1230\nday1_close: 1330\nseason_open: 6/12/2026\nseason_close: 8/4/2026\ntags: [a, b c]\n---\n"),
		"_lunch/whole-day.md":  page("---\nname: Whole\ndaycode: Mon\nopen: '0'\nclose: '2359'\n---"),
		"_lunch/typo.md":       page("---\nname: Typo\ndaycode1: Mon\nday1_open: soon\nday1_close: 1300\n---"),
		"bad/yaml.md":          page("---\nname: [x\n---\n"),
		"bad/none.md":          page("# Words\n"),
		"bad/utf8.md":          page("---\nname: x\n---\n\xff"),
		"bad/untitled.md":      page("---\ncity: x\n---\n"),
		"bad/list.md":          page("---\n- x\n---\n"),
		"readme.txt":           page("x"),
	}, Mapping{Source: "old site"})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, cfg, r)
	files := filesOf(r)
	want := `+++
title = "Good News"
categories = ["food-pantry"]
address = "1 Mill Road, Riverside, NY 01234"
phones = ["555.555.0100"]
url = "http://news.example.org"
hours = "Fr[2] 15:00-17:00; Sa[-1] 09:30-11:00"
latitude = 40.5
longitude = -71
source = "old site"
+++

## Photos
Door [Far](https://example.org/2.jpg) a [c](https://example.org/)
`
	if got := files["resources/good-news-riverside.md"]; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := files["resources/good-news.md"]; !strings.Contains(got, "## Hours\n\nMON 1230–1330\\\nSeason: 6/12/2026–8/4/2026\n") || !strings.Contains(got, `["a", "b-c"]`) {
		t.Errorf("got %s", got)
	}
	if got := files["resources/whole-day.md"]; !strings.Contains(got, `hours = "Mo 00:00-24:00"`) {
		t.Errorf("got %s", got)
	}
	if got := files["resources/typo.md"]; !strings.Contains(got, "## Hours\n\nMon soon–1300\n") {
		t.Errorf("got %s", got)
	}
	if len(r.Refused) != 5 || r.Unused["title"] != 1 || r.Unused["active"] != 1 {
		t.Errorf("%s", r)
	}
	for _, words := range []string{"Ana", "bad/none.md", "there is no front matter between two lines ---", "1 × phones has words beside the number that may be a name"} {
		if !strings.Contains(r.String(), words) {
			t.Errorf("the report does not say %q:\n%s", words, r)
		}
	}
	if _, err := ImportMarkdown(cfg, fstest.MapFS{}, Mapping{}); err == nil {
		t.Error("a folder without Markdown is no error")
	}
}
