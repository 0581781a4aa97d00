// Package search finds entries of a network by words and facets. There is one
// tokenizer, one ranking and one index: the form handler asks it in memory, and
// the builder writes it out as small files, which a script asks in the same way
// (builder/search.go says how, themes/commons/static/search.js does it).
//
//	ix := search.New(cfg, headers, nil)
//	answer := ix.Find(search.Query{Text: "comida caliente", Area: "old-mill", Lang: "es"})
//
// # Entries
//
// An entry is a page in all its languages; the home page and what is closed are
// none. What is searched is its title, organization, headings and summary, and
// the names of its categories, areas and languages in every language of the
// site, so that "comida" finds an English page about food. Bodies are not searched.
// Entries are numbered by kind, first category, first area, then as lists show
// them, so that those of a facet, and those found together, lie together.
//
// # Words
//
// [Tokens] makes words of a text. It folds by NFKD, drops marks, lowers case, maps
// letters that do not decompose (đ ł ø ß æ œ ı …), makes one of the forms of alef,
// ya and ta marbuta, drops tatweel and the article ال, and the s of a plural.
// Scripts without spaces between words become pairs of characters. Stop words
// count only where there is no other. Each word of a group of synonyms also stands
// for the others, at half their weight; that is done when the index is made.
//
// # Ranking
//
// It uses whole numbers only, so that Go and the script agree. An entry has for
// each word a weight: that of the best of its fields with the word (title 8,
// organization 6, category 5, area 4, heading and summary 3, language 2). A word of
// the query gives an entry
//
//	weight × (1 + bits(entries / entries with the word)) × how
//
// where how is 4 for the word itself, 2 for a word that the query's last word
// begins (three letters or more, the first dozen of them), 1 for one with a single
// slip: a letter too many, too few, wrong, or swapped with the next, but not the
// first. Slips are looked for only where a word is found in no other way. Of several
// the best counts. Entries with more of the words come first, then the higher sum,
// then the lower number. Those with fewer words are left out, once there are ten.
//
// Facets only leave out. A query without words lists entries by number.
package search
