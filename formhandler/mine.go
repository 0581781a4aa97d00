package formhandler

import (
	"errors"
	"net/http"
	"slices"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// codePage is the page with one input, for the code. It never has the code in it.
func (v *visit) codePage(status int, fault string) {
	v.render(status, "mine", "mine.title", CodeView{Action: v.mineHref(), Error: fault})
}

func (v *visit) mineHref() string { return v.c.BasePath + v.c.MinePath(v.lang) }

func (v *visit) getMine() {
	if v.Intake.Ready(nil) == intake.ErrNoGit {
		v.notice(http.StatusOK, "mine.title", NoticeView{Text: "notice.no-forms"})
		return
	}
	v.codePage(http.StatusOK, "")
}

// postMine does what a code may do. A form carries the code in a hidden input.
func (v *visit) postMine() {
	if status, text := v.read(); status != 0 {
		v.notice(status, "mine.title", NoticeView{Text: text})
		return
	}
	if v.origin.Check(v.r) != nil {
		v.codePage(http.StatusForbidden, "mine.error-again")
		return
	}
	if v.wrong.Full(v.from()) {
		v.codePage(http.StatusTooManyRequests, "mine.error-slow")
		return
	}
	code, whole := intake.ParseCode(v.values.Get(codeName))
	it, err := v.Intake.Mine(v.r.Context(), code)
	switch {
	case err == intake.ErrNoGit:
		v.notice(http.StatusOK, "mine.title", NoticeView{Text: "notice.no-forms"})
	case err == intake.ErrCode && whole:
		v.wrong.Add(v.from())
		v.codePage(http.StatusNotFound, "mine.error-unknown")
	case err == intake.ErrCode:
		v.wrong.Add(v.from())
		v.codePage(http.StatusUnprocessableEntity, "mine.error-code")
	case err != nil:
		v.failed(err)
	default:
		v.act(code, it)
	}
}

func (v *visit) failed(err error) {
	v.log(err)
	v.notice(http.StatusServiceUnavailable, "mine.title", NoticeView{Text: "mine.not-now"})
}

// act does what the button says; without one it only shows the state.
func (v *visit) act(code intake.Code, it *intake.Item) {
	ctx, do := v.r.Context(), v.values.Get(doName)
	var err error
	switch do {
	case "correct":
		v.correct(code, it)
		return
	case "private":
		v.private(code)
		return
	case "erase":
		if v.values.Get("confirm") == "" && v.Intake.Can(it, "erase") {
			v.render(http.StatusOK, "erase", "mine.title-erase", v.status(code, it))
			return
		}
		if it, err = v.Intake.Erase(ctx, code); err != nil && it != nil && it.State == intake.Purged {
			v.log(err) // what is private is gone; the round does the rest
			do, err = "", nil
		}
	case "answer":
		it, err = v.Intake.Answer(ctx, code, v.values.Get("answer"))
	case "withdraw":
		it, err = v.Intake.Withdraw(ctx, code)
	case "done":
		it, err = v.Intake.Done(ctx, code)
	case "renew":
		it, err = v.Intake.Renew(ctx, code)
	default:
		do = ""
	}
	v.after(code, it, do, err)
}

// after shows the state, and what was done. An operation that was not possible any more,
// such as one sent twice, shows the state alone.
func (v *visit) after(code intake.Code, it *intake.Item, did string, err error) {
	var refused *intake.Error
	switch {
	case err != nil && (it == nil || !errors.As(err, &refused)):
		v.failed(err)
		return
	case refused != nil:
		did = ""
	}
	s := v.status(code, it)
	if did != "" {
		s.Did = "mine.did-" + did
	}
	v.render(http.StatusOK, "status", "mine.title-status", s)
}

func (v *visit) status(code intake.Code, it *intake.Item) StatusView {
	s := StatusView{
		Kind: it.Kind, Makes: it.Makes, Action: v.mineHref(), Carry: []Pair{{codeName, code.String()}}, Reference: it.Reference,
		Title: it.Page.Title, Lang: it.Page.Language(), State: string(it.State), Reason: it.Reason, Changed: it.Changed, Talk: it.Talk, Can: map[string]bool{},
		Published: it.Public != nil,
	}
	switch it.State {
	case intake.Purged:
		return s
	case intake.Received, intake.Held:
		s.State = string(intake.Waiting)
	case intake.Open, intake.Matched:
		s.Href, s.Until = v.c.BasePath+it.Page.URL, v.Intake.Until(it)
	}
	if p := it.Parting; p != nil && it.State == intake.Closed {
		s.Told = p.Words
		if h, err := v.Intake.Page(p.Page); err == nil && h != nil {
			s.Help, s.HelpTitle = v.c.BasePath+h.URL, h.Title
		}
	}
	s.KeptUntil = v.Intake.KeptUntil(it)
	for _, op := range []string{"answer", "correct", "renew", "close", "withdraw", "erase"} {
		s.Can[op] = v.Intake.Can(it, op)
	}
	return s
}

// private shows what only keepers and the code open.
func (v *visit) private(code intake.Code) {
	it, values, err := v.Intake.MyWords(v.r.Context(), code)
	if err != nil {
		v.after(code, it, "", err)
		return
	}
	s := v.status(code, it)
	if it.State != intake.Purged {
		for _, q := range v.Intake.MyQuestions(it) {
			if q.Class == site.Sealed && len(values[q.Name]) > 0 {
				s.Private = append(s.Private, Row{q.Field, values[q.Name]})
			}
		}
	}
	v.render(http.StatusOK, "status", "mine.title-status", s)
}

// correct shows the form with the words as they are, or takes other ones. Where these give a person
// away in public, the check page comes first.
func (v *visit) correct(code intake.Code, it *intake.Item) {
	if !v.Intake.Can(it, "correct") {
		v.after(code, it, "", nil)
		return
	}
	v.kind = v.c.Kind(it.Kind)
	v.asks = &intake.Form{Kind: v.kind, Questions: v.Intake.MyQuestions(it)}
	if v.values.Get(wordsName) == "" {
		_, values, err := v.Intake.MyWords(v.r.Context(), code)
		if err != nil {
			v.failed(err)
			return
		}
		v.values = values
		v.correctPage(http.StatusOK, code, nil)
		return
	}
	if v.values.Get("change") != "" {
		v.correctPage(http.StatusOK, code, nil)
		return
	}
	moved := v.values.Get("move") != ""
	if moved {
		v.values = intake.Conceal(v.asks.Questions, v.values)
	}
	draft, faults := v.Intake.CheckMine(it, v.values)
	switch sure := v.values.Get("confirm") != ""; {
	case len(faults) > 0:
		v.correctPage(http.StatusUnprocessableEntity, code, faults)
	case moved || !sure && len(intake.Reveals(v.kind, &draft.Page)) > 0:
		v.checkPage(draft, v.mineHref(), "mine.correct-send-more", correcting(code)...)
	default:
		it, err := v.Intake.Correct(v.r.Context(), code, draft)
		v.after(code, it, "correct", err)
	}
}

// correcting is what a correction carries beside the words.
func correcting(code intake.Code) []Pair {
	return []Pair{{codeName, code.String()}, {doName, "correct"}, {wordsName, "yes"}}
}

func (v *visit) correctPage(status int, code intake.Code, faults []intake.Fault) {
	f := v.formView(v.mineHref(), faults)
	f.Carry = correcting(code)
	v.render(status, "correct", "mine.title-correct", f)
}

// isMine reads the language off a path under /mine.
func (v *visit) isMine(parts []string) bool {
	if parts[0] != "mine" || len(parts) > 2 {
		return false
	}
	if len(parts) == 1 {
		return true
	}
	found := slices.Contains(v.c.Languages[1:], parts[1])
	if found {
		v.lang = parts[1]
	}
	return found
}
