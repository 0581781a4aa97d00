package main

import (
	"fmt"
	"net/url"
	"strings"

	"potluck/internal/site"
)

// Recipes for web servers say the same as potluck serve does: the headers of
// site.Headers, what may be kept for ever, and that nobody's visit is written down.
// A base_url with a path is served from a folder of that name below the root.

var serverRecipes = map[string]func(*site.Config) string{"caddy": caddyRecipe, "nginx": nginxRecipe}

// caddyRecipe is a Caddyfile.
func caddyRecipe(c *site.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{
	log {
		exclude http.log.access http.log.error # or visitors' addresses are written down
	}
}

(potluck_headers) {
	header {
%s	}
}

# The built site alone: potluck publish -to /srv/site%s
%s {
	import potluck_headers
	root * /srv/site
	@kept path_regexp %s
	@fresh not path_regexp %[4]s
	header @kept Cache-Control %[5]q
	header @fresh Cache-Control %[6]q
	encode gzip
	file_server {
		precompressed br gzip
	}
	handle_errors {
		import potluck_headers
		rewrite * %[2]s/404.html
		file_server
	}
}

# With forms, put this in its place: potluck serve -C DIR sends all headers itself.
# %[3]s {
# 	reverse_proxy 127.0.0.1:8080
# }
`, eachHeader("\t\t%s %q\n"), c.BasePath, host(c), keptBelow(c), site.KeepForever, site.AskAgain)
	return b.String()
}

// nginxRecipe is a file of nginx. Headers of a location would hide those of the
// server, so all stand there.
func nginxRecipe(c *site.Config) string {
	return fmt.Sprintf(`map $uri $potluck_cache {
	default %q;
	"~%s" %q;
}

# The built site alone: potluck publish -to /srv/site%s
server {
	listen 443 ssl;
	server_name %s;
	# ssl_certificate and ssl_certificate_key of yours

	access_log off;
	error_log /dev/null crit; # or visitors' addresses are written down

	root /srv/site;
	index index.html;
	charset utf-8;
	types {
		text/html html;
		text/css css;
		text/javascript js;
		text/plain txt;
		text/csv csv;
		text/calendar ics;
		application/json json geojson;
		application/xml xml;
		application/manifest+json webmanifest;
		image/svg+xml svg;
		image/png png;
		image/jpeg jpg jpeg;
		image/webp webp;
		image/gif gif;
		application/pdf pdf;
	}
	gzip_static on;
	gzip_vary on;
	# brotli_static on; # where nginx has that module, after potluck publish -brotli

	add_header Cache-Control $potluck_cache always;
%s	error_page 404 %s/404.html;
}

# With forms, put this in its place: potluck serve -C DIR sends all headers itself.
# server {
# 	listen 443 ssl;
# 	server_name %[5]s;
# 	access_log off;
# 	error_log /dev/null crit;
# 	location / {
# 		proxy_pass http://127.0.0.1:8080;
# 		proxy_set_header Host $host;
# 		proxy_set_header X-Forwarded-For $remote_addr;
# 		proxy_set_header X-Forwarded-Proto https;
# 	}
# }
`, site.AskAgain, keptBelow(c), site.KeepForever, c.BasePath, host(c), eachHeader("\tadd_header %s %q always;\n"), c.BasePath)
}

func eachHeader(format string) string {
	var b strings.Builder
	for _, h := range site.Headers {
		fmt.Fprintf(&b, format, h[0], h[1])
	}
	return b.String()
}

// keptBelow is site.Kept with the path of base_url in front.
func keptBelow(c *site.Config) string { return "^" + c.BasePath + strings.TrimPrefix(site.Kept, "^") }

func host(c *site.Config) string {
	if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "network.example.org"
}
