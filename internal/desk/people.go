package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

var peopleRoutes = []route{
	{method: "GET", path: "people/", least: site.Keeper, do: (*visit).people},
	{method: "POST", path: "people/invite/", least: site.Keeper, fresh: true, do: (*visit).invite},
	{method: "POST", path: "people/role/", least: site.Keeper, fresh: true, do: (*visit).role},
	{method: "POST", path: "people/remove/", least: site.Keeper, fresh: true, do: (*visit).remove},
	{method: "POST", path: "people/seal/", least: site.Keeper, do: (*visit).seal},
	{method: "GET", path: "people/audit/", least: site.Keeper, do: (*visit).audit},
	{method: "GET", path: "invite/{token}/", do: (*visit).invited},
	{method: "POST", path: "invite/", do: (*visit).join},
	{method: "GET", path: "me/", least: site.AnOrganizer, do: (*visit).mePage},
	{method: "POST", path: "me/", least: site.AnOrganizer, do: (*visit).newPassphrase},
}

// Names of what the forms about people post.
const (
	whoName   = "who"
	roleName  = "role"
	tokenName = "_token"
	wordName  = "_word"
)

// PeopleView is who decides and who reads.
type PeopleView struct {
	People  []PersonRow
	Invites []InviteRow
	Stale   int    // items that are sealed to others
	Typed   string // a name that was not taken
	Error   string // key of the theme's strings, or ""
}

// PersonRow is an organizer or a keeper.
type PersonRow struct {
	site.Organizer
	Me   bool
	Last bool // the only keeper: she stays
}

// InviteRow is who is invited and has not come yet.
type InviteRow struct {
	site.Invite
	Day  site.Date // the last on which it is good
	Late bool
}

// LinkView is an invitation, shown once.
type LinkView struct {
	Name string
	Link string
	Word string
	Day  site.Date // the last on which it is good
}

// JoinView is the page that an invitation leads to.
type JoinView struct {
	Action string
	Name   string
	Role   site.Role
	Token  string
	Error  string // key of the theme's strings, or ""
}

// SixView is a new passphrase, shown once.
type SixView struct {
	Name    string
	Role    site.Role
	Words   []string
	SignIn  string // href
	Changed bool   // she had another one before
}

// MeView is a person's own page.
type MeView struct {
	Action string
	Error  string // key of the theme's strings, or ""
}

func (v *visit) people() { v.peoplePage(http.StatusOK, "", "") }

func (v *visit) peoplePage(status int, typed, fault string) {
	p := PeopleView{Typed: typed, Error: fault}
	list, err1 := v.Intake.Organizers()
	invites, err2 := v.Intake.Invites()
	stale, err3 := v.Intake.Stale()
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			v.fail(err)
			return
		}
	}
	keepers := 0
	for _, o := range list {
		if o.Role == site.Keeper {
			keepers++
		}
	}
	for _, o := range list {
		p.People = append(p.People, PersonRow{o, o.Name == v.me.Name, keepers == 1 && o.Role == site.Keeper})
	}
	for _, i := range invites {
		p.Invites = append(p.Invites, InviteRow{i, v.day(i.Until), !v.Intake.Now().Before(i.Until)})
	}
	p.Stale = stale
	v.page(status, "desk-people", "people.title", p)
}

// invite shows the link and the word, this one time: they are not kept.
func (v *visit) invite() {
	name := site.CleanLine(v.form.Get(whoName))
	role, ok := site.ParseRole(v.form.Get(roleName))
	if !ok || !site.IsName(name) {
		v.peoplePage(http.StatusUnprocessableEntity, name, "people.error-name")
		return
	}
	token, word, err := v.Intake.Invite(name, role, v.person())
	if err != nil {
		v.fail(err)
		return
	}
	host := strings.TrimSuffix(v.c.BaseURL, v.c.BasePath+"/")
	if !v.https() { // on this machine alone, perhaps by another port than the site's
		host = "http://" + v.r.Host
	}
	link := host + v.href("invite/"+token+"/")
	v.page(http.StatusOK, "desk-link", "people.link-title", LinkView{name, link, word, v.day(v.Intake.Now().Add(intake.InviteFor))})
}

func (v *visit) role() {
	role, _ := site.ParseRole(v.form.Get(roleName))
	if role == site.Nobody {
		v.people()
		return
	}
	v.governed(v.Intake.SetRole(v.form.Get(whoName), role, v.person()), "people.did-role")
}

func (v *visit) remove() {
	v.governed(v.Intake.Leave(v.form.Get(whoName), v.person()), "people.did-remove")
}

// governed ends a change of who reads: what is there is sealed anew with her key.
func (v *visit) governed(err error, did string) {
	if err != nil {
		v.fail(err)
		return
	}
	v.sealAnew(patience)
	v.done("people/", did, v.form.Get(whoName))
}

func (v *visit) seal() {
	v.sealAnew(patience)
	v.done("people/", "people.did-seal", "")
}

// patience is how long a page waits for what is sealed anew. It goes on after that.
const patience = 3 * time.Second

// sealAnew seals what is there to who reads today, with the key of who is signed in, where
// that is needed and nobody does it already. When potluck is stopped meanwhile, the next
// keeper who signs in goes on with it.
func (v *visit) sealAnew(wait time.Duration) {
	if stale, err := v.Intake.Stale(); err == nil && stale == 0 || !v.sealing.TryLock() {
		return
	}
	key, done := v.key(), make(chan struct{})
	go func() {
		defer close(done)
		defer v.sealing.Unlock()
		if _, _, err := v.Intake.SealAnew(context.Background(), key); err != nil {
			v.log(err)
		}
	}()
	select {
	case <-done:
	case <-time.After(wait):
	}
}

// AuditView is what was done with private words and with who reads, newest first.
type AuditView struct{ Rows []AuditRow }

// AuditRow is one line of it.
type AuditRow struct {
	site.Audit           // About without the role
	Role       site.Role // that somebody has from then on, or Nobody
	Day        site.Date
	At         string // 15:04
}

// auditRows is how many lines of the audit the page shows; the command line has them all.
const auditRows = 500

func (v *visit) audit() {
	list, err := v.Intake.Audit()
	if err != nil {
		v.fail(err)
		return
	}
	view := AuditView{}
	for _, a := range slices.Backward(list[max(0, len(list)-auditRows):]) {
		row := AuditRow{Audit: a, Day: v.day(a.When), At: a.When.In(v.c.Location).Format("15:04")}
		name, last := "", a.About
		if i := strings.LastIndexByte(a.About, ' '); i >= 0 {
			name, last = a.About[:i], a.About[i+1:]
		}
		if role, ok := site.ParseRole(last); ok {
			row.About, row.Role = name, role
		}
		view.Rows = append(view.Rows, row)
	}
	v.page(http.StatusOK, "desk-audit", "people.audit-title", view)
}

// invited is where the link of an invitation leads. Looking at it takes nothing up.
func (v *visit) invited() {
	token := v.r.PathValue("token")
	who, err := v.Intake.Invited(token)
	if err != nil {
		v.noInvite(err)
		return
	}
	v.page(http.StatusOK, "desk-invite", "invite.title", JoinView{v.href("invite/"), who.Name, who.Role, token, ""})
}

func (v *visit) noInvite(err error) {
	if err == intake.ErrInvite {
		v.page(http.StatusNotFound, "desk-notice", "invite.title", Notice{Text: "invite.none"})
		return
	}
	v.fail(err)
}

// join takes an invitation up, and shows the new passphrase this one time.
func (v *visit) join() {
	if v.tooMany() {
		return
	}
	token := v.form.Get(tokenName)
	person, six, err := v.Intake.Join(token, v.form.Get(wordName))
	switch {
	case err == intake.ErrWord:
		v.attempts.Add(v.from())
		who, err := v.Intake.Invited(token)
		if err != nil { // that was one wrong word too many
			v.noInvite(err)
			return
		}
		v.page(http.StatusUnprocessableEntity, "desk-invite", "invite.title", JoinView{v.href("invite/"), who.Name, who.Role, token, "invite.error-word"})
	case err != nil:
		v.attempts.Add(v.from())
		v.noInvite(err)
	default:
		v.sixPage(person, six, false)
	}
}

func (v *visit) sixPage(person site.Organizer, six string, changed bool) {
	v.page(http.StatusOK, "desk-six", "six.title", SixView{person.Name, person.Role, strings.Split(six, "-"), v.href("sign-in/"), changed})
}

func (v *visit) mePage() {
	v.page(http.StatusOK, "desk-me", "me.title", MeView{v.href("me/"), ""})
}

// newPassphrase gives her another key and passphrase. Her sessions end, since they are those
// of the old key, and what is there is sealed to the new one.
func (v *visit) newPassphrase() {
	if v.tooMany() {
		return
	}
	me := v.me
	six, err := v.Intake.NewKey(me.Name, v.form.Get(passphraseName), v.person())
	switch {
	case err == intake.ErrPassphrase:
		v.attempts.Add(v.from())
		v.page(http.StatusUnprocessableEntity, "desk-me", "me.title", MeView{v.href("me/"), "desk.error-passphrase"})
		return
	case err != nil:
		v.fail(err)
		return
	}
	v.sealAnew(patience)
	v.sessions.end(v.who, true)
	v.who, v.me = nil, site.Organizer{}
	v.setCookie("", -1)
	v.sixPage(me, six, true)
}
