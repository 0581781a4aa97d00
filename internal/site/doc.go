// Package site holds the nouns of potluck: a network's configuration, the kinds
// of page it has, the fields of each kind with their privacy class, and the page
// itself, which is one Markdown file with TOML front matter.
//
// The file format is the only interface between the builder, which reads pages,
// and the form handler, which proposes them:
//
//	+++
//	title = "Ride to the clinic on Tuesdays"
//	date = 2026-11-02
//	categories = ["transport/rides"]
//	state = "open"
//	+++
//
//	From the old mill to the clinic and back. Two bags, no stairs.
//
// Rules:
//
//   - [Parse] is a pure function of one file. It never fails: it gives a [Page]
//     and the [Problem]s it met, each with its place and a hint.
//   - [Format] is its inverse. What Format writes, Parse reads back the same, and
//     Format checks that before it returns; what cannot be written is an error.
//   - A field is public, for organizers, or sealed. Only public fields have a
//     place in a Page. A private field in a content file is a Problem, and its
//     value is dropped here, so that nothing after this package can show it.
//   - The schema ([Kind], [Field]) comes from the table of this package and from
//     site.toml. HTML forms, the check of a post, the paper form and the linter
//     all read it.
//   - A [Header] is all that another page may see of a page.
package site
