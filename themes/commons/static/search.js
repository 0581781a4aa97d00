// Answers the search page from the files that builder/search.go makes, as
// internal/search does; what it does and why is written there.
"use strict";
(() => {

const UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u{20000}-\u{3ffff}";
const WORD = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, "gu");
const PAIRS = new RegExp(`^[${UNSPACED}]`, "u");
const DROPPED = /['\u00ad\u02bc\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d\u2018\u2019\u3099\u309a]/g;
const LETTERS = new Map();
("đd ðd ɖd ɗd ħh ıi ƙk łl ŋn ɲn øo ɔo ɛe ɓb ŧt ƴy ßss æae œoe þth ςσ ґг ٱا ىي ةه کك یي ہه ךכ םמ ןנ ףפ ץצ " +
	"٠0 ١1 ٢2 ٣3 ٤4 ٥5 ٦6 ٧7 ٨8 ٩9 ۰0 ۱1 ۲2 ۳3 ۴4 ۵5 ۶6 ۷7 ۸8 ۹9").split(" ").forEach(p => LETTERS.set(p[0], p.slice(1)));

const stem = w => /^[\u0600-\u06ff]/.test(w) ? w.replace(/^(?:ال(?=..)|[وفبك]ال(?=...)|لل(?=...))/, "") :
	w.length < 4 || !/^[a-z0-9]*[a-hj-rtv-z]s$/.test(w) ? w :
	w.length > 4 && w.endsWith("ies") ? w.slice(0, -3) + "y" : w.slice(0, -1);

function tokens(text) {
	const found = [];
	for (const w of text.normalize("NFKD").toLowerCase().replace(DROPPED, "").match(WORD) || []) {
		const letters = Array.from(w);
		if (!PAIRS.test(w)) found.push(stem(letters.map(c => LETTERS.has(c) ? LETTERS.get(c) : c).join("")));
		else if (letters.length < 2) found.push(w);
		else for (let i = 1; i < letters.length; i++) found.push(letters[i - 1] + letters[i]);
	}
	return found;
}

function oneSlip(a, b) {
	a = Array.from(a);
	b = Array.from(b);
	if (a.length > b.length) [a, b] = [b, a];
	let i = 0;
	while (i < a.length && a[i] === b[i]) i++;
	const rest = (w, from) => w.slice(from).join("");
	if (a.length < b.length) return rest(a, i) === rest(b, i + 1);
	return i < a.length && (rest(a, i + 1) === rest(b, i + 1) ||
		a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2) === rest(b, i + 2));
}

// entries calls f with the number of each entry of the lists, and its weight.
function entries(lists, f) {
	for (const list of lists.split(" ")) {
		const weight = parseInt(list[0], 36);
		let at = -1, gap = 0;
		for (let k = 1; k < list.length; k++) {
			const c = list.charCodeAt(k) - 33;
			if (c < 47) {
				f(at += gap + c + 1, weight);
				gap = 0;
			} else gap = (gap + c - 47) * 47;
		}
	}
}

// find asks the files for q. s says what the search page knows of them; load gives
// the text of one.
async function find(q, s, load) {
	const lines = (dir, i) => load(dir + i + ".txt").then(t => t.split("\n"));
	const fileOf = (w, starts) => {
		let i = 0;
		while (i < starts.length && starts[i] <= w) i++;
		return i;
	};

	// meet gives the lists that a word stands for, each with how.
	async function meet(w, last) {
		const met = [], prefix = last && (PAIRS.test(w) || Array.from(w).length > 2);
		let begun = 0;
		for (let i = fileOf(w, s.starts), more = true; more; i++) {
			for (const line of await lines("t/", i)) {
				const at = line.indexOf(" "), term = line.slice(0, at);
				if (term === w) met.push([line.slice(at + 1), 4]);
				else if (prefix && begun < 12 && term.startsWith(w)) {
					met.push([line.slice(at + 1), 2]);
					begun++;
				}
			}
			more = prefix && begun < 12 && i < s.starts.length && s.starts[i].startsWith(w);
		}
		return met;
	}

	// slip gives the most common word that differs by one slip.
	async function slip(w) {
		const letters = Array.from(w);
		let best = "", most = 0;
		if (letters.length < 4 || PAIRS.test(w)) return best;
		for (const line of await lines("w/", fileOf(letters[0], s.words))) {
			const word = line.slice(0, -1), common = parseInt(line.slice(-1), 36);
			if (common > most && word.startsWith(letters[0]) && oneSlip(w, word)) [best, most] = [word, common];
		}
		return best;
	}

	let words = Array.from(new Set(tokens(q.q)));
	const plain = words.filter(w => !s.stops.includes(w));
	words = (plain.length ? plain : words).slice(0, 12);
	const facets = ["category", "area", "language"].filter(f => q[f]);
	if (!words.length && (q.q.trim() || !facets.length)) return {found: [], slips: []};

	const score = new Int32Array(s.count), has = new Uint8Array(s.count), marks = new Uint8Array(s.count), slips = [];
	const met = words.map(async (w, i) => {
		const m = await meet(w, i === words.length - 1);
		if (m.length) return m;
		const taken = await slip(w);
		if (!taken) return m;
		slips[i] = [w, taken];
		return (await meet(taken)).map(x => [x[0], 1]);
	});
	const kept = facets.map(f => meet("#" + f + "/" + q[f]));
	for (const lists of await Promise.all(met)) {
		const now = new Map();
		for (const [list, how] of lists) {
			const all = [];
			entries(list, (i, weight) => all.push(i, weight));
			const rare = 33 - Math.clz32(2 * s.count / all.length);
			for (let k = 0; k < all.length; k += 2) now.set(all[k], Math.max(now.get(all[k]) || 0, all[k + 1] * rare * how));
		}
		now.forEach((n, i) => {
			score[i] += n;
			has[i]++;
		});
	}
	for (const lists of await Promise.all(kept)) if (lists.length) entries(lists[0][0], i => marks[i]++);

	let found = [];
	for (let i = 0; i < s.count; i++) if ((has[i] || !words.length) && marks[i] === facets.length) found.push(i);
	if (words.length) {
		found.sort((a, b) => has[b] - has[a] || score[b] - score[a] || a - b);
		let n = Math.min(10, found.length);
		while (n < found.length && has[found[n]] === has[found[n - 1]]) n++;
		found = found.slice(0, n);
	}
	return {found, slips: slips.filter(Boolean)};
}

const CARDS = 16, PAGE = 10;

function start(form) {
	const out = document.getElementById("found"), said = document.getElementById("said"), lang = document.documentElement.lang;
	const d = form.dataset, texts = new Map();
	const list = v => v ? v.split(" ") : [];
	const s = {count: +d.count, starts: list(d.starts), stops: list(d.stops), words: list(d.words)};
	const load = name => {
		if (!texts.has(name)) texts.set(name, fetch(d.index + name).then(r => {
			if (!r.ok) throw r.status;
			return r.text();
		}));
		return texts.get(name);
	};
	const words = (key, ...args) => args.reduce((t, a, i) => t.replace("{" + i + "}", a), d[key]);
	const add = (to, tag, text, attributes) => {
		const e = document.createElement(tag);
		if (text) e.textContent = text;
		Object.assign(e, attributes);
		to.append(e);
		return e;
	};
	const label = (facet, v) => {
		const o = form.elements[facet] && Array.from(form.elements[facet].options).find(o => o.value === v);
		return o ? o.dataset.label : v.replace(/.*\//, "").replace(/-/g, " ");
	};

	function card(to, c) {
		const versions = c.slice(3), code = list(d.langs).find(l => versions.some(v => v[0] === l)) || c[3][0];
		const [, url, title, summary, organization] = versions.find(v => v[0] === code);
		const a = add(to, "article", "", {className: "card " + c[0]});
		if (code !== lang) Object.assign(a, {lang: code, dir: "auto"});
		add(add(a, "h3"), "a", title, {href: d.base + url});
		if (organization) add(add(a, "p", "", {className: "by"}), "bdi", organization);
		if (summary) add(a, "p", summary);
		const meta = add(a, "ul", "", {className: "meta"});
		c[2].forEach(v => add(meta, "li", label("area", v), {lang}));
		c[1].forEach(v => add(meta, "li", label("category", v), {lang}));
	}

	async function show(q, page, asked) {
		const r = await find(q, s, load);
		const now = r.found.slice((page - 1) * PAGE, page * PAGE);
		const cards = await Promise.all(now.map(i => load("c/" + Math.floor(i / CARDS) + ".json").then(t => JSON.parse(t)[i % CARDS])));
		if (asked !== location.search) return;
		out.textContent = "";
		said.textContent = [...r.slips.map(x => words("slip", ...x)), r.found.length ? words("found", r.found.length.toLocaleString(lang + "-u-nu-latn")) : d.none].join(" ");
		cards.forEach(c => card(out, c));
		const pages = [[page - 1, "newer"], [page + 1, "older"]].filter(p => p[0] > 0 && (p[0] - 1) * PAGE < r.found.length);
		document.getElementById("pages").textContent = "";
		pages.forEach(([n, key]) => {
			const p = new URLSearchParams(asked);
			p.set("page", n);
			add(document.getElementById("pages"), "a", d[key], {href: "?" + p});
		});
	}

	function run() {
		const p = new URLSearchParams(location.search), q = {};
		["q", "category", "area", "language"].forEach(n => {
			q[n] = p.get(n) || "";
			if (form.elements[n]) form.elements[n].value = q[n];
		});
		const narrow = form.querySelector("details");
		if (narrow && (q.category || q.area || q.language)) narrow.open = true;
		out.textContent = said.textContent = document.getElementById("pages").textContent = "";
		if (!Object.keys(q).some(n => q[n].trim())) return;
		said.textContent = d.wait;
		show(q, Math.max(1, p.get("page") | 0), location.search).catch(() => said.textContent = d.failed);
	}

	form.addEventListener("submit", e => {
		e.preventDefault();
		const p = new URLSearchParams();
		new FormData(form).forEach((v, k) => v.trim() && p.set(k, v));
		history.pushState(null, "", location.pathname + "?" + p);
		run();
	});
	window.addEventListener("popstate", run);
	run();
}

if (typeof document === "undefined") globalThis.potluckSearch = {tokens, find};
else if (document.querySelector("form[data-index]")) start(document.querySelector("form[data-index]"));
})();
