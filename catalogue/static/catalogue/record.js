/* The form of a record while somebody types: it is kept, on the server or else in the browser, and saved by keys. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-typing]");
  if (!form) return;
  var words = form.dataset;
  var address = words.typing;
  var token = form.elements.token.value;
  var shelf = "greyshelf " + words.account + " " + address + " ";
  var said = document.getElementById("kept");
  var alike = document.getElementById("alike");
  var beside = document.getElementById("beside");
  var last = typed();
  var timer = null;
  var isOnItsWay = false;
  var isLeaving = false;

  function typed() {
    var data = new FormData(form);
    data.delete("csrfmiddlewaretoken");
    return new URLSearchParams(data).toString();
  }

  function cookie(name) {
    var found = document.cookie.split("; ").filter(function (one) { return one.indexOf(name + "=") === 0; })[0];
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  }

  function make(name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    element.textContent = text;
    return element;
  }

  /* Storage can be full or forbidden; then there is only the server. */
  function store(key, value) {
    try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); } catch (_full) { return; }
  }

  function post(body) {
    var headers = { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": cookie("csrftoken") };
    return fetch(address, { method: "POST", body: body, headers: headers, credentials: "same-origin" }).then(function (response) {
      if (response.redirected || (!response.ok && response.status !== 413)) throw new Error(response.status);
      return response.json();
    });
  }

  function keepHere(body) { store(shelf + token, JSON.stringify({ when: Date.now(), body: body })); }

  function keep() {
    var body = typed();
    if (isOnItsWay || isLeaving || body === last) return;
    isOnItsWay = true;
    post(body).then(function (answer) {
      last = body;
      store(shelf + token, null);
      tell(answer.problem || words.kept + " " + new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
      if (answer.beside) show(answer);
    }).catch(function () {
      keepHere(body);
      tell(words.apart);
    }).finally(function () {
      isOnItsWay = false;
      if (typed() !== body) soon();
    });
  }

  /* A sentence that is said already is not said again: a screen reader would read it at every pause. */
  function tell(sentence) { if (said.textContent !== sentence) said.textContent = sentence; }

  /* What stands beside the form follows what is typed, unless somebody is just using it. */
  function show(answer) {
    if (alike && alike.innerHTML.trim() !== answer.alike) alike.innerHTML = answer.alike;
    if (!beside || beside.contains(document.activeElement)) return;
    beside.innerHTML = answer.beside;
    arrangeBeside();
  }

  function arrangeBeside() {
    beside.querySelectorAll("[name=_look]").forEach(function (button) { button.hidden = true; });
  }

  function soon() { clearTimeout(timer); timer = setTimeout(keep, 900); }

  /* What this browser kept while the server could not: sent to the server, which shows the form filled from it. */
  function offer(key, kept) {
    var line = make("p", { class: "offered", role: "status" }, words.found + " " + (new URLSearchParams(kept.body).get("title") || "–") + " · " + new Date(kept.when).toLocaleString() + " ");
    var take = make("button", { type: "button", class: "quiet" }, words.take);
    var drop = make("button", { type: "button", class: "quiet" }, words.drop);
    take.addEventListener("click", function () {
      post(kept.body).then(function (answer) {
        store(key, null);
        isLeaving = true;
        location.href = answer.url;
      }).catch(function () { said.textContent = words.apart; });
    });
    drop.addEventListener("click", function () { store(key, null); line.remove(); });
    line.append(take, " ", drop);
    form.before(line);
  }

  function offerKept() {
    var saved = cookie("saved_form");
    var keys = [];
    try { for (var place = 0; place < localStorage.length; place += 1) keys.push(localStorage.key(place)); } catch (_forbidden) { return; }
    keys.forEach(function (key) {
      // Of the form before our eyes there is nothing to offer: it came back with all that was typed.
      if (key.endsWith(" " + token) || (saved && key.endsWith(" " + saved))) { store(key, null); return; }
      if (key.indexOf(shelf) !== 0) return;
      try { offer(key, JSON.parse(localStorage.getItem(key))); } catch (_broken) { store(key, null); }
    });
  }

  function press(name) {
    var button = form.querySelector("button[name=" + name + "]");
    if (button) button.click();
    return Boolean(button);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.formTarget === "_blank") return;
    isLeaving = true;
    clearTimeout(timer);
    // Whoever signed in again in another tab has another token than this form.
    if (cookie("csrftoken")) form.elements.csrfmiddlewaretoken.value = cookie("csrftoken");
    if (typed() !== last) keepHere(typed());
  });
  window.addEventListener("pageshow", function () { isLeaving = false; });
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") keep(); });
  document.addEventListener("keydown", function (event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    var isDone = false;
    if (event.key === "Enter") isDone = event.shiftKey ? press("_next") || press("_addanother") : press("_save");
    else if (event.key.toLowerCase() === "s") isDone = event.shiftKey ? press("_copy") : press("_continue");
    if (isDone) event.preventDefault();
  });
  form.querySelectorAll("[data-fill]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var box = document.getElementById(button.dataset.fill);
      box.value = button.dataset.value;
      box.focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
  if (beside) arrangeBeside();
  form.querySelectorAll(".keys").forEach(function (help) { help.hidden = false; });
  offerKept();
})();
