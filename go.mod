module potluck

go 1.26.8

// Each line says why the module is here and who keeps it. imports_test.go in
// cmd/potluck holds which package is its one door.
require (
	filippo.io/age v1.3.2 // sealing that stock tools open; kept by its author, a maintainer of Go cryptography; pulls in hpke
	github.com/BurntSushi/toml v1.6.0 // given: site.toml and front matter; kept, no dependencies
	github.com/andybalholm/brotli v1.3.0 // pages smaller than gzip makes them, for hosts and browsers that take it; kept by its author, Go alone, no dependencies
	github.com/fsnotify/fsnotify v1.10.1 // given: changes of files; kept by its project; pulls in x/sys
	github.com/go-git/go-billy/v5 v5.9.2 // go-git's file system interface; comes with it
	github.com/go-git/go-git/v5 v5.19.3 // given: git objects, trees, packs and transport; maintenance only; the git program would replace it
	github.com/microcosm-cc/bluemonday v1.0.27 // an allow list for HTML in organizers' pages; kept by its author; pulls in douceur, gorilla/css and x/net
	github.com/rogpeppe/go-internal v1.16.0 // tests only: testscript and txtar; kept by Go contributors
	github.com/wneessen/go-mail v0.8.1 // notices by mail, with the TLS and sign-in of today; kept by its author; pulls in x/crypto and x/text, which are here
	github.com/yuin/goldmark v1.8.7 // given: Markdown; kept by its author, no dependencies
	go.yaml.in/yaml/v3 v3.0.6 // front matter of Jekyll sites, for the importer; kept by the YAML organization, no dependencies
	golang.org/x/crypto v0.58.0 // SSH keys under a passphrase, for age, and an SSH server for tests; kept by the Go project
	golang.org/x/image v0.47.0 // reading WebP and scaling pictures; kept by the Go project; pulls in x/text, which is here
	golang.org/x/text v0.43.0 // Unicode normal forms for search, and numbers as each language writes them; kept by the Go project
	rsc.io/qr v0.2.0 // the code on posters and booklets; small, finished, kept by Russ Cox, no dependencies
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	filippo.io/hpke v0.4.0 // indirect
	github.com/Microsoft/go-winio v0.6.2 // indirect
	github.com/ProtonMail/go-crypto v1.1.6 // indirect
	github.com/aymerick/douceur v0.2.0 // indirect
	github.com/cloudflare/circl v1.6.3 // indirect
	github.com/cyphar/filepath-securejoin v0.6.1 // indirect
	github.com/emirpasic/gods v1.18.1 // indirect
	github.com/go-git/gcfg v1.5.1-0.20230307220236-3a3c6141e376 // indirect
	github.com/golang/groupcache v0.0.0-20241129210726-2c02b8208cf8 // indirect
	github.com/gorilla/css v1.0.1 // indirect
	github.com/jbenet/go-context v0.0.0-20150711004518-d14ea06fba99 // indirect
	github.com/kevinburke/ssh_config v1.2.0 // indirect
	github.com/pjbgf/sha1cd v0.7.0 // indirect
	github.com/sergi/go-diff v1.3.2-0.20230802210424-5b0b94c5c0d3 // indirect
	github.com/skeema/knownhosts v1.3.1 // indirect
	github.com/xanzy/ssh-agent v0.3.3 // indirect
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	gopkg.in/warnings.v0 v0.1.2 // indirect
)
