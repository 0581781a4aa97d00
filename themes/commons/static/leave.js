// "Leave this site": the link works by itself. With this script the page goes
// away at once, is not in the list of the back button, and a saved copy of the
// site goes too. Escape pressed three times within three seconds does the same.
(function () {
	"use strict";
	var link = document.getElementById("leave"), pressed = [];
	link.nextElementSibling.hidden = false;

	function forget() {
		var work = [];
		if (window.caches) work.push(caches.keys().then(function (names) {
			return Promise.all(names.map(function (name) { return caches.delete(name); }));
		}));
		if (navigator.serviceWorker) work.push(navigator.serviceWorker.getRegistrations().then(function (all) {
			return Promise.all(all.map(function (r) { return r.unregister(); }));
		}));
		return Promise.all(work);
	}

	function leave() {
		document.body.hidden = true;
		document.title = "";
		var gone = false, go = function () { if (!gone) { gone = true; location.replace(link.href); } };
		setTimeout(go, 300);
		try { forget().then(go, go); } catch (e) { go(); }
	}

	link.addEventListener("click", function (e) { e.preventDefault(); leave(); });
	document.addEventListener("keydown", function (e) {
		if (e.key !== "Escape") { pressed = []; return; }
		pressed = pressed.filter(function (t) { return e.timeStamp - t < 3000; }).concat(e.timeStamp);
		if (pressed.length > 2) leave();
	});
})();
