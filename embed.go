// Package potluck carries the starter network and the theme inside the program,
// so that one file is all that a network needs. The code is in cmd/potluck.
package potluck

import "embed"

// Files holds content/, themes/ and site.toml as they lie in this folder.
//
//go:embed content themes site.toml
var Files embed.FS
