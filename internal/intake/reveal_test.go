package intake_test

import (
	"slices"
	"strings"
	"testing"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// TestFindReveals: what neighbours write, and what of it stands for a person. Each line is a
// text in which the piece is between ⟦ ⟧; one without is a text that gives nobody away.
func TestFindReveals(t *testing.T) {
	for what, lines := range map[string]string{
		"phone": `
			Call me at ⟦555-0142⟧ after six
			⟦(410) 555-0142⟧
			my number is ⟦+1 410 555 0142⟧, ask for Ana
			⟦410.555.0142⟧ or ⟦555 0167⟧
			⟦5550142⟧
			⟦555-0142 ext 12⟧ is the office
			llámame al ⟦+52 55 5550 0142⟧ por la tarde
			⟦06 12 34 56 78⟧
			اتصل بي على ⟦٠٥٥ ٥٥٥ ٠١٤٢⟧ بعد السادسة
			رقمي ⟦۰۹۱۲ ۵۵۵ ۰۱۴۲⟧
			on 2026-11-23 call ⟦555–0142⟧`,
		"email": `
			write to ⟦ana.quill@example.org⟧.
			⟦ana (at) example.org⟧ or ⟦ana [at] example [dot] org⟧
			⟦ana at example dot org⟧
			escríbeme: ⟦ana arroba example punto org⟧
			⟦مريم@example.org⟧`,
		"address": `
			I live at ⟦9 Canary Court⟧
			⟦120 N. Elm St⟧, second floor
			come to ⟦12 elm street⟧ please
			⟦7b Mill Lane⟧ ⟦apt 4B⟧
			⟦31 5th Avenue⟧.
			the blue door at ⟦44 Harbor Way⟧
			vivo en la ⟦calle de las Flores 12⟧, puerta verde
			⟦Avenida Juárez, 45⟧
			⟦C/ Mayor nº 3⟧
			⟦Calle 45 # 12-30⟧
			⟦Carrera 7 # 45-12⟧
			نحن في ⟦شارع النخيل 12⟧
			⟦شارع النخيل رقم ١٢⟧ بجانب المخبز
			⟦12 شارع النخيل⟧
			⟦بيت رقم ٧⟧`,
		"nothing": `
			Two bags of clothes, sizes 4 to 8, from 2026-11-23 to 2026-12-01
			Between 9:00 and 17:30, Mo-Fr
			sizes 10 12 14 16 18
			For 12 people, 5 blocks down the road from the old mill
			3 people sleep on the street
			2 people can drive on 24/12/2026
			Built 1990-2004, costs 12.50
			estamos en la calle a las 5
			una plaza para 3 niños
			I can carry 10 000 things at 100 percent
			find us at example.org
			@ the corner, 24/7
			عندي بيت فيه 3 أطفال
			نلتقي في الساعة 5 في الساحة
			page 12 of 500`,
	} {
		for line := range strings.Lines(lines) {
			line = strings.TrimSpace(line)
			var want []string
			for _, part := range strings.Split(line, "⟦")[1:] {
				piece, _, _ := strings.Cut(part, "⟧")
				want = append(want, piece)
			}
			text := strings.NewReplacer("⟦", "", "⟧", "").Replace(line)
			var got []string
			for _, s := range intake.FindReveals(text) {
				got = append(got, text[s.From:s.To])
				if s.What != what && !(what == "address" && strings.HasPrefix(text[s.From:s.To], "apt")) {
					t.Errorf("%q: %q is called %s", text, text[s.From:s.To], s.What)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q: found %q, not %q", text, got, want)
			}
		}
	}
}

// TestConceal: what gives a person away moves, and no other word changes.
func TestConceal(t *testing.T) {
	b := newBench(t)
	qs := intake.Questions(b.cfg, b.cfg.Kind("request"))
	typed := map[string][]string{
		"title": {"Ride from 9 Canary Court"}, "body": {"Call 555-0142 or\nana@example.org, *mornings*."}, "notes": {"Two dogs."},
		"contact": {""}, "quantity": {"555-0167"}, "categories": {"transport"}, "areas": {"harbor"}, "contact_how": {"code"},
	}
	got := intake.Conceal(qs, typed)
	for name, want := range map[string]string{
		"title": "Ride from …", "body": "Call … or\n…, *mornings*.", "contact": "555-0142", "address": "9 Canary Court",
		"notes": "Two dogs.\nana@example.org\n555-0167", "quantity": "", "categories": "transport",
	} {
		if strings.Join(got[name], "|") != want {
			t.Errorf("%s: %q, not %q", name, got[name], want)
		}
	}
	if typed["body"][0] != "Call 555-0142 or\nana@example.org, *mornings*." {
		t.Error("what was typed was changed")
	}
	draft, faults := b.Check(b.cfg.Kind("request"), got)
	if len(faults) > 0 || len(intake.Reveals(b.cfg.Kind("request"), &draft.Page)) > 0 {
		t.Errorf("%v %+v", faults, draft)
	}
	draft, _ = b.Check(b.cfg.Kind("request"), typed)
	found := intake.Reveals(b.cfg.Kind("request"), &draft.Page)
	if len(found) != 4 || found[0].Field.Name != "title" || found[0].What != "address" || found[0].Text != "9 Canary Court" {
		t.Errorf("%+v", found)
	}
	skill := intake.Questions(b.cfg, b.cfg.Kind("skill")) // has no private question
	if intake.CanConceal(skill) || intake.Conceal(skill, map[string][]string{"title": {"555-0142"}})["title"][0] != "555-0142" {
		t.Error("words moved to nowhere")
	}
	if !intake.CanConceal(qs) || hasClass(qs, "notes") != site.Sealed {
		t.Error("the form of a request has no place for private words")
	}
}

func hasClass(qs []intake.Question, name string) site.Class {
	i := slices.IndexFunc(qs, func(q intake.Question) bool { return q.Name == name })
	return qs[i].Class
}
