package formhandler

import (
	"html/template"
	"io"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// Renderer makes the handler's pages with the network's theme. builder has it.
type Renderer interface {
	// Render writes a whole page. Layout is form, check, receipt, notice, mine (a
	// CodeView), status or erase (a StatusView), or correct (a FormView); view is the
	// view of that name below and reaches the layout as .Form.
	// title is a key of the theme's strings.
	Render(w io.Writer, lang, layout, title string, view any) error
	// Card renders a proposed page as its own layout's card will show it.
	Card(lang string, p *site.Page) (template.HTML, error)
}

// FormView is the form itself, fresh or with errors.
type FormView struct {
	Kind    string // offer, request, reply …
	Action  string // href to post to
	Public  []FieldView
	Private []FieldView // never shown on the site: the organizers' and the sealed fields
	Errors  []FieldError
	Carry   []Pair // hidden inputs that the next post must bring again
	Makes   site.Makes
	Lead    string   // key of the theme's strings, or words of site.toml
	About   *About   // what a message or a change is about, or nil
	Readers []string // names of those who alone can read what is sent; nil: as the groups say
	Trap    string   // name of the trap input; a person leaves it empty
	Mine    string   // href where a code opens what was sent before; "" on a correction
}

// About names the page that something is about.
type About struct{ Title, URL string } // URL without the path of base_url

// FieldView is one input.
type FieldView = intake.Input

// Option is one choice of a FieldView.
type Option = intake.Option

// FieldError is a line of the error summary.
type FieldError struct {
	ID    string // of the input
	Field *site.Field
	Text  string // key of the theme's strings
}

// Pair is a name and a value of a form.
type Pair struct{ Name, Value string }

// Row is one answer on the check page.
type Row struct {
	Field *site.Field
	Text  []string // lines or choices; a choice that the theme names is its value: use optionLabel; yes or no; 2026-11-23
}

// CheckView is the page "check your answers". Nothing is stored yet.
type CheckView struct {
	Kind    string
	Makes   site.Makes
	About   *About // as in a FormView
	Readers []string
	Action  string              // post here with the Carry and confirm=yes to send
	Then    string              // key of the theme\'s strings: what comes of sending
	Card    template.HTML       // of a page
	Change  []intake.Difference // of a change: what becomes of the page
	Public  []Row
	Private []Row
	Reveals []Row  // pieces of public answers by which a person could be called or found
	Move    bool   // post here with the Carry and move=yes to lock them
	Moved   bool   // that was done just now
	Carry   []Pair // every word, the nonce and the stamp
}

// PaperView is a form to be printed: one sheet for each neighbour.
type PaperView struct {
	Kind    string
	Makes   site.Makes
	Lead    string // as in a FormView
	Readers []string
	Public  []FieldView
	Private []FieldView
	URL     string        // of the form on the web
	MineURL string        // where the code opens what was sent
	QR      template.HTML // of URL, a picture; or ""
	Sheets  []Sheet
}

// Sheet is what differs between two printed forms.
type Sheet struct {
	Number    string // for who types it in
	Code      string // for the neighbour, on a strip to be torn off
	Reference string // to say aloud, on both
}

// ReceiptView is the page after the post is on disk.
type ReceiptView struct {
	Kind      string
	Makes     site.Makes
	Reference string // short, to say aloud
	Code      string // opens the item again
	KeptUntil site.Date
	Waiting   int    // submissions that wait for an organizer, this one included
	Mine      string // href where the code opens it
	MineURL   string // the same as a whole address, to be printed
}

// CodeView asks for a code.
type CodeView struct {
	Action string // href to post _code to
	Error  string // key of the theme's strings, or ""
}

// StatusView is what a code opens. Each button posts Carry and _do=answer (with
// answer=TEXT), correct, renew, done, withdraw, private or erase.
type StatusView struct {
	Kind      string
	Makes     site.Makes
	Action    string
	Carry     []Pair
	Reference string
	Title     string
	Lang      string // that Title is written in
	State     string // waiting, asked, open, matched, closed, purged
	Reason    string // closed: fulfilled, expired, withdrawn, declined, referred, duplicate, spam; purged: erased, purged
	Did       string // what was done just now, a key of the theme's strings; or ""
	Href      string // of the page, when it is on the site
	Published bool   // it is on the site, or was, so that the history has it
	Changed   bool   // other words for the page wait for an organizer
	Until     site.Date
	KeptUntil site.Date
	Talk      []intake.Talk // questions and answers, oldest first
	Told      string        // what she was told when it was closed; or ""
	Help      string        // href of the page that she was referred to; or ""
	HelpTitle string
	Private   []Row           // the sealed answers, when they were asked for
	Can       map[string]bool // answer, correct, renew, close, withdraw, erase
}

// NoticeView is every other answer: paused, not found, too large, not possible now.
type NoticeView struct {
	Text  string // key of the theme's strings
	Words string // words of the network itself, shown as they are; or ""
	Rows  []Row  // all the text back, to be read and copied
	Carry []Pair // the same as hidden inputs, with what else the next post must bring
	Retry string // href to post Carry to again, by a button without a name; or ""
	Seek  bool   // with a search for a page
}
