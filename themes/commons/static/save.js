// Two buttons: keep a part of the site on this device, and take it away again.
// Nothing is kept before the first is pressed.
(function () {
	"use strict";
	var box = document.getElementById("offline"), save = document.getElementById("save"), remove = document.getElementById("remove");
	var said = document.getElementById("said"), worker = box.getAttribute("data-worker"), base = worker.slice(0, -"sw.js".length);

	function say(key) { said.textContent = key && box.getAttribute("data-" + key); }
	function show(kept) { save.hidden = kept; remove.hidden = !kept; }
	function failed() { say("failed"); show(false); }

	if (!navigator.serviceWorker || !window.caches) { say("cannot"); return; }
	navigator.serviceWorker.getRegistration(base).then(function (r) { show(!!(r && r.active)); });

	save.addEventListener("click", function () {
		say("wait");
		navigator.serviceWorker.register(worker).then(function (r) {
			var w = r.installing || r.waiting || r.active;
			function look() {
				if (w.state === "activated") { show(true); say("done"); }
				if (w.state === "redundant") failed();
			}
			w.addEventListener("statechange", look);
			look();
		}).catch(failed);
	});

	remove.addEventListener("click", function () {
		navigator.serviceWorker.getRegistration(base).then(function (r) { return r && r.unregister(); }).then(function () {
			return caches.keys();
		}).then(function (names) {
			return Promise.all(names.filter(function (n) { return n.indexOf("potluck:" + base.slice(0, -1) + ":") === 0; }).map(function (n) { return caches.delete(n); }));
		}).then(function () { show(false); say("removed"); });
	});
})();
