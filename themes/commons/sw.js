// Keeps a part of the site on the device of a person who asked for it. What is
// kept stands in the list; nothing that she reads or writes is added to it. The
// net comes first: what is kept is shown when the net does not answer.
const mine = "potluck:" + base + ":", name = mine + list;
const find = url => caches.match(url, {ignoreSearch: true});

async function keep() {
	const answer = await fetch(list), cache = await caches.open(name);
	const {files} = await answer.clone().json();
	await Promise.all(files.map(async ([url, sum]) => {
		const key = url + "?" + sum, got = await caches.match(key) || await fetch(url, {cache: "no-cache"});
		if (!got.ok) throw Error(url);
		await cache.put(key, got);
	}));
	await cache.put(list, answer);
	return self.skipWaiting();
}

async function tidy() {
	for (const key of await caches.keys()) if (key.startsWith(mine) && key !== name) await caches.delete(key);
	return self.clients.claim();
}

async function saved(url) {
	const about = await caches.match(list), {places} = await about.clone().json();
	const place = places.find(p => url.pathname.startsWith(p.at)) || places[places.length - 1];
	const got = await find(url.pathname), page = await (got || await find(place.page)).text();
	const day = new Date(about.headers.get("date") || Date.now()).toLocaleDateString(place.lang, {day: "numeric", month: "long", year: "numeric"});
	const note = got ? place.saved.replace("{0}", day) : place.missing;
	return new Response(page.replace(/<main[^>]*>/, m => m + '<p class="notice" role="status">' + note + "</p>"),
		{status: got ? 200 : 503, headers: {"content-type": "text/html; charset=utf-8"}});
}

self.addEventListener("install", e => e.waitUntil(keep()));
self.addEventListener("activate", e => e.waitUntil(tidy()));
self.addEventListener("fetch", e => {
	const url = new URL(e.request.url);
	if (e.request.method !== "GET" || url.origin !== location.origin) return;
	if (e.request.mode === "navigate") e.respondWith(fetch(e.request).catch(() => saved(url)));
	else if (url.pathname.startsWith(base + "/assets/")) e.respondWith(find(url.pathname).then(r => r || fetch(e.request)));
});
