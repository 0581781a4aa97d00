// Reads {queries, dir, data}, answers the queries with the theme's script over the
// files in dir, and writes them with what was found.
import fs from "node:fs";
import vm from "node:vm";

const {queries, dir, data} = JSON.parse(fs.readFileSync(0, "utf8"));
const script = new URL("../../themes/commons/static/search.js", import.meta.url);
vm.runInThisContext(fs.readFileSync(script, "utf8"));
const {find, tokens} = globalThis.potluckSearch;

const list = v => v ? v.split(" ") : [];
const site = {count: +data.count, starts: list(data.starts), stops: list(data.stops), words: list(data.words)};
const load = async name => fs.readFileSync(dir + data.index + name, "utf8");
const answers = [];
for (const {query} of queries) answers.push({query, ...await find(query, site, load), tokens: tokens(query.q)});
process.stdout.write(JSON.stringify(answers));
