// Package intake is the life of a submission: from a post, through an organizer's
// decision, to the day its private part is deleted. It knows nothing of HTTP, and of
// disk, keys and git only what its interfaces say.
//
//	draft, faults := svc.Check(kind, values)           // values as a form posts them
//	ticket := svc.Ticket("", svc.Now())                // for the page "check your answers"
//	receipt, err := svc.Submit(draft, ticket, false)   // err == nil: it is on disk
//	go svc.Run(ctx, report)                            // brings it to vault and git
//	queue, err := svc.Queue("waiting", name, 0, 25)    // what waits, with warnings
//	item, err := svc.Decide(ctx, Decision{Do: "publish", ID: "K7M-2Q9", By: person, Seen: seen})
//	found, err := svc.Suggest(item)                    // what it may be matched with, and why
//	item, err = svc.Mine(ctx, code)                    // the neighbour comes back
//	go svc.Keep(ctx, report)                           // time passes: expiry, deletion
//	form, err := svc.Form(kind, "/resources/pantry/")  // of a message or change about a page
//	number, code := svc.NewSlip()                      // for a form on paper, and when it
//	receipt, err = svc.TypeIn(draft, Hand{…})          // comes back: the same code
//	sheet, err := svc.Sheet("resources/pantry")        // any page, to be edited
//	sheet, err = svc.Save(ctx, Edit{…}, person)        // one commit, or a *Clash
//
// Rules:
//
//   - Submit returns without an error only when one synced file in the spool holds
//     everything: the proposed page, and the private answers, sealed already.
//   - The code on a receipt is an HMAC of the check page's nonce and of the words; ID
//     and reference come from a hash of the code. The same post sent twice is one
//     submission with one receipt. Neither nonce nor code is stored. The code of a paper is
//     an HMAC of the number on it, so that is not stored either.
//   - Each step of the drainer can be done again: vault, then git, then the spool file
//     goes. What fails is kept, reported and tried again.
//   - A stamp that is missing, forged or too young marks a submission as held. One that
//     is too old makes the check page come again. Nothing is dropped.
//   - [Life] is the only list of states and of who may change them. A change is a commit
//     with a trailer State: on the item's ref, after the one on main where its page is
//     public, and can be repeated without harm. What an organizer does to a page with git
//     alone is right: publishing, correcting, closing or removing it. Notice writes it
//     into the record, or else the next round.
//   - refs/potluck/inbox/ has what waits for an organizer, corrections of public pages
//     too; refs/potluck/done/ has the rest, until it is purged.
//   - An organizer decides by a [Decision], at the desk and on the command line. It says what
//     she looked at: nobody decides on words that she has not seen, nor on what another has in
//     hand; a [Conflict] tells her, and nothing has happened. Claims are compare and swap.
//   - Two items that are matched have each other in their records, and what becomes of one
//     becomes of both. Nobody is introduced by a program.
//   - A form makes a page, a message or a change; [site.Makes]. A message is sealed whole, and
//     no operation makes it public. A change is other words for a page of main; an organizer
//     adopts it, as long as the page is as it was.
//   - A code is held against the key that the answers were sealed to, not only its ID.
//   - Nothing is deleted before the date on the receipt, unless a person closed it: then
//     not before 30 days after that. Erasing is at once. Where the clock jumped, the
//     round waits.
//   - A page of main is edited by what was looked at: [Service.Save] and its like change
//     nothing where it is another by now, and give all versions back.
//   - No error here has a neighbour's words in it, and no commit message has, but for the title
//     of a page that is on main.
package intake

// Error is a refusal with a way out. One that a person at the desk can meet has words in the
// theme's strings, too: those of refused.Key, with Args for {0} and so on.
type Error struct {
	Text, Way string
	Key       string
	Args      []any
}

// Words is an argument of an [Error] that is itself a key of the theme's strings.
type Words string

func refusal(key, text, way string, args ...any) *Error { return &Error{text, way, key, args} }

func (e *Error) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *Error) Hint() string { return e.Way }

// Said names its words in the theme's strings; "" where there are none.
func (e *Error) Said() (key string, args []any) { return e.Key, e.Args }

// What callers may compare with.
var (
	ErrNoGit   = refusal("no-git", "the network is not in git, so forms and the inbox are off", "git init -b main, git add -A, git commit")
	ErrLate    = &Error{Text: "the check page is too old", Way: "show it again"}
	ErrGone    = &Error{Text: "these words were sent, and erased since", Way: "show the check page as a new one"}
	ErrNoPage  = &Error{Text: "there is no page that everyone can see at this address", Way: "go to the page, and begin there"}
	ErrCode    = &Error{Text: "this code opens nothing", Way: "look whether every letter is right"}
	ErrUnsaved = refusal("unsaved", "an organizer has not committed her own edit of this file", "commit or undo it in the network's folder, and try again")
	ErrMoved   = refusal("moved", "somebody else changed it at the same moment", "look at it again, then decide")
	ErrClock   = &Error{Text: "the clock has jumped, so nothing is deleted or closed for three days", Way: "look at the date of this machine; when it is right, potluck purge -sure goes on at once"}
)
