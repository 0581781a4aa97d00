// Reads {queries, dir, data}, answers the queries with the theme's script over the
// files in dir, and writes them with what was found and which files that took, those
// of the first ten cards included.
import fs from "node:fs";
import vm from "node:vm";

const {queries, dir, data} = JSON.parse(fs.readFileSync(0, "utf8"));
const script = new URL("../../themes/commons/static/search.js", import.meta.url);
vm.runInThisContext(fs.readFileSync(script, "utf8"));
const {find, tokens} = globalThis.potluckSearch;

const list = v => v ? v.split(" ") : [];
const site = {count: +data.count, starts: list(data.starts), stops: list(data.stops), words: list(data.words)};
const answers = [];
for (const {query} of queries) {
	const loads = new Set();
	const load = async name => {
		loads.add(name);
		return fs.readFileSync(dir + data.index + name, "utf8");
	};
	const answer = await find(query, site, load);
	answer.found.slice(0, 10).forEach(i => loads.add("c/" + Math.floor(i / 16) + ".json"));
	answers.push({query, ...answer, tokens: tokens(query.q), loads: Array.from(loads)});
}
process.stdout.write(JSON.stringify(answers));
